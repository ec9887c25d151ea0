"""The public status page as HTML: no style and no script inside; every text that people gave is escaped here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from html import escape
from itertools import groupby
from typing import Final

from noctule_shared.events import ComponentState

from noctule_hub.answers.status_page import PublicComponent, PublicDisturbance, PublicStatus, PublicWork
from noctule_hub.api.status_words import PageWords
from noctule_hub.core.component_history import ComponentHistory, Day

# State is colour, shape and word, never colour alone; the colours are the style's, by class.
SHAPES: Final = {
    ComponentState.OPERATIONAL: "\N{BLACK CIRCLE}",
    ComponentState.DEGRADED: "\N{BLACK UP-POINTING TRIANGLE}",
    ComponentState.OUTAGE: "\N{BLACK SQUARE}",
    ComponentState.MAINTENANCE: "\N{HEAVY GREEK CROSS}",
    ComponentState.UNKNOWN: "\N{WHITE CIRCLE}",
}
MAX_LISTED: Final = 30
MAX_TOLD_DAYS: Final = 5
_MINUTE_S: Final = 60
_HOUR_S: Final = 3_600
_DAY_S: Final = 86_400
# A day of the bar is 3 of 4 units wide and the higher the worse, so that it can be read in grey.
_STEP: Final = 4
_HEIGHT: Final = 24
_TOP: Final = {
    ComponentState.OUTAGE: 0,
    ComponentState.DEGRADED: 5,
    ComponentState.MAINTENANCE: 11,
    ComponentState.OPERATIONAL: 11,
    ComponentState.UNKNOWN: 21,
}
_HEAD: Final = """<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
"""
_PAGE: Final = (
    _HEAD
    + """<noscript><meta http-equiv="refresh" content="60"></noscript>
