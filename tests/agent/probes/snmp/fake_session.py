"""A device that a test holds in its hand: instances by OID, a clock, failures on demand."""

from collections.abc import Sequence

from noctule_agent.core.walking import oid_key
from noctule_agent.probes.snmp import mib
from noctule_agent.probes.snmp.mib import Column, LldpColumn
from noctule_agent.probes.snmp.session import ErrorStatus, Reason, SnmpFailure, Value
from noctule_shared.link import SnmpVersion

OCTETS_A_POLL = 1000


class FakeSession:
    """Implements `SnmpSession` over `instances`, which tests change between polls."""

    version = SnmpVersion.V2C
    remark = None

    def __init__(self) -> None:
        self.instances: dict[str, Value] = {mib.SYS_UP_TIME: 1_000_000, mib.SYS_NAME: b"fake"}
        self.failure: SnmpFailure | None = None
        self.last_words: set[str] = set()  # asked for one of these names, it falls silent
        self.walk_failures: dict[str, SnmpFailure] = {}
        self.max_varbinds = 1000
        self.gets: list[list[str]] = []
        self.walks = 0
        self.closed = False

    def add_interface(self, if_index: int, name: str, **columns: Value) -> None:
        """Add a row with 64-bit and 32-bit octets; `columns` replace or add by the standard's names."""
        row: dict[str, Value] = {
            "ifIndex": if_index,
            "ifDescr": f"port {name}".encode(),
            "ifName": name.encode(),
            "ifType": 6,
            "ifAdminStatus": 1,
            "ifOperStatus": 1,
            "ifHighSpeed": 1000,
            "ifInOctets": 5000,
            "ifOutOctets": 6000,
            "ifHCInOctets": 5000,
            "ifHCOutOctets": 6000,
            "ifInErrors": 0,
        }
        for column, value in (row | columns).items():
            self.set(Column[column], if_index, value)

    def add_neighbour(self, local_port: int, name: bytes, *, time_mark: int = 0, number: int = 1) -> None:
        """Add a row of lldpRemTable: the neighbour's port is `name`, its chassis a MAC address."""
        row: dict[LldpColumn, Value] = {
            LldpColumn.lldpRemChassisIdSubtype: 4,
            LldpColumn.lldpRemChassisId: bytes.fromhex("00c0ffee0001"),
            LldpColumn.lldpRemPortIdSubtype: 5,
            LldpColumn.lldpRemPortId: name,
            LldpColumn.lldpRemSysName: b"core2\x1b[2J",
        }
        for column, value in row.items():
            self.instances[f"{column.value}.{time_mark}.{local_port}.{number}"] = value

    def set(self, column: Column, if_index: int, value: Value) -> None:
        self.instances[column.of(if_index)] = value

    def remove(self, if_index: int) -> None:
        for column in Column:
            self.instances.pop(column.of(if_index), None)

    async def get(self, oids: Sequence[str], *, timeout_s: float) -> dict[str, Value | None]:
        assert timeout_s > 0
        self.gets.append(list(oids))
        if self.last_words.intersection(oids):
            self.failure = SnmpFailure(Reason.TIMEOUT, "no answer")
        if self.failure is not None:
            raise self.failure
        if len(oids) > self.max_varbinds:
            raise ErrorStatus("tooBig")
        return {oid: self.instances.get(oid) for oid in oids}

    async def next(self, oid: str, *, repetitions: int, timeout_s: float) -> list[tuple[str, Value | None]]:
        assert repetitions >= 0
        assert timeout_s > 0
        self.walks += 1
        if self.failure is not None:
            raise self.failure
        if oid in self.walk_failures:
            raise self.walk_failures[oid]
        names = sorted(self.instances, key=oid_key)
        after = [name for name in names if oid_key(name) > oid_key(oid)]
        return [(name, self.instances[name]) for name in after[: max(1, repetitions)]]

    async def close(self) -> None:
        self.closed = True
