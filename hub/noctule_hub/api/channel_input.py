"""What people write of notification channels, checked: pure, names the field, never repeats what may be secret."""

import re
from typing import Annotated, Final
from urllib.parse import urlsplit

import msgspec
from msgspec import UNSET, UnsetType
from noctule_shared.errors import invalid
from noctule_shared.events import Severity

from noctule_hub.api.bodies import Id, check_name
from noctule_hub.api.device_input import Text, check_tags
from noctule_hub.core.languages.spoken import Language
from noctule_hub.core.notifying.channels import (
    APPRISE_SCHEMES,
    MAX_RECIPIENTS,
    Apprise,
    Channel,
    ChannelFields,
    Secret,
    Smtp,
    SmtpSecurity,
    Target,
    Webhook,
    kind_of,
)

MAX_URL_CHARS: Final = 2_000
MIN_KEY_CHARS: Final = 16
MAX_SITES: Final = 1_000
# Plain addresses only: no names, no quotes, no comments, nothing that a header could be made of.
_MAIL: Final = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
_HOST: Final = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,252}[A-Za-z0-9_])?|[0-9A-Fa-f:]{2,45}")
_SCHEME: Final = re.compile(r"([a-z0-9]{1,32})://(.+)", re.DOTALL)
# Apprise's own switches that this hub decides, and those that make it read files.
_REFUSED_WORDS: Final = re.compile(
    r"[?&]\s*(verify|redirect|template|attach|attach-as|keyfile|pgpkey)\s*=", re.IGNORECASE
)

SecretText = Annotated[str, msgspec.Meta(max_length=MAX_URL_CHARS)]
MailAddress = Annotated[str, msgspec.Meta(max_length=320)]


