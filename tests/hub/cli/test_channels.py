"""Channels by the command line, against a real hub: secrets come from a file and are never shown."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

Run = Callable[..., Result]
Ask = Callable[..., Any]

HOOK = '[webhook]\nurl = "http://127.0.0.1:9/planted-path"\nsecret = "planted-signing-key"\n'


def secret_file(folder: Path, text: str, mode: int = 0o600) -> str:
    path = folder / "channel.toml"
    path.write_text(text)
    path.chmod(mode)
    return str(path)


def test_a_channel_is_added_shown_changed_tried_and_removed(signed_in: Run, ask: Ask, tmp_path: Path) -> None:
    site = ask("site", "add", "channels")
    file = secret_file(tmp_path, HOOK)
    added = ask("alert", "channel", "add", "night", "--file", file, "--site", "channels", "--severity", "critical")
    assert (added["siteIds"], added["severity"], added["webhook"]["secretSet"]) == ([site["id"]], "critical", True)
    outputs = [
        signed_in("alert", "channel", "list").stdout,
        signed_in("alert", "channel", "show", "NIGHT").stdout,
        signed_in("alert", "channel", "show", str(added["id"]), "--json").stdout,
    ]
    assert all("http://127.0.0.1:9" in output and "planted" not in output for output in outputs)
    assert all("sites channels" in output for output in outputs[:2])
    assert "en" in signed_in("alert", "channel", "show", "night").stdout.split()
    assert ask("alert", "channel", "edit", "night", "--language", "id")["language"] == "id"
    changed = ask("alert", "channel", "edit", "night", "--everything", "--name", "noc", "--file", file)
    assert changed["language"] == "id"
    assert (changed["siteIds"], changed["name"], changed["revision"]) == ([], "noc", 3)
    tried = signed_in("alert", "channel", "test", "noc")
    assert tried.exit_code == 1
    assert "not delivered: 127.0.0.1 is a loopback address (127.0.0.1), to which nothing is sent" in tried.stderr
    assert "planted" not in tried.stderr
    for shown in ("list", "show noc"):
        told = signed_in("alert", "channel", *shown.split()).stdout
        assert all(word in told for word in ("failing since", "last try", "to which nothing is sent"))
    assert signed_in("alert", "channel", "test", "noc", "--json").exit_code == 1
    assert ask("alert", "delivery", "list", "--state", "dead", "--channel", "noc") == {"items": []}
    assert "Deliveries" in signed_in("alert", "delivery", "list").stdout
    assert "there is no delivery 77" in signed_in("alert", "delivery", "retry", "77").stderr
    assert ask("alert", "channel", "remove", "noc", "--yes") == {"removed": added["id"]}


@pytest.mark.parametrize(
    ("text", "mode", "expected"),
    [
        (HOOK, 0o644, "mode 644 lets others read its secrets; mend it with: chmod 600"),
        ("[webhook]\nurl = planted", 0o600, "not valid TOML"),
        (
            '[webhok]\nurl = "planted"\n',
            0o600,
            "must hold one table and nothing beside it: [webhook], [smtp]",
        ),
        ('[webhook]\nulr = "planted"\n', 0o600, "unknown key 'ulr' in [webhook]; did you mean 'url'?"),
        ('[webhook]\nurl = "planted"\n', 0o600, "webhook.url: must be a URL such as"),
    ],
)
def test_a_bad_file_is_told_without_what_it_holds(
    signed_in: Run, tmp_path: Path, text: str, mode: int, expected: str
) -> None:
    result = signed_in("alert", "channel", "add", "bad", "--file", secret_file(tmp_path, text, mode))
    assert result.exit_code == 1
    assert expected in result.stderr
    assert "planted" not in result.stderr


def test_an_edit_says_what_is_to_change(signed_in: Run) -> None:
    assert "name what is to change" in signed_in("alert", "channel", "edit", "x").stderr
    assert "goes without" in signed_in("alert", "channel", "edit", "x", "--everything", "--tag", "a").stderr
