"""The form of a scenario file: what is there, what happens, what is expected. docs/scenarios.md explains it.

Steps are in `steps`; reading and checking a file is left to `reading`, playing it to `stage`, judging it to `verdict`.
"""

from typing import Any, Literal, cast

import msgspec
from noctule_hub.core.alerting.conditions import Condition
from noctule_hub.core.notifying.policies import Grouping
from noctule_shared.axes import Reachability
from noctule_shared.events import AlertState, DeviceStatus, Severity

from tests.scenarios.notation import Count, Name, Pattern, Rate, Table, Time
from tests.scenarios.steps import Step


class AgentForm(Table, frozen=True, kw_only=True):
    """An agent; its site has the same name unless it says otherwise."""

    name: Name
    site: Name | None = None


class DeviceForm(Table, frozen=True, kw_only=True):
    """A device, or `count` of them, with their numbers in the place of `{}`. `agent` None: the first one."""

    name: Name
    count: Count = 1
    agent: Name | None = None
    tags: tuple[Name, ...] = ()
    parents: tuple[Name, ...] = ()
    reachability: Reachability = Reachability.ICMP
    snmp: bool = False
    ports: tuple[Name, ...] = ()
    speed: Rate = "1Gbps"

    def names(self) -> list[str]:
        return [self.name.replace("{}", str(number)) for number in range(1, self.count + 1)]


class RuleForm(Table, frozen=True, kw_only=True):
    """How a rule differs from what a new hub has; with a `condition`, a rule that it has not. `lasting`: its `for`."""

    name: Name
    condition: dict[str, Any] | None = None
    enabled: bool | None = None
    lasting: Time | None = None
    severity: Severity | None = None
    tags: tuple[Name, ...] = ()
    policy: Name | None = None


class ChannelForm(Table, frozen=True, kw_only=True):
    """A channel for alerts of this severity and above; with `tags`, of devices that bear one of them."""

    name: Name
    severity: Severity = Severity.WARNING
    tags: tuple[Name, ...] = ()


class PolicyStepForm(Table, frozen=True, kw_only=True):
    """Whom a policy tells when an alert has rung for `after`; `channels` None: all, by their own filters."""

    after: Time
    channels: tuple[Name, ...] | None = None


class PolicyForm(Table, frozen=True, kw_only=True):
    """A notification policy; rules name it. `repeat` None: nobody is told again."""

    name: Name
    steps: tuple[PolicyStepForm, ...]
    repeat: Time | None = None
    recovery: bool = True
    group_by: Grouping = Grouping.NONE
    group_wait: Time = "10s"


class CustomerForm(Table, frozen=True, kw_only=True):
    """A customer and its devices."""

    name: Name
    devices: tuple[Name, ...]


class _Expectation(Table, frozen=True, kw_only=True):
    """What comes from `at` on and at most `within` later, `count` times, and up to `most` times where that is given."""

    at: Time
    within: Time = "3s"
    count: Count = 1
    most: Count | None = None


class AlertExpectation(_Expectation, frozen=True, kw_only=True):
    """`alert:new` or `alert:update`; what is None is not looked at, `""` means that it is not there."""

    title: Pattern
    event: Literal["new", "update"] = "new"
    state: AlertState | None = None
    rule: Name | None = None
    severity: Severity | None = None
    reason: Pattern | None = None
    inhibited_by: str | None = None
    silenced_by: str | None = None
    acknowledged_by: str | None = None
    incident: str | None = None


class MessageExpectation(_Expectation, frozen=True, kw_only=True):
    """A message that a channel took."""

    channel: Name
    title: Pattern


class StatusExpectation(Table, frozen=True, kw_only=True):
    """What the devices are at that moment."""

    at: Time
    device: Pattern
    status: DeviceStatus


class Scenario(Table, frozen=True, kw_only=True):
    """A whole file. `still_open`: titles of the alerts that are not over at the end; all others must be."""

    title: Name
    about: Name
    lasts: Time
    agents: tuple[AgentForm, ...] = (AgentForm(name="pop1"),)
    devices: tuple[DeviceForm, ...]
    rules: tuple[RuleForm, ...] = ()
    channels: tuple[ChannelForm, ...] = ()
    policies: tuple[PolicyForm, ...] = ()
    customers: tuple[CustomerForm, ...] = ()
    steps: tuple[Step, ...]
    alerts: tuple[AlertExpectation, ...] = ()
    messages: tuple[MessageExpectation, ...] = ()
    statuses: tuple[StatusExpectation, ...] = ()
    still_open: tuple[Pattern, ...] = ()


def condition_of(rule: RuleForm) -> Condition:
    """Return the condition of a rule that is added. Raises `msgspec.ValidationError`."""
    return cast("Condition", msgspec.convert(rule.condition, Condition))
