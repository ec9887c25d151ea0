"""Which names, speeds and counter widths are believed."""

from random import Random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from noctule_agent.core.interfaces import (
    InterfaceRow,
    admin_status,
    change_ms,
    clean_text,
    identities,
    inventory,
    keep_absent,
    oper_status,
    same_inventory,
    speed_bps,
)
from noctule_shared.axes import IfStatus
from noctule_shared.observations import Inventory, InventoryInterface, SystemGroup


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        (None, ""),
        (b"GigabitEthernet0/1", "GigabitEthernet0/1"),
        (b"\0\0", ""),
        (b"eth0\0garbage", "eth0"),
        (b"  two\nlines\x1b[31m ", "two lines [31m"),
        ("Büro".encode(), "Büro"),
        (b"\xff\xfe", "\N{REPLACEMENT CHARACTER}" * 2),
        (b"x" * 300, "x" * 255),
    ],
)
def test_text_from_devices_is_safe_to_show(octets: bytes | None, text: str) -> None:
    assert clean_text(octets) == text


@pytest.mark.parametrize(
    ("if_speed", "if_high_speed", "expected"),
    [
        (None, None, None),
        (0, 0, None),
        (100_000_000, 100, 100_000_000),
        (4_294_967_295, 10_000, 10_000_000_000),
        (4_294_967_295, 0, None),
        (4_294_967_295, None, None),
        (1_000_000_000, 0, 1_000_000_000),
        (64_000, 0, 64_000),
        (1_544_000, 2, 1_544_000),
        # Written in bit/s by D-Link DES-3028 and Cambium PMP 450m.
        (100_000_000, 100_000_000, 100_000_000),
        (1_000_000_000, 1_000_000_000, 1_000_000_000),
        (None, 1_000_000_000, 1_000_000_000),
        (None, 400_000, 400_000_000_000),
    ],
)
def test_speed_is_believed_where_it_is_likely(
    if_speed: int | None, if_high_speed: int | None, expected: int | None
) -> None:
    assert speed_bps(if_speed, if_high_speed) == expected


def test_identity_is_the_unique_name_else_the_unique_description_else_the_index() -> None:
    assert identities({1: ("Gi1", "port 1"), 2: ("x", "port 2"), 3: ("x", "same"), 4: ("", "same")}) == {
        1: "Gi1",
        2: "port 2",
        3: "ifIndex 3",
        4: "ifIndex 4",
    }


def test_description_that_is_another_ports_name_is_no_identity() -> None:
    assert identities({1: ("a", "b"), 2: ("", "a")}) == {1: "a", 2: "ifIndex 2"}


_TEXTS = st.sampled_from(["", "a", "b", "c", "ifIndex 1", "ifIndex 2"])


@given(st.dictionaries(st.integers(0, 5), st.tuples(_TEXTS, _TEXTS)))
def test_identities_are_unique_on_a_device(names: dict[int, tuple[str, str]]) -> None:
    found = identities(names)
    assert found.keys() == names.keys()
    assert len(set(found.values())) == len(found)


def test_impossible_status_is_unknown() -> None:
    assert [oper_status(number) for number in (1, 7, 0, 8, None)] == [
        IfStatus.UP,
        IfStatus.LOWER_LAYER_DOWN,
        IfStatus.UNKNOWN,
        IfStatus.UNKNOWN,
        IfStatus.UNKNOWN,
    ]
    # Seen at a CyberPower UPS card: ifAdminStatus 7.
    assert [admin_status(number) for number in (2, 3, 7)] == [IfStatus.DOWN, IfStatus.TESTING, IfStatus.UNKNOWN]


def test_loopback_and_rows_without_octets_are_listed_and_not_polled() -> None:
    rows = [
        InterfaceRow(3, if_name=b"lo", if_type=24, high_octets=True),
        InterfaceRow(1, if_name=b"eth0", if_type=6, high_octets=True, low_octets=True),
        InterfaceRow(2, if_name=b"tun0", if_type=131),
        InterfaceRow(4, if_name=b"old", if_type=6, low_octets=True),
    ]
    assert [(row.identity, row.counter_bits, row.polled) for row in inventory(rows)] == [
        ("eth0", 64, True),
        ("tun0", None, False),
        ("lo", 64, False),
        ("old", 32, True),
    ]


