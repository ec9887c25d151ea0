"""What reaches the terminal: text from the network never steers it."""

import io
import json

import pytest
from noctule_hub.cli.output import bit_rate, milliseconds, print_json, print_table, short_time, table
from noctule_hub.cli.text import clean, columns_of
from rich.console import Console

HOSTILE = "a\x1b]0;owned\x07b\x9b31mc\r\nd\u202ee\x7f"


def test_control_characters_are_taken_out_of_tables(capsys: pytest.CaptureFixture[str]) -> None:
    print_table("Devices", ("name", "#n"), [(HOSTILE, "[red]1[/red]")])
    out = capsys.readouterr().out
    assert not set(out) & set("\x1b\x07\x9b\r\u202e\x7f")
    assert "a]0;ownedb31mcde" in out
    assert "[red]1[/red]" in out


def test_control_characters_are_escaped_in_json_and_come_back_whole(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"name": HOSTILE, "umlaut": "Zürich"})
    out = capsys.readouterr().out
    assert not set(out) & set("\x1b\x07\x9b\r\u202e\x7f")
    assert "Zürich" in out
    assert json.loads(out) == {"name": HOSTILE, "umlaut": "Zürich"}


def test_a_long_line_is_not_cut_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    print_table("T", ("text", "end"), [("x" * 300, "END")])
    out = capsys.readouterr().out
    assert "x" * 300 in out
    assert "END" in out


def test_a_name_of_64_kb_is_cut_and_columns_stay_apart(capsys: pytest.CaptureFixture[str]) -> None:
    print_table("T" * 65_536, ("name", "#n"), [("x" * 65_536, "1"), ("東京", "22")])
    title, header, first, second = capsys.readouterr().out.splitlines()
    assert title.endswith("T…")
    assert [columns_of(line) for line in (header, first, second)] == [1_004] * 3
    assert first.endswith("x…   1")
    assert second.startswith("東京 ")


def test_a_terminal_s_table_folds_long_cells_and_takes_no_markup() -> None:
    console = Console(width=40, file=io.StringIO(), color_system=None)
    console.print(table(f"[red]{HOSTILE}", ("name", "address"), [("x" * 65_536, "2001:db8::1"), (HOSTILE, "a")]))
    stream = console.file
    assert isinstance(stream, io.StringIO)
    out = stream.getvalue()
    assert max(map(len, out.splitlines())) <= 40
    assert len(out) < 10_000
    assert "[red]" in out
    assert not set(out) & set("\x1b\x07\x9b\r\u202e\x7f")


def test_clean_keeps_letters_of_any_script() -> None:
    assert clean("Zürich 東京 Ελλάδα") == "Zürich 東京 Ελλάδα"


def test_unknown_is_a_dash_and_never_zero() -> None:
    assert (bit_rate(None), milliseconds(None), short_time(None)) == ("-", "-", "-")
    assert (bit_rate(0), milliseconds(0)) == ("0 bit/s", "0.0 ms")


@pytest.mark.parametrize(
    ("bps", "text"), [(999, "999 bit/s"), (1500, "1.5 kbit/s"), (2.5e6, "2.5 Mbit/s"), (1e10, "10.0 Gbit/s")]
)
def test_rates_have_decimal_prefixes(bps: float, text: str) -> None:
    assert bit_rate(bps) == text
