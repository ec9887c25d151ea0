"""Events and measurement history over HTTP: who sees which rows, and holes that stay holes."""

import math

import numpy as np
import pytest
from noctule_hub.core.principal import Role
from noctule_hub.core.records import NewEvent
from noctule_hub.core.series import BandwidthSeries, LatencySeries
from noctule_shared.events import EventName

from tests.hub.api.harness import NOW_MS, Hub


async def append(hub: Hub, name: EventName, data: dict[str, object], *rooms: str) -> None:
    await hub.store.append([NewEvent(name, data, rooms, NOW_MS)], now_ms=NOW_MS)


async def test_events_are_read_on_from_a_position(hub: Hub) -> None:
    for number in (1, 2, 3):
        await append(hub, EventName.AGENT_STATUS, {"agentId": number, "reason": "x"}, "agents")
    first = (await hub.get(f"/api/v1/events?since={hub.store.epoch}:0&limit=2")).json
    assert [item["agentId"] for item in first["items"]] == [1, 2]
    assert first["items"][0]["data"] == {"agentId": 1, "reason": "x"}
    assert first["items"][0]["name"] == "agent:status"
    since = f"{first['position']['epoch']}:{first['position']['seq']}"
    rest = (await hub.get(f"/api/v1/events?since={since}")).json
    assert [item["agentId"] for item in rest["items"]] == [3]
    since = f"{rest['position']['epoch']}:{rest['position']['seq']}"
    assert (await hub.get(f"/api/v1/events?since={since}")).json == {
        "items": [],
        "position": rest["position"],
        "lostLogs": False,
    }


async def test_without_a_position_the_newest_events_come(hub: Hub) -> None:
    for number in range(5):
        await append(hub, EventName.AGENT_STATUS, {"agentId": number}, "agents")
    items = (await hub.get("/api/v1/events?limit=2")).json["items"]
    assert [item["agentId"] for item in items] == [3, 4]


async def test_each_role_reads_the_events_of_its_rooms_only(hub: Hub) -> None:
    await append(hub, EventName.PAYMENT_UPDATE, {"customerId": 9, "paymentId": "p9"}, "payments", "customer:9")
    await append(hub, EventName.PAYMENT_UPDATE, {"customerId": 8, "paymentId": "p8"}, "payments", "customer:8")
    await append(hub, EventName.AGENT_STATUS, {"agentId": 1}, "agents")
    await append(hub, EventName.DEVICE_STATUS, {"deviceId": 1, "detail": "hop 7"}, "devices", "customer:9")

    async def names(role: Role) -> list[str]:
        items = (await hub.get("/api/v1/events", role=role)).json["items"]
        return [item.get("paymentId", item["name"]) for item in items]

    assert await names(Role.ADMIN) == ["p9", "p8", "agent:status", "device:status"]
    assert await names(Role.VIEWER) == ["agent:status", "device:status"]
    assert await names(Role.BILLING) == ["p9", "p8", "device:status"]
    billing = (await hub.get("/api/v1/events", role=Role.BILLING)).text
    assert "hop 7" not in billing


@pytest.mark.parametrize("since", ["", "x", "0:0", "ffffffffffffffff:0", "ffffffffffffffff:-1"])
async def test_a_position_that_is_not_kept_is_refused(hub: Hub, since: str) -> None:
    answer = await hub.get(f"/api/v1/events?since={since}")
    assert (answer.status, answer.json["field"]) == (400, "since")


