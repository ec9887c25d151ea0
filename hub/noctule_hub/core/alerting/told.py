"""Whom an alert was told to: one delivery on one channel, as `explain` tells of it."""

from dataclasses import dataclass
from typing import Final

from noctule_hub.core.notifying.deliveries import DeliveryKind, DeliveryState

# Of one alert: so many deliveries are told of.
MAX_TOLD: Final = 200


@dataclass(frozen=True, slots=True)
class Told:
    """A delivery of an alert. `next_ms` None: it is not tried any more; `outcome` and `tried_ms` None: it never was."""

    channel_id: int
    channel: str
    kind: DeliveryKind
    state: DeliveryState
    attempts: int
    created_ms: int
    next_ms: int | None
    outcome: str | None
    tried_ms: int | None
