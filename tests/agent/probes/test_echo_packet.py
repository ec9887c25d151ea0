"""The bytes of echoes."""

import struct

from hypothesis import given
from hypothesis import strategies as st
from noctule_agent.probes.echo_packet import EchoReply, checksum, decode_reply, encode_request

IPV4_HEADER = bytes([0x45]) + bytes(19)


def test_checksum_is_that_of_rfc_1071() -> None:
    # The example of RFC 1071 section 3.
    assert checksum(bytes.fromhex("0001f203f4f5f6f7")) == ~0xDDF2 & 0xFFFF


def test_request_carries_a_checksum_that_receivers_accept() -> None:
    packet = encode_request(v6=False, identifier=0x1234, number=0xABCDEF, nonce=b"12345678")
    assert checksum(packet) == 0
    assert struct.unpack_from("!BBHHH", packet)[::4] == (8, 0xCDEF)
    assert len(packet) == 64


@given(
    v6=st.booleans(),
    ip_header=st.booleans(),
    identifier=st.integers(0, 2**16 - 1),
    number=st.integers(0, 2**64 - 1),
    nonce=st.binary(min_size=8, max_size=8),
)
def test_reply_brings_back_what_the_request_carried(
    *, v6: bool, ip_header: bool, identifier: int, number: int, nonce: bytes
) -> None:
    request = encode_request(v6=v6, identifier=identifier, number=number, nonce=nonce)
    reply = bytes([129 if v6 else 0]) + request[1:]
    packet = (IPV4_HEADER if ip_header else b"") + reply
    assert decode_reply(packet, v6=v6, ip_header=ip_header) == EchoReply(identifier, number & 0xFFFF, number, nonce)


def test_request_is_no_reply() -> None:
    request = encode_request(v6=False, identifier=1, number=1, nonce=bytes(8))
    assert decode_reply(request, v6=False, ip_header=False) is None


@given(packet=st.binary(max_size=200), v6=st.booleans(), ip_header=st.booleans())
def test_any_octets_are_read_without_a_fault(*, packet: bytes, v6: bool, ip_header: bool) -> None:
    reply = decode_reply(packet, v6=v6, ip_header=ip_header)
    assert reply is None or len(packet) >= 24
