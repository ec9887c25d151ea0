"""Which addresses the hub connects to."""

import ipaddress

import pytest
from noctule_hub.core.notifying.outbound import refusal


@pytest.mark.parametrize(
    "text",
    [
        "127.0.0.1",
        "127.255.0.1",
        "::1",
        "0.0.0.0",
        "0.1.2.3",
        "::",
        "::ffff:127.0.0.1",
        "::127.0.0.1",
        "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::1",
        "169.254.0.1",
        "fe80::1",
        "fe80::1%eth0",
        "100.100.100.200",
        "168.63.129.16",
        "fd00:ec2::254",
        "224.0.0.1",
        "ff02::1",
        "240.0.0.1",
        "255.255.255.255",
    ],
)
def test_this_machine_and_what_stands_next_to_it_are_refused(text: str) -> None:
    assert refusal(ipaddress.ip_address(text), (), own=False) is not None


@pytest.mark.parametrize(
    "text", ["10.0.0.5", "192.168.1.1", "198.51.100.1", "2001:db8::1", "fd00::1", "::ffff:10.0.0.1"]
)
def test_others_are_not_unless_they_are_the_hubs_own(text: str) -> None:
    address = ipaddress.ip_address(text)
    assert refusal(address, (), own=False) is None
    assert refusal(address, (), own=True) == "an address of this hub"


def test_what_is_allowed_is_allowed_in_each_spelling() -> None:
    allowed = (ipaddress.ip_network("127.0.0.0/8"),)
    for text in ("127.0.0.1", "::ffff:127.0.0.1"):
        assert refusal(ipaddress.ip_address(text), allowed, own=True) is None
    assert refusal(ipaddress.ip_address("::1"), allowed, own=False) is not None
