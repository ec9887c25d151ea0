"""Who is connected to whom: a tree of devices from the plan below, each with its ports.

Traffic is made of flows, one for each customer, that run from the customer's port up to the transit. Every port on
the way carries the same flows as the port at the link's other end, so both ends always agree. What the ports count at
a given time is left to `network`.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Final

from demo.simulator.curves import Curve, day_curve

ETHERNET: Final = 6  # ifType ethernetCsmacd
LOOPBACK: Final = 24  # ifType softwareLoopback
MBPS: Final = 1_000_000
FIRST: Final = 1  # of a device's trunks: it leads up, the others to the children in their order
TRANSIT: Final = "edge7.transit.example"


@dataclass(frozen=True, slots=True)
class Model:
    """A kind of device: what it says of itself, how it names its ports, how fast it answers."""

    descr: str
    object_id: str  # below 1.3.6.1.4.1.32473, which RFC 5612 keeps for examples
    trunk: str
    access: str
    access_mbps: int
    response_s: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Plan:
    """A device as it is planned. `parent` is who it is connected to, None for the transit provider."""

    name: str
    model: Model
    parent: str | None
    uplink_mbps: int
    customers: int
    spare: int = 0
    load_ratio: float = 0.2  # of a customer's port, on average
    swing_ratio: float = 0.5
    v3: bool = False


CORE: Final = Model(
    "Example core router, release 23.2", "1.3.6.1.4.1.32473.1.1", "xe-0/0/{}", "ge-0/1/{}", 1000, (0.002, 0.004)
)
AGG: Final = Model(
    "Example aggregation switch, release 9.4", "1.3.6.1.4.1.32473.1.2", "Te1/{}", "Gi2/{}", 1000, (0.003, 0.009)
)
ACCESS: Final = Model(
    "Example access switch, release 5.1", "1.3.6.1.4.1.32473.1.3", "Te1/1/{}", "Gi1/0/{}", 1000, (0.006, 0.018)
)
CPE: Final = Model("Example office router, release 3.8", "1.3.6.1.4.1.32473.1.4", "wan{}", "lan{}", 100, (0.010, 0.022))
RADIO: Final = Model(
    "Example radio, 5 GHz, release 8.7", "1.3.6.1.4.1.32473.1.5", "wlan{}", "eth{}", 100, (0.018, 0.040)
)

PLANS: Final = (
    Plan("core1.north", CORE, None, 40_000, customers=2, spare=2),
    Plan("agg1.north", AGG, "core1.north", 10_000, customers=3, spare=2),
    Plan("agg2.north", AGG, "core1.north", 10_000, customers=2, spare=2),
    Plan("acc1.north", ACCESS, "agg1.north", 10_000, customers=11, spare=2),
    Plan("acc2.north", ACCESS, "agg1.north", 10_000, customers=8, spare=2),
    Plan("acc3.north", ACCESS, "agg2.north", 10_000, customers=6, spare=2),
    Plan("radio1.north", RADIO, "agg2.north", 300, customers=4, load_ratio=0.25),
    Plan("core1.south", CORE, "core1.north", 10_000, customers=2, spare=2, v3=True),
    Plan("agg1.south", AGG, "core1.south", 10_000, customers=2, spare=2),
    Plan("acc1.south", ACCESS, "agg1.south", 10_000, customers=9, spare=2),
    # Its uplink was bought when there were fewer customers. With the surge it runs at nine tenths and more.
    Plan("acc2.south", ACCESS, "agg1.south", 1_000, customers=6, spare=2, load_ratio=0.045, swing_ratio=0.08),
    Plan("cpe1.south", CPE, "agg1.south", 300, customers=4, load_ratio=0.25),
)
CUSTOMERS: Final = (
    "Harbour Clinic", "Old Mill Bakery", "Northgate School", "Bright & Sons", "City Library", "Elm Street 4",
    "Elm Street 9", "Riverside Hotel", "Anchor Brewery", "Station Kiosk", "Hillside Farm", "Corner Pharmacy",
    "Lantern Theatre", "Weaver Studios", "Quay Logistics", "Town Hall",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Flow:
    """One customer's traffic: `down` to the customer, `up` from it, over the devices in `path`."""

    device: str
    customer: int
    down: Curve
    up: Curve
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Heard:
    """Who announces itself by LLDP at the other end of a cable, and from which of its ports."""

    device: str
    port: str


