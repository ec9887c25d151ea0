"""A frame is read back as it was written, or refused with a reason."""

import contextlib
import math
import zlib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from noctule_shared.axes import Axis
from noctule_shared.frames import (
    FLAG_SHUFFLED,
    FLAG_ZLIB,
    FRAME_VERSION,
    INTERFACE_COLUMNS,
    KNOWN_FLAGS,
    LATENCY_COLUMNS,
    MAX_INFLATED_BYTES,
    MAX_WIRE_BYTES,
    BadFrame,
    Column,
    EventsBody,
    MeasurementsBody,
    Table,
    TableName,
    decode_frame,
    encode_frame,
    frame_class,
    pack_column,
    pack_table,
    plain_frame,
    unpack_column,
)
from noctule_shared.observations import AxisChanged


def table(rows: int = 3) -> Table:
    columns = {name: [1] * rows for name in LATENCY_COLUMNS}
    return pack_table(TableName.LATENCY, columns)


def reason_of(frame: bytes) -> str:
    with pytest.raises(BadFrame) as caught:
        decode_frame(frame)
    return caught.value.reason


def test_events_come_back_in_order_with_their_types() -> None:
    events = [AxisChanged(7, Axis.ICMP, "up", "down", f"reason {n}", n) for n in range(40)]
    body = decode_frame(encode_frame(EventsBody(list(events))))
    assert isinstance(body, EventsBody)
    assert body.events == events
    assert frame_class(body) == "events"


@given(st.lists(st.floats(allow_nan=False, width=64), max_size=50))
def test_float_columns_come_back_exactly(values: list[float]) -> None:
    assert list(unpack_column(pack_column("f8", values))) == values


@given(st.lists(st.binary(min_size=8, max_size=8), min_size=40, max_size=80))
def test_shuffled_columns_come_back_bit_for_bit(values: list[bytes]) -> None:
    columns = {name: [0] * len(values) for name in INTERFACE_COLUMNS}
    packed = pack_table(TableName.INTERFACE, columns)
    packed.columns["in_octets"] = Column("f8", b"".join(values))
    body = MeasurementsBody({"interface": packed})
    frame = encode_frame(body)
    assert frame[1] == FLAG_ZLIB | FLAG_SHUFFLED
    assert decode_frame(frame) == body


def test_a_plain_frame_says_the_same_without_shuffled_columns() -> None:
    body = MeasurementsBody({"latency": table(100)})
    frame = encode_frame(body)
    plain = plain_frame(frame)
    assert (frame[1], plain[1]) == (FLAG_ZLIB | FLAG_SHUFFLED, FLAG_ZLIB)
    assert decode_frame(plain) == decode_frame(frame) == body
    assert plain_frame(plain) == plain


@pytest.mark.parametrize("noise", [b"", b"\x01", bytes((FRAME_VERSION, FLAG_ZLIB | FLAG_SHUFFLED)) + b"no deflate"])
def test_a_broken_frame_is_left_to_the_hub_to_refuse(noise: bytes) -> None:
    assert plain_frame(noise) == noise


def test_a_shuffled_column_that_is_cut_short_is_refused() -> None:
    whole = table(100)
    cut = Column("f4", whole.columns["ipdv_s"].data[:-1])
    columns = whole.columns | {"ipdv_s": cut}
    assert reason_of(encode_frame(MeasurementsBody({"latency": Table(100, columns)}))) == "columns"


def test_unknown_value_stays_unknown() -> None:
    assert math.isnan(unpack_column(pack_column("f4", [math.nan]))[0])


def test_columns_are_little_endian() -> None:
    assert pack_column("u4", [1]).data == b"\x01\x00\x00\x00"


def test_table_with_a_missing_column_or_uneven_lengths_is_a_programming_error() -> None:
    columns = {name: [1] for name in LATENCY_COLUMNS}
    with pytest.raises(ValueError, match="one length"):
        pack_table(TableName.LATENCY, columns | {"sent": [1, 2]})


def test_unknown_tables_and_columns_of_a_newer_agent_are_ignored() -> None:
    known = table()
    newer = Table(known.rows, known.columns | {"ttl": Column("u1", b"\x01\x02\x03")})
    body = decode_frame(encode_frame(MeasurementsBody({"latency": newer, "optics": Table(1, {})})))
    assert isinstance(body, MeasurementsBody)
    assert set(body.tables) == {"latency", "optics"}


@pytest.mark.parametrize("size", [0, 1])
def test_frame_without_a_header_is_refused(size: int) -> None:
    assert reason_of(bytes((FRAME_VERSION,))[:size]) == "version"


def test_unknown_version_and_flags_are_refused() -> None:
    assert reason_of(bytes((99, 0)) + b"\x00") == "version"
    assert reason_of(bytes((FRAME_VERSION, 128)) + b"\x00") == "flags"


def test_oversized_frame_is_refused_before_it_is_read() -> None:
    assert reason_of(bytes((FRAME_VERSION, 0)) + bytes(MAX_WIRE_BYTES)) == "too-large"


def test_decompression_bomb_is_refused_without_being_inflated() -> None:
    bomb = zlib.compress(bytes(MAX_INFLATED_BYTES * 8), 9)
    assert len(bomb) < MAX_WIRE_BYTES
    assert reason_of(bytes((FRAME_VERSION, FLAG_ZLIB)) + bomb) == "too-large"


@pytest.mark.parametrize("payload", [b"", b"no deflate", zlib.compress(b"x" * 500)[:-3], zlib.compress(b"x") + b"tail"])
def test_damaged_deflate_stream_is_refused(payload: bytes) -> None:
    assert reason_of(bytes((FRAME_VERSION, FLAG_ZLIB)) + payload) == "zlib"


@pytest.mark.parametrize("body", [["x", []], ["e", [{"type": "axis"}]], ["m", 3], {}, None])
def test_body_of_another_form_is_refused(body: object) -> None:
    assert reason_of(bytes((FRAME_VERSION, 0)) + msgspec.msgpack.encode(body)) == "msgpack"


@pytest.mark.parametrize(
    "event",
    [
        AxisChanged(-1, Axis.ICMP, "up", "down", "x", 0),
        AxisChanged(1, Axis.ICMP, "up", "down", "x", 2**53 + 1),
        AxisChanged(1, Axis.ICMP, "up", "down", "x" * 1025, 0),
        AxisChanged(1, Axis.ICMP, "up", "down", "x", 0, detail="x" * 4097),
    ],
)
def test_numbers_and_text_beyond_their_bounds_are_refused(event: AxisChanged) -> None:
    assert reason_of(encode_frame(EventsBody([event]))) == "msgpack"


@pytest.mark.parametrize("rows", [2, 4, -1, 10_000_000])
def test_rows_that_the_columns_do_not_hold_are_refused(rows: int) -> None:
    lying = Table(rows, table().columns)
    assert reason_of(encode_frame(MeasurementsBody({"latency": lying}))) == "columns"


@given(st.binary(max_size=300))
def test_no_bytes_whatever_crash_the_reader(noise: bytes) -> None:
    for prefix in (b"", *(bytes((FRAME_VERSION, flags)) for flags in range(KNOWN_FLAGS + 1))):
        with contextlib.suppress(BadFrame):
            decode_frame(prefix + noise)
