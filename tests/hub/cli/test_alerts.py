"""Alerts, their rules and silences by the command line, against a real hub."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from click.testing import Result

Run = Callable[..., Result]
Ask = Callable[..., Any]


def test_a_rule_is_added_edited_switched_and_removed(signed_in: Run, ask: Ask) -> None:
    site = ask("site", "add", "ruled")
    about = ["--site", "ruled", "--role", "access", "--tag", "core", "--interface", "ge-*", "--if-type", "6"]
    kind = ["--condition", "interface-down", "--severity", "critical"]
    added = ask("alert", "rule", "add", "core-port", *kind, *about, "--for", "30s", "--tell-customers", "is down")
    assert (added["forS"], added["trouble"], added["enabled"]) == (30, "is down", True)
    assert (added["selector"]["siteIds"], added["selector"]["ifTypes"]) == ([site["id"]], [6])
    listed = signed_in("alert", "rule", "list").stdout
    assert f"sites {site['name']}; roles access; tags core; ifTypes 6; interfaces ge-*" in listed
    assert "device-offline" in listed
    edited = ask("alert", "rule", "edit", "core-port", "--for", "0", "--tell-no-customers", "--about-all")
    assert (edited["forS"], edited["trouble"], edited["selector"]["tags"]) == (0, None, [])
    assert edited["severity"] == "critical"
    assert signed_in("alert", "rule", "disable", "core-port").stdout == "Rule core-port is disabled.\n"
    assert ask("alert", "rule", "show", str(added["id"]))["enabled"] is False
    assert "interface-down" in signed_in("alert", "rule", "show", "core-port").stdout
    assert ask("alert", "rule", "enable", "core-port")["enabled"] is True
    assert signed_in("alert", "rule", "edit", "core-port").exit_code == 2
    assert ask("alert", "rule", "remove", "core-port", "--yes") == {"removed": added["id"]}
    missing = signed_in("alert", "rule", "show", "core-port")
    assert (missing.exit_code, "noctule alert rule list" in missing.stderr) == (1, True)


def test_a_rule_is_tried_over_what_was(signed_in: Run, ask: Ask, tmp_path: Path) -> None:
    as_json = tmp_path / "rule.json"
    as_json.write_text(signed_in("alert", "rule", "show", "device-offline", "--json").stdout)
    found = ask("alert", "rule", "test", str(as_json), "--days", "7")
    assert (found["items"], found["nextCursor"]) == ([], None)
    assert [one["rule"] for one in found["present"]] == ["device-offline"]
    as_toml = tmp_path / "rule.toml"
    as_toml.write_text('name = "slow"\nseverity = "info"\nforS = 600\n[condition]\nkind = "device-offline"\n')
    told = signed_in("alert", "rule", "test", str(as_toml)).stdout
    assert "It would have fired 0 times" in told
    assert "The present rules over the same" in told
    for text, word in (("{", "JSON"), ("a b", "TOML"), ('{"name": "x"}', "condition")):
        as_json.write_text(text)
        refused = signed_in("alert", "rule", "test", str(as_json))
        assert (refused.exit_code, word in refused.stderr) == (1, True), refused.stderr


def test_the_figures_of_a_rule_are_set_and_shown(signed_in: Run, ask: Ask) -> None:
    kind = ["--condition", "high-loss", "--severity", "info"]
    added = ask("alert", "rule", "add", "some-loss", *kind, "--set", "lossRatio=0.1", "--set", "clearRatio=0.02")
    assert added["condition"] == {"kind": "high-loss", "lossRatio": 0.1, "clearRatio": 0.02, "windowS": 60}
    edited = ask("alert", "rule", "edit", "some-loss", "--set", "windowS=300")
    assert edited["condition"] == added["condition"] | {"windowS": 300}
    listed = signed_in("alert", "rule", "list").stdout
    assert "high-loss lossRatio=0.1, clearRatio=0.02, windowS=300" in listed
    assert "high-latency timesUsual" not in listed
    unlimited = ["--set", "limitS=none", "--set", "clearLimitS=none"]
    edited = ask("alert", "rule", "edit", "high-latency", *unlimited)
    assert (edited["condition"]["limitS"], edited["condition"]["timesUsual"]) == (None, 3.0)
    assert "clearTimesUsual=2, " in signed_in("alert", "rule", "show", "high-latency").stdout
    for wrong, word in (("lossratio=0.1", "did you mean lossRatio?"), ("lossRatio=much", "such as lossRatio=0.2")):
        refused = signed_in("alert", "rule", "edit", "some-loss", "--set", wrong)
        assert (refused.exit_code, word in refused.stderr) == (2, True)
    refused = signed_in("alert", "rule", "edit", "some-loss", "--set", "clearRatio=0.5")
    assert (refused.exit_code, "clearRatio" in refused.stderr) == (1, True)
    ask("alert", "rule", "remove", "some-loss", "--yes")


def test_a_silence_is_added_listed_expired_and_removed(signed_in: Run, ask: Ask) -> None:
    added = ask("alert", "silence", "add", "new card", "--rule", "device-offline", "--name", "core*", "--for", "2h")
    assert (added["active"], added["createdBy"], added["matchers"]["names"]) == (True, "admin", ["core*"])
    wanted = str(added["id"])
    assert "rules device-offline; names core*" in signed_in("alert", "silence", "list").stdout
    assert signed_in("alert", "silence", "expire", wanted).stdout == f"Silence {wanted} is over.\n"
    assert ask("alert", "silence", "list")["items"] == []
    assert [one["id"] for one in ask("alert", "silence", "list", "--all")["items"]] == [added["id"]]
    assert ask("alert", "silence", "remove", wanted) == {"removed": added["id"]}
    later = ["--from", "2098-01-01T00:00Z", "--until", "2098-01-02T00:00Z"]
    refused = signed_in("alert", "silence", "add", "too far", "--severity", "info", *later)
    assert (refused.exit_code, "startsAt" in refused.stderr) == (1, True)
    assert signed_in("alert", "silence", "add", "no end", "--severity", "info").exit_code == 2
    empty = signed_in("alert", "silence", "add", "all", "--for", "1h")
    assert (empty.exit_code, "--rule, --severity, --site" in empty.stderr) == (2, True)


def test_an_alert_that_is_not_there_is_neither_shown_nor_acknowledged(signed_in: Run, ask: Ask) -> None:
    for command in (["show", "987654"], ["ack", "987654", "--note", "x", "--until", "2h"], ["unack", "987654"]):
        answer = signed_in("alert", *command)
        assert (answer.exit_code, "there is no alert 987654" in answer.stderr) == (1, True)
    answer = signed_in("alert", "ack", "987654", "987655", "--json")
    assert (answer.exit_code, "987655: there is no alert 987655" in answer.stderr) == (1, True)
    assert [row["outcome"] for row in msgspec.json.decode(answer.stdout)["rows"]] == ["refused", "refused"]
    for option in ("--acknowledged", "--unacknowledged"):
        assert ask("alert", "list", "--severity", "critical", "--rule", "device-offline", option)["items"] == []


def test_a_silence_names_its_devices_while_they_are_there(signed_in: Run, ask: Ask) -> None:
    device = ask("device", "add", "quiet1", "192.0.2.77", "--site", "default")["id"]
    added = ask("alert", "silence", "add", "new card", "--device", "quiet1", "--for", "2h")
    assert "devices quiet1" in signed_in("alert", "silence", "list").stdout
    ask("device", "remove", "quiet1", "--yes")
    assert f"devices {device}" in signed_in("alert", "silence", "list").stdout
    ask("alert", "silence", "remove", str(added["id"]))
