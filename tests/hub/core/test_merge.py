import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from noctule_hub.core import merge
from noctule_hub.core.merge import (
    BANDWIDTH_ROOM_ITEMS,
    ENVELOPE_BYTES,
    MAX_MESSAGE_BYTES,
    RoomMerge,
    bandwidth_key,
    bandwidth_rooms,
    latency_key,
    latency_rooms,
)
from noctule_shared.axes import LatencySource
from noctule_shared.updates import BandwidthItem, LatencyItem


def latency(device_id: int, rtt_s: float | None = 0.01, source: LatencySource = LatencySource.ICMP) -> LatencyItem:
    return LatencyItem(device_id, rtt_s, 0.0, 0.001, source, "2026-11-22T03:12:00.000Z")


def rates(device_id: int, interface_id: int | None = None, in_bps: float | None = 1e6) -> BandwidthItem:
    return BandwidthItem(device_id, interface_id, in_bps, 2.0, 0.1, 0.1, ["ok"], "2026-11-22T03:12:00.000Z")


def test_latest_item_of_a_device_wins() -> None:
    pending: RoomMerge[LatencyItem] = RoomMerge(latency_key)
    for item in (latency(1, 0.5), latency(2), latency(1, None)):
        pending.offer(item, ["devices"])
    (batch,) = pending.take({"devices"})
    assert batch.items == [latency(1, None), latency(2)]
    assert batch.more is False
    assert pending.take({"devices"}) == []


def test_sources_of_one_device_do_not_replace_each_other() -> None:
    pending: RoomMerge[LatencyItem] = RoomMerge(latency_key)
    pending.offer(latency(1), ["devices"])
    pending.offer(latency(1, source=LatencySource.SNMP), ["devices"])
    assert len(pending.take({"devices"})[0].items) == 2


def test_latency_goes_to_devices_site_device_and_customers() -> None:
    assert latency_rooms(latency(7), 4, [9]) == ("devices", "device:7", "site:4", "customer:9")
    assert latency_rooms(latency(7), None) == ("devices", "device:7")


def test_only_device_totals_go_beyond_the_device() -> None:
    assert set(bandwidth_rooms(7, None, 4, [9])) == {"device:7", "bandwidth", "site:4", "customer:9"}
    assert set(bandwidth_rooms(7, 70, 4, [9])) == {"device:7", "customer:9"}


def test_message_is_bounded_and_the_rest_comes_with_the_next_tick() -> None:
    pending: RoomMerge[LatencyItem] = RoomMerge(latency_key)
    for device_id in range(1, 1_501):
        pending.offer(latency(device_id), ["devices"])
    seen: list[int] = []
    ticks = 0
    while batches := pending.take({"devices"}):
        (batch,) = batches
        assert len(msgspec.json.encode(batch.items)) <= MAX_MESSAGE_BYTES - ENVELOPE_BYTES
        seen += [item.device_id for item in batch.items]
        assert batch.more is (len(seen) < 1_500)
        ticks += 1
    assert ticks > 1
    assert seen == list(range(1, 1_501))


def test_item_that_waits_is_replaced_by_a_newer_one_in_its_place() -> None:
    pending: RoomMerge[LatencyItem] = RoomMerge(latency_key)
    for device_id in range(1, 1_501):
        pending.offer(latency(device_id), ["devices"])
    (first,) = pending.take({"devices"})
    waiting = len(first.items) + 1
    pending.offer(latency(waiting, 9.0), ["devices"])
    (second,) = pending.take({"devices"})
    assert second.items[0] == latency(waiting, 9.0)


def test_bandwidth_room_gets_the_busiest_and_the_most_changed_first() -> None:
    pending: RoomMerge[BandwidthItem] = RoomMerge(bandwidth_key)
    count = 1_000
    for device_id in range(1, count + 1):
        pending.offer(rates(device_id, in_bps=float(device_id)), ["bandwidth"])
    delivered: set[int] = set()
    while batches := pending.take({"bandwidth"}):
        assert len(batches[0].items) <= BANDWIDTH_ROOM_ITEMS
        delivered |= {item.device_id for item in batches[0].items}
    assert delivered == set(range(1, count + 1))
    # Device 1 is the least busy but changed the most of those that are not among the 100 busiest.
    for device_id in range(1, count + 1):
        pending.offer(rates(device_id, in_bps=500.0 if device_id == 1 else float(device_id)), ["bandwidth"])
    (batch,) = pending.take({"bandwidth"})
    assert {1, *range(901, 1_001)} <= {item.device_id for item in batch.items}
    assert batch.more is True


def test_unknown_rate_counts_as_idle_and_is_still_sent() -> None:
    pending: RoomMerge[BandwidthItem] = RoomMerge(bandwidth_key)
    pending.offer(rates(1, in_bps=None), ["bandwidth"])
    assert pending.take({"bandwidth"})[0].items[0].in_bps is None


def test_room_that_everybody_left_is_forgotten() -> None:
    pending: RoomMerge[LatencyItem] = RoomMerge(latency_key)
    pending.offer(latency(1), ["devices", "device:1"])
    assert [batch.room for batch in pending.take({"device:1"})] == ["device:1"]
    assert pending.take({"devices"}) == []


def test_full_room_drops_further_keys_and_counts_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merge, "MAX_PENDING_PER_ROOM", 2)
    pending: RoomMerge[LatencyItem] = RoomMerge(latency_key)
    for device_id in (1, 2, 3):
        pending.offer(latency(device_id), ["devices"])
    pending.offer(latency(1, 5.0), ["devices"])
    assert pending.dropped == 1
    assert pending.take({"devices"})[0].items == [latency(1, 5.0), latency(2)]


@given(st.lists(st.tuples(st.integers(1, 400), st.floats(0, 1e12)), max_size=800))
def test_each_object_is_delivered_at_its_latest_value(offers: list[tuple[int, float]]) -> None:
    pending: RoomMerge[BandwidthItem] = RoomMerge(bandwidth_key)
    for device_id, in_bps in offers:
        pending.offer(rates(device_id, in_bps=in_bps), ["bandwidth"])
    delivered: list[BandwidthItem] = []
    while batches := pending.take({"bandwidth"}):
        delivered += batches[0].items
    assert {item.device_id: item.in_bps for item in delivered} == dict(offers)
    assert len(delivered) == len(dict(offers))
