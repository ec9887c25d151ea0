"""The text format: strict, complete, and inert whatever a label holds."""

import math

from hypothesis import given
from hypothesis import strategies as st
from noctule_hub.core.exposition import MAX_LABEL_CHARS, by_label, counter, gauge, histogram, text
from noctule_hub.core.histogram import Histogram

from tests.hub.prometheus_text import parse

HOSTILE = [
    '<img onerror="x">',
    "a\\b",
    "line\nend",
    "\x1b[31m",
    "\u202eabc",
    "\x00",
    'a"} 1\nfake_total 7',
    "x" * 70_000,
]


def test_every_family_has_help_and_type_and_unknown_values_have_no_sample() -> None:
    families = [
        gauge("a_bytes", "Bytes.", 7),
        gauge("b", "Unknown.", None),
        counter("c_total", "C.", by_label("w", {})),
    ]
    assert text(families) == "# HELP a_bytes Bytes.\n# TYPE a_bytes gauge\na_bytes 7\n"


def test_hostile_labels_stay_one_inert_sample_each() -> None:
    samples = [({"id": str(number), "name": name}, 1.0) for number, name in enumerate(HOSTILE)]
    families = parse(text([gauge("noctule_x", 'Help "with" \\ and\nmore.', samples)]))
    assert len(families) == 1
    names = [dict(labels)["name"] for _, labels in families["noctule_x"].samples]
    assert HOSTILE[0] in names
    assert HOSTILE[1] in names
    assert max(map(len, names)) == MAX_LABEL_CHARS


@given(st.lists(st.text(max_size=40), max_size=20, unique=True))
def test_any_text_at_all_is_a_label(names: list[str]) -> None:
    samples = [({"id": str(number), "name": name}, 1.0) for number, name in enumerate(names)]
    families = parse(text([gauge("noctule_x", "X.", samples)]))
    assert len(families["noctule_x"].samples if names else ()) == len(names)


def test_a_histogram_counts_each_duration_once_in_cumulative_buckets() -> None:
    durations = Histogram((0.1, 1.0))
    for duration_s in (0.05, 0.1, 0.5, 3.0):
        durations.observe(duration_s)
    metric = parse(text([histogram("x_seconds", "X.", durations)]))["x_seconds"]
    assert metric.value("x_seconds_bucket", le="0.1") == 2
    assert metric.value("x_seconds_bucket", le="1") == 3
    assert metric.value("x_seconds_bucket", le="+Inf") == metric.value("x_seconds_count") == 4
    assert math.isclose(metric.value("x_seconds_sum"), 3.65)