async def test_latency_comes_as_columns_with_holes_as_null(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    await hub.post("/api/v1/devices", {"name": "a", "address": "192.0.2.1", "site": "north"})
    seen: list[tuple[int, int]] = []

    async def latency(_: int, *, from_ms: int, to_ms: int, at_most: int) -> LatencySeries:
        assert at_most == 8_000  # four times the width, but never more than this
        seen.append((from_ms, to_ms))
        rtt_s = np.array([0.001, math.nan])
        return LatencySeries(
            ts_ms=np.array([NOW_MS - 10_000, NOW_MS]),
            source=np.array([0, 1], dtype=np.uint8),
            sent=np.array([5, 5]),
            received=np.array([4, 0]),
            rtt_min_s=rtt_s - 0.0002,
            rtt_p25_s=rtt_s - 0.0001,
            rtt_median_s=rtt_s,
            rtt_p75_s=rtt_s + 0.0001,
            rtt_max_s=rtt_s + 0.0002,
            rtt_mean_s=rtt_s,
            rtt_mdev_s=rtt_s,
            ipdv_s=np.array([0.0003, math.nan]),
        )

    monkeypatch.setattr(hub.store, "latency", latency)
    columns = (await hub.get("/api/v1/devices/1/latency")).json
    assert columns["tsMs"] == [NOW_MS - 10_000, NOW_MS]
    assert columns["rttS"] == [0.001, None]
    smoke = [columns[name][0] for name in ("rttMinS", "rttP25S", "rttS", "rttP75S", "rttMaxS")]
    assert smoke == pytest.approx([0.0008, 0.0009, 0.001, 0.0011, 0.0012])
    assert columns["ipdvS"] == [0.0003, None]
    assert (columns["sent"], columns["received"]) == ([5, 5], [4, 0])
    assert columns["lossRatio"] == pytest.approx([0.2, 1.0])
    assert columns["source"] == ["icmp", "snmp"]
    assert (columns["resolution"], columns["stepS"], columns["gaps"]) == ("raw", None, [])
    assert {len(column) for name, column in columns.items() if name not in {"resolution", "stepS", "gaps"}} == {2}
    assert seen == [(NOW_MS + 1 - 3_600_000, NOW_MS + 1)]


async def test_bandwidth_is_octets_over_their_interval(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    async def bandwidth(_: int, *, from_ms: int, to_ms: int, at_most: int) -> BandwidthSeries:
        assert to_ms > from_ms
        assert at_most > 2
        nan = np.array([math.nan, math.nan])
        return BandwidthSeries(
            ts_ms=np.array([NOW_MS, NOW_MS + 1]),
            interval_s=np.array([10.0, math.nan]),
            in_octets=np.array([1000.0, math.nan]),
            out_octets=np.array([0.0, 5.0]),
            in_packets=nan,
            out_packets=nan,
            in_errors=nan,
            out_errors=nan,
            in_discards=nan,
            out_discards=nan,
            quality=np.array([0, 5], dtype=np.uint8),
        )

    async def device_of_interface(_: int) -> int:
        return 1

    monkeypatch.setattr(hub.store, "bandwidth", bandwidth)
    monkeypatch.setattr(hub.store, "device_of_interface", device_of_interface)
    columns = (await hub.get("/api/v1/interfaces/5/bandwidth")).json
    assert columns["inBps"] == [800.0, None]
    assert columns["outBps"] == [0.0, None]
    assert columns["quality"] == [["ok"], ["first", "reset"]]


async def test_an_interface_that_nobody_knows_is_404(hub: Hub) -> None:
    assert (await hub.get("/api/v1/interfaces/5/bandwidth")).status == 404


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("from=yesterday", "from"),
        ("to=2026-11-22T03:12:00", "to"),
        ("from=2026-11-22T03:12:00Z&to=2026-11-22T03:12:00Z", "from"),
        ("from=2010-01-01T00:00:00Z", "from"),
        ("resolution=raw&from=2026-01-01T00:00:00Z", "from"),
        ("resolution=2m", "resolution"),
        ("points=49", "points"),
        ("points=5001", "points"),
        ("width=800", "width"),
    ],
)
async def test_a_wrong_range_is_named(hub: Hub, query: str, field: str) -> None:
    await hub.post("/api/v1/devices", {"name": "a", "address": "192.0.2.1", "site": "north"})
    answer = await hub.get(f"/api/v1/devices/1/latency?{query}")
    assert (answer.status, answer.json["field"]) == (400, field)
