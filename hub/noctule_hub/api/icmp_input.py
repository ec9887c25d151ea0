"""What a client may say about pinging a device, checked: pure, names the field in every refusal."""

from typing import Annotated

import msgspec
from noctule_shared.errors import invalid
from noctule_shared.thresholds import ICMP_THRESHOLDS, IcmpThresholds

from noctule_hub.core.icmp_timing import MIN_SPACING_S, MIN_TIMEOUT_S, icmp_timing
from noctule_hub.core.records import IcmpSettings

IntervalS = Annotated[float, msgspec.Meta(ge=1, le=3600)]
Count = Annotated[int, msgspec.Meta(ge=1, le=20)]
SpacingS = Annotated[float, msgspec.Meta(ge=MIN_SPACING_S, le=60)]
TimeoutS = Annotated[float, msgspec.Meta(ge=MIN_TIMEOUT_S, le=60)]


class ThresholdsInput(IcmpThresholds, frozen=True, rename="camel", forbid_unknown_fields=True):
    """When a device is down, up and degraded; what is absent is as of any device."""


class IcmpInput(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """How to ping. `spacing_s`, `timeout_s` None: 0.2 s and 1 s, less where the interval is too short for them."""

    interval_s: IntervalS = 10.0
    count: Count = 5
    spacing_s: SpacingS | None = None
    timeout_s: TimeoutS | None = None
    thresholds: ThresholdsInput = ThresholdsInput()


def check_icmp(body: IcmpInput) -> IcmpSettings:
    """Return how a device is pinged. Raises `Refused` (invalid), naming the field and what would do."""
    thresholds = msgspec.convert(body.thresholds, IcmpThresholds, from_attributes=True)
    if thresholds.clear_loss_ratio >= thresholds.degraded_loss_ratio:
        raise invalid(
            "icmp.thresholds.clearLossRatio",
            f"{thresholds.clear_loss_ratio:g} must be below degradedLossRatio, {thresholds.degraded_loss_ratio:g}, or "
            "the device would never settle; lower clearLossRatio or raise degradedLossRatio",
        )
    settings = IcmpSettings(
        interval_s=body.interval_s,
        count=body.count,
        spacing_s=body.spacing_s,
        timeout_s=body.timeout_s,
        thresholds=ICMP_THRESHOLDS if thresholds == ICMP_THRESHOLDS else thresholds,
    )
    timing = icmp_timing(settings)
    if not timing.fits(body.interval_s):
        raise invalid(
            "icmp.timeoutS" if body.timeout_s is not None else "icmp.spacingS",
            f"{body.count} packets {timing.spacing_s:g} s apart and a timeout of {timing.timeout_s:g} s take "
            f"{timing.length_s:g} s, more than the interval of {body.interval_s:g} s; lower spacingS, timeoutS or "
            "count, or raise intervalS",
        )
    return settings
