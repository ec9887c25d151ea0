"""Whether what came of a scenario is what it expects, and nothing else, in words a person can follow."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from noctule_hub.core.notifying.deliveries import MAX_MESSAGES, WINDOW_MS
from noctule_hub.core.records import EventRow
from noctule_shared.events import EventName

from tests.scenarios.form import AlertExpectation, MessageExpectation, Scenario, StatusExpectation
from tests.scenarios.hub import Taken
from tests.scenarios.notation import like, time_ms
from tests.scenarios.stage import Played

SHOWN = 12
E = TypeVar("E", AlertExpectation, MessageExpectation)
C = TypeVar("C")


def faults(scenario: Scenario, played: Played) -> list[str]:
    """Return everything that is wrong, nothing when all is as expected.

    An alert that rings and a message that nobody expects is wrong; updates are looked for where they are expected. A
    channel that is flooded is wrong in any case.
    """
    missing, strange = _compared(scenario.alerts, played.alerts, _is_alert)
    wrong = [f"no alert {_words(one, left)}" for one, left in missing]
    wrong += _several(f"alert at {_at(at)}: {_row(row)}" for at, row in strange if row.name is EventName.ALERT_NEW)
    sent = [(one.at_ms, one) for one in played.messages]
    unsent, unasked = _compared(scenario.messages, sent, _is_message)
    wrong += [f"no message {_words(one, left)}" for one, left in unsent]
    wrong += _several(f"message at {_at(at)} on {one.channel}: {one.title}" for at, one in unasked)
    wrong += _floods(played)
    for wanted, found in zip(scenario.statuses, played.statuses, strict=True):
        wrong += _status_faults(wanted, found)
    wrong += [
        f"at the end no alert {title!r} is open"
        for title in scenario.still_open
        if not any(like(title, alert.title) for alert in played.still_open)
    ]
    wrong += _several(
        f"still open at the end: {alert.title} ({alert.rule}, {alert.state})"
        for alert in played.still_open
        if not any(like(title, alert.title) for title in scenario.still_open)
    )
    return wrong


def timeline(played: Played) -> str:
    """Return what was told, in order, for who looks for the fault."""
    lines = [(at, f"{_at(at):>12}  {row.name.value:<12} {_row(row)}") for at, row in played.alerts]
    lines += [(one.at_ms, f"{_at(one.at_ms):>12}  {one.channel:<12} {one.title}") for one in played.messages]
    return "\n".join(line for _, line in sorted(lines, key=lambda entry: entry[0]))


def _compared(
    expected: Sequence[E], came: Sequence[tuple[int, C]], fits: Callable[[E, C], bool]
) -> tuple[list[tuple[E, int]], list[tuple[int, C]]]:
    """Return what of the expected did not come and how often, and what came that is not expected."""
    left = [one.count for one in expected]
    spare = [max(0, (one.most or 0) - one.count) for one in expected]
    strange: list[tuple[int, C]] = []
    for at, what in came:
        for number, one in enumerate(expected):
            in_time = time_ms(one.at) <= at <= time_ms(one.at) + time_ms(one.within)
            if left[number] + spare[number] and in_time and fits(one, what):
                if left[number]:
                    left[number] -= 1
                else:
                    spare[number] -= 1
                break
        else:
            strange.append((at, what))
    return [(one, missing) for one, missing in zip(expected, left, strict=True) if missing], strange


def _floods(played: Played) -> list[str]:
    """Whatever happens, a channel gets no more messages within a minute than it may."""
    sent: dict[str, list[int]] = {}
    for one in played.messages:
        sent.setdefault(one.channel, []).append(one.at_ms)
    return [
        f"channel {name} got more than {MAX_MESSAGES} messages within a minute, at {_at(times[first])}"
        for name, times in sent.items()
        for first in range(len(times) - MAX_MESSAGES)
        if times[first + MAX_MESSAGES] - times[first] < WINDOW_MS
    ][:1]


def _is_alert(wanted: AlertExpectation, row: EventRow) -> bool:
    data = row.data
    silence, incident = data.get("silencedBy") or {}, data.get("incident") or {}
    texts = (
        (wanted.inhibited_by, data.get("inhibitedBy")),
        (wanted.silenced_by, silence.get("comment")),
        (wanted.acknowledged_by, data.get("acknowledgedBy")),
        (wanted.incident, incident.get("title")),
        (wanted.reason, data["reason"]),
    )
    return (
        row.name.value == f"alert:{wanted.event}"
        and like(wanted.title, data["title"])
        and wanted.state in {None, data["state"]}
        and wanted.rule in {None, data["rule"]}
        and wanted.severity in {None, data["severity"]}
        and all(pattern is None or like(pattern, found or "") for pattern, found in texts)
    )


def _is_message(wanted: MessageExpectation, came: Taken) -> bool:
    return wanted.channel == came.channel and like(wanted.title, came.title)


def _status_faults(wanted: StatusExpectation, found: dict[str, str]) -> list[str]:
    return _several(
        f"{name} at {wanted.at}: {status} instead of {wanted.status}"
        for name, status in found.items()
        if status != wanted.status
    )


def _several(faults_of_a_kind: Iterable[str]) -> list[str]:
    found = list(faults_of_a_kind)
    return found if len(found) <= SHOWN else [*found[:SHOWN], f"... and {len(found) - SHOWN} more like these"]


def _words(one: AlertExpectation | MessageExpectation, left: int) -> str:
    times = "" if one.count == 1 else f" ({left} of {one.count} missing)"
    what = one.event + " " if isinstance(one, AlertExpectation) else f"on {one.channel} "
    return f"{what}{one.title!r} from {one.at} on within {one.within}{times}"


def _row(row: EventRow) -> str:
    data = row.data
    extra = [f"{key} {data[key]}" for key in ("inhibitedBy", "silencedBy", "acknowledgedBy", "incident") if key in data]
    return f"[{data['severity']}] {data['title']}: {data['state']} by {data['rule']} ({data['reason']})" + "".join(
        f", {each}" for each in extra
    )


def _at(at_ms: int) -> str:
    minutes, rest_ms = divmod(at_ms, 60_000)
    return f"{minutes}m {rest_ms / 1000:g}s"
