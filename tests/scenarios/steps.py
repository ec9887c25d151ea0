"""What happens in a scenario, one table for each kind of step. docs/scenarios.md explains them; `stage` takes them."""

from typing import Literal

from noctule_shared.axes import CanaryLevel, IcmpLevel, IfStatus, SnmpLevel
from noctule_shared.events import Severity

from tests.scenarios.notation import Name, Pattern, Percent, Rate, Table, Time


class BaseStep(Table, frozen=True, kw_only=True, tag_field="do"):
    at: Time


class Axis(BaseStep, frozen=True, kw_only=True, tag="axis"):
    """The agent finds that devices answer, or do not; `spread`: one after the other, in a mixed order, over so long."""

    device: Pattern
    icmp: IcmpLevel | None = None
    snmp: SnmpLevel | None = None
    spread: Time | None = None


class Port(BaseStep, frozen=True, kw_only=True, tag="port"):
    """The agent finds a port's ifOperStatus, or ifAdminStatus, changed."""

    device: Pattern
    port: Name
    oper: IfStatus
    admin: IfStatus = IfStatus.UP


class Flap(BaseStep, frozen=True, kw_only=True, tag="flap"):
    """From now on and before `until`, a device, or its port, is down for `down`, then up for `up`, again and again."""

    device: Pattern
    port: Name | None = None
    down: Time
    up: Time
    until: Time


class Measure(BaseStep, frozen=True, kw_only=True, tag="measure"):
    """From now on and before `until`, each round of echoes takes `rtt` and loses `loss`."""

    device: Pattern
    until: Time
    rtt: Time | None = None
    loss: Percent = "0%"
    every: Time = "10s"


class Traffic(BaseStep, frozen=True, kw_only=True, tag="traffic"):
    """From now on and before `until`, each poll finds these rates, and such a share of packets in error."""

    device: Pattern
    port: Name
    until: Time
    inward: Rate = "0bps"
    out: Rate = "0bps"
    errors: Percent = "0%"
    discards: Percent = "0%"
    every: Time = "30s"


class Reboot(BaseStep, frozen=True, kw_only=True, tag="reboot"):
    """Devices started again."""

    device: Pattern


class AgentStep(BaseStep, frozen=True, kw_only=True, tag="agent"):
    """An agent's connection is `lost`, or stands and says nothing (`silent`), or is `back`; or its own way out is lost.

    What it finds without a connection is a backlog when it is back.
    """

    agent: Name
    link: Literal["lost", "silent", "back"] | None = None
    canary: CanaryLevel | None = None


class StopHub(BaseStep, frozen=True, kw_only=True, tag="stop-hub"):
    """The hub ends, and after `during` another begins with what is in the store."""

    during: Time


class Maintain(BaseStep, frozen=True, kw_only=True, tag="maintenance"):
    """Somebody sets a maintenance window from now on."""

    device: Pattern
    during: Time


class Hush(BaseStep, frozen=True, kw_only=True, tag="silence"):
    """Somebody silences alerts from now on."""

    during: Time
    comment: str = "silenced"
    rules: tuple[Name, ...] = ()
    device: Pattern | None = None


class Acknowledge(BaseStep, frozen=True, kw_only=True, tag="acknowledge"):
    """Somebody acknowledges the open alert of this title; `during` None: for good."""

    alert: Name
    during: Time | None = None


class CustomerStep(BaseStep, frozen=True, kw_only=True, tag="customer"):
    """A customer is suspended or resumed."""

    customer: Name
    step: Literal["suspend", "resume"]


class ChannelStep(BaseStep, frozen=True, kw_only=True, tag="channel"):
    """A channel's receiver stops taking messages (`down`), or takes them again (`up`)."""

    channel: Name
    receiver: Literal["down", "up"]


class RuleStep(BaseStep, frozen=True, kw_only=True, tag="rule"):
    """Somebody changes a rule."""

    rule: Name
    enabled: bool | None = None
    lasting: Time | None = None
    severity: Severity | None = None


Step = (
    Axis
    | Port
    | Flap
    | Measure
    | Traffic
    | Reboot
    | AgentStep
    | StopHub
    | Maintain
    | Hush
    | Acknowledge
    | CustomerStep
    | ChannelStep
    | RuleStep
)
