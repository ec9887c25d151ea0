"""Who may open a session and how much it may send, with the time as an argument."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from noctule_hub.config import SocketSettings
from noctule_hub.realtime import gate as gate_module
from noctule_hub.realtime.gate import CONNECT_WITHIN_S, Gate, Refusal
from noctule_shared.errors import ErrorCode, Refused

HERE = "192.0.2.1"
SETTINGS = SocketSettings(
    handshakes_per_minute=60,
    handshake_burst=3,
    sessions_per_address=5,
    messages_per_second=8,
    message_burst=40,
)


class Bench:
    def __init__(self) -> None:
        self.settings = SETTINGS
        self.gate = Gate(lambda: self.settings)

    def open(self, *sids: str, address: str = HERE) -> None:
        for sid in sids:
            self.gate.opened(sid, address, 0.0)

    def sends(self, sid: str, now_s: float) -> int:
        """Return how many messages of a session are taken at a moment."""
        taken = 0
        while self.gate.may_send(sid, now_s):
            taken += 1
        return taken


@pytest.fixture
def bench() -> Bench:
    return Bench()


def refused(call: Callable[[], None]) -> Refused:
    with pytest.raises(Refused) as caught:
        call()
    return caught.value


def test_handshakes_past_the_burst_are_told_when_to_come_back(bench: Bench) -> None:
    for _ in range(3):
        bench.gate.admit(HERE, 0)
    refusal = refused(lambda: bench.gate.admit(HERE, 0))
    assert (refusal.code, refusal.retry_after_s) == (ErrorCode.TOO_MANY, 1.0)
    assert "sockets.handshakes_per_minute" in refusal.message
    bench.gate.admit("192.0.2.2", 0)
    bench.gate.admit(HERE, 1_000)
    assert bench.gate.refused[Refusal.HANDSHAKES_OF_ADDRESS] == 1


def test_a_changed_limit_counts_from_the_next_handshake_on(bench: Bench) -> None:
    for _ in range(3):
        bench.gate.admit(HERE, 0)
    refused(lambda: bench.gate.admit(HERE, 0))
    bench.settings = replace(SETTINGS, handshakes_per_minute=0)
    for _ in range(1_000):
        bench.gate.admit(HERE, 0)


def test_sessions_of_an_address_are_counted_until_they_are_closed(bench: Bench) -> None:
    bench.open("a", "b", "c", "d", "e")
    refusal = refused(lambda: bench.gate.admit(HERE, 0))
    assert (refusal.code, refusal.retry_after_s is not None) == (ErrorCode.TOO_MANY, True)
    assert bench.gate.refused[Refusal.SESSIONS_OF_ADDRESS] == 1
    bench.gate.closed("a")
    # Again: a session that ended twice gives one place back.
    bench.gate.closed("a")
    bench.gate.admit(HERE, 0)
    bench.open("f")
    refused(lambda: bench.gate.admit(HERE, 0))
    assert len(bench.gate) == 5


def test_a_host_with_a_whole_network_of_addresses_is_one(bench: Bench) -> None:
    for number in range(5):
        bench.open(str(number), address=f"2001:db8:1:2::{number}")
    refused(lambda: bench.gate.admit("2001:db8:1:2:ffff::1", 0))
    bench.gate.admit("2001:db8:1:3::1", 0)


def test_full_hub_is_busy_and_not_to_blame_on_the_client(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate_module, "MAX_SESSIONS", 2)
    bench.open("a", address="192.0.2.7")
    bench.open("b", address="192.0.2.8")
    assert refused(lambda: bench.gate.admit(HERE, 0)).code is ErrorCode.BUSY
    assert bench.gate.refused[Refusal.FULL] == 1


def test_who_is_not_signed_in_may_send_a_quarter(bench: Bench) -> None:
    bench.open("a", "u")
    bench.gate.signed_in("u")
    assert (bench.sends("a", 0.0), bench.sends("u", 0.0)) == (10, 40)
    # One message is already owed: each that was refused counts.
    assert (bench.sends("a", 10.0), bench.sends("u", 10.0)) == (10, 40)


def test_signing_in_twice_gives_no_second_burst(bench: Bench) -> None:
    bench.open("u")
    bench.gate.signed_in("u")
    bench.gate.signed_in("u")
    assert bench.sends("u", 0.0) == 40


def test_a_clock_that_goes_back_gives_no_messages(bench: Bench) -> None:
    bench.gate.opened("a", HERE, 100.0)
    assert bench.sends("a", 100.0) == 10
    assert not bench.gate.may_send("a", 0.0)


def test_what_another_namespace_took_in_is_not_counted(bench: Bench) -> None:
    bench.open("agent")
    bench.gate.trusted("agent")
    assert all(bench.gate.may_send("agent", 0.0) for _ in range(1_000))
    assert bench.gate.is_trusted("agent")
    bench.gate.left("agent", 0.0)
    assert not bench.gate.is_trusted("agent")
    assert bench.sends("agent", 1.0) <= 10


def test_sessions_in_no_namespace_are_overdue_after_a_while(bench: Bench) -> None:
    bench.open("idle", "client", "agent")
    bench.gate.joined("client")
    bench.gate.trusted("agent")
    assert bench.gate.overdue(CONNECT_WITHIN_S) == []
    assert bench.gate.overdue(CONNECT_WITHIN_S + 0.1) == ["idle"]
    # One that leaves begins anew, and does not stay for ever because it once was in.
    bench.gate.left("client", 60.0)
    bench.gate.closed("idle")
    assert bench.gate.overdue(60.0 + CONNECT_WITHIN_S) == []
    assert bench.gate.overdue(60.1 + CONNECT_WITHIN_S) == ["client"]


def test_a_session_that_is_gone_may_send_nothing(bench: Bench) -> None:
    assert not bench.gate.may_send("nobody", 0.0)
    bench.gate.joined("nobody")
    bench.gate.signed_in("nobody")
    bench.gate.trusted("nobody")
    bench.gate.left("nobody", 0.0)
    assert len(bench.gate) == 0
