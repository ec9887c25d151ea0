"""Policies by the command line, against a real hub."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from tests.hub.cli.test_channels import HOOK, secret_file

Run = Callable[..., Result]
Ask = Callable[..., Any]


def test_a_policy_is_added_shown_changed_named_by_a_rule_tried_and_removed(
    signed_in: Run, ask: Ask, tmp_path: Path
) -> None:
    file = secret_file(tmp_path, HOOK)
    night, boss = (ask("alert", "channel", "add", name, "--file", file)["id"] for name in ("night", "boss"))
    text = tmp_path / "text"
    text.write_text("{list}\n{url}\n", encoding="utf-8")
    added = ask(
        *("alert", "policy", "add", "core", "--step", "15m:Night,boss", "--step", "0:night", "--step", "1h:all"),
        *("--repeat", "1h", "--group", "incident", "--text-file", str(text), "--title", "{severity}: {device}"),
    )
    assert [one["channelIds"] for one in added["steps"]] == [[night], sorted([night, boss]), None]
    assert (added["repeatS"], added["groupBy"], added["text"]) == (3600, "incident", "{list}\n{url}\n")
    assert "15 min: night, boss" in signed_in("alert", "policy", "list").stdout
    assert "of rules that name none" in signed_in("alert", "policy", "show", "DEFAULT").stdout
    changed = ask("alert", "policy", "edit", "core", "--no-repeat", "--built-in-words", "--no-recovery")
    assert (changed["repeatS"], changed["title"], changed["recovery"]) == (None, None, False)
    assert ask("alert", "rule", "edit", "agent-silent", "--policy", "core")["policyId"] == added["id"]
    shown = signed_in("alert", "rule", "show", "agent-silent").stdout
    assert re.search(r"policy\s+core\b", shown)
    assert "comes with the hub" in shown
    refused = signed_in("alert", "policy", "remove", "core", "--yes")
    assert (refused.exit_code, "agent-silent" in refused.stderr) == (1, True)
    dry = signed_in("alert", "policy", "test", "core", "--example")
    assert dry.exit_code == 0
    for words in ("15 min 3 s", "night", "[critical] core1 is offline", "Its end is not told."):
        assert words in dry.stdout
    sent = signed_in("alert", "policy", "test", "core", "--send")
    assert (sent.exit_code, "not delivered: 127.0.0.1 is a loopback address" in sent.stdout) == (1, True)
    ask("alert", "rule", "edit", "agent-silent", "--policy", "default")
    assert ask("alert", "policy", "remove", "core", "--yes") == {"removed": added["id"]}
    for channel in ("night", "boss"):
        ask("alert", "channel", "remove", channel, "--yes")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("add", "x"), "say who is told when"),
        (("add", "x", "--step", "15m"), "write SPAN:CHANNEL,..."),
        (("add", "x", "--step", "0:nobody"), "there is no channel 'nobody'"),
        (("add", "x", "--step", "0:all", "--title", "{devcie}"), "did you mean {device}?"),
        (("edit", "default"), "say what to change"),
        (("edit", "default", "--repeat", "1h", "--no-repeat"), "exclude each other"),
        (("show", "nobody"), "there is no notification policy 'nobody'"),
        (("test", "default", "--alert", "7", "--example"), "exclude each other"),
        (("test", "default", "--alert", "987654"), "there is no alert 987654"),
    ],
)
def test_mistakes_say_what_to_write(signed_in: Run, arguments: tuple[str, ...], words: str) -> None:
    result = signed_in("alert", "policy", *arguments)
    assert result.exit_code != 0
    assert words in result.stderr
