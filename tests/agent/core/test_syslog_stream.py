"""Frames out of a stream, however it is cut."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from noctule_agent.core.syslog import MAX_MESSAGE_BYTES
from noctule_agent.core.syslog_stream import SyslogStream


def feed(*pieces: bytes) -> tuple[list[bytes], SyslogStream]:
    stream = SyslogStream()
    return [frame for piece in pieces for frame in stream.feed(piece)], stream


@pytest.mark.parametrize(
    ("sent", "frames"),
    [
        (b"<13>one\n<13>two\n", [b"<13>one", b"<13>two"]),
        (b"7 <13>one7 <13>two", [b"<13>one", b"<13>two"]),
        (b"8 <13>a\nb\n<13>c\n3 <1>", [b"<13>a\nb\n", b"<13>c", b"<1>"]),
        (b"\n\n\0<13>x\r\n\n", [b"<13>x\r"]),
        (b"<13>x\0<13>y\0", [b"<13>x", b"<13>y"]),
        (b"2026-11-26 text\n", [b"2026-11-26 text"]),
        (b"12345678 too many digits\n", [b"12345678 too many digits"]),
        (b"0 nothing\n", [b"0 nothing"]),
    ],
)
def test_frames_are_told_apart_whatever_framing_each_has(sent: bytes, frames: list[bytes]) -> None:
    found, stream = feed(sent)
    assert found == frames
    assert not stream.partial


def test_incomplete_frame_is_held_back() -> None:
    for sent in (b"<13>no newline", b"20 <13>short", b"12", b"12 "):
        found, stream = feed(sent)
        assert (found, stream.partial) == ([], True)


@pytest.mark.parametrize("head", [b"", b"20000 "])
def test_oversized_frame_is_cut_and_its_rest_skipped(head: bytes) -> None:
    found, stream = feed(head + b"a" * 20_000, b"\n<13>next\n")
    assert found == [b"a" * MAX_MESSAGE_BYTES, b"<13>next"]
    assert stream.cut == 1


def test_at_most_a_frame_is_held_however_much_comes_without_an_end() -> None:
    stream = SyslogStream()
    for _ in range(100):
        stream.feed(b"x" * 5_000)
        assert len(stream._held) <= MAX_MESSAGE_BYTES
    assert stream.cut == 1


FRAMES = st.lists(st.binary(min_size=1, max_size=60).filter(lambda octets: b"\n" not in octets and b"\0" not in octets))


@given(FRAMES, st.lists(st.booleans()), st.lists(st.integers(0, 4000)))
def test_frames_come_out_as_they_went_in_wherever_the_stream_is_cut(
    frames: list[bytes], counted: list[bool], cuts: list[int]
) -> None:
    sent = b""
    wanted = [b"<13>" + frame for frame in frames]
    for frame, count in zip(wanted, itertools.cycle([*counted, True, False]), strict=False):
        sent += b"%d %s" % (len(frame), frame) if count else frame + b"\n"
    edges = [0, *sorted(min(cut, len(sent)) for cut in cuts), len(sent)]
    found, stream = feed(*(sent[start:stop] for start, stop in itertools.pairwise(edges)))
    assert found == wanted
    assert not stream.partial


@given(st.lists(st.binary(max_size=300)))
def test_no_bytes_whatever_break_the_stream(pieces: list[bytes]) -> None:
    found, stream = feed(*pieces)
    assert all(0 < len(frame) <= MAX_MESSAGE_BYTES for frame in found)
    assert len(stream._held) <= MAX_MESSAGE_BYTES + 8
