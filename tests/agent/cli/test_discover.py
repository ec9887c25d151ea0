"""`noctule-agent discover`: its document, its table, its exit status and its refusals."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from noctule_agent.cli.discover import discover

from tests.agent.conftest import Snmpd, free_udp_port

pytestmark = pytest.mark.usefixtures("icmp_permission")
ENVIRONMENT = {"WRONG": "not-it", "RIGHT": "public"}
V3 = """\
user = "author"
auth_protocol = "SHA"
auth_secret = "authsecret1"
priv_protocol = "AES"
priv_secret = "privsecret1"
"""


def run(*arguments: str) -> Result:
    return CliRunner().invoke(discover, arguments, env=ENVIRONMENT)


def test_json_is_one_document_with_every_key(snmpd: Snmpd) -> None:
    result = run("127.0.0.1/32", "--port", str(snmpd.port), "--community-env", "RIGHT", "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    found = json.loads(result.stdout)
    assert list(found) == ["network", "addresses", "swept", "complete", "icmp", "sendError", "durationS", "found"]
    assert (found["network"], found["addresses"], found["swept"], found["complete"]) == ("127.0.0.1/32", 1, 1, True)
    (one,) = found["found"]
    assert list(one) == ["address", "icmp", "rttS", "snmp"]
    assert list(one["snmp"]) == (
        [
            "ok",
            "reason",
            "port",
            "offered",
            "credential",
            "version",
            "sysName",
            "sysDescr",
            "sysObjectID",
            "sysUpTimeTicks",
        ]
    )
    assert (one["snmp"]["ok"], one["snmp"]["sysName"], one["snmp"]["version"]) == (True, "tester", "2c")
    assert one["snmp"]["credential"] == "community-env RIGHT"
    assert "public" not in result.stdout


def test_credentials_of_all_kinds_are_offered_in_the_order_of_the_command_line(snmpd: Snmpd, tmp_path: Path) -> None:
    user, community = tmp_path / "v3.toml", tmp_path / "community"
    user.write_text(V3, "utf-8")
    community.write_text("public\n", "utf-8")
    where = ("127.0.0.1/32", "--port", str(snmpd.port), "--json")
    ways = {
        "v3-file": ("--community-env", "WRONG", "--v3-file", str(user), "--community-file", str(community)),
        "community-file": ("--community-env=WRONG", "--community-file", str(community), "--v3-file", str(user)),
    }
    for kind, options in ways.items():
        snmp = json.loads(run(*where, *options).stdout)["found"][0]["snmp"]
        assert (snmp["credential"].split()[0], snmp["offered"]) == (kind, 2)


def test_table_names_what_answers_and_how_much_was_asked(snmpd: Snmpd) -> None:
    result = run("127.0.0.0/30", "--port", str(snmpd.port), "--community-env", "RIGHT")
    assert result.exit_code == 0
    header, first, second, total = result.stdout.splitlines()
    assert header.split() == ["ADDRESS", "RTT", "MS", "SNMP", "NAME", "DESCRIPTION"]
    assert first.startswith("127.0.0.1 ")
    assert "v2c, community-env RIGHT  tester" in first
    assert second.endswith("port-closed")
    assert total.startswith("2 of 2 addresses in 127.0.0.0/30 answered, 1 of them by SNMP; ")


def test_without_credentials_the_port_is_looked_at(snmpd: Snmpd) -> None:
    assert "speaks v3" in run("127.0.0.1/32", "--port", str(snmpd.port)).stdout


def test_a_sweep_that_is_cut_short_is_exit_status_1() -> None:
    result = run("127.0.0.0/24", "--port", str(free_udp_port()), "--rate", "1", "--limit", "1")
    assert result.exit_code == 1
    assert "-> Stopped by --limit" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("10.0.0.0/21",), "in parts of /22"),
        (("10.0.0.1/24",), "names a host"),
        (("",), "is not a network"),
        (("127.0.0.1/32", *("--community-env", "RIGHT") * 6), "at most 5"),
        (("127.0.0.1/32", "--community-env", "NOT_SET_ANYWHERE"), "has no variable"),
        (("127.0.0.1/32", "--v3-file", "/nonexistent"), "cannot read"),
        (("127.0.0.1/32", "--version", "3"), "is not one of"),
        (("127.0.0.1/32", "--rate", "0"), "is not in the range"),
        ((), "Missing argument"),
    ],
)
def test_usage_errors_are_exit_status_2(arguments: tuple[str, ...], message: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert message in " ".join(result.stderr.split())
