"""Frames: the durable unit of the agent link, one class each, `events` or `measurements`.

On the wire a frame is one byte version, one byte flags (bit 0: zlib, bit 1: shuffled columns) and a msgpack body.
Measurements are tables of packed little-endian columns, so that neither side makes an object per sample; what the
rows mean is left to agent and hub.
"""

import hashlib
import math
import sys
import zlib
from array import array
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Final

import msgspec

from noctule_shared.errors import NoctuleError
from noctule_shared.observations import AgentEvent

FRAME_VERSION: Final = 1
SUPPORTED_FRAME_VERSIONS: Final = frozenset({1})
# Version and flags.
HEADER_BYTES: Final = 2
FLAG_ZLIB: Final = 1
# Each column's values stand octet by octet, all lowest first: what they have in common then stands together, and
# deflate finds more of it in less time. From link protocol 2 on.
FLAG_SHUFFLED: Final = 2
KNOWN_FLAGS: Final = FLAG_ZLIB | FLAG_SHUFFLED
MAX_WIRE_BYTES: Final = 256 * 1024
MAX_INFLATED_BYTES: Final = 4 * 1024 * 1024
MAX_ROWS: Final = 65_536
# Below this a deflate header costs more than it saves.
MIN_COMPRESSED_BYTES: Final = 128

# struct typecodes by wire dtype. f4 keeps 7 digits: 0.1 ns on a 1 ms round-trip delay.
TYPECODES: Final[Mapping[str, str]] = {"u1": "B", "u2": "H", "u4": "I", "i8": "q", "f4": "f", "f8": "d"}
ITEM_BYTES: Final[Mapping[str, int]] = {"u1": 1, "u2": 2, "u4": 4, "i8": 8, "f4": 4, "f8": 8}


