"""History over HTTP from the real store: resolutions, holes, months, availability and the status bar."""

import math
from typing import Any

import numpy as np
import pytest
from noctule_hub.core.commit import AgentCursor, Commit, FrameRow, GapRow
from noctule_hub.core.principal import Role
from noctule_hub.core.records import NewEvent
from noctule_hub.core.resolution import DAY_MS, FIVE_MINUTES_MS, HOUR_MS
from noctule_hub.core.retention import Retention
from noctule_hub.core.series import MeasuredRows
from noctule_shared.events import EventName
from noctule_shared.frames import FrameClass, MeasurementsBody, TableName, encode_frame, pack_table
from noctule_shared.times import iso_from_ms

from tests.hub.api.harness import NOW_MS, Hub
from tests.hub.store.samples import EPOCH, bindings, enrol, interface, measured

MIDNIGHT_MS = NOW_MS // DAY_MS * DAY_MS
PORT = 5


async def watched(hub: Hub) -> int:
    """Give the site an agent and a device with one port; return the agent's id."""
    agent_id = await enrol(hub.store, hub.site.id, "a1", now_ms=MIDNIGHT_MS - 40 * DAY_MS)
    hub.now_ms = MIDNIGHT_MS - 40 * DAY_MS
    await hub.post("/api/v1/devices", {"name": "r1", "address": "192.0.2.1", "site": "north"})
    hub.now_ms = NOW_MS
    commit = Commit(now_ms=NOW_MS, interfaces=[interface(PORT, 1)], bindings=bindings(1, (1, 1, PORT)))
    await hub.store.commit(commit)
    return agent_id


async def give_traffic(
    hub: Hub, agent_id: int, seq: int, times_ms: list[int], octets: float, *, quality: int = 0
) -> None:
    """Commit a frame of 10-second rows of the port."""
    rows = len(times_ms)
    columns: dict[str, Any] = {
        "device_id": [1] * rows,
        "if_index": [1] * rows,
        "inventory_rev": [1] * rows,
        "ts_ms": times_ms,
        "interval_s": [10.0] * rows,
        "quality": [quality] * rows,
    }
    for name in ("octets", "packets", "errors", "discards"):
        columns |= {f"in_{name}": [octets] * rows, f"out_{name}": [octets / 2] * rows}
    body = encode_frame(MeasurementsBody({TableName.INTERFACE.value: pack_table(TableName.INTERFACE, columns)}))
    frame = FrameRow(agent_id, EPOCH, seq, NOW_MS, FrameClass.MEASUREMENTS, body)
    arrays = {name: np.array(values) for name, values in columns.items()}
    tables = [MeasuredRows(TableName.INTERFACE, np.full(rows, PORT), arrays)]
    await hub.store.commit(
        Commit(now_ms=NOW_MS, frames=[frame], cursors=[AgentCursor(agent_id, EPOCH, seq + 1)], tables=tables)
    )


async def test_errors_and_discards_of_a_devices_ports_are_added_up(hub: Hub) -> None:
    agent_id = await watched(hub)
    hub.engine.ports[1] = [interface(PORT, 1), interface(PORT + 1, 1)]
    times_ms = [NOW_MS - HOUR_MS - FIVE_MINUTES_MS, NOW_MS - 20_000, NOW_MS - 10_000]
    await give_traffic(hub, agent_id, 0, times_ms, 100.0)
    none = dict.fromkeys(("inErrors", "outErrors", "inDiscards", "outDiscards"))
    found = (await hub.get("/api/v1/devices/1/interfaces/faults", role=Role.VIEWER)).json
    assert found["items"] == [
        {"interfaceId": PORT, "inErrors": 200.0, "outErrors": 100.0, "inDiscards": 200.0, "outDiscards": 100.0},
        {"interfaceId": PORT + 1, **none},
    ]
    two_days = f"?from={iso_from_ms(NOW_MS - 2 * DAY_MS)}"
    refused = await hub.get(f"/api/v1/devices/1/interfaces/faults{two_days}")
    assert (refused.status, refused.json["field"]) == (400, "from")
    assert (await hub.get("/api/v1/devices/77/interfaces/faults")).status == 404


