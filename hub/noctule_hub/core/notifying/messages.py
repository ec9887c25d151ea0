"""A parcel in words: the built-in ones, or those of its policy where they can be used."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import msgspec
from noctule_shared.events import AlertEvent, Severity

from noctule_hub.core.languages.spoken import Language, said_in
from noctule_hub.core.notifying.deliveries import DeliveryKind, Gathering, Item, Parcel
from noctule_hub.core.notifying.message_words import WORDS
from noctule_hub.core.notifying.plain_text import MAX_TITLE_CHARS, inert, inert_alert
from noctule_hub.core.notifying.policies import Template
from noctule_hub.core.notifying.templates import TemplateError, fill_text, fill_title

_RANKS: Final = {Severity.CRITICAL: 0, Severity.WARNING: 1, Severity.INFO: 2}
_KINDS: Final = {DeliveryKind.NEW: 0, DeliveryKind.REMINDER: 1, DeliveryKind.RESOLVED: 2}


@dataclass(frozen=True, slots=True)
class Message:
    """A message in plain words: `title` is one line, neither holds controls. `event` is `alert.new` and the like.

    `title` and `text` are in `language`.

    `fault` is why the policy's own words could not be used, None: they were, or there are none.
    """

    public_id: str
    event: str
    title: str
    text: str
    alerts: tuple[AlertEvent, ...]
    more: int
    language: Language = Language.ENGLISH
    fault: str | None = None


def message_of(parcel: Parcel, *, url: str | None, language: Language = Language.ENGLISH) -> Message:
    """Return a parcel in the words of a language; `url` is where people open the hub, None: nobody said.

    `alerts` stay as they are sent to everybody, in English.
    """
    items = tuple(Item(item.kind, inert_alert(item.alert)) for item in parcel.items)
    if parcel.gathering is not Gathering.SUMMARY and len(items) > 1:
        items = tuple(sorted(items, key=_importance))
    alerts = tuple(item.alert for item in items)
    told = tuple(Item(item.kind, _said(item.alert, language)) for item in items)
    more = parcel.count - len(items)
    listed = [*_lines(parcel, told, language), *_footer(url)]
    if parcel.gathering is Gathering.SUMMARY:
        title = _summary_title(parcel, told, language)
        return Message(parcel.public_id, "alert.summary", title, "\n".join(listed), alerts, more, language)
    title = _title(parcel, told, language)
    text = "\n".join(_facts(told[0], url, language) if parcel.count == 1 else listed)
    built_in = Message(parcel.public_id, f"alert.{told[0].kind}", title, text, alerts, more, language)
    return _worded(built_in, parcel.template, _known(parcel, told, title, url, language))


def trial(public_id: str, channel: str, *, url: str | None, language: Language = Language.ENGLISH) -> Message:
    """Return the message by which somebody tries a channel."""
    words = WORDS[language]
    text = words.channel_text.format(channel=inert(channel))
    return Message(
        public_id,
        "test",
        inert(words.channel_title.format(channel=channel), MAX_TITLE_CHARS),
        text if url is None else f"{text}\n\n{url}",
        (),
        0,
        language,
    )


def as_trial(message: Message) -> Message:
    """Return a message as the test of a policy that it is: nobody shall run."""
    words = WORDS[message.language]
    return replace(
        message,
        event="test",
        title=inert(words.trial_title.format(title=message.title), MAX_TITLE_CHARS),
        text=f"{words.trial_text}\n\n{message.text}",
    )


def _said(alert: AlertEvent, language: Language) -> AlertEvent:
    """Return an alert whose sentences of the hub's are said in a language; names and notes are people's and stay."""
    incident = alert.incident
    if incident is not None:
        incident = msgspec.structs.replace(incident, title=said_in(language, incident.title))
    return msgspec.structs.replace(
        alert, title=said_in(language, alert.title), reason=said_in(language, alert.reason), incident=incident
    )


def _worded(built_in: Message, template: Template, facts: Mapping[str, str]) -> Message:
    title, text = built_in.title, built_in.text
    try:
        title = title if template.title is None else fill_title(template.title, facts)
        text = text if template.text is None else fill_text(template.text, facts)
    except TemplateError as error:
        # Words of another version of the hub, or that come to nothing for this alert.
        return replace(built_in, fault=f"the policy's template failed ({error}); the built-in words were sent")
    return replace(built_in, title=title, text=text)


def _summary_title(parcel: Parcel, items: Sequence[Item], language: Language) -> str:
    first = inert(_named(items[0].alert), 80) + (", ..." if parcel.count > 1 else "")
    return WORDS[language].summary.format(count=parcel.count, first=first)


def _importance(item: Item) -> tuple[int, int, str, int]:
    """Order by what comes first to somebody who looks for a cause: new, severe, early."""
    return _KINDS[item.kind], _RANKS[item.alert.severity], item.alert.started_at, item.alert.id


def _title(parcel: Parcel, items: Sequence[Item], language: Language) -> str:
    words, first = WORDS[language], items[0]
    more = words.more.format(count=parcel.count - 1) if parcel.count > 1 else ""
    what, incident = _named(first.alert), first.alert.incident
    if parcel.gathering is not None and incident is not None:
        # It names the probable cause; what cannot be reached because of that rings nobody.
        what = incident.title
        more = words.unreachable.format(count=incident.unreachable) if incident.unreachable else more
    if more:
        what = f"{inert(what, MAX_TITLE_CHARS - 60)} (+{more})"
    if parcel.gathering is Gathering.FOLLOW_UP:
        what = words.following.format(count=parcel.count, what=what)
    return inert(f"[{_word(first, language)}] {what}", MAX_TITLE_CHARS)


def _word(item: Item, language: Language) -> str:
    severity = said_in(language, item.alert.severity.value)
    match item.kind:
        case DeliveryKind.RESOLVED:
            return said_in(language, "resolved")
        case DeliveryKind.REMINDER:
            return WORDS[language].still.format(severity=severity)
        case DeliveryKind.NEW:
            return severity


def _lines(parcel: Parcel, items: Sequence[Item], language: Language) -> list[str]:
    lines = [f"- {_word(item, language)}: {inert(_named(item.alert), 160)}" for item in items]
    more = parcel.count - len(lines)
    return [*lines, WORDS[language].rest.format(count=more)] if more else lines


def _footer(url: str | None) -> list[str]:
    return [] if url is None else ["", url]


def _named(alert: AlertEvent) -> str:
    """Return an alert's title, with its device where that does not begin with it."""
    if alert.device_name is None or alert.title.startswith(alert.device_name):
        return alert.title
    return f"{alert.device_name}: {alert.title}"


