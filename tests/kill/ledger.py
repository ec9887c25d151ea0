"""The ledger: what each run of a source measured, kept and saw acknowledged, written as it happens.

A line is one word and a JSON value; the kernel has it once `write` returned, whoever is killed afterwards. Comparing
it with the hub's export is left to `verdict`.
"""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import msgspec
from noctule_agent.outbox_frames import NewFrame
from noctule_shared.frames import EventsBody, decode_frame, unpack_column
from noctule_shared.observations import AxisChanged, InterfaceChanged

SLICE_BYTES = 12


class Key(NamedTuple):
    """One value or event: its kind, device, port (0: the device's own) and time; unique in a whole run."""

    kind: str
    device_id: int
    port: int
    ts_ms: int

    def __str__(self) -> str:
        return ".".join(map(str, self))


class Kept(NamedTuple):
    """Frame `seq` of `epoch` is in the outbox since `at_ms`, with so many rows, of which these are entries.

    `slices` are pieces of its bytes, by which it is found in what the hub writes.
    """

    epoch: str
    seq: int
    at_ms: int
    rows: int
    keys: list[Key]
    slices: list[bytes]


class Acked(NamedTuple):
    """The hub has acknowledged all frames of `epoch` up to `seq`."""

    epoch: str
    seq: int


class Measured(NamedTuple):
    """An entry was handed to the collector at `at_ms`; `level` is what a live event says is true from then on."""

    key: Key
    at_ms: int
    level: str | None


class LedgerFile:
    """The writing side, in the source."""

    def __init__(self, path: Path) -> None:
        self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def write(self, word: str, value: object) -> None:
        os.write(self._fd, word.encode() + b" " + msgspec.json.encode(value) + b"\n")


@dataclass
class Run:
    """One process of a source.

    `discarded`: its outbox was thrown away after it. `copied`: the old copy of the hub has what it delivered.
    `forgotten`: the hub went back to a copy without it when its outbox was gone already; nobody knows of it any more.
    """

    agent_id: int
    path: Path
    killed: bool = False
    discarded: bool = False
    copied: bool = False
    forgotten: bool = False
    measured: dict[Key, Measured] = field(default_factory=dict)
    kept: list[Kept] = field(default_factory=list)
    acked: dict[str, int] = field(default_factory=dict)

    def read(self) -> "Run":
        """Read what the source wrote; its last line may be torn by its death."""
        for line in self.path.read_bytes().splitlines(keepends=True):
            word, _, value = line.partition(b" ")
            if not line.endswith(b"\n"):
                continue
            match word:
                case b"measured":
                    entry = msgspec.json.decode(value, type=Measured)
                    self.measured[entry.key] = entry
                case b"kept":
                    self.kept.append(msgspec.json.decode(value, type=Kept))
                case _:
                    acked = msgspec.json.decode(value, type=Acked)
                    self.acked[acked.epoch] = max(acked.seq, self.acked.get(acked.epoch, 0))
        return self


def slices_of(body: bytes) -> list[bytes]:
    """Return three pieces of a frame; a page boundary can cut through one of them, not through all."""
    return [body[at : at + SLICE_BYTES] for at in (len(body) * quarter // 4 for quarter in (1, 2, 3))]


def keys_of(frame: NewFrame) -> list[Key]:
    """Return the entries of a frame; inventories are no entries."""
    body = decode_frame(frame.body)
    if isinstance(body, EventsBody):
        return [
            Key("axis", event.device_id, 0, event.ts_ms)
            if isinstance(event, AxisChanged)
            else Key("port", event.device_id, event.if_index, event.ts_ms)
            for event in body.events
            if isinstance(event, AxisChanged | InterfaceChanged)
        ]
    keys: list[Key] = []
    for name, table in body.tables.items():
        columns = {column: unpack_column(table.columns[column]) for column in ("device_id", "ts_ms")}
        ports = unpack_column(table.columns["if_index"]) if name == "interface" else [0] * table.rows
        keys += [
            Key(name, int(device_id), int(port), int(ts_ms))
            for device_id, port, ts_ms in zip(columns["device_id"], ports, columns["ts_ms"], strict=True)
        ]
    return keys