@given(st.sets(st.text("abc/0", min_size=1, max_size=6), max_size=20), st.randoms(use_true_random=False))
def test_no_renumbering_moves_an_identity(names: set[str], random: Random) -> None:
    rows = sorted(names)
    indexes = random.sample(range(1, 100), len(rows))
    found = inventory([InterfaceRow(index, if_name=name.encode()) for index, name in zip(indexes, rows, strict=True)])
    assert {row.if_index: row.identity for row in found} == dict(zip(indexes, rows, strict=True))


def interface(if_index: int, identity: str) -> InventoryInterface:
    return InventoryInterface(
        if_index=if_index,
        identity=identity,
        if_name=identity,
        if_descr="",
        if_alias="",
        if_type=6,
        speed_bps=None,
        if_admin_status=IfStatus.UP,
        if_oper_status=IfStatus.UP,
        counter_bits=64,
        polled=True,
    )


def test_row_is_removed_only_after_three_walks_without_it() -> None:
    known, absent = keep_absent([interface(1, "a"), interface(2, "b")], {}, [interface(1, "a"), interface(2, "b")])
    for walk in range(3):
        known, absent = keep_absent(known, absent, [interface(1, "a")])
        assert [row.identity for row in known] == (["a", "b"] if walk < 2 else ["a"])
    assert absent == {}


def test_row_that_comes_back_is_not_counted_any_longer() -> None:
    known, absent = keep_absent([interface(2, "b")], {}, [])
    assert absent == {"b": 1}
    _, absent = keep_absent(known, absent, [interface(2, "b")])
    assert absent == {}


def test_row_whose_index_was_given_to_another_is_gone_at_once() -> None:
    known, absent = keep_absent([interface(1, "a")], {}, [interface(1, "c")])
    assert ([row.identity for row in known], absent) == (["c"], {})


def test_status_and_uptime_are_no_change_of_inventory_and_an_alias_is() -> None:
    system = SystemGroup("r1", "", None, "", "", 100)
    old = Inventory(1, 5, 0, system, [interface(1, "a")])
    down = msgspec.structs.replace(interface(1, "a"), if_oper_status=IfStatus.DOWN)
    later = msgspec.structs.replace(system, sys_up_time_ticks=900)
    assert same_inventory(old, Inventory(1, 6, 9, later, [down]))
    renamed = msgspec.structs.replace(down, if_alias="to Berlin")
    assert not same_inventory(old, Inventory(1, 6, 9, later, [renamed]))
    moved = msgspec.structs.replace(system, sys_location="Berlin")
    assert not same_inventory(old, Inventory(1, 6, 9, moved, [down]))


def test_64_bit_counters_under_other_indexes_are_rows_of_their_own_and_not_matched_by_arithmetic() -> None:
    # Seen: UniFi US-8, whose ifTable holds Linux devices 1..12 and whose ifXTable holds ports 1000001..1000008.
    # ifIndex + 1000000 would count the first port's traffic as that of the loopback.
    found = inventory(
        [
            InterfaceRow(1, if_descr=b"lo", if_type=24),
            InterfaceRow(2, if_descr=b"vtss.ifh", if_type=6),
            InterfaceRow(1_000_001, if_name=b"GigabitEthernet 1/1", if_high_speed=1000, high_octets=True),
        ]
    )
    assert [(row.identity, row.counter_bits, row.polled) for row in found] == [
        ("lo", None, False),
        ("vtss.ifh", None, False),
        ("GigabitEthernet 1/1", 64, True),
    ]


@pytest.mark.parametrize(
    ("uptime_ticks", "last_change_ticks", "changed_ms"),
    [
        (10_000, 9_900, 99_000),
        (10_000, 10_000, 100_000),
        (10_000, 500, 98_000),
        (10_000, 10_001, 100_000),
        (10_000, 0, 100_000),
        (10_000, None, 100_000),
        (None, 9_900, 100_000),
    ],
)
def test_change_is_dated_by_the_device_but_never_before_it_was_seen_otherwise(
    uptime_ticks: int | None, last_change_ticks: int | None, changed_ms: int
) -> None:
    assert change_ms(100_000, uptime_ticks, last_change_ticks, not_before_ms=98_000) == changed_ms
