import socket
import sys
from random import Random

import pytest
from demo.simulator.addresses import PORT, bind_all
from demo.sockets import LOOPBACK, ReservedPort


def free_port() -> int:
    with socket.create_server((LOOPBACK, 0)) as server:
        return int(server.getsockname()[1])


def test_free_port_is_taken_as_wanted() -> None:
    wanted = free_port()
    with ReservedPort(wanted) as port:
        assert port.number == wanted


def test_taken_port_gives_another_one() -> None:
    with socket.create_server((LOOPBACK, 0)) as server, ReservedPort(server.getsockname()[1]) as port:
        assert port.number != port.wanted
        socket.create_server((LOOPBACK, port.number)).close()


def test_two_demos_at_once_never_get_the_same_port() -> None:
    wanted = free_port()
    with ReservedPort(wanted) as one, ReservedPort(wanted) as other:
        assert one.number == wanted != other.number


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has all of 127.0.0.0/8")
def test_two_networks_with_the_same_wish_get_different_addresses() -> None:
    networks = [bind_all(12, Random(1)) for _ in range(2)]  # noqa: S311  no secret
    addresses = [{sock.getsockname()[0] for sock in network} for network in networks]
    ports = {sock.getsockname()[1] for network in networks for sock in network}
    for network in networks:
        for sock in network:
            sock.close()
    assert [len(one) for one in addresses] == [12, 12]
    assert not addresses[0] & addresses[1]
    assert ports == {PORT}
