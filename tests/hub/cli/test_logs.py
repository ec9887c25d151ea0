"""`noctule log` against a running hub: filters, following, exports, and text of devices that steers no terminal."""

import csv
import json
import zlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import Result
from noctule_hub.answers.logs import LogView
from noctule_hub.cli.client import HubClient
from noctule_hub.cli.logs import MAX_SHOWN_CHARS, log_line
from noctule_hub.cli.output import print_json_line, say

if TYPE_CHECKING:
    from tests.hub.cli.conftest import RunningHub

Run = Callable[..., Result]
Ask = Callable[..., Any]

HOSTILE = "<img onerror=x> =1+1 \x1b]0;owned\x07\x9b31m\u202e\u061c\0end\r\n"
STEERS = set("\x00\x07\x0b\x1b\x7f\x9b\u061c\u202e\r")


def view(message: str, **changes: Any) -> LogView:
    values: dict[str, Any] = {
        "seq": 1,
        "timestamp": "2026-11-22T03:12:00.000Z",
        "committed_at": "2026-11-22T03:12:00.100Z",
        "late": False,
        "device_id": 7,
        "device_name": "core1",
        "site_id": 3,
        "interface_id": None,
        "address": "192.0.2.1",
        "severity": 3,
        "severity_name": "error",
        "facility": "local3",
        "source": "syslog",
        "message": message,
        "change": None,
    }
    return LogView(**(values | changes))


def test_a_log_is_one_line_that_says_who_what_and_how_bad(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("noctule_hub.cli.logs.short_time", lambda _iso: "2026-11-22 03:12:00")
    assert log_line(view("port down")) == "2026-11-22 03:12:00 error         core1 syslog/local3: port down"
    trap = view("linkDown", device_name=None, facility=None, source="trap", severity=4, severity_name="warning")
    assert log_line(trap) == "2026-11-22 03:12:00 warning       192.0.2.1 trap: linkDown"
    late = view("x", late=True, committed_at="2026-11-22T03:15:00.000Z")
    assert log_line(late).endswith("(late by 3 min): x")


def test_hostile_text_steers_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    hostile = view(HOSTILE, device_name=HOSTILE, facility=HOSTILE, source=HOSTILE)
    say(log_line(hostile))
    out = capsys.readouterr().out
    assert not STEERS & set(out)
    assert out.count("\n") == 1
    print_json_line(hostile)
    out = capsys.readouterr().out
    assert not STEERS & set(out)
    assert out.count("\n") == 1
    assert json.loads(out)["message"] == HOSTILE


def test_a_long_message_is_cut_and_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    say(log_line(view("x" * 65_536)))
    out = capsys.readouterr().out
    assert len(out) < MAX_SHOWN_CHARS + 200
    assert "... (65536 characters)" in out


@pytest.fixture
def planted(hub: "RunningHub", request: pytest.FixtureRequest) -> str:
    """Four logs of one test, and the word that all of them hold."""
    word = f"w{zlib.crc32(request.node.name.encode())}"
    for number, severity in enumerate((6, 3, 4, 0)):
        hub.log({"source": "trap" if number == 2 else "syslog", "severity": severity, "message": f"{word} {number}"})
    return word


def numbers(result: Result) -> str:
    assert result.exit_code == 0, result.output
    return "".join(line[-1] for line in result.stdout.splitlines())


def test_tail_prints_the_newest_oldest_of_them_first(signed_in: Run, planted: str) -> None:
    assert numbers(signed_in("log", "tail", "-n", "3", "--grep", planted)) == "123"


def test_tail_prints_one_object_a_line_for_programs(signed_in: Run, planted: str) -> None:
    result = signed_in("log", "tail", "--json", "--grep", planted)
    assert [json.loads(line)["severity"] for line in result.stdout.splitlines()] == [6, 3, 4, 0]


@pytest.mark.parametrize("grep", [True, False])
def test_tail_follows_what_comes(
    hub: "RunningHub", signed_in: Run, planted: str, monkeypatch: pytest.MonkeyPatch, *, grep: bool
) -> None:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) > 2:
            raise KeyboardInterrupt
        hub.log({"source": "syslog", "severity": 5, "message": f"{planted} more {len(waits)}"})

    monkeypatch.setattr("noctule_hub.cli.logs.asyncio", SimpleNamespace(sleep=sleep))
    words = ("--grep", f"{planted} more") if grep else ("-n", "1")
    result = signed_in("log", "tail", "--follow", *words)
    assert numbers(result) == ("12" if grep else "312")


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ((), "3210"),
        (("--oldest",), "0123"),
        (("--severity", "error"), "31"),
        (("--source", "trap"), "2"),
        (("--since", "1h"), "3210"),
        (("--until", "1h"), ""),
        (("--since", "2020-01-01T00:00:00Z", "--severity", "emergency"), "3"),
        (("--limit", "1"), "3"),
    ],
    ids=" ".join,
)
def test_search_finds_by_all_filters(signed_in: Run, planted: str, options: tuple[str, ...], found: str) -> None:
    result = signed_in("log", "search", "--grep", planted, *options)
    assert numbers(result) == found
    assert ("There are more" in result.stderr) is (options == ("--limit", "1"))


