"""`--threshold NAME=VALUE`: what makes one device down, up or degraded, where it differs from the others."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import click
from noctule_shared.thresholds import FAILED_POLLS, ICMP_THRESHOLDS

from noctule_hub.answers.devices import DeviceView

DEFAULT_WORD: Final = "default"


@dataclass(frozen=True, slots=True)
class _Threshold:
    """A threshold's part of the device's body, its key there, and its default."""

    section: str
    key: str
    default: float


_NAMES: Final = {
    "retries": _Threshold("icmp", "retries", ICMP_THRESHOLDS.retries),
    "good-rounds": _Threshold("icmp", "goodRounds", ICMP_THRESHOLDS.good_rounds),
    "degraded-loss": _Threshold("icmp", "degradedLossRatio", ICMP_THRESHOLDS.degraded_loss_ratio),
    "degraded-window": _Threshold("icmp", "degradedWindowS", ICMP_THRESHOLDS.degraded_window_s),
    "clear-loss": _Threshold("icmp", "clearLossRatio", ICMP_THRESHOLDS.clear_loss_ratio),
    "clear-window": _Threshold("icmp", "clearWindowS", ICMP_THRESHOLDS.clear_window_s),
    "failed-polls": _Threshold("snmp", "failedPolls", FAILED_POLLS),
}

HELP: Final = (
    "When it is down, up or degraded; may be given several times: "
    + ", ".join(f"{name}={threshold.default:g}" for name, threshold in _NAMES.items())
    + f". Ratios of loss are from 0 to 1, windows in seconds; NAME={DEFAULT_WORD} takes one back."
)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What was asked for, by the key of the device's body."""

    icmp: dict[str, float]
    snmp: dict[str, float]


def parse_thresholds(texts: Iterable[str]) -> Thresholds:
    """Return thresholds given as NAME=VALUE. Raises `click.UsageError`; bounds are the hub's to check."""
    found = Thresholds({}, {})
    for text in texts:
        name, _, value = text.partition("=")
        threshold = _NAMES.get(name)
        if threshold is None:
            near = difflib.get_close_matches(name, _NAMES, n=1)
            hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(_NAMES)}"
            raise click.UsageError(f"--threshold {text}: there is no threshold {name!r}; {hint}")
        section = found.icmp if threshold.section == "icmp" else found.snmp
        section[threshold.key] = _number(text, name, value, threshold.default)
    return found


def shown_thresholds(device: DeviceView) -> str:
    """Return a device's own thresholds as NAME=VALUE, "-" when all are as of any device."""
    own: list[str] = []
    for name, threshold in _NAMES.items():
        value = None
        if threshold.section == "icmp" and device.icmp is not None:
            value = getattr(device.icmp.thresholds, _attribute(threshold.key))
        elif threshold.section == "snmp" and device.snmp is not None:
            value = device.snmp.failed_polls
        if value is not None and value != threshold.default:
            own.append(f"{name}={value:g}")
    return ", ".join(own) or "-"


def _number(text: str, name: str, value: str, default: float) -> float:
    if value == DEFAULT_WORD:
        return default
    try:
        number = float(value)
    except ValueError:
        raise click.UsageError(f"--threshold {text}: give a number, such as {name}={default:g}") from None
    # Counts go as whole numbers; the hub refuses 2.5 of them.
    return int(number) if number.is_integer() and isinstance(default, int) else number


def _attribute(key: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in key)
