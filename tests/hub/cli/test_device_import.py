"""`noctule device import` against a real hub: checked whole, all or none, and again without doubling anything."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import Result

Run = Callable[..., Result]
Ask = Callable[..., Any]

CSV = "name,address,site,snmp_version,credentials,role,tags,parents,note\r\n"


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., str]:
    def written(text: str | bytes, name: str = "fleet.csv", mode: int = 0o644) -> str:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        path.chmod(mode)
        return str(path)

    return written


@pytest.fixture
def place(ask: Ask, request: pytest.FixtureRequest) -> str:
    """A site of the test's own."""
    name = str(request.node.name)[:90]
    ask("site", "add", name)
    return name


def devices(ask: Ask, site: str) -> dict[str, Any]:
    return {device["name"]: device for device in ask("device", "list", "--site", site)["items"]}


def test_a_csv_is_tried_imported_and_imported_again(
    ask: Ask, signed_in: Run, write: Callable[..., str], place: str
) -> None:
    secrets = write('[core]\ncommunity = "planted-community"\n', "credentials.toml", 0o600)
    leaf, gw = (
        f"leaf,198.51.100.2,{place},,,access,,gw,\r\n",
        f'gw,198.51.100.1,{place},2c,core,border,core|x,,"a, b"\r\n',
    )
    file = write(f"\ufeff{CSV}{leaf}{gw}")
    arguments = ("device", "import", file, "--credentials", secrets)
    tried = signed_in(*arguments, "--dry-run")
    assert tried.exit_code == 0, tried.output
    assert "2 devices, nothing has changed: it would be 2 added" in tried.stdout
    assert devices(ask, place) == {}
    done = signed_in(*arguments)
    assert "2 devices: 2 added, 0 changed" in done.stdout
    found = devices(ask, place)
    assert found["leaf"]["parents"] == [found["gw"]["id"]]
    assert (found["gw"]["tags"], found["gw"]["note"], found["gw"]["snmp"]["version"]) == (["core", "x"], "a, b", "2c")
    report = ask(*arguments)
    assert (report["applied"], report["skipped"], report["added"]) == (True, 2, 0)
    assert [row["place"] for row in report["rows"]] == ["2", "3"]
    file = write(f"{CSV}{leaf}{gw}".replace("access", "distribution"))
    assert ask(*arguments, "--update")["changed"] >= 1
    assert devices(ask, place)["leaf"]["role"] == "distribution"
    assert len(devices(ask, place)) == 2
    assert "planted" not in tried.output + done.output + json.dumps(report)


def test_every_bad_line_is_told_and_nothing_changes(
    ask: Ask, signed_in: Run, write: Callable[..., str], place: str
) -> None:
    lines = (
        f"good,198.51.100.1,{place},,,,,",
        f"bad,300.1.1.1,{place},,,,,",
        f"good,198.51.100.3,{place},,,,,",
        f"twin,198.51.100.1,{place},,,,,",
        f",198.51.100.4,{place},,,,,",
        f"open,198.51.100.5,{place},2c,,,,",
        "lost,198.51.100.6,nowhere,,,,,",
        f"a,198.51.100.7,{place},,,,,b,",
        f"b,198.51.100.8,{place},,,,,a,",
        f"c,198.51.100.9,{place},2c,gone,,,",
        f"d,198.51.100.10,{place},,,,,,,extra",
        "e,198.51.100.11,,,,,,",
    )
    file = write(CSV + "\n".join(lines))
    result = signed_in("device", "import", file)
    assert result.exit_code == 1
    for expected in (
        "3: address: looks like an IPv4 address but is not one",
        "4: name: is that of 2 too",
        "5: address: is that of 2 too",
        "6: name: is empty",
        "7: credentials: version 2c needs a community",
        "8: site: there is no site 'nowhere'; add it with",
        "9: parents: stand behind each other in a circle: a, b",
        "11: credentials: there are no credentials 'gone'; give their file with --credentials FILE",
        "12: has 10 cells, the header 9",
        "13: site: is not named; name one for all with --site",
    ):
        assert f"{file}:{expected}" in result.stderr
    assert "12 devices, nothing has changed: mend the file" in result.stdout
    assert devices(ask, place) == {}
    told = signed_in("device", "import", file, "--json")
    assert told.exit_code == 1
    document = msgspec.json.decode(told.stdout)
    assert (document["refused"], document["applied"], len(document["rows"])) == (11, False, 12)