def test_search_of_a_site_takes_its_name(signed_in: Run, planted: str) -> None:
    assert signed_in("log", "search", "--grep", planted, "--site", "default").exit_code == 0
    result = signed_in("log", "search", "--site", "nowhere")
    assert (result.exit_code, "no site 'nowhere'" in result.stderr) == (1, True)


def test_search_of_a_device_that_is_not_there_names_it(signed_in: Run) -> None:
    result = signed_in("log", "search", "--device", "nowhere")
    assert (result.exit_code, "no device 'nowhere'" in result.stderr) == (1, True)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--since", "yesterday"), "is no time"),
        (("--since", "999999999d"), "is no time"),
        (("--severity", "bad"), "is not one of"),
        (("--grep", "***"), "text: holds no word"),
    ],
)
def test_options_that_make_no_sense_are_named(signed_in: Run, options: tuple[str, ...], message: str) -> None:
    result = signed_in("log", "search", *options)
    assert result.exit_code in {1, 2}
    assert message in result.stderr


def test_export_writes_a_file_that_ends_with_its_end(ask: Ask, planted: str, tmp_path: Path) -> None:
    file = tmp_path / "logs.ndjson"
    told = ask("log", "export", str(file), "--grep", planted, "--oldest")
    assert told == {"file": str(file), "bytes": file.stat().st_size, "complete": True}
    *logs, end = [json.loads(line) for line in file.read_text().splitlines()]
    assert [log["message"][-1] for log in logs] == list("0123")
    assert end == {"end": {"rows": 4, "complete": True, "nextCursor": None}}
    assert [path.name for path in tmp_path.glob("logs*")] == ["logs.ndjson"]


def test_export_writes_csv_by_the_ending_and_replaces_nothing_unasked(
    signed_in: Run, planted: str, tmp_path: Path
) -> None:
    file = tmp_path / "logs.csv"
    file.write_text("mine")
    refused = signed_in("log", "export", str(file), "--grep", planted)
    assert (refused.exit_code, "--force replaces it" in refused.stderr) == (1, True)
    assert file.read_text() == "mine"
    assert signed_in("log", "export", str(file), "--grep", planted, "--force").exit_code == 0
    rows = list(csv.reader(file.read_text().splitlines()))
    assert (rows[0][0], len(rows), rows[-1]) == ("seq", 6, ["# end: 4 rows, all there are"])


def test_export_to_stdout_is_the_export_alone(signed_in: Run, planted: str) -> None:
    result = signed_in("log", "export", "-", "--grep", planted)
    assert (result.exit_code, result.stderr) == (0, "")
    assert json.loads(result.stdout.splitlines()[-1])["end"]["complete"] is True
    assert signed_in("log", "export", "-", "--json").exit_code == 2


def test_export_that_breaks_off_leaves_no_file(
    signed_in: Run, planted: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = HubClient.stream

    async def cut(client: HubClient, path: str, query: dict[str, str]) -> AsyncIterator[bytes]:
        async for chunk in stream(client, path, query):
            yield chunk[:-20]

    monkeypatch.setattr(HubClient, "stream", cut)
    for form in ("ndjson", "csv"):
        result = signed_in("log", "export", str(tmp_path / "logs"), "--grep", planted, "--format", form)
        assert (result.exit_code, "broke off" in result.stderr) == (1, True)
        assert not list(tmp_path.glob("logs*"))