async def give_rounds(hub: Hub, agent_id: int, seq: int, times_ms: list[int]) -> None:
    rows = [(1, at, math.nan if at % 70_000 == 0 else 0.002) for at in times_ms]
    await hub.store.commit(measured(agent_id, seq, rows))


def every(step_s: int, from_ms: int, to_ms: int) -> list[int]:
    return list(range(from_ms, to_ms, step_s * 1000))


async def read(hub: Hub, path: str, from_ms: int, to_ms: int, query: str = "") -> dict[str, Any]:
    answer = await hub.get(f"/api/v1/{path}?from={iso_from_ms(from_ms)}&to={iso_from_ms(to_ms)}{query}")
    assert answer.status == 200, answer.text
    columns: dict[str, Any] = answer.json
    return columns


async def test_short_range_is_answered_row_by_row_and_a_wide_one_in_steps(hub: Hub) -> None:
    agent_id = await watched(hub)
    await give_rounds(hub, agent_id, 1, every(10, NOW_MS - DAY_MS, NOW_MS))
    hour = await read(hub, "devices/1/latency", NOW_MS - HOUR_MS, NOW_MS)
    assert (hour["resolution"], hour["stepS"], len(hour["tsMs"])) == ("raw", None, 360)
    assert set(hour["source"]) == {"icmp"}
    day = await read(hub, "devices/1/latency", NOW_MS - DAY_MS, NOW_MS, "&points=400")
    assert (day["resolution"], day["stepS"]) == ("5m", 300.0)
    assert len(day["tsMs"]) == 289
    assert sum(day["n"]) == 8640
    assert day["lossRatio"][5] == pytest.approx(1 / 7, abs=0.05)
    assert (day["rttS"][5], day["rttP25S"][5], day["source"][5]) == (pytest.approx(0.002), None, None)


async def test_raw_rows_over_the_width_are_put_together_with_their_extremes(hub: Hub) -> None:
    agent_id = await watched(hub)
    times = every(10, NOW_MS - HOUR_MS, NOW_MS)
    await give_traffic(hub, agent_id, 1, times[:180], 1000.0)
    await give_traffic(hub, agent_id, 2, times[180:181], 90_000.0)
    await give_traffic(hub, agent_id, 3, times[181:], 1000.0)
    found = await read(hub, f"interfaces/{PORT}/bandwidth", NOW_MS - HOUR_MS, NOW_MS, "&points=100")
    assert (found["resolution"], found["stepS"], sum(found["n"])) == ("raw", 60.0, 360)
    assert len(found["tsMs"]) <= 100
    assert (max(found["inMaxBps"]), min(found["inMinBps"])) == (72_000, 800)


