"""What a scripted device measures: every value follows from its device and its time, so that anybody can check it.

Who measures when is left to `source`.
"""

import hashlib
import math
from dataclasses import fields

from noctule_agent.sink import InterfaceRows, LatencyRow
from noctule_shared.axes import IfStatus, LatencySource
from noctule_shared.observations import Inventory, InventoryInterface

PORTS = (1, 2, 3)
INTERVAL_S = 0.5
# What of a round is compared: all but what it is of.
LATENCY = tuple(field.name for field in fields(LatencyRow) if field.name not in {"device_id", "ts_ms", "source"})
# Where octets, packets, errors and discards stand among a port's numbers, in and out.
PAIRS = ((0, 1), (2, 3), (4, 5), (6, 7))


def _numbers(*key: int) -> list[int]:
    """Return eight numbers below 2**24, which are exact in a float of four bytes."""
    digest = hashlib.blake2b(repr(key).encode(), digest_size=24).digest()
    return [int.from_bytes(digest[at : at + 3], "big") for at in range(0, 24, 3)]


def latency(device_id: int, ts_ms: int) -> LatencyRow:
    """Return the round that ended at `ts_ms`; about one in eight got no reply."""
    numbers = _numbers(device_id, ts_ms)
    if numbers[0] % 8 == 0:
        return LatencyRow(device_id, ts_ms, LatencySource.ICMP, 5, 0, *((None,) * 8))
    # Exact in four bytes and as whole nanoseconds: nothing on the way may round them.
    delays_s = [number % 512 / 512 for number in _numbers(ts_ms, device_id)]
    return LatencyRow(device_id, ts_ms, LatencySource.ICMP, 5, 1 + numbers[0] % 5, *delays_s)


def deltas(device_id: int, if_index: int, ts_ms: int) -> tuple[float, ...]:
    """Return octets, packets, errors and discards, in and out, of one port; now and then one is unknown (NaN)."""
    numbers = _numbers(device_id, if_index, ts_ms)
    return tuple(math.nan if number % 16 == 0 else float(number) for number in numbers)


def interfaces(device_id: int, revision: int, ts_ms: int) -> InterfaceRows:
    """Return the poll of all ports that ended at `ts_ms`."""
    rows = [deltas(device_id, port, ts_ms) for port in PORTS]
    octets, packets, errors, discards = ([[row[at] for row in rows] for at in pair] for pair in PAIRS)
    return InterfaceRows(
        device_id=device_id,
        inventory_rev=revision,
        if_index=PORTS,
        ts_ms=[ts_ms] * len(PORTS),
        interval_s=[INTERVAL_S] * len(PORTS),
        in_octets=octets[0],
        out_octets=octets[1],
        in_packets=packets[0],
        out_packets=packets[1],
        in_errors=errors[0],
        out_errors=errors[1],
        in_discards=discards[0],
        out_discards=discards[1],
        quality=[0] * len(PORTS),
    )


def inventory(device_id: int, revision: int, ts_ms: int, status: dict[int, IfStatus]) -> Inventory:
    """Return the ports with their present ifOperStatus."""
    return Inventory(
        device_id,
        revision,
        ts_ms,
        None,
        [
            InventoryInterface(
                port,
                f"port{port}",
                f"port{port}",
                f"port {port}",
                "",
                6,
                10**9,
                IfStatus.UP,
                status[port],
                64,
                polled=True,
            )
            for port in PORTS
        ],
    )
