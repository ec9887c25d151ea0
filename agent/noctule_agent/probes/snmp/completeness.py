"""Finds rows that a walk lacked although the device has them: some agents skip rows when asked for many at once.

Columns of one table that disagree in their rows, and an ifNumber above the number of rows, are mere suspicions:
real devices have both. Only an instance that a GET or a walk in smaller steps brings is proof.
"""

from collections.abc import Mapping
from typing import Final

from noctule_agent.core.sizing import FIRST_REPETITIONS
from noctule_agent.probes.snmp.client import SnmpClient
from noctule_agent.probes.snmp.mib import IF_NUMBER, Column
from noctule_agent.probes.snmp.session import Value

Columns = dict[Column, dict[int, Value]]

# Of each column's gap only its ends and its middle are asked for; all of it when there is proof.
_SAMPLES: Final = 3


def gaps(columns: Mapping[Column, Mapping[int, Value]]) -> dict[Column, list[int]]:
    """Return, for each column that has rows, the ifIndexes that other columns of its table have and it has not."""
    tables: dict[str, set[int]] = {}
    for column, values in columns.items():
        tables.setdefault(_table(column), set()).update(values)
    found = {column: sorted(tables[_table(column)] - values.keys()) for column, values in columns.items() if values}
    return {column: indexes for column, indexes in found.items() if indexes}


async def rows_are_missing(client: SnmpClient, columns: Mapping[Column, Mapping[int, Value]]) -> bool:
    """Return whether the device has instances that the walks of `columns` lack. Raises `SnmpFailure`."""
    sampled = [
        [column.of(indexes[at]) for at in sorted({0, len(indexes) // 2, len(indexes) - 1})[:_SAMPLES]]
        for column, indexes in gaps(columns).items()
    ]
    if sampled and any(value is not None for answer in await client.get(sampled) for value in answer.values.values()):
        return True
    rows = columns.get(Column.ifIndex)
    repetitions = client.size.repetitions
    if not rows or repetitions == 0:
        return False
    number = (await client.get([[IF_NUMBER]]))[0].values.get(IF_NUMBER)
    if not isinstance(number, int) or number <= len(rows):
        return False
    again = await client.walk(Column.ifIndex, repetitions=min(FIRST_REPETITIONS, repetitions // 2))
    return len(again) > len(rows)


async def fill(client: SnmpClient, columns: Columns) -> None:
    """Ask by GET for every instance that other columns suggest, where walks alone do not bring them."""
    wanted = gaps(columns)
    names = {column.of(index): (column, index) for column, indexes in wanted.items() for index in indexes}
    for answer in await client.get([[name] for name in names]):
        for name, value in answer.values.items():
            if value is not None:
                column, index = names[name]
                columns[column][index] = value


def _table(column: Column) -> str:
    return column.value.rpartition(".")[0]
