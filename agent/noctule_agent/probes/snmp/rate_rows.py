"""Rates of one poll become the columns that leave for the hub; how they came about is left to `poller`."""

from collections.abc import Sequence

from noctule_agent.core.rates import Rate
from noctule_agent.sink import InterfaceRows


def rate_rows(device_id: int, revision: int, rates: Sequence[tuple[int, Rate]]) -> InterfaceRows | None:
    """Return rates by ifIndex as columns in its order; None when there are none."""
    if not rates:
        return None
    rates = sorted(rates, key=lambda pair: pair[0])
    found = [pair[1] for pair in rates]
    return InterfaceRows(
        device_id=device_id,
        inventory_rev=revision,
        if_index=[pair[0] for pair in rates],
        ts_ms=[one.ts_ms for one in found],
        interval_s=[one.interval_s for one in found],
        in_octets=[one.in_octets for one in found],
        out_octets=[one.out_octets for one in found],
        in_packets=[one.in_packets for one in found],
        out_packets=[one.out_packets for one in found],
        in_errors=[one.in_errors for one in found],
        out_errors=[one.out_errors for one in found],
        in_discards=[one.in_discards for one in found],
        out_discards=[one.out_discards for one in found],
        quality=[int(one.quality) for one in found],
    )
