"""A small world: one site, one agent, three devices of it and one device of nobody."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from noctule_hub.core.commit import Assignment, Configuration, EngineState
from noctule_hub.core.records import Agent, Device, IcmpSettings, Site
from noctule_hub.core.world import Draft, World
from noctule_shared.axes import Reachability

NOW_MS = 1_795_000_000_000


def device(device_id: int, *, agent_id: int | None = 1, reachability: Reachability = Reachability.ICMP) -> Device:
    return Device(
        id=device_id,
        name=f"core{device_id}",
        address=f"127.0.0.{device_id}",
        site_id=1,
        agent_id=agent_id,
        reachability=reachability,
        icmp=IcmpSettings(),
        snmp=None,
        tags=(),
        created_ms=0,
    )


def configuration(devices: list[Device]) -> Configuration:
    return Configuration(
        devices=devices,
        sites=[Site(1, "north")],
        agents=[Agent(1, "north-agent", 1, "00", "00", "0.1.0", 0, last_seen_ms=NOW_MS - 5_000)],
        assignments=[Assignment(row.id, row.agent_id, 0, None) for row in devices if row.agent_id is not None],
    )


def state(devices: list[Device]) -> EngineState:
    return EngineState(
        configuration=configuration(devices),
        interfaces=[],
        states=[],
        alerts=[],
        cursors=[],
        canaries={},
        next_interface_id=1,
        next_alert_id=1,
    )


@pytest.fixture
def world() -> World:
    devices = [
        device(1),
        device(2, reachability=Reachability.SNMP),
        device(3, reachability=Reachability.BOTH),
        device(4, agent_id=None),
    ]
    return World(state(devices), started_ms=NOW_MS)


@pytest.fixture
def configure(world: World) -> Callable[..., None]:
    """Return what gives the world this configuration beside its devices, and the defaults of the rest."""

    def again(**changes: Any) -> None:
        world.configure(replace(configuration(list(world.devices.values())), **changes))

    return again


@pytest.fixture
def drafted(world: World) -> Callable[[int], Draft]:
    """Return a draft at so many milliseconds after the world's start; earlier drafts are settled."""

    def at(after_ms: int = 0) -> Draft:
        world.settle()
        return Draft(world, NOW_MS + after_ms)

    return at
