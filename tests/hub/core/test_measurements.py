"""Measured rows find their objects by column, and become the latest values that clients see."""

import math
from collections.abc import Callable

import pytest
from noctule_hub.core.inventory import observe_inventory
from noctule_hub.core.live import LiveMeasurements
from noctule_hub.core.measurements import resolve
from noctule_hub.core.rates import FRESH_MS
from noctule_hub.core.records import Interface
from noctule_hub.core.series import MeasuredRows
from noctule_hub.core.world import Draft, World
from noctule_shared.axes import IfStatus
from noctule_shared.frames import (
    INTERFACE_COLUMNS,
    LATENCY_COLUMNS,
    MeasurementsBody,
    Table,
    TableName,
    decode_frame,
    encode_frame,
    pack_table,
)
from noctule_shared.observations import Inventory, InventoryInterface

NOW_MS = 1_795_000_000_000
Drafted = Callable[[int], Draft]
NAN = math.nan


def latency(*rows: tuple[int, int, int, int, float]) -> Table:
    """Return rows of (device_id, ts_ms, sent, received, rtt_s)."""
    rtt = [row[4] for row in rows]
    return pack_table(
        TableName.LATENCY,
        {
            "device_id": [row[0] for row in rows],
            "ts_ms": [row[1] for row in rows],
            "source": [0] * len(rows),
            "sent": [row[2] for row in rows],
            "received": [row[3] for row in rows],
            **{name: rtt for name, dtype in LATENCY_COLUMNS.items() if dtype == "f4"},
            "rtt_mdev_s": [0.0 if received else NAN for _, _, _, received, _ in rows],
        },
    )


def interface(*rows: tuple[int, int, int, int, float, float, float]) -> Table:
    """Return rows of (device_id, if_index, inventory_rev, ts_ms, interval_s, in_octets, out_octets)."""
    columns: dict[str, list[float]] = {name: [0] * len(rows) for name in INTERFACE_COLUMNS}
    for position, name in enumerate(
        ("device_id", "if_index", "inventory_rev", "ts_ms", "interval_s", "in_octets", "out_octets")
    ):
        columns[name] = [row[position] for row in rows]
    return pack_table(TableName.INTERFACE, columns)


def body(**tables: Table) -> MeasurementsBody:
    decoded = decode_frame(encode_frame(MeasurementsBody(tables)))
    assert isinstance(decoded, MeasurementsBody)
    return decoded


def resolved(world: World, measured: MeasurementsBody) -> tuple[list[MeasuredRows], int]:
    return resolve(world, 1, measured, before_ms=NOW_MS + 60_000)


def known(world: World, interface_id: int) -> Interface:
    found = world.interfaces.settled(interface_id)
    assert found is not None
    return found


@pytest.fixture
def ported(world: World, drafted: Drafted) -> World:
    ports = [
        InventoryInterface(index, f"ge{index}", f"ge{index}", "", "", if_type, 1_000_000, up, up, 64, polled=True)
        for index, if_type, up in ((10, 6, IfStatus.UP), (11, 6, IfStatus.UP), (12, 161, IfStatus.UP))
    ]
    observe_inventory(drafted(0), 1, Inventory(1, 5, NOW_MS, None, ports))
    world.settle()
    return world


def test_rows_of_other_agents_devices_are_left_out_alone(world: World) -> None:
    tables, left_out = resolved(
        world, body(latency=latency((1, NOW_MS, 5, 5, 0.01), (4, NOW_MS, 5, 5, 0.01), (99, NOW_MS, 5, 5, 0.01)))
    )
    assert left_out == 2
    assert list(tables[0].object_ids) == [1]


def test_interface_rows_find_their_interfaces_by_index_and_inventory(ported: World) -> None:
    tables, left_out = resolved(
        ported,
        body(
            interface=interface(
                (1, 11, 5, NOW_MS, 10.0, 1_000, 2_000),
                (1, 10, 5, NOW_MS, 10.0, 3_000, 4_000),
                (1, 10, 4, NOW_MS, 10.0, 3_000, 4_000),
                (1, 77, 5, NOW_MS, 10.0, 3_000, 4_000),
            )
        ),
    )
    assert (list(tables[0].object_ids), left_out) == ([2, 1], 2)


def test_rows_of_the_inventory_before_are_still_understood(ported: World, drafted: Drafted) -> None:
    moved = [
        InventoryInterface(20, "ge10", "ge10", "", "", 6, None, IfStatus.UP, IfStatus.UP, 64, polled=True),
    ]
    observe_inventory(drafted(1_000), 1, Inventory(1, 6, NOW_MS, None, moved))
    tables, left_out = resolved(
        ported, body(interface=interface((1, 10, 5, NOW_MS, 1, 1, 1), (1, 20, 6, NOW_MS, 1, 1, 1)))
    )
    assert (list(tables[0].object_ids), left_out) == ([1, 1], 0)


def test_table_of_an_unknown_name_is_ignored(world: World) -> None:
    assert resolved(world, MeasurementsBody({"optics": Table(3, {})})) == ([], 0)


def test_rows_of_a_broken_clock_are_left_out(world: World) -> None:
    rows = latency((1, NOW_MS + 60_000, 5, 5, 0.01), (1, 2**62, 5, 5, 0.01), (1, -5, 5, 5, 0.01), (1, 0, 5, 5, 0.01))
    assert resolved(world, body(latency=rows)) == ([], 4)