def test_all_that_is_wrong_with_a_line_is_told_at_once(
    ask: Ask, signed_in: Run, place: str, write: Callable[..., str]
) -> None:
    header = "name,address,site,agent,reachability,icmp_interval,snmp_port,credentials,role\n"
    lines = (f"x,999.1.1.1,nowhere,nobody,telepathy,soon,1.5,gone,{'r' * 65}", f"y,198.51.100.2,{place},,,,,,")
    file = write(header + "\n".join(lines))
    result = signed_in("device", "import", file, "--dry-run")
    told = [line.removeprefix(f"{file}:2: ").split(":")[0] for line in result.stderr.splitlines()]
    columns = ["icmp_interval", "snmp_port", "credentials", "reachability", "site", "agent", "address", "role"]
    assert (result.exit_code, told) == (1, columns)
    report = msgspec.json.decode(signed_in("device", "import", file, "--json").stdout)
    first = report["rows"][0]
    assert [fault["column"] for fault in first["faults"]] == columns
    assert (first["column"], first["message"]) == ("icmp_interval", "'soon' is no number")
    assert (report["refused"], report["added"], report["rows"][1]["faults"]) == (1, 1, [])
    assert devices(ask, place) == {}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "is empty"),
        ('[{"targets": ["192.0.2.1"]}]', "looks like JSON; say whose it is: --format librenms or --format prometheus"),
        ("name,adress\na,b", "there is no column 'adress'; did you mean 'address'?"),
        ("name,site\na,b", "the column 'address' is missing"),
        ("name,address,community\na,b,c", "a CSV holds no secrets"),
        ("name,address,name\na,b,c", "the column 'name' is there twice"),
        ("name,address\n", "holds no devices"),
        ('name,address\n"a,b', "holds no devices"),
        (b"name,address\na\x00,b", "is no text"),
        (b"\xff\xfen", "is no text"),
        ("name,address\n" + "a,b\n" * 50_001, "holds more than 50000 devices"),
    ],
)
def test_a_file_that_is_not_understood_is_named(
    signed_in: Run, write: Callable[..., str], text: str | bytes, expected: str
) -> None:
    file = write(text)
    result = signed_in("device", "import", file)
    assert result.exit_code == 1
    assert file in result.stderr
    if expected != "holds no devices" or "a,b" not in str(text):
        assert expected in result.stderr
    assert "Traceback" not in result.output


@pytest.mark.parametrize("form", ["librenms", "prometheus"])
def test_another_program_s_file_is_told_apart(signed_in: Run, write: Callable[..., str], form: str) -> None:
    for text in ("- targets: [a\n", "- a: &b [*b]\n", "a\n", "{", '{"a": 1}', "[1]", '[{"targets": [1]}]'):
        result = signed_in("device", "import", write(text), "--format", form)
        assert result.exit_code == 1, text
        assert "Traceback" not in result.output


def test_credentials_that_others_can_read_are_refused(signed_in: Run, write: Callable[..., str]) -> None:
    secrets = write('[a]\ncommunity = "planted"\n', "credentials.toml", 0o644)
    result = signed_in("device", "import", write(CSV), "--credentials", secrets)
    assert "others can read it; close it with: chmod 600" in result.stderr
    for text, expected in (
        ('[a]\ncomunity = "planted"\n', "did you mean 'community'?"),
        ("[a\nplanted", "not valid TOML"),
        ('[a]\ncommunity = "planted"\nuser = "x"', "give either community or the keys of a v3 user"),
        ("a = 1", "must be a table"),
    ):
        result = signed_in("device", "import", write(CSV), "--credentials", write(text, "credentials.toml", 0o600))
        assert expected in result.stderr
        assert "planted" not in result.output


