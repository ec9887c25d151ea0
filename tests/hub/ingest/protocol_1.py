"""A frozen copy of what an agent of link protocol 1 says and understands. Never change it: delete it with the protocol.

Nothing here may be imported from `noctule_shared`: it is how agents in the field were built.
"""

import struct
from typing import Any

import msgspec


class Levels(msgspec.Struct, frozen=True, rename="camel"):
    ts_ms: int
    canary: str
    devices: list[dict[str, Any]]
    next_seq: int
    full: bool = True


class Hello(msgspec.Struct, frozen=True, rename="camel"):
    protocols: list[int]
    version: str
    nonce: str
    epoch: str
    first_seq: int
    next_seq: int
    clock_ms: int
    started_ms: int
    config_revision: int
    levels: Levels


class Welcome(msgspec.Struct, frozen=True, rename="camel"):
    protocol: int
    signature: str
    expected_seq: int
    credit_frames: int
    clock_ms: int


class Ack(msgspec.Struct, frozen=True):
    seq: int


class Nack(msgspec.Struct, frozen=True):
    expected: int


class Credit(msgspec.Struct, frozen=True):
    frames: int


class SnmpConfig(msgspec.Struct, frozen=True, rename="camel"):
    version: str
    port: int
    interval_s: float
    sealed: str


class IcmpConfig(msgspec.Struct, frozen=True, rename="camel"):
    interval_s: float = 10.0
    count: int = 5
    spacing_s: float = 0.2
    timeout_s: float = 1.0


class DeviceConfig(msgspec.Struct, frozen=True, rename="camel"):
    device_id: int
    name: str
    address: str
    reachability: str
    icmp: IcmpConfig | None
    snmp: SnmpConfig | None


class ConfigPage(msgspec.Struct, frozen=True, rename="camel"):
    revision: int
    base: int
    page: int
    pages: int
    devices: list[DeviceConfig]
    removed: list[int]


class ConfigApplied(msgspec.Struct, frozen=True):
    revision: int


class Fenced(msgspec.Struct, frozen=True, rename="camel"):
    code: str
    message: str
    retry: bool


LATENCY_COLUMNS = {
    "device_id": "u4",
    "ts_ms": "i8",
    "source": "u1",
    "sent": "u2",
    "received": "u2",
    "rtt_min_s": "f4",
    "rtt_median_s": "f4",
    "rtt_mean_s": "f4",
    "rtt_max_s": "f4",
    "rtt_mdev_s": "f4",
}
INTERFACE_COLUMNS = {
    "device_id": "u4",
    "if_index": "u4",
    "inventory_rev": "u4",
    "ts_ms": "i8",
    "interval_s": "f8",
    "in_octets": "f8",
    "out_octets": "f8",
    "in_packets": "f8",
    "out_packets": "f8",
    "in_errors": "f8",
    "out_errors": "f8",
    "in_discards": "f8",
    "out_discards": "f8",
    "quality": "u1",
}
_CODES = {"u1": "B", "u2": "H", "u4": "I", "i8": "q", "f4": "f", "f8": "d"}


def frame(body: list[Any]) -> bytes:
    """Version 1, no flags, msgpack."""
    return bytes((1, 0)) + msgspec.msgpack.encode(body)


def measurements(**rows: dict[str, float]) -> bytes:
    """A frame with one row of each table that is named; a column that is not named is 1."""
    schemas = {"latency": LATENCY_COLUMNS, "interface": INTERFACE_COLUMNS}
    return frame(
        [
            "m",
            {
                name: [
                    1,
                    {
                        column: [dtype, struct.pack(f"<{_CODES[dtype]}", row.get(column, 1))]
                        for column, dtype in schemas[name].items()
                    },
                ]
                for name, row in rows.items()
            },
        ]
    )


def events(*rows: dict[str, Any]) -> bytes:
    """A frame of events, each with its `type`."""
    return frame(["e", list(rows)])


def axis(device_id: int, old: str, new: str, ts_ms: int) -> dict[str, Any]:
    return {
        "type": "axis",
        "device_id": device_id,
        "axis": "icmp",
        "old": old,
        "new": new,
        "reason": "first round",
        "ts_ms": ts_ms,
        "detail": None,
    }


def port(if_index: int, name: str) -> dict[str, Any]:
    return {
        "if_index": if_index,
        "identity": name,
        "if_name": name,
        "if_descr": name,
        "if_alias": "",
        "if_type": 6,
        "speed_bps": 1_000_000_000,
        "if_admin_status": "up",
        "if_oper_status": "up",
        "counter_bits": 64,
        "polled": True,
    }


def inventory(device_id: int, revision: int, ts_ms: int, *ports: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "inventory",
        "device_id": device_id,
        "revision": revision,
        "ts_ms": ts_ms,
        "system": None,
        "interfaces": list(ports),
    }


def gap(seq_from: int, seq_to: int, ts_ms: int, samples: int) -> dict[str, Any]:
    return {
        "type": "gap",
        "seq_from": seq_from,
        "seq_to": seq_to,
        "from_ms": ts_ms,
        "to_ms": ts_ms,
        "samples": samples,
        "reason": "outbox-full",
    }