class BadFrame(NoctuleError):  # noqa: N818  named as in the protocol
    """A frame that can never be read: `reason` is one word for counters, the message says what was wrong."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class FrameClass(StrEnum):
    """The two classes of data: rows that are never lost, and series of which the latest matters live."""

    EVENTS = "events"
    MEASUREMENTS = "measurements"


class TableName(StrEnum):
    """Tables of a measurement frame."""

    LATENCY = "latency"
    INTERFACE = "interface"


# One row per device and ICMP round (or SNMP poll where the source is snmp). NaN: no reply.
# rtt: round-trip delay, RFC 2681, seconds. ts_ms: end of the round. p25 and p75 are quantiles of type 7 (Hyndman
# and Fan 1996, as in numpy), so of a round of 5 replies min, p25, median, p75, max are the 5, sorted. ipdv: mean
# absolute difference between packets sent one after the other (RFC 3393); NaN: no two such were both answered.
LATENCY_COLUMNS: Final[Mapping[str, str]] = {
    "device_id": "u4",
    "ts_ms": "i8",
    "source": "u1",
    "sent": "u2",
    "received": "u2",
    "rtt_min_s": "f4",
    "rtt_p25_s": "f4",
    "rtt_median_s": "f4",
    "rtt_p75_s": "f4",
    "rtt_max_s": "f4",
    "rtt_mean_s": "f4",
    "rtt_mdev_s": "f4",
    "ipdv_s": "f4",
}

# One row per interface and poll. Values are deltas over interval_s that ends at ts_ms, so volumes stay exact;
# NaN: unknown, never 0. if_index is read with the device's inventory of revision inventory_rev.
# quality holds the bits of axes.Quality. A row without a rate (first, reset) has interval_s NaN.
INTERFACE_COLUMNS: Final[Mapping[str, str]] = {
    "device_id": "u4",
    "if_index": "u4",
    "inventory_rev": "u4",
    "ts_ms": "i8",
    "interval_s": "f8",
    "in_octets": "f8",
    "out_octets": "f8",
    "in_packets": "f8",
    "out_packets": "f8",
    "in_errors": "f8",
    "out_errors": "f8",
    "in_discards": "f8",
    "out_discards": "f8",
    "quality": "u1",
}

COLUMNS: Final[Mapping[TableName, Mapping[str, str]]] = {
    TableName.LATENCY: LATENCY_COLUMNS,
    TableName.INTERFACE: INTERFACE_COLUMNS,
}


# Columns that came later than the previous protocol: without them a row says NaN there, unknown.
ADDED_COLUMNS: Final[Mapping[TableName, frozenset[str]]] = {
    TableName.LATENCY: frozenset({"rtt_p25_s", "rtt_p75_s", "ipdv_s"}),
    TableName.INTERFACE: frozenset(),
}


class Column(msgspec.Struct, frozen=True, array_like=True):
    """One packed column: `dtype` is a key of `TYPECODES`, `data` is little-endian without padding."""

    dtype: str
    data: bytes


class Table(msgspec.Struct, frozen=True, array_like=True):
    """`rows` rows as named columns. Columns that a reader does not know are ignored."""

    rows: int
    columns: dict[str, Column]


class EventsBody(msgspec.Struct, frozen=True, array_like=True, tag="e"):
    """Body of an events frame, in the order of observation."""

    events: list[AgentEvent]


class MeasurementsBody(msgspec.Struct, frozen=True, array_like=True, tag="m"):
    """Body of a measurements frame: at most one table of each name. Unknown names are ignored."""

    tables: dict[str, Table]


FrameBody = EventsBody | MeasurementsBody

_encoder = msgspec.msgpack.Encoder()
_decoder: msgspec.msgpack.Decoder[FrameBody] = msgspec.msgpack.Decoder(FrameBody)


def frame_class(body: FrameBody) -> FrameClass:
    """Return the class of a decoded frame."""
    return FrameClass.EVENTS if isinstance(body, EventsBody) else FrameClass.MEASUREMENTS


def pack_column(dtype: str, values: Sequence[float]) -> Column:
    """Return `values` as a packed column; None is not a value, use NaN in a float column.

    Raises OverflowError or TypeError when a value does not fit `dtype`: a programming error.
    """
    packed = values if isinstance(values, array) else array(TYPECODES[dtype], values)
    if sys.byteorder == "big":
        packed = array(packed.typecode, packed)
        packed.byteswap()
    return Column(dtype, packed.tobytes())


def unpack_column(column: Column) -> Sequence[float]:
    """Return a column as an `array`; for tests and small tables, the hub reads columns with numpy."""
    values = array(TYPECODES[column.dtype])
    values.frombytes(column.data)
    if sys.byteorder == "big":
        values.byteswap()
    return values


def pack_table(name: TableName, columns: Mapping[str, Sequence[float]]) -> Table:
    """Return a table of exactly the columns that `COLUMNS[name]` lists, all of one length.

    Raises ValueError when a column is missing or their lengths differ: a programming error.
    """
    schema = COLUMNS[name]
    lengths = {len(columns[column]) for column in schema}
    if len(lengths) != 1 or len(columns) != len(schema):
        raise ValueError(f"table {name} needs the columns {list(schema)}, all of one length")
    return Table(lengths.pop(), {column: pack_column(dtype, columns[column]) for column, dtype in schema.items()})


# In place of a digest: the agent told of a hole there, which it may word anew. Who has a frame there is another outbox.
HOLE_DIGEST: Final = "hole"


def frame_digest(frame: bytes) -> str:
    """Return by what two frames of the same seq are told apart: 16 hex digits of BLAKE2b over their bytes."""
    return hashlib.blake2b(frame, digest_size=8).hexdigest()


def encode_frame(body: FrameBody, *, shuffled: bool = True) -> bytes:
    """Return the frame's bytes, deflated when that makes it smaller; `shuffled` False: for a hub of protocol 1.

    Raises `BadFrame` (`too-large`) when it exceeds `MAX_WIRE_BYTES` or, inflated, `MAX_INFLATED_BYTES`.
    """
    payload = _encoder.encode(body)
    if len(payload) > MAX_INFLATED_BYTES:
        raise BadFrame("too-large", f"frame body of {len(payload)} bytes is over {MAX_INFLATED_BYTES}")
    flags = 0
    if len(payload) >= MIN_COMPRESSED_BYTES:
        source, source_flags = payload, 0
        if shuffled and isinstance(body, MeasurementsBody):
            source, source_flags = _encoder.encode(_mapped(body, _shuffle)), FLAG_SHUFFLED
        deflated = zlib.compress(source, 1)
        if len(deflated) < len(payload):
            payload, flags = deflated, FLAG_ZLIB | source_flags
    frame = bytes((FRAME_VERSION, flags)) + payload
    if len(frame) > MAX_WIRE_BYTES:
        raise BadFrame("too-large", f"frame of {len(frame)} bytes is over {MAX_WIRE_BYTES}")
    return frame


def plain_frame(frame: bytes) -> bytes:
    """Return a frame without shuffled columns, as a hub of protocol 1 reads it; one that is broken as it is."""
    if len(frame) < HEADER_BYTES or not frame[1] & FLAG_SHUFFLED:
        return frame
    try:
        return encode_frame(decode_frame(frame), shuffled=False)
    except BadFrame:
        return frame


def decode_frame(frame: bytes) -> FrameBody:
    """Return the body of a frame, checked for size, form and the length of every known column.

    Raises `BadFrame` with the reason `too-large`, `version`, `flags`, `zlib`, `msgpack` or `columns`.
    """
    if len(frame) > MAX_WIRE_BYTES:
        raise BadFrame("too-large", f"frame of {len(frame)} bytes is over {MAX_WIRE_BYTES}")
    if len(frame) < HEADER_BYTES or frame[0] not in SUPPORTED_FRAME_VERSIONS:
        raise BadFrame("version", f"frame version {frame[0] if frame else None} is not one of 1")
    if frame[1] & ~KNOWN_FLAGS:
        raise BadFrame("flags", f"frame flags {frame[1]:#04x} are not known")
    payload = _inflate(frame[HEADER_BYTES:]) if frame[1] & FLAG_ZLIB else frame[HEADER_BYTES:]
    try:
        body = _decoder.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadFrame("msgpack", f"frame body: {error}") from error
    if isinstance(body, MeasurementsBody):
        if frame[1] & FLAG_SHUFFLED:
            body = _mapped(body, _unshuffle)
        _check_tables(body)
    return body


def _inflate(data: bytes) -> bytes:
    inflater = zlib.decompressobj()
    try:
        payload = inflater.decompress(data, MAX_INFLATED_BYTES + 1)
    except zlib.error as error:
        raise BadFrame("zlib", f"frame does not inflate: {error}") from error
    if len(payload) > MAX_INFLATED_BYTES:
        raise BadFrame("too-large", f"frame inflates to more than {MAX_INFLATED_BYTES} bytes")
    if not inflater.eof or inflater.unused_data:
        raise BadFrame("zlib", "frame's deflate stream is cut short or followed by other bytes")
    return payload


def _mapped(body: MeasurementsBody, octets: Callable[[bytes, int], bytes]) -> MeasurementsBody:
    """Return a body whose columns of known dtype have other octets; a column that is cut short stays as it is."""
    tables: dict[str, Table] = {}
    for name, table in body.tables.items():
        columns: dict[str, Column] = {}
        for column, packed in table.columns.items():
            size = ITEM_BYTES.get(packed.dtype, 1)
            whole = size > 1 and len(packed.data) % size == 0
            columns[column] = Column(packed.dtype, octets(packed.data, size)) if whole else packed
        tables[name] = Table(table.rows, columns)
    return MeasurementsBody(tables)


def _shuffle(data: bytes, size: int) -> bytes:
    return b"".join([data[octet::size] for octet in range(size)])


def _unshuffle(data: bytes, size: int) -> bytes:
    values, rows = bytearray(len(data)), len(data) // size
    for octet in range(size):
        values[octet::size] = data[octet * rows : (octet + 1) * rows]
    return bytes(values)


def _check_tables(body: MeasurementsBody) -> None:
    for name, table in body.tables.items():
        if not 0 <= table.rows <= MAX_ROWS:
            raise BadFrame("columns", f"table {name[:40]!r} says {table.rows} rows, limit {MAX_ROWS}")
        if name not in COLUMNS:
            continue
        for column, dtype in COLUMNS[TableName(name)].items():
            if column not in table.columns and column in ADDED_COLUMNS[TableName(name)]:
                table.columns[column] = pack_column(dtype, array(TYPECODES[dtype], [math.nan]) * table.rows)
            found = table.columns.get(column)
            if found is None or found.dtype != dtype or len(found.data) != table.rows * ITEM_BYTES[dtype]:
                raise BadFrame("columns", f"table {name} needs column {column} of {table.rows} x {dtype}")
