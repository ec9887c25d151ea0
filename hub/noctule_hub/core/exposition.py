"""Prometheus' text format (exposition format 0.0.4): families of samples as lines, whatever the labels hold.

What is unknown has no sample; a family without one is left out.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from noctule_hub.core.histogram import Histogram

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
# Text of devices as a label: long enough to tell them apart, and no more memory than that.
MAX_LABEL_CHARS: Final = 256

Labels = Mapping[str, str]
Sample = tuple[Labels, float | None]


class Kind(StrEnum):
    """A family's type."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True)
class Family:
    """One metric with its samples; they are made while they are written, so that a family may be of any length.

    `durations`: it is a histogram, and has these instead of samples.
    """

    name: str
    kind: Kind
    text: str
    samples: Iterable[Sample] = ()
    durations: Histogram | None = None


def gauge(name: str, text: str, samples: Iterable[Sample] | float | None) -> Family:
    """Return a family of what goes up and down."""
    return Family(name, Kind.GAUGE, text, _listed(samples))


def counter(name: str, text: str, samples: Iterable[Sample] | float | None) -> Family:
    """Return a family of what only grows; its name ends in `_total`."""
    return Family(name, Kind.COUNTER, text, _listed(samples))


def histogram(name: str, text: str, durations: Histogram) -> Family:
    """Return a family of durations in seconds, counted in buckets."""
    return Family(name, Kind.HISTOGRAM, text, durations=durations)


def by_label(label: str, counts: Mapping[str, float]) -> list[Sample]:
    """Return a sample for each word, in the order of the words."""
    return [({label: word}, count) for word, count in sorted(counts.items())]


def lines(families: Iterable[Family]) -> Iterator[str]:
    """Yield the text line by line, each with its line end."""
    for family in families:
        head = f"# HELP {family.name} {_escaped_help(family.text)}\n# TYPE {family.name} {family.kind}\n"
        if family.durations is not None:
            yield head
            yield from _histogram_lines(family.name, family.durations)
            continue
        for labels, value in family.samples:
            if value is None:
                continue
            yield f"{head}{family.name}{_braced(labels)} {_number(value)}\n"
            head = ""


def text(families: Iterable[Family]) -> str:
    """Return the whole text."""
    return "".join(lines(families))


def _histogram_lines(name: str, durations: Histogram) -> Iterator[str]:
    total = 0
    for bound, count in zip((*durations.bounds_s, math.inf), durations.counts, strict=True):
        total += count
        yield f'{name}_bucket{{le="{_number(bound)}"}} {total}\n'
    yield f"{name}_sum {_number(durations.sum_s)}\n{name}_count {total}\n"


def _listed(samples: Iterable[Sample] | float | None) -> Iterable[Sample]:
    return [({}, samples)] if samples is None or isinstance(samples, int | float) else samples


def _braced(labels: Labels) -> str:
    if not labels:
        return ""
    inside = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items())
    return f"{{{inside}}}"


def _escaped(value: str) -> str:
    """Return a label's value as the format wants it, with what could steer a terminal written out."""
    shown = "".join(c if c.isprintable() else _written_out(c) for c in value[:MAX_LABEL_CHARS])
    return shown.replace("\\", "\\\\").replace('"', '\\"')


def _written_out(character: str) -> str:
    return character.encode("unicode_escape").decode()


def _escaped_help(words: str) -> str:
    return words.replace("\\", "\\\\").replace("\n", "\\n")


def _number(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return str(int(value)) if float(value).is_integer() else repr(float(value))
