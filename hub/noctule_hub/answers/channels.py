"""Notification channels and deliveries as HTTP answers show them; of what is secret only whether it is set."""

import msgspec
from noctule_shared.events import Severity

from noctule_hub.core.languages.spoken import Language
from noctule_hub.core.notifying.channels import ChannelKind, SmtpSecurity
from noctule_hub.core.notifying.deliveries import ChannelHealth, DeliveryKind, DeliveryState


class WebhookView(msgspec.Struct, frozen=True, rename="camel"):
    """A webhook without its path, which may be a secret."""

    origin: str
    secret_set: bool


class SmtpView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A mail server and for whom the mail is."""

    host: str
    port: int
    security: SmtpSecurity
    username: str | None
    password_set: bool
    sender: str
    recipients: list[str]


class AppriseView(msgspec.Struct, frozen=True, rename="camel"):
    """A service of Apprise; its URL is a secret."""

    scheme: str


class ChannelStateView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """How a channel does: how many deliveries wait and were given up, and what became of the newest attempt.

    A test is an attempt, too. `failing_since` null: it works, or was never tried.
    """

    health: ChannelHealth
    failing_since: str | None
    last_at: str | None
    last_outcome: str | None
    queued: int
    dead: int


class ChannelView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A channel; one of `webhook`, `smtp` and `apprise` is not null, as `kind` says.

    No `site_ids` and no `tags`: it is told of everything.
    """

    id: int
    name: str
    kind: ChannelKind
    enabled: bool
    severity: Severity
    site_ids: list[int]
    tags: list[str]
    language: Language
    webhook: WebhookView | None
    smtp: SmtpView | None
    apprise: AppriseView | None
    state: ChannelStateView
    created_at: str
    revision: int


class TrialView(msgspec.Struct, frozen=True, rename="camel"):
    """What became of a test message, in words."""

    delivered: bool
    outcome: str


class DeliveryView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """One event for one channel. `next_at` null: it is not tried any more; `outcome` null: it never was.

    `delivery_id` is what the receiver sees; deliveries that go as one message have the same.
    """

    id: int
    channel_id: int
    delivery_id: str
    seq: int
    alert_id: int
    kind: DeliveryKind
    title: str
    state: DeliveryState
    attempts: int
    created_at: str
    next_at: str | None
    outcome: str | None


class AttemptView(msgspec.Struct, frozen=True, rename="camel"):
    """One try."""

    at: str
    delivered: bool
    outcome: str


class DeliveryDetails(msgspec.Struct, frozen=True, rename="camel"):
    """A delivery with its newest attempts, oldest first."""

    delivery: DeliveryView
    attempts: list[AttemptView]
