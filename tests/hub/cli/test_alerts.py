"""Alerts, their rules and silences by the command line, against a real hub."""

from collections.abc import Callable
from typing import Any

from click.testing import Result

Run = Callable[..., Result]
Ask = Callable[..., Any]


def test_a_rule_is_added_edited_switched_and_removed(signed_in: Run, ask: Ask) -> None:
    site = ask("site", "add", "ruled")
    about = ["--site", "ruled", "--tag", "core", "--interface", "ge-*", "--if-type", "6"]
    kind = ["--condition", "interface-down", "--severity", "critical"]
    added = ask("alert", "rule", "add", "core-port", *kind, *about, "--for", "30s", "--tell-customers", "is down")
    assert (added["forS"], added["trouble"], added["enabled"]) == (30, "is down", True)
    assert (added["selector"]["siteIds"], added["selector"]["ifTypes"]) == ([site["id"]], [6])
    listed = signed_in("alert", "rule", "list").stdout
    assert f"sites {site['id']}; tags core; ifTypes 6; interfaces ge-*" in listed
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
    assert (empty.exit_code, "matchers" in empty.stderr) == (1, True)


def test_an_alert_that_is_not_there_is_neither_shown_nor_acknowledged(signed_in: Run, ask: Ask) -> None:
    for command in (["show", "987654"], ["ack", "987654", "--note", "x", "--until", "2h"], ["unack", "987654"]):
        answer = signed_in("alert", *command)
        assert (answer.exit_code, "there is no alert 987654" in answer.stderr) == (1, True)
    for option in ("--acknowledged", "--unacknowledged"):
        assert ask("alert", "list", "--severity", "critical", "--rule", "device-offline", option)["items"] == []
