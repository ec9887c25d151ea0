"""What is admitted, booked and counted."""

import pytest
from noctule_agent.receivers.intake import ALLOWANCES, MAX_COUNTED_UNKNOWN, UNKNOWN_ALLOWANCE, LogIntake
from noctule_agent.receivers.senders import Senders
from noctule_shared.observations import LogSource

from tests.agent.receivers.conftest import OPERATOR, Store, device


def intake(store: Store, senders: Senders, *, accept_unknown: bool = False, room: bool = True) -> LogIntake:
    return LogIntake(
        store,
        senders,
        accept_unknown=accept_unknown,
        has_room=lambda: room,
        clock_s=lambda: 0.0,
        now_ms=lambda: 1_795_000_000_000,
    )


@pytest.mark.parametrize("source", LogSource)
async def test_sender_beyond_its_share_is_dropped_and_counted(
    store: Store, senders: Senders, source: LogSource
) -> None:
    found = intake(store, senders)
    burst = int(ALLOWANCES[source][0].burst)
    assert sum(found.admit(source, "127.0.0.1") is not None for _ in range(burst + 7)) == burst
    assert found.drops() == {f"{source}SenderLimit": 7}


async def test_all_senders_together_have_a_share_too(store: Store, senders: Senders) -> None:
    senders.apply({number: device(number, address=f"10.0.0.{number}") for number in range(1, 101)})
    found = intake(store, senders)
    asked = 100 * int(ALLOWANCES[LogSource.TRAP][0].burst)
    taken = sum(found.admit(LogSource.TRAP, f"10.0.0.{1 + turn % 100}") is not None for turn in range(asked))
    assert taken == int(ALLOWANCES[LogSource.TRAP][1].burst)
    assert found.drops() == {"trapTotalLimit": asked - taken}


async def test_logs_stand_back_when_the_outbox_fills(store: Store, senders: Senders) -> None:
    found = intake(store, senders, room=False)
    assert found.admit(LogSource.SYSLOG, "127.0.0.1") is None
    assert found.drops() == {"syslogBacklog": 1}


async def test_unknown_senders_are_let_in_without_a_device_where_that_is_set(store: Store, senders: Senders) -> None:
    found = intake(store, senders, accept_unknown=True)
    sender = found.admit(LogSource.SYSLOG, "192.0.2.7")
    assert sender is not None
    found.book(LogSource.SYSLOG, sender, 5, "user", "hello")
    (event,) = store.logs()
    assert (event.device_id, event.address, event.ts_ms) == (None, "192.0.2.7", 1_795_000_000_000)


async def test_unknown_senders_share_one_allowance_and_use_up_nobody_elses(store: Store, senders: Senders) -> None:
    found = intake(store, senders, accept_unknown=True)
    burst = int(UNKNOWN_ALLOWANCE.burst)
    taken = sum(found.admit(LogSource.SYSLOG, f"192.0.{turn >> 8}.{turn & 255}") is not None for turn in range(5_000))
    assert taken == burst
    assert found.admit(LogSource.SYSLOG, "127.0.0.1") is not None


async def test_counted_unknown_addresses_are_bounded(store: Store, senders: Senders) -> None:
    found = intake(store, senders)
    for turn in range(MAX_COUNTED_UNKNOWN * 2):
        found.admit(LogSource.TRAP, f"10.{turn >> 16}.{turn >> 8 & 255}.{turn & 255}")
    assert len(found._unknown_addresses) == MAX_COUNTED_UNKNOWN
    assert found.drops() == {"trapUnknownSender": MAX_COUNTED_UNKNOWN * 2}


async def test_secrets_of_senders_are_not_shown(senders: Senders) -> None:
    found = senders.find("127.0.0.1")
    assert found is not None
    assert found.users == (OPERATOR,)
    assert "authsecret1" not in repr(found)
    assert "operator" not in repr(found)
