"""What reaches the terminal: text from the network never steers it."""

import json

import pytest
from noctule_hub.cli.output import bit_rate, clean, milliseconds, print_json, print_table, short_time

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