def test_librenms_s_devices_are_imported(ask: Ask, write: Callable[..., str], place: str) -> None:
    listed = [
        {"hostname": "core1.example.net", "sysName": "core1", "snmpver": "v2c", "port": 161, "community": "planted-1"},
        {"hostname": "192.0.2.50", "sysName": "edge", "snmpver": "v2c", "port": 1161, "community": "planted-2",
         "location": "Rack 7", "os": "junos", "disabled": 0},
        {"hostname": "192.0.2.51", "sysName": "MikroTik", "snmp_disable": 1, "disabled": "0"},
        {"hostname": "192.0.2.52", "sysName": "MikroTik", "snmpver": "v3", "authlevel": "authPriv", "authname": "noc",
         "authalgo": "SHA", "authpass": "planted-auth", "cryptoalgo": "AES-256-C", "cryptopass": "planted-priv"},
        {"hostname": "192.0.2.53", "disabled": 1},
    ]  # fmt: skip
    file = write(json.dumps({"status": "ok", "devices": listed}), "devices.json")
    report = ask("device", "import", file, "--format", "librenms", "--site", place)
    assert (report["added"], report["skipped"]) == (4, 1)
    assert report["rows"][4]["message"] == "disabled in LibreNMS"
    found = devices(ask, place)
    assert set(found) == {"core1.example.net", "edge", "192.0.2.51", "192.0.2.52"}
    edge = found["edge"]
    assert (edge["address"], edge["snmp"]["port"], edge["note"]) == ("192.0.2.50", 1161, "Location: Rack 7")
    assert (edge["reachability"], found["192.0.2.51"]["reachability"]) == ("both", "icmp")
    assert found["192.0.2.51"]["snmp"] is None
    assert found["192.0.2.52"]["snmp"]["version"] == "3"
    table = "hostname;sysName;snmpver;port;community;disabled\nnew.example.net;n;v1;161;planted-3;0\n"
    again = ask("device", "import", write(table), "--format", "librenms", "--site", place)
    assert again["added"] == 1
    assert "planted" not in json.dumps([report, again])


def test_prometheus_s_targets_are_imported(ask: Ask, write: Callable[..., str], place: str) -> None:
    secrets = write('[public_v2]\ncommunity = "planted"\n', "credentials.toml", 0o600)
    groups: list[dict[str, Any]] = [
        {"targets": ["192.0.2.70", "udp://192.0.2.71:1161"], "labels": {"auth": "public_v2", "rack": "7", "__x": "y"}},
        {"targets": ["host.example.net:9100"], "labels": {"instance": "web1", "site": place, "job": "node"}},
        {"targets": ["[2001:db8::1]:9100"]},
    ]
    file = write(json.dumps(groups), "targets.json")
    arguments = ("device", "import", file, "--format", "prometheus", "--site", place, "--credentials", secrets)
    assert ask(*arguments)["added"] == 4
    found = devices(ask, place)
    assert set(found) == {"192.0.2.70", "192.0.2.71", "web1", "2001:db8::1"}
    assert (found["192.0.2.71"]["snmp"]["port"], found["192.0.2.71"]["tags"]) == (1161, ["rack=7"])
    assert (found["web1"]["address"], found["web1"]["snmp"]) == ("host.example.net", None)


