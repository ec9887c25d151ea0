"""What a discovery asks and refuses to ask."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from noctule_agent.core.discovery import MAX_ADDRESSES, addresses, goes_on, most_telling, parse_network
from noctule_agent.probes.snmp.session import Reason
from noctule_shared.errors import Refused


@given(st.integers(min_value=0x01000000, max_value=0xDFFFFFFF), st.integers(min_value=22, max_value=32))
def test_every_host_of_an_ipv4_network_is_asked_once_and_nothing_outside(number: int, prefix: int) -> None:
    network = ipaddress.ip_network((number, prefix), strict=False)
    asked = addresses(parse_network(str(network)))
    assert len(asked) == len(set(asked)) == max(network.num_addresses - 2, min(network.num_addresses, 2))
    assert all(ipaddress.ip_address(address) in network for address in asked)


@pytest.mark.parametrize(
    ("text", "count"),
    [("10.0.0.0/22", 1022), ("192.0.2.0/31", 2), ("192.0.2.7", 1), ("2001:db8::/118", MAX_ADDRESSES - 1), ("::1", 1)],
)
def test_networks_up_to_1024_addresses_are_taken(text: str, count: int) -> None:
    assert len(addresses(parse_network(text))) == count


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("10.0.0.0/21", "in parts of /22 or smaller"),
        ("0.0.0.0/0", "in parts of /22"),
        ("2001:db8::/117", "in parts of /118 or smaller"),
        ("10.0.0.1/24", "names a host in 10.0.0.0/24"),
        ("", "is not a network"),
        ("router.example", "is not a network"),
        ("10.0.0.0/33", "is not a network"),
        ("224.0.0.0/24", "no addresses of devices"),
        ("ff02::/120", "no addresses of devices"),
        ("0.0.0.0/24", "no addresses of devices"),
        ("fe80::%eth0/120", "of one link"),
    ],
)
def test_what_cannot_be_swept_is_refused_with_the_way_out(text: str, words: str) -> None:
    with pytest.raises(Refused, match=words) as refused:
        parse_network(text)
    assert refused.value.field == "network"


def test_a_closed_port_is_offered_no_more_but_a_silent_one_is() -> None:
    assert [reason for reason in Reason if not goes_on(reason)] == [
        Reason.PORT_CLOSED,
        Reason.NO_SUCH_HOST,
        Reason.NO_PERMISSION,
    ]


def test_the_most_telling_reason_is_reported() -> None:
    assert most_telling([]) is None
    assert most_telling([Reason.TIMEOUT, Reason.WRONG_CREDENTIALS, Reason.TIMEOUT]) is Reason.WRONG_CREDENTIALS
    assert most_telling([Reason.TIMEOUT, Reason.BAD_RESPONSE]) is Reason.BAD_RESPONSE
    assert most_telling([Reason.TIMEOUT, Reason.PORT_CLOSED]) is Reason.PORT_CLOSED
