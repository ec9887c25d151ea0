"""What a row of lldpRemTable says, and which of our interfaces it is about."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st
from noctule_agent.core.neighbours import LldpTables, LocalPort, RemoteRow, neighbours, shown_id
from noctule_shared.axes import IfStatus
from noctule_shared.observations import MAX_NEIGHBOURS, InventoryInterface

ROW = RemoteRow(
    local_port=7,
    chassis_id_subtype=4,
    chassis_id=bytes.fromhex("00c0ffee0001"),
    port_id_subtype=5,
    port_id=b"xe-0/0/1",
    port_descr=b"to core1",
    sys_name=b"core2",
)


def interface(if_index: int, if_name: str, if_descr: str = "") -> InventoryInterface:
    return InventoryInterface(
        if_index, if_name, if_name, if_descr, "", 6, None, IfStatus.UP, IfStatus.UP, 64, polled=True
    )


@pytest.mark.parametrize(
    ("octets", "kind", "shown"),
    [
        (bytes.fromhex("00c0ffee0001"), "mac", "00:c0:ff:ee:00:01"),
        (b"e4 f0 04 fb 1f FB", "mac", "e4:f0:04:fb:1f:fb"),
        (b"20-4C-9E-6E-08-FE", "mac", "20:4c:9e:6e:08:fe"),
        (b"not a mac", "mac", "not a mac"),
        (b"\x01\xc0\x00\x02\x01", "address", "192.0.2.1"),
        (b"\x02" + bytes(15) + b"\x01", "address", "::1"),
        (b"\x01\xc0\x00", "address", "01:c0:00"),
        (b"Gi1/0/1", "", "Gi1/0/1"),
        (b"gige0_51\0\0\0\0", "", "gige0_51"),
        ("Köln".encode(), "", "Köln"),
        (b"\xff\xfe", "", "ff:fe"),
        (b"\x1b[2J", "", "1b:5b:32:4a"),
        (b"\0\0\0\0", "", "00:00:00:00"),
        (b"", "", ""),
        (None, "mac", ""),
    ],
)
def test_id_is_shown_as_people_write_it(octets: bytes | None, kind: str, shown: str) -> None:
    assert shown_id(octets, is_mac=kind == "mac", is_address=kind == "address") == shown


@given(st.binary(max_size=300), st.booleans(), st.booleans())
def test_no_octets_become_text_that_could_steer_a_terminal(octets: bytes, is_mac: bool, is_address: bool) -> None:  # noqa: FBT001  drawn
    shown = shown_id(octets, is_mac=is_mac, is_address=is_address)
    assert shown.isprintable()
    assert len(shown) <= 255


@pytest.mark.parametrize(
    ("tables", "interfaces", "if_index"),
    [
        # A name decides, whatever the numbers say.
        (LldpTables([ROW], {7: LocalPort(b"ge7", None)}, {7: 1}), [interface(1, "ge1"), interface(9, "ge7")], 9),
        (LldpTables([ROW], {7: LocalPort(b"x", b"Port 7")}), [interface(7, "ge1"), interface(9, "", "Port 7")], 9),
        # A name that two bear does not.
        (LldpTables([ROW], {7: LocalPort(b"ge", None)}, {7: 9}), [interface(8, "ge"), interface(9, "ge")], 9),
        # lldpLocPortId says that the number is ifIndex, though a bridge port has that number too.
        (LldpTables([ROW], {7: LocalPort(b"7", b"uplink")}, {7: 1}), [interface(1, "a"), interface(7, "b")], 7),
        (LldpTables([ROW], {}, {7: 1}), [interface(1, "a"), interface(7, "b")], 1),
        (LldpTables([ROW], {}, {7: 3}), [interface(1, "a"), interface(7, "b")], 7),
        (LldpTables([ROW]), [interface(1, "a")], None),
        (LldpTables([dataclasses.replace(ROW, local_port=None)]), [interface(1, "a")], None),
    ],
)
def test_local_port_is_found_by_name_then_by_number(
    tables: LldpTables, interfaces: list[InventoryInterface], if_index: int | None
) -> None:
    assert [row.local_if_index for row in neighbours(tables, interfaces)] == [if_index]


def test_neighbour_that_is_learnt_again_is_the_same() -> None:
    other = dataclasses.replace(ROW, local_port=3, sys_name=b"core3")
    there = neighbours(LldpTables([ROW, other]), [])
    assert neighbours(LldpTables([other, ROW, ROW]), []) == there
    assert len(there) == 2


def test_row_of_zeros_is_nobody() -> None:
    assert neighbours(LldpTables([dataclasses.replace(ROW, chassis_id=bytes(4))]), []) == []


def test_neighbours_are_bounded() -> None:
    rows = [dataclasses.replace(ROW, local_port=number) for number in range(MAX_NEIGHBOURS + 5)]
    assert len(neighbours(LldpTables(rows), [])) == MAX_NEIGHBOURS
