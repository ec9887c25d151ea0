"""Text of devices is harmless before it is sent."""

from hypothesis import given
from hypothesis import strategies as st
from noctule_hub.core.notifying.plain_text import inert


@given(st.text(max_size=600))
def test_any_text_becomes_one_printable_line(text: str) -> None:
    line = inert(text)
    assert len(line) <= 500
    assert len(line.splitlines()) <= 1
    line.encode()
    assert not set(line) & set("\x00\x1b\r\n\u202e\u2066\u200b\x85")