async def test_hole_is_a_step_of_nulls_and_what_the_agent_told_of_it(hub: Hub) -> None:
    agent_id = await watched(hub)
    start_ms = MIDNIGHT_MS - 6 * HOUR_MS
    await give_traffic(hub, agent_id, 1, every(10, start_ms, start_ms + HOUR_MS), 1250.0)
    await give_traffic(hub, agent_id, 2, every(10, start_ms + 2 * HOUR_MS, start_ms + 3 * HOUR_MS), 1250.0)
    gap = GapRow(agent_id, start_ms + HOUR_MS, start_ms + 2 * HOUR_MS, 360, "disk-full")
    other = GapRow(agent_id + 1, start_ms, start_ms + 2 * HOUR_MS, 1, "not of this device")
    await hub.store.commit(Commit(now_ms=NOW_MS, gaps=[gap, other]))
    for resolution, step_ms in (("5m", FIVE_MINUTES_MS), ("1h", HOUR_MS)):
        query = f"&resolution={resolution}"
        found = await read(hub, f"interfaces/{PORT}/bandwidth", start_ms, start_ms + 3 * HOUR_MS, query)
        assert found["tsMs"] == list(range(start_ms, start_ms + 3 * HOUR_MS, step_ms))
        hole = slice(HOUR_MS // step_ms, 2 * HOUR_MS // step_ms)
        assert set(found["inBps"][hole]) == {None}
        assert set(found["n"][hole]) == {0}
        assert set(found["inBps"][: hole.start] + found["inBps"][hole.stop :]) == {1000.0}
        assert found["gaps"] == [
            {"from": iso_from_ms(gap.from_ms), "to": iso_from_ms(gap.to_ms), "reason": "disk-full", "samples": 360}
        ]


async def test_range_across_dropped_raw_rows_files_and_memory_has_no_seam(hub: Hub) -> None:
    agent_id = await watched(hub)
    projector = hub.store.projector()
    first_ms = MIDNIGHT_MS - 3 * DAY_MS
    times = every(60, first_ms, MIDNIGHT_MS + 3 * HOUR_MS)
    for seq, start in enumerate(range(0, len(times), 1000)):
        await give_traffic(hub, agent_id, seq, times[start : start + 1000], 1250.0)
        if start + 2000 < len(times):
            await projector.project_once(NOW_MS, older_than_ms=0)
    await projector.upkeep.run(Retention(raw_days=2), NOW_MS)
    for points in (5000, 1000, 500, 100, 50):
        found = await read(hub, f"interfaces/{PORT}/bandwidth", first_ms, times[-1] + 1, f"&points={points}")
        assert found["resolution"] != "raw"
        assert len(found["tsMs"]) <= points
        assert sum(found["n"]) == len(times)
        assert set(found["inBps"]) == {1000.0}
    recent = await read(hub, f"interfaces/{PORT}/bandwidth", MIDNIGHT_MS - HOUR_MS, times[-1] + 1)
    assert (recent["resolution"], sum(recent["n"])) == ("raw", 240)


@pytest.mark.parametrize(
    ("query", "status", "field"),
    [("resolution=5m&from=2017-01-01T00:00:00Z", 413, "from"), ("resolution=1h&points=49", 400, "points")],
)
async def test_more_rows_than_an_answer_holds_are_refused(hub: Hub, query: str, status: int, field: str) -> None:
    await watched(hub)
    answer = await hub.get(f"/api/v1/interfaces/{PORT}/bandwidth?{query}")
    assert (answer.status, answer.json["field"]) == (status, field)


async def test_explicit_steps_with_a_width_are_put_together(hub: Hub) -> None:
    agent_id = await watched(hub)
    await give_rounds(hub, agent_id, 1, every(60, MIDNIGHT_MS - DAY_MS, MIDNIGHT_MS))
    query = "&resolution=5m&points=50"
    found = await read(hub, "devices/1/latency", MIDNIGHT_MS - DAY_MS, MIDNIGHT_MS, query)
    assert (found["resolution"], found["stepS"], len(found["tsMs"]), sum(found["n"])) == ("5m", 1800.0, 48, 1440)


async def test_month_of_an_interface_counts_its_bins_and_says_what_was_left_out(hub: Hub) -> None:
    agent_id = await watched(hub)
    start_ms = MIDNIGHT_MS - DAY_MS
    await give_traffic(hub, agent_id, 1, every(10, start_ms + 10_000, start_ms + HOUR_MS), 1250.0)
    await give_traffic(hub, agent_id, 2, every(10, start_ms + HOUR_MS, start_ms + HOUR_MS + 300_000), 1e12, quality=32)
    await hub.store.projector().project_once(NOW_MS, older_than_ms=0)
    name = iso_from_ms(NOW_MS)[:7]
    found = (await hub.get(f"/api/v1/interfaces/{PORT}/months/{name}?tz=Europe/Berlin")).json
    assert (found["month"], found["tz"], found["complete"]) == (name, "Europe/Berlin", False)
    assert found["from"].endswith("T23:00:00.000Z")
    assert (found["binsUsed"], found["binsDoubtful"]) == (12, 1)
    assert found["binsUsed"] + found["binsGap"] + found["binsDoubtful"] == found["binsExpected"]
    assert (found["inP95Bps"], found["outP95Bps"], found["sumP95Bps"]) == (1000.0, 500.0, 1500.0)
    assert found["inOctets"] == 359 * 1250
    assert 0 < found["coverage"] < 0.1


async def test_a_month_is_the_hubs_where_no_zone_is_named(hub: Hub) -> None:
    await watched(hub)
    await hub.patch("/api/v1/settings", {"revision": 1, "timezone": "Asia/Tokyo"})
    for path in (f"interfaces/{PORT}/months/2026-10", "devices/1/availability/2026-10"):
        found = (await hub.get(f"/api/v1/{path}")).json
        assert (found["tz"], found["from"]) == ("Asia/Tokyo", "2026-09-30T15:00:00.000Z")
        assert (await hub.get(f"/api/v1/{path}?tz=UTC")).json["from"] == "2026-10-01T00:00:00.000Z"


async def status(hub: Hub, at_ms: int, word: str, *, late: bool = False) -> None:
    data = {"deviceId": 1, "status": word, "previous": "unknown", "reason": f"because {word}"}
    await hub.store.commit(
        Commit(now_ms=NOW_MS, events=[NewEvent(EventName.DEVICE_STATUS, data, ("devices",), at_ms, 1, 1, late)])
    )


async def test_availability_of_a_month_follows_observation_and_survives_the_log(hub: Hub) -> None:
    await watched(hub)
    year_month = iso_from_ms(NOW_MS)[:7]
    await status(hub, MIDNIGHT_MS - DAY_MS, "online")
    await status(hub, MIDNIGHT_MS - DAY_MS + 2 * HOUR_MS, "online")
    await status(hub, MIDNIGHT_MS - DAY_MS + 6 * HOUR_MS, "maintenance")
    await status(hub, MIDNIGHT_MS, "online")
    await status(hub, MIDNIGHT_MS - DAY_MS + HOUR_MS, "offline", late=True)
    hub.now_ms = MIDNIGHT_MS + HOUR_MS
    found = (await hub.get(f"/api/v1/devices/1/availability/{year_month}")).json
    assert (found["seconds"]["offline"], found["seconds"]["maintenance"]) == (3600, 18 * 3600)
    assert found["seconds"]["online"] == 6 * 3600
    assert found["ratio"] == pytest.approx(6 / 7)
    assert [(item["status"], item["reason"], item["late"]) for item in found["outages"]] == [
        ("offline", "because offline", True)
    ]
    assert found["outagesTotal"] == 1
    total = sum(found["seconds"].values())
    bar = (await hub.get(f"/api/v1/devices/1/statuses?from={found['from']}&to={found['to']}")).json
    assert [item["status"] for item in bar["items"]] == [
        "unknown",
        "online",
        "offline",
        "online",
        "maintenance",
        "online",
    ]
    assert bar["items"][0]["from"] == found["from"]
    assert all(left["to"] == right["from"] for left, right in zip(bar["items"], bar["items"][1:], strict=False))
    assert (bar["truncated"], total > 0) == (False, True)


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("interfaces/5/months/2026-13", "month"),
        ("interfaces/5/months/2026-1", "month"),
        ("interfaces/5/months/2999-01", "month"),
        ("interfaces/5/months/2026-10?tz=Europe/Nowhere", "tz"),
        ("interfaces/5/months/2026-10?tz=../../etc/passwd", "tz"),
        ("interfaces/5/months/2026-10?tz=", "tz"),
        ("interfaces/5/months/2026-10?tz=" + "A" * 65, "tz"),
        ("interfaces/5/months/2026-10?zone=UTC", "zone"),
        ("devices/1/availability/november", "month"),
        ("devices/1/statuses?from=2020-01-01T00:00:00Z", "from"),
        ("devices/1/statuses?limit=5", "limit"),
    ],
)
async def test_wrong_months_zones_and_ranges_are_named(hub: Hub, path: str, field: str) -> None:
    await watched(hub)
    answer = await hub.get(f"/api/v1/{path}")
    assert (answer.status, answer.json["field"]) == (400, field)


@pytest.mark.parametrize(
    "path", ["interfaces/77/months/2026-10", "devices/77/availability/2026-10", "devices/77/statuses"]
)
async def test_what_nobody_knows_is_404(hub: Hub, path: str) -> None:
    assert (await hub.get(f"/api/v1/{path}")).status == 404
    assert (await hub.ask("GET", f"/api/v1/{path}", role=Role.CUSTOMER)).status == 403