class WebhookInput(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Where to post, and the key of the signature: null or absent for none, 16 characters at least."""

    url: SecretText
    secret: SecretText | None = None


class SmtpInput(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """A mail server. `password` absent: the one that is kept for this server and user."""

    host: Annotated[str, msgspec.Meta(max_length=255)]
    port: Annotated[int, msgspec.Meta(ge=1, le=65_535)] = 587
    security: SmtpSecurity = SmtpSecurity.STARTTLS
    username: Annotated[str, msgspec.Meta(max_length=255)] | None = None
    password: SecretText | None = None
    sender: MailAddress
    recipients: Annotated[list[MailAddress], msgspec.Meta(min_length=1, max_length=MAX_RECIPIENTS)]


class AppriseInput(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """A URL of Apprise, such as `ntfys://TOKEN@host/topic`."""

    url: SecretText


class NewChannel(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """Body of `POST /api/v1/channels`: exactly one of `webhook`, `smtp` and `apprise`."""

    name: Text
    enabled: bool = True
    severity: Severity = Severity.WARNING
    site_ids: Annotated[list[Id], msgspec.Meta(max_length=MAX_SITES)] = []
    tags: list[Text] = []
    language: Language = Language.ENGLISH
    webhook: WebhookInput | None = None
    smtp: SmtpInput | None = None
    apprise: AppriseInput | None = None


class ChannelChange(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """Body of `PATCH /api/v1/channels/{id}`: what is absent stays. `revision` is the one that was read.

    Settings are given whole, of the channel's own kind.
    """

    revision: int
    name: Text | UnsetType = UNSET
    enabled: bool | UnsetType = UNSET
    severity: Severity | UnsetType = UNSET
    site_ids: Annotated[list[Id], msgspec.Meta(max_length=MAX_SITES)] | UnsetType = UNSET
    tags: list[Text] | UnsetType = UNSET
    language: Language | UnsetType = UNSET
    webhook: WebhookInput | None = None
    smtp: SmtpInput | None = None
    apprise: AppriseInput | None = None


def check_new(body: NewChannel) -> tuple[ChannelFields, Secret]:
    """Return a new channel and its secret. Raises `Refused` (invalid), naming the field."""
    settings = _settings(body)
    if settings is None:
        raise invalid("webhook", "say where to: give webhook, smtp or apprise")
    target, secret = settings
    if isinstance(target, Smtp) and target.username is not None and secret.password is None:
        raise invalid("smtp.password", "is required with a username")
    fields = ChannelFields(
        name=check_name("name", body.name),
        enabled=body.enabled,
        severity=body.severity,
        site_ids=tuple(sorted(set(body.site_ids))),
        tags=check_tags(body.tags),
        target=target,
        language=body.language,
    )
    return fields, secret


def check_change(channel: Channel, body: ChannelChange) -> tuple[ChannelFields, Secret | None]:
    """Return a channel after a change, and its new secret, None: it keeps what it has. Raises `Refused` (invalid)."""
    old = channel.fields
    target, secret = _settings(body) or (old.target, None)
    if kind_of(target) is not channel.kind:
        raise invalid(kind_of(target), f"this channel is of the kind {channel.kind}; add another one instead")
    if isinstance(target, Smtp) and isinstance(old.target, Smtp) and secret is not None and secret.password is None:
        same = (target.host, target.port, target.security, target.username)
        kept = (old.target.host, old.target.port, old.target.security, old.target.username)
        if target.username is not None and same != kept:
            # A password goes to no other server than the one that it was given for.
            raise invalid("smtp.password", "give it again with another host, port, security or username")
        secret = None if target.username is not None else Secret()
    fields = ChannelFields(
        name=old.name if body.name is UNSET else check_name("name", body.name),
        enabled=old.enabled if body.enabled is UNSET else body.enabled,
        severity=old.severity if body.severity is UNSET else body.severity,
        site_ids=old.site_ids if body.site_ids is UNSET else tuple(sorted(set(body.site_ids))),
        tags=old.tags if body.tags is UNSET else check_tags(body.tags),
        target=target,
        language=old.language if body.language is UNSET else body.language,
    )
    return fields, secret


def _settings(body: NewChannel | ChannelChange) -> tuple[Target, Secret] | None:
    given = [part for part in (body.webhook, body.smtp, body.apprise) if part is not None]
    if len(given) > 1:
        raise invalid("webhook", "give one of webhook, smtp and apprise")
    if body.webhook is not None:
        return _webhook(body.webhook)
    if body.smtp is not None:
        return _smtp(body.smtp)
    return None if body.apprise is None else _apprise(body.apprise)


def _webhook(body: WebhookInput) -> tuple[Webhook, Secret]:
    try:
        parts = urlsplit(body.url)
        usable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
        usable = usable and body.url.isascii() and body.url.isprintable() and not set(body.url) & set(' "<>\\^`{|}')
    except ValueError:
        usable = False
    if not usable:
        raise invalid("webhook.url", "must be a URL such as https://hooks.example.net/noctule, of http or https")
    if parts.username is not None or parts.password is not None or "@" in parts.netloc:
        raise invalid("webhook.url", "must hold no user and password; the receiver knows us by the signature")
    if not _HOST.fullmatch(parts.hostname or ""):
        raise invalid("webhook.url", "names no host that can be asked")
    key = body.secret
    if key is not None and not (len(key) >= MIN_KEY_CHARS and key.isprintable()):
        raise invalid("webhook.secret", f"must have {MIN_KEY_CHARS} printable characters at least")
    return Webhook(f"{parts.scheme}://{parts.netloc.lower()}", key is not None), Secret(url=body.url, key=key)


def _smtp(body: SmtpInput) -> tuple[Smtp, Secret]:
    if not _HOST.fullmatch(body.host):
        raise invalid("smtp.host", "must be a name or an address, such as mail.example.net")
    for field, address in (("sender", body.sender), *(("recipients", one) for one in body.recipients)):
        if not _MAIL.fullmatch(address):
            raise invalid(f"smtp.{field}", "must be plain mail addresses, such as noc@example.net")
    username = body.username or None
    if username is None and body.password:
        raise invalid("smtp.username", "is required with a password")
    if username is not None:
        if not username.isprintable():
            raise invalid("smtp.username", "must hold no control characters")
        if body.security is SmtpSecurity.NONE:
            raise invalid("smtp.security", "a password is never sent in the clear; use starttls or tls")
    if body.password is not None and not (body.password and body.password.isprintable()):
        raise invalid("smtp.password", "must not be empty and hold no control characters")
    target = Smtp(
        host=body.host.lower(),
        port=body.port,
        security=body.security,
        username=username,
        sender=body.sender,
        recipients=tuple(dict.fromkeys(body.recipients)),
    )
    return target, Secret(password=body.password)


def _apprise(body: AppriseInput) -> tuple[Apprise, Secret]:
    found = _SCHEME.match(body.url)
    if found is None or not body.url.isprintable():
        raise invalid("apprise.url", "must be a URL of Apprise, such as ntfys://host/topic; it is not repeated here")
    if found[1] not in APPRISE_SCHEMES:
        raise invalid(
            "apprise.url", "is of a service that is not allowed here; docs/notifications.md lists those that are"
        )
    if _REFUSED_WORDS.search(body.url):
        raise invalid("apprise.url", "must not set verify, redirect, or files to read; remove these parameters")
    return Apprise(found[1]), Secret(url=body.url)