def _facts(item: Item, url: str | None, language: Language) -> list[str]:
    words, alert = WORDS[language], item.alert
    facts = [alert.title, ""]
    if alert.device_name is not None:
        facts.append(words.device.format(fact=alert.device_name))
    facts += [
        words.severity.format(fact=said_in(language, alert.severity.value)),
        words.reason.format(fact=alert.reason),
        words.since.format(fact=alert.started_at),
    ]
    if item.kind is DeliveryKind.RESOLVED and alert.resolved_at is not None:
        facts.append(words.resolved.format(fact=alert.resolved_at))
    if item.kind is DeliveryKind.REMINDER:
        facts.append(words.unattended)
    return [*facts, words.alert.format(fact=alert.id), *_footer(url)]


def _known(parcel: Parcel, items: Sequence[Item], title: str, url: str | None, language: Language) -> dict[str, str]:
    """Return the facts that templates may name (`templates.FACTS`)."""
    first, more = items[0].alert, parcel.count - len(items)
    severity = "resolved" if items[0].kind is DeliveryKind.RESOLVED else first.severity.value
    return {
        "alert": str(first.id),
        "count": str(parcel.count),
        "device": first.device_name or "",
        "incident": "" if first.incident is None else first.incident.title,
        "list": "\n".join(_lines(parcel, items, language)),
        "more": str(more) if more else "",
        "note": first.note or "",
        "reason": first.reason,
        "resolved": first.resolved_at or "",
        "rule": first.rule,
        "severity": said_in(language, severity),
        "started": first.started_at,
        "title": first.title,
        "topic": title,
        "url": url or "",
    }
