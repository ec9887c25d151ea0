"""What a hub knows of what was measured, read from a stopped hub's data with the store's own readers."""

import re
import sqlite3
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from noctule_hub.core.commit import GapRow
from noctule_hub.core.records import EventRow
from noctule_hub.store.sqlite import SqliteStore, open_store
from noctule_shared.events import EventName

from tests.kill import script
from tests.kill.enrolled import now_ms
from tests.kill.ledger import Key

EVER_MS = 2**53
PAGE = 5_000
MARKER = re.compile(r"#(axis|port)\.(\d+)\.(\d+)\.(\d+)")

Values = tuple[float | None, ...]


class Told(NamedTuple):
    """An event of the log that names the entry which made it."""

    key: Key
    row: EventRow


@dataclass
class Export:
    """Everything the hub knows of what the sources measured."""

    values: dict[Key, Values] = field(default_factory=dict)
    doubled: list[Key] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    events: list[EventRow] = field(default_factory=list)
    gaps: list[GapRow] = field(default_factory=list)
    agent_of: dict[int, int] = field(default_factory=dict)
    port_of: dict[int, tuple[int, int]] = field(default_factory=dict)


def key_in(row: EventRow) -> Key | None:
    """Return the entry that an event or alert names as its reason."""
    match = MARKER.search(str(row.data.get("reason", "")))
    return None if match is None else Key(match[1], int(match[2]), int(match[3]), int(match[4]))


async def export_of(data_dir: Path) -> Export:
    """Return what a hub that starts on this folder knows."""
    store = await open_store(data_dir, clock_ms=now_ms)
    try:
        return await _export(store, data_dir)
    finally:
        await store.close()


async def exports_of(data_dir: Path) -> tuple[Export, Export]:
    store = await open_store(data_dir, clock_ms=now_ms)
    try:
        before = await _export(store, data_dir)
        await store.projector().project_once(now_ms(), older_than_ms=0)
        after = await _export(store, data_dir)
    finally:
        await store.close()
    return before, after


async def _export(store: SqliteStore, data_dir: Path) -> Export:
    export = Export()
    state = await store.load_engine_state()

    def add(key: Key, values: Values) -> None:
        if key in export.values:
            export.doubled.append(key)
        export.values[key] = values

    for device in state.configuration.devices:
        export.agent_of[device.id] = device.agent_id or 0
        rows = await store.latency(device.id, from_ms=0, to_ms=EVER_MS)
        columns = [getattr(rows, name) for name in script.LATENCY]
        for ts_ms, *values in zip(rows.ts_ms.tolist(), *columns, strict=True):
            add(Key("latency", device.id, 0, ts_ms), tuple(map(float, values)))
    for interface in state.interfaces:
        port = int(interface.identity.removeprefix("port"))
        export.port_of[interface.id] = (interface.device_id, port)
        rates = await store.bandwidth(interface.id, from_ms=0, to_ms=EVER_MS)
        traffic = (rates.in_octets, rates.out_octets, rates.in_packets, rates.out_packets)
        faults = (rates.in_errors, rates.out_errors, rates.in_discards, rates.out_discards)
        for ts_ms, *values in zip(rates.ts_ms.tolist(), rates.interval_s, *traffic, *faults, strict=True):
            add(Key("interface", interface.device_id, port, ts_ms), tuple(map(float, values)))
    after = 0
    while page := await store.events_after(after, limit=PAGE):
        after = page[-1].seq
        export.events += page
    for row in export.events:
        key = key_in(row)
        if key is not None and row.name in {EventName.DEVICE_STATUS, EventName.INTERFACE_STATUS}:
            export.told.append(Told(key, row))
    with sqlite3.connect(f"file:{data_dir / 'hub.db'}?mode=ro", uri=True) as database:
        query = "SELECT agent_id, from_ms, to_ms, samples, reason FROM gap ORDER BY id"
        export.gaps = [GapRow(*row) for row in database.execute(query)]
    database.close()
    return export