def test_live_latency_is_the_newest_row_and_loss_is_told(world: World) -> None:
    live = LiveMeasurements()
    tables, _ = resolved(
        world, body(latency=latency((1, NOW_MS + 10, 5, 4, 0.02), (1, NOW_MS, 5, 5, 0.01), (2, NOW_MS, 5, 0, NAN)))
    )
    items, _ = live.take(world, tables)
    by_device = {item.device_id: item for item in items}
    assert by_device[1].rtt_s == pytest.approx(0.02)
    assert by_device[1].loss_ratio == pytest.approx(0.2)
    assert (by_device[2].rtt_s, by_device[2].loss_ratio) == (None, 1.0)


def test_older_latency_does_not_replace_a_newer_one(world: World) -> None:
    live = LiveMeasurements()
    live.take(world, resolved(world, body(latency=latency((1, NOW_MS + 10, 5, 5, 0.02))))[0])
    latencies, _ = live.take(world, resolved(world, body(latency=latency((1, NOW_MS, 5, 5, 0.01))))[0])
    assert latencies == []


def test_device_total_counts_physical_ports_once(ported: World) -> None:
    live = LiveMeasurements()
    rows = interface(*((1, index, 5, NOW_MS, 10.0, 1_000.0, 2_000.0) for index in (10, 11, 12)))
    live.take(ported, resolved(ported, body(interface=rows))[0])
    total = live.device_item(1)
    assert total is not None
    assert (total.in_bps, total.out_bps) == (1_600.0, 3_200.0)
    port = live.interface_item(known(ported, 1))
    assert port is not None
    assert (port.in_bps, port.quality) == (800.0, ["ok"])
    assert port.in_util_ratio == pytest.approx(0.0008)


def test_unknown_rate_is_none_not_zero(ported: World) -> None:
    live = LiveMeasurements()
    live.take(ported, resolved(ported, body(interface=interface((1, 10, 5, NOW_MS, NAN, NAN, NAN))))[0])
    items = (live.device_item(1), live.interface_item(known(ported, 1)))
    assert [(item.in_bps, item.out_bps) for item in items if item is not None] == [(None, None), (None, None)]


def test_only_newer_rates_change_and_of_equally_new_ones_the_last_counts(ported: World) -> None:
    live = LiveMeasurements()
    rows = [(1, 10, 5, NOW_MS, 10.0, 1_000.0, 0.0), (1, 10, 5, NOW_MS, 10.0, 2_000.0, 0.0)]
    _, first = live.take(ported, resolved(ported, body(interface=interface(*rows)))[0])
    older = interface((1, 10, 5, NOW_MS - 1, 10.0, 9_000.0, 0.0), (1, 11, 5, NOW_MS - 1, 10.0, 500.0, 0.0))
    _, then = live.take(ported, resolved(ported, body(interface=older))[0])
    assert [(found.devices(), found.of_device(1)) for found in (first, then)] == [([1], [1]), ([1], [2])]
    item = live.interface_item(known(ported, 1))
    assert item is not None
    assert item.in_bps == 1_600.0


def test_the_busiest_are_those_that_carry_most_now_and_for_sure(ported: World) -> None:
    live = LiveMeasurements()
    rows = interface((1, 10, 5, NOW_MS, 10.0, 1_000.0, 9_000.0), (1, 11, 5, NOW_MS, 10.0, 2_000.0, 0.0))
    live.take(ported, resolved(ported, body(interface=rows))[0])
    live.take(ported, resolved(ported, body(interface=interface((1, 12, 5, NOW_MS, 10.0, NAN, NAN))))[0])
    assert live.busiest(10, NOW_MS) == [1, 2]
    assert live.busiest(1, NOW_MS) == [1]
    assert live.busiest(10, NOW_MS + FRESH_MS + 1) == []
    assert LiveMeasurements().busiest(10, NOW_MS) == []


def test_total_leaves_out_a_port_that_has_long_not_been_polled(ported: World) -> None:
    live = LiveMeasurements()
    for index, ts_ms in ((10, NOW_MS - FRESH_MS - 1), (11, NOW_MS)):
        rows = interface((1, index, 5, ts_ms, 10.0, 1_000.0, 2_000.0))
        live.take(ported, resolved(ported, body(interface=rows))[0])
    total = live.device_item(1)
    assert total is not None
    assert (total.in_bps, total.out_bps) == (800.0, 1_600.0)


def test_total_is_of_all_ports_where_no_physical_one_has_rates(ported: World) -> None:
    live = LiveMeasurements()
    live.take(ported, resolved(ported, body(interface=interface((1, 12, 5, NOW_MS, 10.0, 1_000.0, NAN))))[0])
    total = live.device_item(1)
    assert total is not None
    assert (total.in_bps, total.out_bps) == (800.0, None)


def test_rows_of_an_interface_that_the_world_does_not_know_change_nothing(world: World, ported: World) -> None:
    live = LiveMeasurements()
    tables, _ = resolved(ported, body(interface=interface((1, 10, 5, NOW_MS, 10.0, 1_000.0, 2_000.0))))
    ported.interfaces.set(1, None)
    ported.settle()
    _, changed = live.take(world, tables)
    assert (changed.devices(), live.rates.get(1), live.device_item(1)) == ([], None, None)
