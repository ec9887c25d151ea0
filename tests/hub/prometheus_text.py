"""A strict reader of Prometheus' text format 0.0.4: whatever a scraper would refuse or misread fails here."""

import re
from dataclasses import dataclass, field

NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
HELP = re.compile(r"# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)")
TYPE = re.compile(r"# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram)")
SAMPLE = re.compile(
    r'([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{((?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\\\|\\"|\\n)*",?)*)\})? (\S+)'
)
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\\\|\\"|\\n)*)"')
UNITS = ("_total", "_seconds", "_bytes", "_ratio", "_info", "_bits_per_second")
_UNESCAPED = {"\\\\": "\\", '\\"': '"', "\\n": "\n"}

Labels = frozenset[tuple[str, str]]


@dataclass
class Metric:
    """One family: its type and its samples by name and labels."""

    kind: str
    samples: dict[tuple[str, Labels], float] = field(default_factory=dict)

    def value(self, name: str, **labels: str) -> float:
        return self.samples[name, frozenset(labels.items())]

    def only(self) -> float:
        (value,) = self.samples.values()
        return value


def parse(text: str) -> dict[str, Metric]:
    """Return all families. Raises AssertionError naming the line."""
    assert text == "" or text.endswith("\n")
    families: dict[str, Metric] = {}
    current, helped = "", ""
    for line in text.split("\n")[:-1]:
        assert line.isprintable(), f"not inert: {line!r}"
        if match := HELP.fullmatch(line):
            assert match[1] not in families, f"{match[1]} comes twice, or in two places"
            helped = match[1]
        elif match := TYPE.fullmatch(line):
            assert match[1] == helped, f"{match[1]} has no HELP right before its TYPE"
            current = match[1]
            families[current] = Metric(match[2])
            assert current.endswith("_total") is (match[2] == "counter"), f"{current} is a {match[2]}"
        else:
            match = SAMPLE.fullmatch(line)
            assert match is not None, f"no sample: {line!r}"
            _take(families[current], current, match)
    for name, metric in families.items():
        assert metric.samples, f"{name} has no sample"
        if metric.kind == "histogram":
            _check_histogram(name, metric)
    return families


def _take(metric: Metric, family: str, match: "re.Match[str]") -> None:
    name, inside, value = match[1], match[2] or "", match[3]
    allowed = {family} if metric.kind != "histogram" else {f"{family}_bucket", f"{family}_sum", f"{family}_count"}
    assert name in allowed, f"{name} stands among {family}"
    pairs = [
        (key, re.sub(r'\\[\\"n]', lambda found: _UNESCAPED[found[0]], text)) for key, text in LABEL.findall(inside)
    ]
    assert len({key for key, _ in pairs}) == len(pairs), f"a label twice: {match[0]}"
    key = (name, frozenset(pairs))
    assert key not in metric.samples, f"the same sample twice: {match[0]}"
    metric.samples[key] = float(value)
    if metric.kind == "counter":
        assert metric.samples[key] >= 0


def _check_histogram(name: str, metric: Metric) -> None:
    buckets = {
        float(dict(labels)["le"]): value
        for (sample, labels), value in metric.samples.items()
        if sample == f"{name}_bucket"
    }
    ordered = [buckets[bound] for bound in sorted(buckets)]
    assert ordered == sorted(ordered), f"{name}: buckets are cumulative"
    assert float("inf") in buckets, f"{name}: the last bucket has no bound"
    assert metric.value(f"{name}_count") == buckets[float("inf")]
    assert metric.value(f"{name}_sum") >= 0
