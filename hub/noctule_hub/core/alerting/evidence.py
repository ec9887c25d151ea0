"""What made an alert fire or kept it from it, as numbers: kept with the alert, told by `explain`."""

from typing import Final

import msgspec

# The newest samples are kept, so many of one alert.
MAX_SAMPLES: Final = 30


class Sample(msgspec.Struct, frozen=True, rename="camel"):
    """One value that was judged; None: nothing was measured."""

    ts_ms: int
    value: float | None


class Evidence(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """What was judged. `quantity` names it with its unit as everywhere (`rttS`, `lossRatio`, `inUtilRatio`).

    `threshold` is what it is met by and `clear` what it is over by, of `usual` where the rule goes by that; None: the
    condition has none. `score` is the flap score, `before` in words how it was before it changed. `samples` are the
    newest, oldest first.
    """

    quantity: str | None = None
    threshold: float | None = None
    clear: float | None = None
    usual: float | None = None
    score: float | None = None
    before: str | None = None
    samples: tuple[Sample, ...] = ()