<title>{mark}{title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/status.css">
<script src="/status.js" defer></script>
</head>
<body>
<main>
<p id="stale" class="stale" role="status" data-lost="{lost}" data-units="{units}" hidden></p>
<h1>{title}</h1>
<div id="overall" role="status" class="{state}">{overall}</div>
<div id="news">{news}</div>
<div id="services">{services}</div>
<div id="planned">{planned}</div>
<div id="past">{past}</div>
<footer id="foot">{foot}</footer>
</main>
</body>
</html>
"""
)
_NOT_PUBLISHED: Final = (
    _HEAD
    + """<title>{title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/status.css">
</head>
<body><main><h1>{title}</h1><p>{text}</p></main></body>
</html>
"""
)
_COMPONENT: Final = """<li class="{state}">
<h3>{label}</h3>
<span class="state"><span aria-hidden="true">{shape}</span> {word}</span>
{since}{days}</li>
"""
_BAR: Final = """<svg class="days" viewBox="0 0 {width} 24" preserveAspectRatio="none" role="img" aria-label="{told}">
{marks}
</svg>
<p class="scale"><span>{first}</span><span>{ratio}</span><span>{today}</span></p>
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What there is to show and in which words; times by the clocks of `zone`."""

    words: PageWords
    status: PublicStatus
    histories: Mapping[int, ComponentHistory]
    organisation: str
    zone: tzinfo
    now_ms: int


def page_html(shown: Shown) -> str:
    """Return the whole page."""
    status, words = shown.status, shown.words
    labels = {row.id: row.label for row in status.components}
    has_any = bool(status.components)
    # What runs explains the states below it; what is to come may wait until after them.
    under_way = [one for one in status.maintenance if _ms(one.starts_at) <= shown.now_ms]
    planned = [one for one in status.maintenance if one not in under_way]
    return _PAGE.format(
        language=words.language,
        lost=escape(words.lost),
        units=escape(" ".join(words.units)),
        mark=f"{SHAPES[status.state]} " if has_any else "",
        title=escape(status.title),
        state=status.state if has_any else "none",
        overall=f'<span aria-hidden="true">{SHAPES[status.state]}</span> {escape(sentence(status, words))}'
        if has_any
        else words.no_services,
        news=_message(status.message) + _work(words.under_way, under_way, labels, shown),
        services=_services(shown),
        planned=_work(words.planned, planned, labels, shown),
        past=_past(status.disturbances, labels, shown) if has_any else "",
        foot=_foot(shown),
    )


def no_page_html(words: PageWords) -> str:
    """Return the page that says that there is none."""
    return _NOT_PUBLISHED.format(language=words.language, title=words.no_page, text=words.no_page_text)


def sentence(status: PublicStatus, words: PageWords) -> str:
    """Return what the state of the whole comes to, in words."""
    of_state = [row.label for row in status.components if row.state is status.state]
    if len(of_state) == 1:
        return words.one[status.state].format(label=of_state[0])
    return words.many[status.state].format(count=len(of_state), all=len(status.components))


def _message(text: str) -> str:
    return f'<p class="message">{escape(text)}</p>\n' if text else ""


def _work(heading: str, work: Sequence[PublicWork], labels: Mapping[int, str], shown: Shown) -> str:
    if not work:
        return ""
    lines = "".join(
        _event(
            ComponentState.MAINTENANCE,
            ", ".join(labels[number] for number in one.component_ids if number in labels),
            _span(one.starts_at, one.ends_at, shown),
            shown.words,
        )
        for one in work
    )
    return f'<h2>{heading}</h2>\n<ul class="events">\n{lines}</ul>\n'


def _event(state: ComponentState, label: str, when: str, words: PageWords) -> str:
    # Of maintenance the heading says that it is.
    word = "" if state is ComponentState.MAINTENANCE else f" {words.states[state]}"
    mark = f'<span class="{state}"><span aria-hidden="true">{SHAPES[state]}</span>{word}</span>'
    return f"<li><p>{escape(label)}</p>{mark}<span>{when}</span></li>\n"


def _services(shown: Shown) -> str:
    rows = "".join(_component(row, shown) for row in shown.status.components)
    return f'<h2 class="sr">{shown.words.services}</h2>\n<ul class="services">\n{rows}</ul>\n' if rows else ""


def _component(row: PublicComponent, shown: Shown) -> str:
    history = shown.histories.get(row.id)
    # What works needs no date: the eye is to find what does not.
    quiet = row.since is None or row.state is ComponentState.OPERATIONAL
    since = "" if quiet or row.since is None else shown.words.since.format(at=_time(row.since, shown))
    return _COMPONENT.format(
        state=row.state,
        label=escape(row.label),
        shape=SHAPES[row.state],
        word=shown.words.states[row.state],
        since=f'<p class="since">{since}</p>\n' if since else "",
        days="" if history is None else _bar(history, shown.words),
    )


def _bar(history: ComponentHistory, words: PageWords) -> str:
    """Return the days as a picture: those that are alike as one path each, disturbed ones with a title of their own."""
    alike: dict[ComponentState, list[str]] = {}
    marks: list[str] = []
    disturbed = []
    for place, day in enumerate(history.days):
        x, top = place * _STEP, _TOP[day.state]
        if day.outage_ms or day.degraded_ms:
            disturbed.append(_told(day, words))
            rect = f'<rect class="{day.state}" x="{x}" y="{top}" width="3" height="{_HEIGHT - top}">'
            marks.append(f"{rect}<title>{disturbed[-1]}</title></rect>")
        else:
            alike.setdefault(day.state, []).append(f"M{x} {top}h3v{_HEIGHT - top}h-3z")
    paths = [f'<path class="{state}" d="{"".join(parts)}"/>' for state, parts in alike.items()]
    share = None if history.ratio is None else _percent(history.ratio, words)
    ratio = words.no_data if share is None else words.available.format(share=share)
    told = [words.days.format(count=len(history.days), ratio=ratio), *disturbed[-MAX_TOLD_DAYS:]]
    if len(disturbed) > MAX_TOLD_DAYS:
        told.append(words.more_days.format(count=len(disturbed) - MAX_TOLD_DAYS))
    return _BAR.format(
        width=len(history.days) * _STEP - 1,
        told=escape(" ".join(told)),
        marks="\n".join(paths + marks),
        first=_day(history.days[0].day, words),
        today=words.today,
        ratio=ratio,
    )


def _told(day: Day, words: PageWords) -> str:
    parts = [
        said.format(span=_lasted(lasted_ms, words))
        for said, lasted_ms in ((words.out_for, day.outage_ms), (words.degraded_for, day.degraded_ms))
        if lasted_ms
    ]
    return f"{_day(day.day, words)}: {', '.join(parts)}."


def _past(disturbances: Sequence[PublicDisturbance], labels: Mapping[int, str], shown: Shown) -> str:
    """Return what happened, by the day on which it began."""
    words = shown.words
    if not disturbances:
        return f'<h2>{words.past}</h2>\n<p class="none">{words.none_past}</p>\n'
    parts = []
    for day, of_day in groupby(disturbances[:MAX_LISTED], key=lambda one: _local(one.from_, shown).date()):
        lines = "".join(
            _event(one.state, labels[one.component_id], _span(one.from_, one.to, shown, day_is_said=True), words)
            for one in of_day
        )
        parts.append(
            f'<h3>{day.day} {words.months[day.month - 1]} {day.year}</h3>\n<ul class="events">\n{lines}</ul>\n'
        )
    more = len(disturbances) - MAX_LISTED
    rest = f'<p class="none">{words.unlisted.format(count=more)}</p>\n' if more > 0 else ""
    return f"<h2>{words.past}</h2>\n{''.join(parts)}{rest}"


def _foot(shown: Shown) -> str:
    who = f"<p>{escape(shown.organisation)}</p>" if shown.organisation else ""
    at = datetime.fromtimestamp(shown.now_ms / 1000, shown.zone)
    as_of = f"{_day(at, shown.words)} {at:%Y %H:%M %Z}"
    return f"{who}<p>{shown.words.as_of.format(at=as_of)}</p>"


def _span(from_: str, to: str | None, shown: Shown, *, day_is_said: bool = False) -> str:
    """Return from when to when, the day and the zone as often as they are needed."""
    words = shown.words
    if to is None:
        at = _time(from_, shown, with_day=not day_is_said)
        return words.since_lasting.format(at=at, span=_lasted(shown.now_ms - _ms(from_), words))
    is_one_day = _local(from_, shown).date() == _local(to, shown).date()
    begin = _time(from_, shown, with_day=not day_is_said, with_zone=False)
    end = _time(to, shown, with_day=not is_one_day)
    return words.from_to.format(begin=begin, end=end, span=_lasted(_ms(to) - _ms(from_), words))


def _time(iso: str, shown: Shown, *, with_day: bool = True, with_zone: bool = True) -> str:
    at = _local(iso, shown)
    day = f"{_day(at, shown.words)} " if with_day else ""
    return f'<time datetime="{iso}">{day}{at:%H:%M}{f" {at:%Z}" if with_zone else ""}</time>'


def _day(day: date, words: PageWords) -> str:
    return f"{day.day} {words.short_months[day.month - 1]}"


def _local(iso: str, shown: Shown) -> datetime:
    return datetime.fromisoformat(iso).astimezone(shown.zone)


def _ms(iso: str) -> int:
    return int(datetime.fromisoformat(iso).astimezone(UTC).timestamp() * 1000)


def _percent(ratio: float, words: PageWords) -> str:
    """Return a share, as exact as those beside it; never 100 % of what was not all."""
    share = "100" if ratio == 1 else f"{min(99.999, ratio * 100):.3f}"
    return f"{share.replace('.', words.decimal_mark)} %"


def _lasted(lasted_ms: int, words: PageWords) -> str:
    """Return a duration for people: two units at most."""
    seconds = round(lasted_ms / 1000)
    day, hour, minute, second = words.units
    for unit_s, unit, rest_s, rest in ((_DAY_S, day, _HOUR_S, hour), (_HOUR_S, hour, _MINUTE_S, minute)):
        if seconds >= unit_s:
            over = seconds % unit_s // rest_s
            return f"{seconds // unit_s} {unit} {over} {rest}" if over else f"{seconds // unit_s} {unit}"
    return f"{seconds // _MINUTE_S} {minute}" if seconds >= _MINUTE_S else f"{seconds} {second}"
