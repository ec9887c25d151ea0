"""What people do in a scenario: they make what is there at its begin, and change it while it runs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from noctule_hub.core.alerting.care import Acknowledge
from noctule_hub.core.alerting.filter import AlertFilter
from noctule_hub.core.alerting.rules import SEEDED, NewRule, Rule
from noctule_hub.core.alerting.selectors import Selector
from noctule_hub.core.alerting.silences import Matchers, NewSilence
from noctule_hub.core.audit import Authorship
from noctule_hub.core.customers import CustomerFields, ServiceFields, Step, StepRequest
from noctule_hub.core.maintenance import Covers, NewWindow, Once
from noctule_hub.core.notifying import policies
from noctule_hub.core.notifying.channels import ChannelFields, Webhook
from noctule_hub.core.records import Alert, IcmpSettings, NewDevice, SnmpSettings
from noctule_hub.store.device_import import DeviceRow
from noctule_shared.axes import DeviceLevels, IcmpLevel, SnmpLevel
from noctule_shared.customers import SuspensionReason
from noctule_shared.errors import Refused
from noctule_shared.link import SnmpVersion

from tests.scenarios import form, steps
from tests.scenarios.agents import Agent, WatchedDevice, WatchedPort
from tests.scenarios.form import Scenario, condition_of
from tests.scenarios.hub import Hub, clock_ms
from tests.scenarios.notation import bps, time_ms

FIRST_ADDRESS: Final = 10 << 24
SECRET: Final = "s" * 32


def somebody() -> Authorship:
    return Authorship("user:1", "ada", "192.0.2.9", clock_ms())


@dataclass
class Network:
    """What was made: agents by name, and devices by name with the agent that watches each."""

    agents: dict[str, Agent]
    devices: dict[str, WatchedDevice]
    agent_of: dict[str, Agent]


async def build(hub: Hub, scenario: Scenario) -> Network:
    """Make everything that a scenario names in an empty store."""
    network = Network({}, {}, {})
    sites: dict[str, int] = {}
    for agent in scenario.agents:
        site = agent.site or agent.name
        if site not in sites:
            sites[site] = (await hub.store.add_site(site, by=somebody())).id
        agent_id = await _enrol(hub, agent.name, sites[site])
        network.agents[agent.name] = Agent(hub, agent_id, agent.name, {})
    await _add_devices(hub, scenario, sites, network)
    for channel in scenario.channels:
        target = Webhook("https://hooks.example.net", signed=False)
        fields = ChannelFields(channel.name, True, channel.severity, (), channel.tags, target)  # noqa: FBT003  enabled
        await hub.store.add_channel(fields, seal=lambda _: b"sealed", by=somebody())
    await _add_policies(hub, scenario)
    for rule in scenario.rules:
        await add_or_change_rule(hub, rule)
    for customer in scenario.customers:
        added = await hub.store.add_customer(CustomerFields(customer.name), by=somebody())
        for name in customer.devices:
            service = ServiceFields(network.devices[name].device_id, None, name)
            await hub.store.add_service(added.id, service, by=somebody())
    return network


async def _enrol(hub: Hub, name: str, site_id: int) -> int:
    token = await hub.store.add_join_token(
        site_id=site_id, secret_hash=SECRET, uses=1, expires_ms=clock_ms() + 60_000, by=somebody()
    )
    agent = await hub.store.enrol_agent(
        token_id=token.id,
        secret_hash=SECRET,
        name=name,
        signing_key="00" * 32,
        sealing_key="00" * 32,
        version="0.1.0",
        by=somebody(),
    )
    return agent.id


async def _add_devices(hub: Hub, scenario: Scenario, sites: dict[str, int], network: Network) -> None:
    rows: list[DeviceRow] = []
    forms: list[form.DeviceForm] = []
    positions: dict[str, int] = {}
    for device in scenario.devices:
        agent_form = next(one for one in scenario.agents if device.agent in {None, one.name})
        snmp = SnmpSettings(SnmpVersion.V2C) if device.snmp else None
        for name in device.names():
            positions[name] = len(rows)
            new = NewDevice(
                name,
                ".".join(str(octet) for octet in (FIRST_ADDRESS + len(rows) + 1).to_bytes(4, "big")),
                sites[agent_form.site or agent_form.name],
                device.reachability,
                IcmpSettings(),
                snmp,
                network.agents[agent_form.name].agent_id,
                tags=tuple(sorted(device.tags)),
            )
            behind = tuple(positions[parent] for parent in device.parents)
            rows.append(DeviceRow(new, None if snmp is None else _sealed, behind=behind))
            forms.append(device)
            network.agent_of[name] = network.agents[agent_form.name]
    added = await hub.store.import_devices(rows, dry_run=False, by=somebody())
    for row, of, made in zip(rows, forms, added, strict=True):
        assert not isinstance(made, Refused), f"{row.new.name}: {made}"
        snmp_level = SnmpLevel.UP if of.snmp else SnmpLevel.NONE
        levels = DeviceLevels(made.id, IcmpLevel.UP, clock_ms(), snmp_level, clock_ms() if of.snmp else 0)
        ports = {name: WatchedPort(at, name, round(bps(of.speed))) for at, name in enumerate(of.ports, start=1)}
        watched = WatchedDevice(made.id, levels, ports)
        network.devices[row.new.name] = network.agent_of[row.new.name].devices[row.new.name] = watched


async def _add_policies(hub: Hub, scenario: Scenario) -> None:
    channel_ids = {channel.fields.name: channel.id for channel in await hub.store.channels()}
    for policy in scenario.policies:
        taken = tuple(
            policies.Step(
                time_ms(step.after) // 1000,
                None if step.channels is None else tuple(sorted(channel_ids[name] for name in step.channels)),
            )
            for step in policy.steps
        )
        fields = policies.PolicyFields(
            name=policy.name,
            steps=taken,
            repeat_s=None if policy.repeat is None else time_ms(policy.repeat) // 1000,
            recovery=policy.recovery,
            group_by=policy.group_by,
            group_wait_s=time_ms(policy.group_wait) // 1000,
            template=policies.Template(),
        )
        await hub.store.add_policy(fields, by=somebody())


def _sealed(_row_id: int) -> bytes:
    return b"sealed"


async def add_or_change_rule(hub: Hub, wanted: form.RuleForm | steps.RuleStep) -> None:
    """Make a rule as a scenario wants it; what it does not name stays as it is."""
    name = wanted.name if isinstance(wanted, form.RuleForm) else wanted.rule
    held = next((rule for rule in await hub.store.rules() if rule.name == name), None)
    if held is None:
        assert isinstance(wanted, form.RuleForm), f"there is no rule {name}"
        assert wanted.condition is not None, f"there is no rule {name}; a new one needs a condition"
        held = replace(SEEDED[0], id=0, name=name, condition=condition_of(wanted), for_ms=0, trouble=None)
    policy_ids = {policy.fields.name: policy.id for policy in await hub.store.policies()}
    new = _changed(held, wanted, policy_ids)
    if held.id:
        await hub.store.update_rule(held.id, new, revision=held.revision, by=somebody())
    else:
        await hub.store.add_rule(new, by=somebody())


def _changed(held: Rule, wanted: form.RuleForm | steps.RuleStep, policy_ids: Mapping[str, int]) -> NewRule:
    tags = wanted.tags if isinstance(wanted, form.RuleForm) else ()
    policy = wanted.policy if isinstance(wanted, form.RuleForm) else None
    return NewRule(
        held.name,
        held.condition,
        wanted.severity or held.severity,
        held.for_ms if wanted.lasting is None else time_ms(wanted.lasting),
        held.trouble,
        Selector(tags=tags) if tags else held.selector,
        held.enabled if wanted.enabled is None else wanted.enabled,
        held.policy_id if policy is None else policy_ids[policy],
    )


async def maintain(hub: Hub, devices: Sequence[WatchedDevice], during_ms: int) -> None:
    covers = Covers(device_ids=tuple(device.device_id for device in devices))
    schedule = Once(clock_ms(), clock_ms() + during_ms)
    await hub.store.add_window(NewWindow(f"work at {clock_ms()}", "", covers, schedule), by=somebody())
    await hub.engine.reconfigure()


async def hush(hub: Hub, step: steps.Hush) -> None:
    selector = Selector(names=() if step.device is None else (step.device,))
    ends_ms = clock_ms() + time_ms(step.during)
    new = NewSilence(Matchers(step.rules, None, selector), step.comment, clock_ms(), ends_ms)
    await hub.store.add_silence(new, by=somebody())
    await hub.engine.reconfigure()


async def acknowledge(hub: Hub, step: steps.Acknowledge) -> None:
    open_alerts = await hub.store.alerts(AlertFilter(open_only=True), before_id=None, limit=500)
    found = [alert for alert in open_alerts if alert.title == step.alert]
    assert len(found) == 1, f"{len(found)} open alerts are called {step.alert!r}"
    until_ms = None if step.during is None else clock_ms() + time_ms(step.during)
    (taken,) = await hub.engine.care([found[0].id], Acknowledge(until_ms=until_ms), somebody())
    assert isinstance(taken, Alert), taken


async def move_customer(hub: Hub, step: steps.CustomerStep) -> None:
    customer = next(one for one in await hub.store.customers() if one.name == step.customer)
    reason = SuspensionReason.NON_PAYMENT if step.step == "suspend" else None
    request = StepRequest(Step(step.step), reason)
    await hub.store.move_customer(customer.id, request, revision=customer.revision, by=somebody())
    await hub.engine.reconfigure()
