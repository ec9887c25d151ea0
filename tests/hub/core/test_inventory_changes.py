"""What two inventories differ in, and how much of it is told."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from noctule_hub.core.inventory_changes import MAX_TOLD, ChangeKind, changes
from noctule_hub.core.records import Interface
from noctule_shared.axes import IfStatus


def interface(interface_id: int, if_index: int, *, if_type: int = 6) -> Interface:
    return Interface(
        id=interface_id,
        device_id=1,
        identity=f"ge{interface_id}",
        if_index=if_index,
        inventory_rev=7,
        if_name=f"ge{interface_id}",
        if_descr="",
        if_alias="",
        if_type=if_type,
        speed_bps=1_000_000_000,
        if_admin_status=IfStatus.UP,
        if_oper_status=IfStatus.UP,
        polled=True,
        state_ms=0,
    )


PORT = interface(1, 1)


@pytest.mark.parametrize(
    ("after", "kinds"),
    [
        ([PORT], []),
        ([], [ChangeKind.REMOVED]),
        ([PORT, interface(2, 2)], [ChangeKind.APPEARED]),
        ([interface(2, 1)], [ChangeKind.RENAMED]),
        ([interface(2, 1, if_type=53)], [ChangeKind.REMOVED, ChangeKind.APPEARED]),
        ([interface(2, 2)], [ChangeKind.REMOVED, ChangeKind.APPEARED]),
        ([replace(PORT, if_index=9)], [ChangeKind.RENUMBERED]),
        ([replace(PORT, if_alias="to Berlin")], [ChangeKind.ALIAS]),
        ([replace(PORT, speed_bps=100_000_000)], [ChangeKind.SPEED]),
        ([replace(PORT, speed_bps=None)], []),
        ([replace(PORT, speed_bps=10_000_000, if_oper_status=IfStatus.DOWN)], []),
        ([replace(PORT, if_oper_status=IfStatus.DOWN, polled=False, inventory_rev=8)], []),
    ],
)
def test_change_is_told_as_what_it_is(after: list[Interface], kinds: list[ChangeKind]) -> None:
    assert [change.kind for change in changes([PORT], after)] == kinds


def test_words_name_both_sides() -> None:
    (renamed,) = changes([PORT], [interface(2, 1)])
    (slower,) = changes([PORT], [replace(PORT, speed_bps=100_000_000)])
    assert renamed.message == "interface ge1 is called ge2 now"
    assert slower.message == "interface ge1 runs at 100 Mbit/s, before 1 Gbit/s"


def test_device_that_was_renumbered_whole_is_told_in_few_words() -> None:
    before = [interface(number, number) for number in range(1, 49)]
    after = [*(replace(row, if_index=row.if_index + 100) for row in before[1:]), interface(60, 60)]
    found = changes(before, after)
    assert len(found) == MAX_TOLD
    # What matters most is told by itself.
    assert [change.kind for change in found[:2]] == [ChangeKind.REMOVED, ChangeKind.APPEARED]
    assert (found[-1].kind, found[-1].interface_id) == (ChangeKind.SEVERAL, None)
    assert found[-1].message == "30 more changes of interfaces: 30 renumbered"


ROWS = st.dictionaries(st.integers(1, 40), st.integers(1, 60), max_size=40).map(
    lambda rows: [interface(interface_id, if_index) for interface_id, if_index in rows.items()]
)


@given(ROWS, ROWS)
def test_every_interface_that_came_or_went_is_told_or_counted(before: list[Interface], after: list[Interface]) -> None:
    found = changes(before, after)
    assert len(found) <= MAX_TOLD
    assert changes(after, after) == []
    if len(found) < MAX_TOLD:
        came = {row.id for row in after} - {row.id for row in before}
        told = {change.interface_id for change in found if change.kind in {ChangeKind.APPEARED, ChangeKind.RENAMED}}
        assert told == came
