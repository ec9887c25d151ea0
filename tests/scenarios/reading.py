"""A scenario file read strictly: what is not in its form, and what names something that is not there, is refused."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
from noctule_hub.core.alerting.conditions import check_condition
from noctule_shared.errors import Refused

from tests.scenarios.form import Scenario, condition_of
from tests.scenarios.notation import like, time_ms

TIMED = ("steps", "alerts", "messages", "statuses")
SHOWN = 8


class ScenarioError(Exception):
    """A scenario file that cannot be played; the message names the file and the place."""


def load(path: Path) -> Scenario:
    """Return a scenario. Raises `ScenarioError` naming what is wrong and where."""
    try:
        scenario = msgspec.toml.decode(path.read_bytes(), type=Scenario)
        _check_devices(scenario)
        names = _names(scenario)
        for place, kind, name in _references(scenario):
            _find(place, kind, name, names[kind])
        _check_times(scenario)
        for rule in scenario.rules:
            if rule.condition is not None:
                check_condition(condition_of(rule))
    except (msgspec.DecodeError, Refused, ScenarioError) as error:
        raise ScenarioError(f"{path.name}: {error}") from error
    return scenario


def _names(scenario: Scenario) -> dict[str, list[str]]:
    """Return the names of all that is there, by kind."""
    names = {
        "agent": [agent.name for agent in scenario.agents],
        "device": [name for device in scenario.devices for name in device.names()],
        "channel": [channel.name for channel in scenario.channels],
        "customer": [customer.name for customer in scenario.customers],
        "policy": [policy.name for policy in scenario.policies],
    }
    for kind, known in names.items():
        if len(known) != len(set(known)):
            raise ScenarioError(f"two of kind {kind} have one name")
    return names


def _policy_references(scenario: Scenario) -> Iterator[tuple[str, str, str]]:
    for at, rule in enumerate(scenario.rules):
        if rule.policy is not None:
            yield f"rules[{at}].policy", "policy", rule.policy
    for at, policy in enumerate(scenario.policies):
        for number, step in enumerate(policy.steps):
            place = f"policies[{at}].steps[{number}].channels"
            yield from ((place, "channel", channel) for channel in step.channels or ())


def _references(scenario: Scenario) -> Iterator[tuple[str, str, str]]:
    """Yield where something is named, of which kind it is, and its name or pattern."""
    yield from _policy_references(scenario)
    for at, device in enumerate(scenario.devices):
        yield from ((f"devices[{at}].parents", "device", parent) for parent in device.parents)
        if device.agent is not None:
            yield f"devices[{at}].agent", "agent", device.agent
    for at, customer in enumerate(scenario.customers):
        yield from ((f"customers[{at}].devices", "device", name) for name in customer.devices)
    for field in TIMED:
        for at, entry in enumerate(getattr(scenario, field)):
            for kind in ("agent", "device", "channel", "customer"):
                name = getattr(entry, kind, None)
                if name is not None:
                    yield f"{field}[{at}].{kind}", kind, name


def _find(place: str, kind: str, name: str, known: Sequence[str]) -> None:
    # Only devices are named by patterns.
    if not (any(like(name, one) for one in known) if kind == "device" else name in known):
        raise ScenarioError(f"{place}: there is no {name!r}, only {', '.join(known[:SHOWN])}")


def _check_devices(scenario: Scenario) -> None:
    for at, device in enumerate(scenario.devices):
        if (device.count > 1) is not ("{}" in device.name):
            raise ScenarioError(f"devices[{at}].name: {{}} stands for the number of one of several: give both or none")


def _check_times(scenario: Scenario) -> None:
    for field in TIMED:
        for at, entry in enumerate(getattr(scenario, field)):
            if time_ms(entry.at) + time_ms(getattr(entry, "within", "0s")) > time_ms(scenario.lasts):
                raise ScenarioError(f"{field}[{at}].at: {entry.at} is not over at the end, {scenario.lasts}")
