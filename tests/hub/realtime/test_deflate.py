"""What is agreed on compression with a client, and what a compressed message is made of."""

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from noctule_hub.config import Compression
from noctule_hub.realtime.deflate import AUTO_LEAST_BYTES, MAX_OFFER_CHARS, ON_LEAST_BYTES, Deflater, agree

ANSWER = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"


def inflated(payload: bytes, window_bits: int = 15) -> bytes:
    """Read a message as a client does that keeps nothing from one to the next (RFC 7692, section 7.2.2)."""
    return zlib.decompressobj(-window_bits).decompress(payload + b"\x00\x00\xff\xff")


@pytest.mark.parametrize(
    ("offer", "answer", "most_bytes"),
    [
        # Chromium, Firefox, Safari of old, Node's ws, aiohttp, and what RFC 7692 (7.1.3) shows.
        ("permessage-deflate; client_max_window_bits", ANSWER, None),
        ("permessage-deflate", ANSWER, None),
        ("x-webkit-deflate-frame, permessage-deflate", ANSWER, None),
        ("permessage-deflate;server_no_context_takeover ;client_no_context_takeover", ANSWER, None),
        ("permessage-deflate; client_max_window_bits=12", ANSWER, None),
        ("permessage-deflate; server_max_window_bits=10", f"{ANSWER}; server_max_window_bits=10", 1_024),
        ("permessage-deflate; server_max_window_bits=8", f"{ANSWER}; server_max_window_bits=8", 256),
        ('permessage-deflate; server_max_window_bits="15"', f"{ANSWER}; server_max_window_bits=15", None),
        ("permessage-deflate; client_max_window_bits; server_max_window_bits=10, permessage-deflate",
         f"{ANSWER}; server_max_window_bits=10", 1_024),
        # The first of them is not whole.
        ("permessage-deflate; server_max_window_bits, permessage-deflate", ANSWER, None),
        ("permessage-deflate; server_max_window_bits=16, permessage-deflate", ANSWER, None),
    ],
)  # fmt: skip
def test_first_offer_that_is_whole_is_agreed_to(offer: str, answer: str, most_bytes: int | None) -> None:
    agreed = agree(offer, Compression.AUTO)
    assert agreed is not None
    assert (agreed.answer, agreed.least_bytes, agreed.most_bytes) == (answer, AUTO_LEAST_BYTES, most_bytes)
    every = agree(offer, Compression.ON)
    assert every is not None
    assert every.least_bytes == ON_LEAST_BYTES
    assert agree(offer, Compression.OFF) is None


@pytest.mark.parametrize(
    "offer",
    [
        None,
        "",
        ",;=",
        "deflate-frame",
        "permessage-deflated",
        "permessage-deflate; unknown",
        "permessage-deflate; server_no_context_takeover=1",
        "permessage-deflate; client_no_context_takeover; client_no_context_takeover",
        "permessage-deflate; server_max_window_bits",
        "permessage-deflate; server_max_window_bits=7",
        "permessage-deflate; server_max_window_bits=16",
        "permessage-deflate; server_max_window_bits=010",
        "permessage-deflate; server_max_window_bits=\u0661\u0660",
        "permessage-deflate; client_max_window_bits=",
        "permessage-deflate" + " " * MAX_OFFER_CHARS,
    ],
)
def test_offer_that_is_not_whole_leaves_messages_plain(offer: str | None) -> None:
    assert agree(offer, Compression.ON) is None


@given(st.text())
def test_any_text_is_an_offer_or_none(text: str) -> None:
    assert agree(text, Compression.ON) is None or "permessage-deflate" in text


@given(st.lists(st.text().map(str.encode), min_size=1, max_size=6))
def test_message_is_the_same_whatever_was_deflated_before(messages: list[bytes]) -> None:
    long_used = Deflater()
    for message in messages:
        payload = long_used.deflate(message * 50)
        assert payload == Deflater().deflate(message * 50)
        assert inflated(payload) == message * 50


@pytest.mark.parametrize("bits", range(9, 16))
def test_message_no_longer_than_a_window_is_understood_with_that_window(bits: int) -> None:
    """So that one message, deflated with the widest window, is for clients of every window that is no shorter."""
    message = bytes(index * index % 251 for index in range(1 << (bits - 1))) * 2
    payload = Deflater().deflate(message)
    assert len(payload) < len(message)
    assert inflated(payload, bits) == message