@dataclass(frozen=True, slots=True)
class Port:
    """One interface. `uplink`: it faces the transit, so what goes down comes in here.

    `peer` is the device at the other end and `customer` the number of the customer there; None where there is none.
    `heard` None: nobody announces itself there.
    """

    index: int
    name: str
    alias: str
    if_type: int
    speed_mbps: int
    flows: tuple[Flow, ...] = ()
    uplink: bool = False
    peer: str | None = None
    customer: int | None = None
    admin_up: bool = True
    heard: Heard | None = None


@dataclass(frozen=True, slots=True)
class Device:
    """A device and its ports, in the order of ifIndex. `uptime_s` is how long it ran when the simulation began."""

    name: str
    model: Model
    ports: tuple[Port, ...]
    uptime_s: float
    v3: bool

    @property
    def site(self) -> str:
        """Return the site's name, which is the last part of the device's."""
        return self.name.rpartition(".")[2]


@dataclass(slots=True)
class _Tree:
    plans: dict[str, Plan]
    flows: list[Flow] = field(default_factory=list)

    def way_up(self, name: str) -> tuple[str, ...]:
        """Return a device and all above it."""
        parent = self.plans[name].parent
        return (name, *(self.way_up(parent) if parent else ()))

    def children(self, name: str) -> Iterator[Plan]:
        """Return the devices that are connected to a device from below."""
        return (plan for plan in self.plans.values() if plan.parent == name)

    def above(self, plan: Plan) -> Heard:
        """Return who is at the other end of a device's uplink."""
        if plan.parent is None:
            return Heard(TRANSIT, "xe-4/1/0")
        number = [child.name for child in self.children(plan.parent)].index(plan.name) + FIRST + 1
        return Heard(plan.parent, self.plans[plan.parent].model.trunk.format(number))

    def below(self, name: str) -> tuple[Flow, ...]:
        """Return the flows that cross the uplink of a device."""
        return tuple(flow for flow in self.flows if name in flow.path)


def build(seed: int, plans: tuple[Plan, ...] = PLANS) -> tuple[Device, ...]:
    """Return the network. The same seed gives the same network with the same traffic."""
    rng = random.Random(seed)  # noqa: S311  it draws traffic, not secrets
    tree = _Tree({plan.name: plan for plan in plans})
    for plan in plans:
        tree.flows.extend(_flow(tree, plan, customer, rng) for customer in range(1, plan.customers + 1))
    return tuple(
        Device(plan.name, plan.model, _ports(tree, plan, rng), rng.uniform(20, 90) * 86_400, plan.v3) for plan in plans
    )


def _flow(tree: _Tree, plan: Plan, customer: int, rng: random.Random) -> Flow:
    down_bps = plan.model.access_mbps * MBPS * plan.load_ratio * rng.uniform(0.6, 1.4)
    return Flow(
        plan.name,
        customer,
        down=day_curve(down_bps, rng, swing_ratio=plan.swing_ratio),
        up=day_curve(down_bps * rng.uniform(0.1, 0.3), rng, swing_ratio=plan.swing_ratio),
        path=tree.way_up(plan.name),
    )


def _ports(tree: _Tree, plan: Plan, rng: random.Random) -> tuple[Port, ...]:
    index = count(1)
    model = plan.model
    uplink = Port(
        next(index),
        model.trunk.format(FIRST),
        f"to {plan.parent or 'transit'}",
        ETHERNET,
        plan.uplink_mbps,
        tree.below(plan.name),
        uplink=True,
        peer=plan.parent,
        heard=tree.above(plan),
    )
    links = [
        Port(
            next(index),
            model.trunk.format(number),
            f"to {child.name}",
            ETHERNET,
            child.uplink_mbps,
            tree.below(child.name),
            peer=child.name,
            heard=Heard(child.name, child.model.trunk.format(FIRST)),
        )
        for number, child in enumerate(tree.children(plan.name), start=FIRST + 1)
    ]
    customers = [
        Port(
            next(index),
            model.access.format(flow.customer),
            rng.choice(CUSTOMERS),
            ETHERNET,
            model.access_mbps,
            (flow,),
            customer=flow.customer,
        )
        for flow in tree.flows
        if flow.device == plan.name
    ]
    spare = [
        Port(next(index), model.access.format(plan.customers + number), "", ETHERNET, model.access_mbps, admin_up=False)
        for number in range(1, plan.spare + 1)
    ]
    return (uplink, *links, *customers, *spare, Port(next(index), "lo0", "management", LOOPBACK, 0))
