"""Only trusted proxies say where a request comes from, and only from the end of the list."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from noctule_hub.core.client_address import (
    MAX_HOPS,
    Forwarded,
    Origin,
    origin_of,
    read_forwarded,
    read_x_forwarded,
)

TRUSTED = tuple(map(ipaddress.ip_network, ("127.0.0.1", "10.0.0.0/24", "2001:db8:1::/64")))


def x_forwarded(*addresses: str) -> Forwarded:
    return read_x_forwarded(addresses, (), ())


@pytest.mark.parametrize(
    ("peer", "told", "address"),
    [
        ("192.0.2.7", "198.51.100.1", "192.0.2.7"),
        ("127.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("127.0.0.1", "203.0.113.9, 198.51.100.1", "198.51.100.1"),
        ("127.0.0.1", "203.0.113.9, 198.51.100.1, 10.0.0.8", "198.51.100.1"),
        ("127.0.0.1", "127.0.0.1, 198.51.100.1, 10.0.0.8", "198.51.100.1"),
        ("127.0.0.1", "10.0.0.9, 10.0.0.8", "10.0.0.9"),
        ("127.0.0.1", "198.51.100.1:50123", "198.51.100.1"),
        ("127.0.0.1", "[2001:db8::1]:443", "2001:db8::1"),
        ("127.0.0.1", "2001:db8::1", "2001:db8::1"),
        ("127.0.0.1", "::ffff:198.51.100.1", "198.51.100.1"),
        ("::ffff:127.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("2001:db8:1::5", "198.51.100.1", "198.51.100.1"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "unknown", "127.0.0.1"),
        ("127.0.0.1", "198.51.100.1, _hidden", "127.0.0.1"),
        ("127.0.0.1", "198.51.100.1, <img onerror=x>, 10.0.0.8", "10.0.0.8"),
        ("127.0.0.1", "999.1.1.1", "127.0.0.1"),
        ("", "198.51.100.1", ""),
    ],
)
def test_the_rightmost_address_that_no_trusted_proxy_has_counts(peer: str, told: str, address: str) -> None:
    assert origin_of(peer, x_forwarded(told), TRUSTED) == Origin(address)


def test_nothing_is_believed_when_no_proxy_is_trusted() -> None:
    assert origin_of("127.0.0.1", x_forwarded("198.51.100.1"), ()) == Origin("127.0.0.1")


def test_several_header_lines_are_one_list() -> None:
    assert origin_of("127.0.0.1", x_forwarded("203.0.113.9", "198.51.100.1"), TRUSTED).address == "198.51.100.1"


def test_a_list_of_proxies_without_end_is_not_followed() -> None:
    told = x_forwarded(", ".join(["198.51.100.1", *["10.0.0.8"] * 5_000]))
    assert len(told.addresses) <= MAX_HOPS + 1
    assert origin_of("127.0.0.1", told, TRUSTED).address == "10.0.0.8"


def test_scheme_and_host_are_a_trusted_proxys_word() -> None:
    told = read_x_forwarded(["198.51.100.1"], ["https"], ["noc.example.net:8443"])
    assert origin_of("127.0.0.1", told, TRUSTED) == Origin("198.51.100.1", "https", "noc.example.net:8443")
    assert origin_of("192.0.2.7", told, TRUSTED) == Origin("192.0.2.7")


@pytest.mark.parametrize(
    ("scheme", "host"), [("gopher", "a b"), ("", ""), ("https\n", "x\x00y"), ("javascript", "a" * 300)]
)
def test_a_scheme_or_host_that_is_none_is_left_out(scheme: str, host: str) -> None:
    origin = origin_of("127.0.0.1", read_x_forwarded(["198.51.100.1"], [scheme], [host]), TRUSTED)
    assert origin.host is None
    assert origin.scheme in {None, "https"}


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["for=198.51.100.1;proto=https;host=noc.example.net"], Origin("198.51.100.1", "https", "noc.example.net")),
        (['For="[2001:db8::1]:4711"'], Origin("2001:db8::1")),
        (["for=203.0.113.9", "for=198.51.100.1;proto=http, for=10.0.0.8"], Origin("198.51.100.1", "http")),
        (["for=198.51.100.1, for=unknown"], Origin("127.0.0.1")),
        (["for=_secret"], Origin("127.0.0.1")),
        (['for="198.51.100.1, for=10.0.0.8'], Origin("10.0.0.8")),
        (['for=6.6.6.6;x=", for="[2001:db8::1]"'], Origin("127.0.0.1")),
        (['for=6.6.6.6;x="', 'for="[2001:db8::1]"'], Origin("127.0.0.1")),
        (["nonsense;;;=,,"], Origin("127.0.0.1")),
    ],
)
def test_forwarded_of_rfc_7239_is_read_likewise(lines: list[str], expected: Origin) -> None:
    assert origin_of("127.0.0.1", read_forwarded(lines), TRUSTED) == expected


@given(st.lists(st.text(max_size=60), max_size=30))
def test_whatever_a_client_writes_before_a_proxys_own_entry_changes_nothing(lines: list[str]) -> None:
    written = read_x_forwarded([*lines, "198.51.100.1"], (), ())
    assert origin_of("127.0.0.1", written, TRUSTED).address == "198.51.100.1"


@given(st.lists(st.text(max_size=200), max_size=30))
def test_no_text_at_all_breaks_the_reading_of_forwarded(lines: list[str]) -> None:
    assert origin_of("192.0.2.7", read_forwarded(lines), TRUSTED).address == "192.0.2.7"
    origin_of("127.0.0.1", read_forwarded(lines), TRUSTED)
