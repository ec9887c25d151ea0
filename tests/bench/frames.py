"""Frames: how many octets and how much time a row of measurements costs on the wire."""

import random

from noctule_shared.frames import COLUMNS, MeasurementsBody, TableName, decode_frame, encode_frame, pack_table

from tests.bench.figures import Figures, median_s

ROWS = 500
CALLS = 20


def measure(repeat: int) -> Figures:
    """Measure a frame of interface rows as a busy site sends them; random values, so that zlib finds little."""
    rng = random.Random(1)  # noqa: S311  the same rows every time, not secrets
    columns = COLUMNS[TableName.INTERFACE]
    values = {name: [rng.randrange(1, 250) for _ in range(ROWS)] for name in columns}
    body = MeasurementsBody({TableName.INTERFACE: pack_table(TableName.INTERFACE, values)})
    wire = encode_frame(body)
    return {
        "rows": ROWS,
        "bytesPerRow": round(len(wire) / ROWS, 1),
        "encodeUsPerRow": round(median_s(lambda: encode_frame(body), repeat, CALLS) / ROWS * 1e6, 3),
        "decodeUsPerRow": round(median_s(lambda: decode_frame(wire), repeat, CALLS) / ROWS * 1e6, 3),
    }
