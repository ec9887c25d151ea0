"""The commands against a real hub: what they print, for people and for programs."""

import json
import re
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
import pytest
from click.testing import Result
from noctule_shared.enrolment import JoinRequest
from noctule_shared.join_token import parse_join_token

Run = Callable[..., Result]
Ask = Callable[..., Any]


def refused(result: Result, expected: str, *, status: int = 1) -> None:
    assert result.exit_code == status, result.output
    assert expected in result.stderr
    assert "Traceback" not in result.output


def test_without_a_sign_in_the_command_is_named(run: Run) -> None:
    refused(run("device", "list"), "not signed in; sign in with: noctule login URL")


def test_an_unreachable_hub_is_named_with_the_way_to_start_one(run: Run) -> None:
    result = run("login", "http://127.0.0.1:1", "--password-file", "-", stdin="x")
    refused(result, "no hub answers at http://127.0.0.1:1 (Connection refused); start it with: noctule hub run")
    assert result.stderr.count("\n") == 1


def test_a_file_of_authorities_that_is_none_is_named(run: Run, tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("nonsense")
    login = ("login", "https://127.0.0.1:1", "--password-file", "-", "--ca", str(tmp_path / "ca.pem"))
    refused(run(*login, stdin="x"), f"{tmp_path / 'ca.pem'}: holds no certificate authorities in PEM")


@pytest.mark.parametrize("url", ["ftp://a", "a.example", "http://", "http://u:p@a", "http://a:port"])
def test_what_is_no_address_is_refused(run: Run, url: str) -> None:
    refused(run("login", url, "--password-file", "-", stdin="x"), "is not the address of a hub")


def test_a_wrong_password_is_refused_and_not_repeated(run: Run, hub: Any) -> None:
    result = run("login", hub.url, "--username", "nobody", "--password-file", "-", stdin="planted-wrong-one")
    refused(result, "user name or password is wrong")
    assert "planted" not in result.output


def test_what_the_hub_refused_is_counted_by_reason(ask: Ask, run: Run, hub: Any) -> None:
    def refused_sign_ins() -> list[int]:
        return [drop["lastHour"] for drop in ask("drops")["items"] if drop["kind"] == "sign-ins"]

    before = sum(refused_sign_ins())
    run("login", hub.url, "--username", "nobody", "--password-file", "-", stdin="planted-wrong-one")
    assert refused_sign_ins() == [before + 1]


def test_no_password_without_a_terminal_is_a_usage_error(run: Run, hub: Any) -> None:
    refused(run("login", hub.url), "use --password-file FILE", status=2)


def test_the_sign_in_is_kept_private(signed_in: Run, tmp_path: Path, hub: Any) -> None:
    profile = tmp_path / "config" / "profile.json"
    assert profile.stat().st_mode & 0o777 == 0o600
    assert profile.parent.stat().st_mode & 0o777 == 0o700
    assert hub.password not in profile.read_text()
    assert [path.name for path in profile.parent.iterdir()] == ["profile.json"]
    assert signed_in("site", "list").exit_code == 0


def test_an_expired_sign_in_renews_itself(signed_in: Run, tmp_path: Path) -> None:
    profile = tmp_path / "config" / "profile.json"
    before = json.loads(profile.read_text())
    profile.write_text(json.dumps(before | {"accessExpiresMs": 0}))
    assert signed_in("site", "list").exit_code == 0
    after = json.loads(profile.read_text())
    assert after["refreshSecret"] != before["refreshSecret"]
    assert profile.stat().st_mode & 0o777 == 0o600
    profile.write_text(json.dumps(after | {"accessToken": "worthless"}))
    assert signed_in("site", "list").exit_code == 0


def test_a_sign_in_that_is_over_says_how_to_sign_in_again(signed_in: Run, tmp_path: Path, hub: Any) -> None:
    profile = tmp_path / "config" / "profile.json"
    kept = json.loads(profile.read_text())
    profile.write_text(json.dumps(kept | {"accessExpiresMs": 0, "refreshSecret": "x"}))
    refused(signed_in("site", "list"), f"the sign-in is over; sign in with: noctule login {hub.url}")


def test_a_damaged_profile_is_named(run: Run, tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    file = tmp_path / "config" / "profile.json"
    file.touch(0o600)
    file.write_text("{")
    refused(run("site", "list"), "profile.json: is damaged; remove it")


def test_url_and_token_of_the_environment_come_first(
    run: Run, ask: Ask, hub: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = ask("token", "create", "--name", "env", "--role", "viewer", "--ttl", "1h")["token"]
    monkeypatch.setenv("NOCTULE_URL", hub.url)
    monkeypatch.setenv("NOCTULE_TOKEN", token)
    assert run("site", "list").exit_code == 0
    refused(run("site", "add", "x"), "your role viewer may not do this")
    monkeypatch.setenv("NOCTULE_TOKEN", "worthless")
    refused(run("site", "list"), "the hub refused NOCTULE_TOKEN")
    monkeypatch.delenv("NOCTULE_TOKEN")
    monkeypatch.setenv("NOCTULE_URL", "http://127.0.0.1:1")
    refused(run("site", "list"), "not signed in; sign in with: noctule login http://127.0.0.1:1")


def test_a_device_is_added_shown_changed_and_removed(ask: Ask, signed_in: Run, tmp_path: Path) -> None:
    ask("site", "add", "lab")
    secret = tmp_path / "community"
    secret.touch(0o600)
    secret.write_text("planted-community\n")
    arguments = ("core1", "192.0.2.1", "--site", "lab", "--reachability", "both", "--icmp-interval", "2")
    device = ask("device", "add", *arguments, "--community-file", str(secret), "--snmp-port", "1161", "--tag", "core")
    assert (device["siteName"], device["tags"], device["icmp"]["intervalS"]) == ("lab", ["core"], 2.0)
    assert (device["snmp"]["port"], device["snmp"]["intervalS"]) == (1161, 30.0)
    shown = ask("device", "show", "core1")
    assert (shown["device"]["id"], shown["system"]["sysName"]) == (device["id"], None)
    assert (shown["interfaces"], shown["neighbours"]) == ([], [])
    changed = ask("device", "edit", "core1", "--name", "core2", "--interval", "5")
    assert (changed["name"], changed["snmp"]) == ("core2", device["snmp"] | {"intervalS": 5.0})
    shown = signed_in("device", "show", str(device["id"]))
    assert "version 2c, port 1161, 5 s" in shown.stdout
    listed = signed_in("device", "list", "--site", "LAB")
    assert re.search(r"core2 +192\.0\.2\.1 +lab +unknown", listed.stdout)
    assert ask("device", "remove", "core2", "--yes") == {"removed": device["id"]}
    refused(signed_in("device", "show", "core2"), "there is no device 'core2'; see: noctule device list")
    assert "planted" not in shown.output + listed.output


def test_a_device_has_thresholds_of_its_own_until_they_are_taken_back(ask: Ask, signed_in: Run) -> None:
    thresholds = ("--threshold", "retries=5", "--threshold", "clear-loss=0.1")
    device = ask("device", "add", "own", "192.0.2.40", "--site", "default", "--icmp-timeout", "2", *thresholds)
    assert (device["icmp"]["timeoutS"], device["icmp"]["thresholds"]["retries"]) == (2.0, 5)
    changed = ask("device", "edit", "own", "--threshold", "degraded-loss=0.5", "--icmp-spacing", "0.5")
    kept = changed["icmp"]["thresholds"]
    assert (kept["retries"], kept["degradedLossRatio"], changed["icmp"]["timeoutS"]) == (5, 0.5, 2.0)
    assert "retries=5, degraded-loss=0.5, clear-loss=0.1" in signed_in("device", "show", "own").stdout
    names = ("retries", "degraded-loss", "clear-loss")
    back = ask("device", "edit", "own", *(text for name in names for text in ("--threshold", f"{name}=default")))
    assert back["icmp"] == {"intervalS": 10.0, "count": 5, "spacingS": 0.5, "timeoutS": 2.0}


def test_interfaces_are_chosen_by_type_and_name(ask: Ask, signed_in: Run, tmp_path: Path) -> None:
    secret = tmp_path / "community"
    secret.touch(0o600)
    secret.write_text("c")
    where = ("choosy", "192.0.2.77", "--site", "default", "--community-file", str(secret))
    device = ask("device", "add", *where, "--skip-interface", "Vlan*", "--skip-interface", "*mgmt*")
    assert device["snmp"]["interfaces"]["skipNames"] == ["Vlan*", "*mgmt*"]
    assert "all but ifType 24, ifType 33" in signed_in("device", "show", "choosy").stdout
    edited = ask("device", "edit", "choosy", "--skip-type", "53", "--only-interface", "xe-*")
    assert edited["snmp"]["interfaces"] == {"skipTypes": [53], "skipNames": ["Vlan*", "*mgmt*"], "onlyNames": ["xe-*"]}
    assert "only xe-* but ifType 53, Vlan*, *mgmt*" in signed_in("device", "show", "choosy").stdout
    emptied = ask("device", "edit", "choosy", "--skip-type", "none", "--skip-interface", "none")
    assert emptied["snmp"]["interfaces"] == {"skipTypes": [], "onlyNames": ["xe-*"]}


def test_a_v3_device_takes_its_user_from_a_file(ask: Ask, signed_in: Run, tmp_path: Path) -> None:
    file = tmp_path / "v3.toml"
    file.touch(0o600)
    file.write_text('user = "noc"\nauth_protocol = "SHA-256"\nauth_secret = "planted-auth"\n')
    device = ask("device", "add", "v3", "192.0.2.3", "--site", "default", "--v3-file", str(file))
    assert device["snmp"]["version"] == "3"
    file.write_text('user = "noc"\nauth_protocl = "SHA"\n')
    arguments = ("device", "add", "v4", "192.0.2.4", "--site", "default", "--v3-file", str(file))
    refused(signed_in(*arguments), "unknown key 'auth_protocl'; did you mean 'auth_protocol'?")
    file.write_text('user = "noc"\nauth_secret = "planted\n')
    result = signed_in(*arguments)
    refused(result, "not valid TOML")
    assert "planted" not in result.output


@pytest.mark.parametrize(
    ("options", "expected", "status"),
    [
        (("--snmp-version", "2c"), "use --community-file FILE", 2),
        (("--snmp-version", "3"), "needs --v3-file", 2),
        (("--snmp-version", "2c", "--v3-file", "x"), "belongs to SNMP version 3", 2),
        (("--community-file", "a", "--community-env", "B"), "give one of", 2),
        (("--community-file", "no-such-file"), "no-such-file: cannot be read", 1),
        (("--community-env", "NOT_SET_ANYWHERE"), "NOT_SET_ANYWHERE is not set", 1),
        (("--community-env", "HOME", "--skip-type", "loopback"), "numbers of IANAifType such as 53", 2),
        (("--icmp-interval", "0.1"), "icmp.intervalS:", 1),
        (("--threshold", "retry=5"), "did you mean retries?", 2),
        (("--threshold", "retries"), "give a number, such as retries=3", 2),
        (("--threshold", "retries=2.5"), "icmp.thresholds.retries:", 1),
        (("--threshold", "clear-loss=0.3"), "icmp.thresholds.clearLossRatio: 0.3 must be below degradedLossRatio", 1),
        (("--agent", "nobody"), "agent: there is no agent 'nobody'", 1),
    ],
)
def test_a_wrong_option_says_what_to_do(signed_in: Run, options: tuple[str, ...], expected: str, status: int) -> None:
    refused(signed_in("device", "add", "x", "192.0.2.9", "--site", "default", *options), expected, status=status)


def test_a_name_that_several_devices_bear_asks_for_the_id(ask: Ask, signed_in: Run) -> None:
    ask("site", "add", "twin")
    ids = [ask("device", "add", "twin", "192.0.2.20", "--site", site)["id"] for site in ("default", "twin")]
    refused(signed_in("device", "show", "twin"), f"{ids[0]} at default, {ids[1]} at twin; name it by id")


def test_a_join_token_is_printed_alone_so_that_a_file_can_take_it(ask: Ask, signed_in: Run, hub: Any) -> None:
    assert parse_join_token(ask("agent", "token", "--site", "default")["token"]).token_id > 0
    result = signed_in("agent", "token", "--site", "default", "--expires", "15m")
    parse_join_token(result.stdout)
    assert f"noctule-agent join {hub.url} --token-file FILE" in result.stderr
    refused(signed_in("agent", "token", "--site", "default", "--expires", "soon"), "not a time span", status=2)
    refused(signed_in("agent", "revoke", "nobody"), "there is no agent 'nobody'")


def test_an_agent_is_renamed_its_gaps_are_read_and_it_is_revoked(ask: Ask, signed_in: Run, hub: Any) -> None:
    token = parse_join_token(ask("agent", "token", "--site", "default", "--uses", "2", "--expires", "1h")["token"])
    for name in ("gw-1", "gw-2"):
        body = JoinRequest(token.token_id, token.secret, "ab" * 32, "cd" * 32, name, "0.1.0")
        connection = HTTPConnection(urlsplit(hub.url).netloc)
        headers = {"Content-Type": "application/json"}
        connection.request("POST", "/api/v1/agents/join", msgspec.json.encode(body), headers)
        assert connection.getresponse().status == 200
        connection.close()
    assert ask("agent", "rename", "gw-1", "gateway")["name"] == "gateway"
    refused(signed_in("agent", "rename", "gateway", "gw-2"), "there is an agent named 'gw-2' already")
    assert ask("agent", "gaps", "gateway", "--last", "30d") == {"items": [], "more": False}
    assert signed_in("agent", "gaps", "gateway").exit_code == 0
    revoked = ask("agent", "revoke", "gateway", "--yes")["revoked"]
    links = {agent["id"]: (agent["name"], agent["link"]) for agent in ask("agent", "list")["items"]}
    assert links[revoked] == ("gateway", "revoked")


@pytest.mark.parametrize(
    "arguments",
    [
        ("site", "list"),
        ("agent", "list"),
        ("device", "list"),
        ("client", "list"),
        ("client", "watch"),
        ("audit", "list"),
        ("alert", "list"),
        ("alert", "list", "--all"),
        ("token", "list"),
        ("user", "list"),
        ("session", "list"),
        ("refusal", "list"),
        ("drops",),
    ],
    ids=" ".join,
)
def test_every_list_prints_one_document_or_a_table(ask: Ask, signed_in: Run, arguments: tuple[str, ...]) -> None:
    assert isinstance(ask(*arguments)["items"], list)
    table = signed_in(*arguments)
    assert table.exit_code == 0
    assert table.stdout.strip()
    assert table.stderr == ""


def test_the_log_is_read_to_its_end_and_on_from_a_position(ask: Ask, signed_in: Run) -> None:
    ask("device", "add", "logged", "192.0.2.30", "--site", "default")
    events = ask("event", "tail")
    assert set(events) == {"items", "position", "lostLogs"}
    position = f"{events['position']['epoch']}:{events['position']['seq']}"
    assert ask("event", "tail", "--since", position)["items"] == []
    assert signed_in("event", "tail", "--once").exit_code == 0
    refused(signed_in("event", "tail", "--since", "x"), "since: must be EPOCH:SEQ")


def test_a_site_is_renamed_and_removed_when_it_is_empty(ask: Ask, signed_in: Run) -> None:
    ask("site", "add", "attic")
    assert ask("site", "rename", "ATTIC", "loft")["name"] == "loft"
    device = ask("device", "add", "lamp", "192.0.2.120", "--site", "loft")
    refused(signed_in("site", "remove", "loft"), "there is no terminal to ask on; say --yes to go on", status=2)
    refused(signed_in("site", "remove", "loft", "--yes"), "device")
    ask("device", "remove", str(device["id"]), "--yes")
    assert "loft" in signed_in("site", "remove", "loft", "--yes").stdout
    refused(signed_in("site", "rename", "loft", "x"), "there is no site 'loft'; see: noctule site list")


def test_a_device_stands_behind_others_carries_a_note_and_moves(ask: Ask, signed_in: Run) -> None:
    ask("site", "add", "moved")
    top = ask("device", "add", "top", "192.0.2.121", "--site", "default")
    leaf = ask("device", "add", "leaf", "192.0.2.122", "--site", "default", "--parent", "TOP", "--note", "door code?")
    assert (leaf["parents"], leaf["note"]) == ([top["id"]], "door code?")
    shown = signed_in("device", "show", "leaf").stdout
    assert re.search(r"behind +top \(unknown\)", shown)
    assert re.search(r"note +door code\?", shown)
    assert [parent["name"] for parent in ask("device", "show", "leaf")["parents"]] == ["top"]
    changed = ask("device", "edit", "leaf", "--site", "moved", "--no-parents", "--note", "")
    assert (changed["siteName"], changed["parents"], changed["note"]) == ("moved", [], "")
    refused(signed_in("device", "edit", "leaf", "--parent", "nobody"), "there is no device 'nobody'")
    refused(signed_in("device", "edit", "leaf", "--parent", "leaf"), "parents:")
    refused(signed_in("device", "edit", "leaf", "--parent", "top", "--no-parents"), "go with no --parent", status=2)
    refused(signed_in("device", "remove", "leaf"), "say --yes", status=2)


def test_devices_are_listed_by_site_role_tag_status_and_words(ask: Ask, signed_in: Run) -> None:
    ask("site", "add", "sorted")
    for number, name in enumerate(("sorted-a", "sorted-b")):
        ask("device", "add", name, f"192.0.2.{130 + number}", "--site", "sorted", "--tag", name[-1], "--note", "Rack 9")
    ask("device", "edit", "sorted-a", "--role", "core")

    def names(*arguments: str) -> list[str]:
        return [device["name"] for device in ask("device", "list", *arguments)["items"]]

    assert names("--site", "sorted") == names("RACK 9") == ["sorted-a", "sorted-b"]
    assert names("--site", "sorted", "--role", "core") == ["sorted-a"]
    assert names("--site", "sorted", "--tag", "b") == ["sorted-b"]
    assert names("--site", "sorted", "--status", "unknown") == ["sorted-a", "sorted-b"]
    assert names("--site", "sorted", "--status", "online") == []
    refused(signed_in("device", "list", "--status", "fine"), "'fine' is not one of", status=2)


@pytest.mark.parametrize("command", [("alert", "ack"), ("token", "revoke"), ("session", "end")], ids=" ".join)
def test_what_is_no_id_is_refused_as_that(run: Run, command: tuple[str, ...]) -> None:
    refused(run(*command, "wall"), "'wall' is not a valid id.", status=2)


def test_who_changed_what_is_listed(ask: Ask, signed_in: Run) -> None:
    device = ask("device", "add", "audited", "192.0.2.140", "--site", "default")
    ask("device", "edit", "audited", "--note", "new")
    named = ("audit", "list", "--kind", "device", "--object", str(device["id"]))
    assert [entry["action"] for entry in ask(*named)["items"]] == ["changed", "added"]
    assert re.search(r"admin +127\.0\.0\.1 +changed +device \d+ +audited +note: - -> new", signed_in(*named).stdout)
    assert ask(*named, "--subject", "token:99")["items"] == []
    token = ask("token", "create", "--name", "audited", "--role", "viewer", "--ttl", "2d")["id"]
    ask("token", "rotate", str(token), "--ttl", "1d")
    changes = signed_in("audit", "list", "--kind", "token", "--object", str(token)).stdout
    assert re.search(r"expiresMs: \d{4}-\d\d-\d\d [0-9:]{8} -> \d{4}-\d\d-\d\d [0-9:]{8}", changes)


def test_an_alert_that_is_not_there_is_told(signed_in: Run) -> None:
    refused(signed_in("alert", "show", "999"), "there is no alert 999")
