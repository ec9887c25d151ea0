"""Notification channels: where alerts are sent, which alerts, and what of a channel may be told.

What is secret of a channel is a record of its own, sealed wherever it is kept; how it is sent is left to `notify`.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, assert_never

import msgspec
from noctule_shared.events import AlertEvent, Severity

from noctule_hub.core.languages.spoken import Language

MAX_CHANNELS: Final = 100
MAX_RECIPIENTS: Final = 20
_RANKS: Final = {Severity.INFO: 0, Severity.WARNING: 1, Severity.CRITICAL: 2}

# Services of Apprise that speak HTTP. Not among them: those that run programs or write to this machine (syslog, dbus,
# gio, gnome, kde, macosx, windows, blink1), read files of it (fcm, vapid, deltachat), or speak protocols of their own
# (amqp, aprs, growl, irc, mailto, mqtt, rsyslog, smpp, xmpp); mail has a kind of its own.
APPRISE_SCHEMES: Final = frozenset(
    """46elks atalk apprise apprises azure bark barks betterstack bluesky brevo bsky bulksms bulkvs burstsms chanify
    clickatell clicksend cliq cm d7sms dapnet dingtalk discord dot eight00com elks emby embys enigma2 enigma2s evolution
    evolutions exotel feishu firehydrant flock flowtriq flowtriqs form forms freemobile gchat github goalert goalerts
    gotify gotifys groupme guilded gupshup hassio hassios httpsms humhub humhubs ifttt ilert incidentio infobip jellyfin
    jellyfins jira join json jsons kakaotalk kaleyra kavenegar klr kodi kodis kook kudosity kumulos lametric lametrics
    lark line mailersend mailgun mastodon mastodons matrix matrixs misskey misskeys mmost mmosts msg91 msgbird ncloud
    nclouds nctalk nctalks nexmo notica noticas notifiarr notifico notificos notifyre ntfy ntfys o365 octopush onebot
    onebots onesignal opsgenie pagerduty pagertree pbul pjet pjets plivo postmark pover prowl psafer psafers push
    pushdeer pushdeers pushed pushme pushplus pushy qq reddit resend revolt ringc rocket rockets ryver schan sendgrid
    sendpulse serwersms ses seven sfr signal signals signl4 simplepush sinch slack smseagle smseagles smsmanager
    smtp2go sns sparkpost spike splunk spugpush spush squadcast stackfield synology synologys telesign telnyx tgram
    threema toot toots trigv trigvs twilio twist viber victorops voipms vonage webex wecombot whapi whatsapp workflow
    workflows wpush wxpusher wxteams xml xmls youlmk zalo zcliq zohocliq zoom zulip""".split()  # noqa: SIM905  a list of words to read
)


class ChannelKind(StrEnum):
    """By what a channel sends."""

    WEBHOOK = "webhook"
    SMTP = "smtp"
    APPRISE = "apprise"


class SmtpSecurity(StrEnum):
    """How mail is protected on its way: not at all, from STARTTLS on, or from the first byte."""

    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"


class Webhook(msgspec.Struct, frozen=True, rename="camel", tag_field="kind", tag=ChannelKind.WEBHOOK.value):
    """What may be told of a webhook: where it goes, not the path, which may be a secret. `signed`: it has a key."""

    origin: str
    signed: bool


class Smtp(msgspec.Struct, frozen=True, rename="camel", tag_field="kind", tag=ChannelKind.SMTP.value, kw_only=True):
    """What may be told of mail. `username` None: without signing in."""

    host: str
    port: int
    security: SmtpSecurity
    username: str | None
    sender: str
    recipients: tuple[str, ...]


class Apprise(msgspec.Struct, frozen=True, rename="camel", tag_field="kind", tag=ChannelKind.APPRISE.value):
    """What may be told of an Apprise URL: the service."""

    scheme: str


Target = Webhook | Smtp | Apprise


class Secret(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """What is secret of a channel: the URL of a webhook or of Apprise, the signing key, the mail server's password."""

    url: str = ""
    key: str | None = None
    password: str | None = None

    def __repr__(self) -> str:
        """Show nothing of it."""
        return "Secret(***)"

    def texts(self) -> list[str]:
        """Return the secret texts, for whoever must keep them out of something."""
        return [text for text in (self.url, self.key, self.password) if text]


@dataclass(frozen=True, slots=True)
class ChannelFields:
    """What people write of a channel, whose messages are in `language`.

    It is told of alerts of at least `severity`: of all, or when `site_ids` or `tags` are given, of those at one of
    these sites or of a device that bears one of these tags.
    """

    name: str
    enabled: bool
    severity: Severity
    site_ids: tuple[int, ...]
    tags: tuple[str, ...]
    target: Target
    language: Language = Language.ENGLISH


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel. It is told of what the event log holds above `since_seq`, its head when the channel was enabled."""

    id: int
    fields: ChannelFields
    since_seq: int
    created_ms: int
    revision: int

    @property
    def kind(self) -> ChannelKind:
        """By what it sends."""
        return kind_of(self.fields.target)


def kind_of(target: Target) -> ChannelKind:
    """Return by what a target is sent to."""
    match target:
        case Webhook():
            return ChannelKind.WEBHOOK
        case Smtp():
            return ChannelKind.SMTP
        case Apprise():
            return ChannelKind.APPRISE
        case _:
            assert_never(target)


def wants(fields: ChannelFields, alert: AlertEvent, tags: Collection[str]) -> bool:
    """Return whether a channel is told of a new alert about something that bears `tags`."""
    if not fields.enabled or _RANKS[alert.severity] < _RANKS[fields.severity]:
        return False
    if not fields.site_ids and not fields.tags:
        return True
    return alert.site_id in fields.site_ids or any(tag in fields.tags for tag in tags)
