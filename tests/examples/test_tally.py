import pytest
from demo.tally import Tally


def status(seq: int, previous: str, now: str) -> dict[str, object]:
    return {"seq": seq, "deviceId": 1, "previous": previous, "status": now}


def test_nothing_received_misses_everything() -> None:
    assert Tally().missing() == ["latency:update", "bandwidth:update", "device:status", "alert:new"]


def test_a_healthy_run_misses_nothing() -> None:
    tally = Tally()
    tally.note("latency:update", {"items": [{"deviceId": 1, "rttS": 0.01}, {"deviceId": 2, "rttS": 0.02}]})
    tally.note("bandwidth:update", {"items": [{"deviceId": 1, "inBps": 1e6}]})
    tally.note("device:status", status(1, "online", "offline"))
    tally.note("alert:new", {"seq": 2})
    assert (tally.samples, tally.events, tally.alerts, tally.devices) == (3, 2, 1, {1, 2})
    assert tally.missing() == []


def test_lost_measurements_are_no_samples() -> None:
    tally = Tally()
    tally.note("latency:update", {"items": [{"deviceId": 1, "rttS": None}]})
    tally.note("bandwidth:update", {"items": [{"deviceId": 1, "inBps": None}]})
    assert (tally.samples, tally.devices) == (0, set())


def test_first_sight_of_a_device_is_no_status_change() -> None:
    tally = Tally()
    tally.note("device:status", status(1, "unknown", "online"))
    assert "device:status" in tally.missing()
    assert tally.events == 1


def test_an_event_that_came_twice_counts_once() -> None:
    tally = Tally()
    for _ in range(2):
        tally.note("alert:new", {"seq": 7})
    assert (tally.events, tally.alerts) == (1, 1)


@pytest.mark.parametrize("payload", [None, 3, "text", [], {"items": None}, {"items": [1, None]}, {"seq": "x"}])
def test_strange_payload_counts_as_nothing(payload: object) -> None:
    tally = Tally()
    for name in ("latency:update", "bandwidth:update", "alert:new"):
        tally.note(name, payload)
    assert (tally.samples, tally.events) == (0, 0)
