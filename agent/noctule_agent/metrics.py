"""The agent's status as Prometheus text (exposition format 0.0.4). Pure; serving it is left to `metrics_port`.

What is unknown has no sample. Names follow Prometheus' conventions: base units, `_total` for counters.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from noctule_agent.status import AgentStatus
from noctule_agent.uplink import LinkState

PREFIX: Final = "noctule_agent_"
# The monitor's own names -> a metric and what it counts.
_MONITOR: Final[Mapping[str, tuple[str, str]]] = {
    "rounds": ("ping_rounds_total", "Rounds of echoes."),
    "polls": ("snmp_polls_total", "SNMP polls."),
    "failed_polls": ("snmp_polls_failed_total", "SNMP polls that failed."),
    "errors": ("measurement_errors_total", "Measurements that ended in an error of the agent's own."),
    "overruns": ("overruns_total", "Turns that were skipped because a measurement took longer than its interval."),
    "dropped_hints": ("trap_hints_dropped_total", "Hints of traps that were dropped because too many rows waited."),
    "traces_skipped": ("traceroutes_skipped_total", "Routes that were not traced because too many were."),
    "budget_waits": ("snmp_budget_waits_total", "SNMP requests that waited for a budget."),
    "budget_wait_s": ("snmp_budget_wait_seconds_total", "How long SNMP requests waited for a budget."),
}
_OVERRUNS_OF: Final = "overruns of "
_CONNECTIONS: Final = "syslog connections"

Labels = Mapping[str, str]
Sample = tuple[Labels, float | None]


def metrics_text(status: AgentStatus) -> str:
    """Return a status as text: one family after the other, each with help and type."""
    return "".join(_families(status))


def _families(now: AgentStatus) -> Iterator[str]:
    agent = {"version": now.version, "agent_id": str(now.agent_id), "name": now.name, "site": now.site}
    yield _gauge("info", "The agent itself.", [({**agent, "icmp": now.icmp}, 1)])
    yield _gauge("start_time_seconds", "When it started, since 1970.", now.started_ms / 1000)
    yield _gauge("devices", "Devices in its list.", now.devices)
    yield _gauge("config_revision", "Revision of its device list.", now.config_revision)
    yield from _link(now)
    yield from _outbox(now)
    yield _counter("rows_total", "Rows measured.", now.rows)
    yield _counter("events_total", "Events found.", now.events)
    dropped: list[Sample] = [({"reason": reason}, count) for reason, count in sorted(now.drops.items())]
    yield _counter("dropped_total", "Rows and frames that were lost, by reason.", dropped)
    ended: list[Sample] = [({"result": word}, count) for word, count in sorted(now.commands.items())]
    yield _counter("commands_total", "Commands of the hub, by how they ended.", ended)
    yield from _monitor(now)
    yield from _receivers(now)


def _link(now: AgentStatus) -> Iterator[str]:
    link = now.link
    states: list[Sample] = [({"state": state.value}, state.value == link.state) for state in LinkState]
    yield _gauge("link_state", "1 for the state in which the link to the hub is, 0 for all others.", states)
    yield _gauge("link_state_since_seconds", "Since when it is in that state, since 1970.", link.since_ms / 1000)
    yield _counter("link_sessions_total", "Links that the hub welcomed.", link.sessions)
    yield _gauge("link_frames_in_flight", "Frames sent and not acknowledged.", link.in_flight)
    yield _gauge("link_credit_frames", "Unacknowledged frames that the hub allows.", link.credit_frames)
    skew_s = None if link.clock_skew_ms is None else link.clock_skew_ms / 1000
    yield _gauge("clock_skew_seconds", "The hub's clock minus ours at the last welcome.", skew_s)


def _outbox(now: AgentStatus) -> Iterator[str]:
    outbox = now.outbox
    yield _gauge("outbox_info", "The outbox's epoch.", [({"epoch": outbox.epoch}, 1)])
    yield _gauge("outbox_next_seq", "Number of the next frame of this epoch.", outbox.next_seq)
    yield _gauge("outbox_acked_seq", "Number of the last frame that the hub has.", outbox.acked_seq)
    yield _gauge("outbox_backlog_frames", "Frames that wait for the hub.", outbox.backlog_frames)
    yield _gauge("outbox_backlog_bytes", "Bytes that wait for the hub.", outbox.backlog_bytes)
    yield _gauge("outbox_backlog_age_seconds", "Age of the oldest frame that waits.", outbox.backlog_age_s)
    yield _counter("outbox_resets_total", "Outbox files that were set aside.", outbox.resets)


def _monitor(now: AgentStatus) -> Iterator[str]:
    for name, (metric, text) in _MONITOR.items():
        yield _counter(metric, text, now.pollers.get(name))
    overruns: list[Sample] = [
        ({"device": name.removeprefix(_OVERRUNS_OF)}, count)
        for name, count in now.pollers.items()
        if name.startswith(_OVERRUNS_OF)
    ]
    yield _counter("device_overruns_total", "Skipped turns of the devices with most of them.", overruns)
    slowest: list[Sample] = [({"device": name}, took_s) for name, took_s in now.slowest_s.items()]
    yield _gauge(
        "device_poll_seconds",
        "Duration of the last SNMP poll of the slowest devices, waits for budgets included.",
        slowest,
    )


def _receivers(now: AgentStatus) -> Iterator[str]:
    yield _gauge("syslog_connections", "Open TCP connections for syslog.", now.receivers.get(_CONNECTIONS))
    counted: list[Sample] = [
        ({"what": name}, count) for name, count in sorted(now.receivers.items()) if name != _CONNECTIONS
    ]
    yield _counter("received_total", "What was received of traps and syslog.", counted)


def _gauge(name: str, text: str, samples: list[Sample] | float | None) -> str:
    return _family(name, "gauge", text, samples)


def _counter(name: str, text: str, samples: list[Sample] | float | None) -> str:
    return _family(name, "counter", text, samples)


def _family(name: str, kind: str, text: str, samples: list[Sample] | float | None) -> str:
    known = [(labels, value) for labels, value in _listed(samples) if value is not None]
    if not known:
        return ""
    lines = [f"# HELP {PREFIX}{name} {text}", f"# TYPE {PREFIX}{name} {kind}"]
    lines += [f"{PREFIX}{name}{_braced(labels)} {_number(value)}" for labels, value in known]
    return "\n".join(lines) + "\n"


def _listed(samples: list[Sample] | float | None) -> list[Sample]:
    return samples if isinstance(samples, list) else [({}, samples)]


def _braced(labels: Labels) -> str:
    if not labels:
        return ""
    inside = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items())
    return f"{{{inside}}}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else repr(value)
