"""What a file says of devices, in one form whatever the format: rows, faults, and what was left out on purpose."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

JsonObject = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Secret:
    """What opens a device. `version` None: that of the row. `body` is the part of the request's `snmp`."""

    version: str | None
    body: JsonObject = field(repr=False)


@dataclass(frozen=True, slots=True)
class Snmp:
    """How a device is polled by SNMP; None: as of any device, or as it was."""

    version: str | None = None
    port: int | None = None
    interval_s: float | None = None
    secret: Secret | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One device of a file. `place` is where it stands: a line, or an entry's path. None: the file does not say."""

    place: str
    name: str
    address: str
    site: str | None = None
    agent: str | None = None
    reachability: str | None = None
    icmp_interval_s: float | None = None
    snmp: Snmp | None = None
    role: str | None = None
    tags: tuple[str, ...] | None = None
    parents: tuple[str, ...] | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a place of a file cannot be used. `column` None: all of it."""

    place: str
    name: str
    column: str | None
    message: str


@dataclass(frozen=True, slots=True)
class Left:
    """A device of a file that is left out on purpose."""

    place: str
    name: str
    reason: str


@dataclass(slots=True)
class Parsed:
    """All that a file says. `faulty` are rows without what cannot be used of them: the hub tells what else is wrong."""

    rows: list[Row] = field(default_factory=list)
    faulty: list[Row] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)


def body_of(row: Row, parents: Sequence[str] | None) -> JsonObject:
    """Return a row as the hub's import takes it, behind these `parents`; None: the file says nothing of them."""
    said = {
        "site": row.site,
        "agent": row.agent,
        "reachability": row.reachability,
        "icmpIntervalS": row.icmp_interval_s,
        "role": row.role,
        "tags": None if row.tags is None else list(row.tags),
        "parents": None if parents is None else list(parents),
        "note": row.note,
        "snmp": None if row.snmp is None else _snmp_body(row.snmp),
    }
    return {"name": row.name, "address": row.address} | {key: value for key, value in said.items() if value is not None}


def _snmp_body(snmp: Snmp) -> JsonObject:
    secret = snmp.secret
    version = snmp.version or (secret.version if secret is not None else None)
    said = {"version": version, "port": snmp.port, "intervalS": snmp.interval_s}
    return {key: value for key, value in said.items() if value is not None} | (secret.body if secret else {})
