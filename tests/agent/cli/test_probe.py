"""`noctule-agent probe`: its document, its exit status and its refusals."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from noctule_agent.cli.probe import probe

from tests.agent.conftest import Snmpd, free_udp_port

V3 = """\
user = "author"
auth_protocol = "sha1"
auth_secret = "authsecret1"
priv_protocol = "AES-128"
priv_secret = "privsecret1"
"""


def run(*arguments: str, env: dict[str, str] | None = None) -> Result:
    return CliRunner().invoke(probe, ["127.0.0.1", "--count", "1", *arguments], env=env)


def document(result: Result) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(result.stdout)
    return found


@pytest.mark.parametrize("backend", ["gufo", "pysnmp"])
def test_json_is_exactly_the_promised_document(snmpd: Snmpd, backend: str) -> None:
    result = run("--port", str(snmpd.port), "--backend", backend, "--json")
    assert result.exit_code == 0, result.output
    found = document(result)
    assert list(found) == ["address", "icmp", "snmp", "interfaces"]
    assert list(found["icmp"]) == ["sent", "received", "lossRatio", "rttS"]
    assert list(found["icmp"]["rttS"]) == ["min", "median", "mean", "max", "mdev"]
    assert list(found["snmp"]) == ["ok", "reason", "version", "sysName", "sysDescr", "sysObjectID", "sysUpTimeTicks"]
    names, counters = "ifIndex name ifName ifDescr ifAlias ifType speedBps", "Octets Errors Discards"
    statuses = "ifAdminStatus ifOperStatus counterBits"
    assert list(found["interfaces"][0]) == [
        *names.split(),
        *statuses.split(),
        *(way + counter for counter in counters.split() for way in ("in", "out")),
    ]
    assert found["snmp"]["ok"] is True
    assert (found["snmp"]["version"], found["snmp"]["sysName"]) == ("2c", "tester")


def test_community_comes_from_the_environment_or_a_file(snmpd: Snmpd, tmp_path: Path) -> None:
    port = str(snmpd.port)
    assert run("--port", port, "--community-env", "C", "--json", env={"C": "public"}).exit_code == 0
    file = tmp_path / "community"
    file.write_text("public\n", "utf-8")
    assert document(run("--port", port, "--community-file", str(file), "--json"))["snmp"]["ok"] is True


def test_v3_user_comes_from_a_file(snmpd: Snmpd, tmp_path: Path) -> None:
    file = tmp_path / "v3.toml"
    file.write_text(V3, "utf-8")
    found = document(run("--port", str(snmpd.port), "--v3-file", str(file), "--json"))
    assert (found["snmp"]["ok"], found["snmp"]["version"]) == (True, "3")


def test_text_says_why_and_what_to_try_next() -> None:
    result = run("--port", str(free_udp_port()))
    assert "port-closed" in result.stdout
    assert "-> " in result.stdout
    assert "Enable SNMP" in result.stdout


def test_silence_on_both_ways_is_exit_status_1() -> None:
    result = CliRunner().invoke(probe, ["router.invalid", "--json"])
    assert result.exit_code == 1
    assert document(result)["snmp"]["reason"] == "no-such-host"


@pytest.mark.parametrize("address", ["", "192.0.2.0/24"])
def test_what_is_not_one_address_is_a_usage_error(address: str) -> None:
    assert CliRunner().invoke(probe, [address]).exit_code == 2


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("user = 1", "user must be a string"),
        ("", "user is missing"),
        ('user = "a"\nauth_secret = "12345678"', "belong together"),
        ('user = "a"\nauth_protocol = "ROT13"\nauth_secret = "12345678"', "use one of MD5, SHA,"),
        ('user = "a"\nauth_protocol = "SHA"\nauth_secret = "short"', "fewer than 8"),
        ('user = "a"\npriv_protocol = "AES"\npriv_secret = "12345678"', "privacy needs authentication"),
        ('user = "a"\npassword = "12345678"', "unknown key 'password'"),
        ("user = ", "is not TOML"),
    ],
)
def test_bad_v3_file_is_one_clear_refusal_without_the_secret(tmp_path: Path, content: str, message: str) -> None:
    file = tmp_path / "v3.toml"
    file.write_text(content, "utf-8")
    result = run("--v3-file", str(file))
    assert result.exit_code == 2
    assert message in " ".join(result.stderr.split())
    assert "12345678" not in result.output


@pytest.mark.parametrize(
    "arguments",
    [
        ("--version", "3"),
        ("--community-env", "NOT_SET_ANYWHERE"),
        ("--community-file", "/nonexistent"),
        ("--community-env", "A", "--community-file", "b"),
        ("--port", "70000"),
        ("--count", "0"),
    ],
)
def test_usage_errors_are_exit_status_2(arguments: tuple[str, ...]) -> None:
    assert run(*arguments).exit_code == 2