def test_prometheus_s_targets_are_read_as_yaml_too(ask: Ask, write: Callable[..., str], place: str) -> None:
    text = """# routers
- targets: ["192.0.2.80", 192.0.2.81]
  labels: {rack: 007, core: yes}
- targets:
    - udp://192.0.2.82:1161
"""
    file = write(text, "targets.yml")
    assert ask("device", "import", file, "--format", "prometheus", "--site", place)["added"] == 3
    found = devices(ask, place)
    # As Prometheus reads labels: words, neither numbers nor truth values.
    assert found["192.0.2.80"]["tags"] == ["rack=007", "core=yes"]
    assert found["192.0.2.82"]["address"] == "192.0.2.82"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("- targets: [planted\n", "targets.yml: 2:1: is no valid YAML"),
        ("- targets: [a]\n  labels: &x {planted: *x}\n", "found unconstructable recursive node"),
        ("- targets: [a]\n  labels: {rack: [planted]}\n", "[0].labels: 'rack' must be text"),
        (
            "- &a [x, x]\n- &b [*a, *a]\n- &c [*b, *b]\n- targets: [a]\n  labels: {l: *c}\n",
            "[0] must be an object",
        ),
        ("- !!python/object/apply:os.system [planted]\n", "[0] must be an object"),
        ("- " * 3_000 + "x\n", "is no valid YAML"),
    ],
)
def test_yaml_that_is_no_list_of_targets_is_named(
    signed_in: Run, write: Callable[..., str], place: str, text: str, expected: str
) -> None:
    result = signed_in("device", "import", write(text, "targets.yml"), "--format", "prometheus", "--site", place)
    assert result.exit_code == 1
    assert expected in result.stderr
    assert "planted" not in result.output
    assert "Traceback" not in result.output


def test_a_url_among_prometheus_s_targets_is_refused(signed_in: Run, write: Callable[..., str], place: str) -> None:
    file = write(json.dumps([{"targets": ["https://example.net/x"]}]))
    result = signed_in("device", "import", file, "--format", "prometheus", "--site", place)
    assert f"{file}:[0].targets[0]: targets: is a URL" in result.stderr


@pytest.mark.parametrize(
    "encoded",
    [
        "name;address;note\r\ncore;192.0.2.90;Z\u00fcrich\r\n".encode("cp1252"),
        "name\taddress\tnote\ncore\t192.0.2.90\tZ\u00fcrich\n".encode("utf-16"),
        "\ufeffName,Address,Note\ncore,192.0.2.90,Z\u00fcrich".encode(),
    ],
    ids=["windows", "utf16", "utf8-mark"],
)
def test_what_spreadsheets_write_is_read(ask: Ask, write: Callable[..., str], place: str, encoded: bytes) -> None:
    ask("device", "import", write(encoded), "--site", place)
    assert devices(ask, place)["core"]["note"] == "Z\u00fcrich"


def test_hostile_names_come_out_inert(signed_in: Run, write: Callable[..., str], place: str) -> None:
    hostile = "\x1b]0;owned\x07\u202e" + "x" * 65_536
    for form, text in (
        ("csv", f'name,address\n"{hostile}",192.0.2.1\n'),
        ("librenms", json.dumps([{"hostname": hostile}])),
        ("prometheus", json.dumps([{"targets": ["192.0.2.1"], "labels": {"name": hostile}}])),
    ):
        for extra in ((), ("--json",)):
            result = signed_in("device", "import", write(text), "--format", form, "--site", place, *extra)
            assert result.exit_code == 1
            assert not set(result.output) & set("\x1b\x07\u202e")
            assert "Traceback" not in result.output
            assert extra or len(result.output) < 2_000


def test_a_file_of_several_batches_keeps_its_parents(ask: Ask, write: Callable[..., str], place: str) -> None:
    last = 1_100
    rows = [f"d{n},2001:db8::{n:x},{f'd{n + 1}' if n < last else ''}" for n in range(1, last + 1)]
    file = write("name,address,parents\n" + "\n".join(rows))
    report = ask("device", "import", file, "--site", place)
    assert (report["added"], report["refused"]) == (last, 0)
    found = devices(ask, place)
    assert found["d1"]["parents"] == [found["d2"]["id"]]
    assert found["d1099"]["parents"] == [found["d1100"]["id"]]
    assert ask("device", "import", file, "--site", place, "--update", "--dry-run")["unchanged"] == last
