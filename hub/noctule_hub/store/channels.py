"""The part of the store's interface that keeps notification channels and what was and is to be sent on them."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Protocol

from noctule_hub.core.audit import Authorship
from noctule_hub.core.notifying.channels import Channel, ChannelFields
from noctule_hub.core.notifying.deliveries import Attempt, ChannelState, Delivery, DeliveryState, Outcome, Pace, Parcel
from noctule_hub.core.notifying.policies import Policy, PolicyFields
from noctule_hub.core.notifying.routing import Decided, Situation

# Seals a channel's secret for the row id that the store assigns; see `protocol.Seal`.
Seal = Callable[[int], bytes]
# Decides, inside the store's transaction, what follows from the channels, policies and alerts of that moment.
Route = Callable[[Situation], Decided]


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for an enabled channel: how much is `due`, when something is next, and how fast it may go on."""

    channel: Channel
    due: int
    next_ms: int
    pace: Pace


class Channels(Protocol):
    """Channels, at most `MAX_CHANNELS`. Every method that names one raises `Refused` (not-found) when there is none."""

    async def channels(self) -> list[Channel]:
        """Return all channels by id."""
        ...

    async def channel(self, channel_id: int) -> Channel:
        """Return a channel."""
        ...

    async def channel_secret(self, channel_id: int) -> bytes:
        """Return a channel's sealed secret. Raises `Refused` (not-found) when it was forgotten."""
        ...

    async def add_channel(self, fields: ChannelFields, *, seal: Seal, by: Authorship) -> Channel:
        """Add a channel, which is told of what happens from now on.

        Raises `Refused`: invalid (field name) when it is taken, (field siteIds) for a site that is not there; too-many.
        """
        ...

    async def update_channel(
        self, channel_id: int, fields: ChannelFields, *, revision: int, seal: Seal | None, by: Authorship
    ) -> Channel:
        """Change a channel; `seal` None keeps its secret. What waits for one that is disabled becomes dead letters.

        Raises `Refused`: invalid (field revision) when somebody else changed it meanwhile; else as `add_channel` does.
        """
        ...

    async def remove_channel(self, channel_id: int, *, by: Authorship) -> None:
        """Remove a channel with its secret and its deliveries; its id is never reused.

        Raises `Refused` (invalid, field id) when a policy names it.
        """
        ...

    async def channel_states(self) -> dict[int, ChannelState]:
        """Return how each channel does, by its id."""
        ...


class Policies(Protocol):
    """Notification policies, at most `MAX_POLICIES`; a new store has the default one.

    Every method that names one raises `Refused` (not-found) when there is none.
    """

    async def policies(self) -> list[Policy]:
        """Return all policies by id, the default one first."""
        ...

    async def policy(self, policy_id: int) -> Policy:
        """Return a policy."""
        ...

    async def add_policy(self, fields: PolicyFields, *, by: Authorship) -> Policy:
        """Add a policy.

        Raises `Refused`: invalid (field name) when it is taken, (field steps[N].channelIds) for a channel that is not
        there; too-many.
        """
        ...

    async def update_policy(self, policy_id: int, fields: PolicyFields, *, revision: int, by: Authorship) -> Policy:
        """Change a policy; alerts that ring go on by what it says now.

        Raises `Refused`: invalid (field revision) when somebody else changed it meanwhile; else as `add_policy` does.
        """
        ...

    async def remove_policy(self, policy_id: int, *, by: Authorship) -> None:
        """Remove a policy; its id is never reused.

        Raises `Refused` (invalid, field id) for the default one, and when rules name it.
        """
        ...


class Deliveries(Protocol):
    """The queue of what is sent on channels, and what became of it."""

    async def queue_alerts(self, route: Route, alert_ids: Collection[int], *, up_to_seq: int, now_ms: int) -> int:
        """Queue what `route` decides of these alerts and note that the log was looked at up to `up_to_seq`.

        That, and how far the alerts have come, is one transaction. An event is queued once for a channel and occasion,
        a reminder not beside one that waits, the end of an alert only where its problem was and not twice. Returns how
        many were queued.
        """
        ...

    async def queue_due(self, route: Route, *, now_ms: int) -> int:
        """Queue what `route` decides of alerts of which a step is due, in one transaction, so that none is taken twice.

        It is given them as they are committed, whether or not the log was looked at so far. Returns as `queue_alerts`
        does; there may be more due than are decided about at once.
        """
        ...

    async def next_step_ms(self) -> int | None:
        """Return when a step is due next, None: none is."""
        ...

    async def notified_seq(self) -> int:
        """Return up to where in the log everything is queued; the head when that is not known for its epoch."""
        ...

    async def waiting(self, now_ms: int) -> list[Waiting]:
        """Return the enabled channels for which something waits."""
        ...

    async def take_parcel(self, channel_id: int, *, bundle: bool, now_ms: int) -> Parcel | None:
        """Return what goes to a channel next, oldest first; `bundle`: all that is due, from now on as one message.

        Nothing joins a message that was taken. What is not settled is returned again, with the same `public_id`.
        None: nothing is due.
        """
        ...

    async def settle_parcel(self, public_id: str, outcome: Outcome, *, next_ms: int | None, now_ms: int) -> None:
        """Note an attempt at all deliveries of a parcel; one that failed is tried at `next_ms`, None: never again."""
        ...

    async def note_trial(self, channel_id: int, outcome: Outcome, *, now_ms: int) -> None:
        """Note what became of a test message, the channel's newest attempt; it is no delivery, and delays none."""
        ...

    async def deliveries(
        self, *, channel_id: int | None, state: DeliveryState | None, before_id: int | None, limit: int
    ) -> list[Delivery]:
        """Return up to `limit` deliveries with an id below `before_id` (None: the newest), newest first."""
        ...

    async def delivery(self, delivery_id: int) -> tuple[Delivery, list[Attempt]]:
        """Return a delivery with its newest attempts, oldest first. Raises `Refused` (not-found)."""
        ...

    async def retry_delivery(self, delivery_id: int, *, by: Authorship) -> Delivery:
        """Queue a dead delivery again, for another day, alone and under its own id.

        Raises `Refused`: not-found; invalid (field id) when it is not dead or its channel is disabled.
        """
        ...
