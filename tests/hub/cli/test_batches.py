"""Rows of a file made ready: whatever stands behind whatever, each goes once, after its parents, in small requests."""

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from noctule_hub.cli.imports.batches import MAX_BATCH_BYTES, MAX_BATCH_ROWS, batches, doubles, ordered
from noctule_hub.cli.imports.report import column_of
from noctule_hub.cli.imports.rows import Row, Snmp


def row(number: int, parents: tuple[str, ...] | None = None, **more: object) -> Row:
    values: dict[str, object] = {"name": f"d{number}", "address": f"192.0.2.{number}", "site": "north"} | more
    return Row(str(number), parents=parents, **values)  # type: ignore[arg-type]


@st.composite
def forests(draw: st.DrawFn) -> list[Row]:
    """Rows in any order, each behind some of lower numbers."""
    count = draw(st.integers(1, 40))
    rows = []
    for number in range(count):
        behind = draw(st.lists(st.integers(0, number - 1), max_size=3, unique=True)) if number else []
        rows.append(row(number, tuple(f"D{parent}" for parent in behind)))
    return draw(st.permutations(rows))


@given(forests())
@settings(max_examples=50)
def test_parents_come_first_and_nothing_is_lost(rows: list[Row]) -> None:
    found, faults = ordered(rows)
    assert faults == []
    assert sorted(one.place for one in found) == sorted(one.place for one in rows)
    seen: set[str] = set()
    for one in found:
        assert {name.lower() for name in one.parents or ()} <= seen
        seen.add(one.name)


def test_a_circle_is_told_at_each_of_its_rows() -> None:
    _, faults = ordered([row(1, ("d2",)), row(2, ("d3",)), row(3, ("d1",)), row(4, ("d1",))])
    assert sorted(fault.place for fault in faults) == ["1", "2", "3"]
    _, faults = ordered([row(1, ("d1",))])
    assert [fault.column for fault in faults] == ["parents"]


def test_batches_hold_as_many_rows_and_bytes_as_a_request() -> None:
    rows = [row(number, note="n" * 4_000) for number in range(500)] + [row(number) for number in range(500, 4_000)]
    found = list(batches(rows))
    assert [one for batch in found for one in batch.rows] == rows
    assert max(len(batch.rows) for batch in found) == MAX_BATCH_ROWS
    assert max(len(msgspec.json.encode(batch.bodies)) for batch in found) <= MAX_BATCH_BYTES + 1


def test_a_trial_leaves_unsaid_what_only_the_file_knows_yet() -> None:
    rows = [row(number) for number in range(MAX_BATCH_ROWS)]
    last = row(MAX_BATCH_ROWS, ("d1", "known", f"d{MAX_BATCH_ROWS}"))
    *_, tried = batches([*rows, last], known=frozenset({"known"}))
    assert tried.bodies[0]["parents"] == ["known", f"d{MAX_BATCH_ROWS}"]
    *_, real = batches([*rows, last])
    assert real.bodies[0]["parents"] == list(last.parents or ())


def test_ports_of_one_address_are_devices_of_their_own() -> None:
    polled = [row(1, address="192.0.2.9", snmp=Snmp(port=port)) for port in (161, 1161)]
    polled[1] = row(2, address="192.0.2.9", snmp=Snmp(port=1161))
    assert doubles(polled) == []
    assert [fault.column for fault in doubles([*polled, row(3, address="192.0.2.9", snmp=Snmp())])] == ["address"]


def test_a_field_of_the_hub_is_told_as_the_column_it_came_from() -> None:
    fields = ("snmp.community", "snmp.v3.authSecret", "snmp.port", "tags[3]", "icmpIntervalS", "address")
    columns = ("credentials", "credentials", "snmp_port", "tags", "icmp_interval", "address")
    assert tuple(map(column_of, fields)) == columns
