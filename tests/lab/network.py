"""Networks of namespaces: routers, hosts and links that exist only while a lab is open.

Nothing outside the namespaces is touched: links are made inside them. What runs in them is left to `program`;
what the packets go through to `forwarder`, `nftables` (loss) and tbf (rate).
"""

import contextlib
import itertools
import json
import os
import re
import signal
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

# The name of a namespace: this, the process that made it, a number, what it is in the lab.
PREFIX: Final = "noctule-lab"
COMMAND_DEADLINE_S: Final = 30.0
_NAME: Final = re.compile(rf"{PREFIX}-(?P<process>\d+)-\d+-\w+")
_numbers = itertools.count(1)


class LabError(Exception):
    """A command that builds the lab failed; the message has its words and what it said."""


def command(*words: str) -> str:
    """Return what a command prints. Raises `LabError` when it fails."""
    done = subprocess.run(words, capture_output=True, text=True, timeout=COMMAND_DEADLINE_S, check=False)
    if done.returncode != 0:
        raise LabError(f"{' '.join(words)} exited {done.returncode}: {done.stderr.strip()}")
    return done.stdout


@dataclass(frozen=True, slots=True)
class Namespace:
    """A router or host. `label` is its name in the lab, `name` its name in the kernel."""

    label: str
    name: str

    def command(self, *words: str) -> list[str]:
        """Return the words that run a command in here."""
        return ["ip", "netns", "exec", self.name, *words]

    def run(self, *words: str) -> str:
        """Return what a command prints that runs in here. Raises `LabError` when it fails."""
        return command(*self.command(*words))

    def ip(self, *words: str) -> str:
        """Run `ip` on this namespace."""
        return command("ip", "-n", self.name, *words)

    def set(self, key: str, value: int) -> None:
        """Set a kernel parameter, named by its path below /proc/sys."""
        self.run("sh", "-c", f"echo {value} > /proc/sys/{key}")

    def route(self, subnet: "Subnet", via: "Address") -> None:
        """Send what is for a subnet to a neighbour, in both address families."""
        self.ip("route", "add", subnet.v4, "via", via.v4)
        self.ip("-6", "route", "add", subnet.v6, "via", via.v6)

    def interface_indexes(self) -> dict[str, int]:
        """Return the kernel's number of each interface by its name."""
        return {link["ifname"]: link["ifindex"] for link in json.loads(self.ip("-j", "link"))}


@dataclass(frozen=True, slots=True)
class Address:
    """An end of a link, or another address on it, in both families."""

    v4: str
    v6: str


@dataclass(frozen=True, slots=True)
class Subnet:
    """The addresses of one link; `number` (1 to 255) tells the links of a lab apart."""

    number: int

    @property
    def v4(self) -> str:
        return f"10.99.{self.number}.0/24"

    @property
    def v6(self) -> str:
        return f"fd00:99:{self.number:x}::/64"

    def address(self, host: int) -> Address:
        return Address(f"10.99.{self.number}.{host}", f"fd00:99:{self.number:x}::{host:x}")


@dataclass(frozen=True, slots=True)
class End:
    """One end of a link: the interface's name there and its address."""

    namespace: Namespace
    device: str
    address: Address


@dataclass(frozen=True, slots=True)
class Link:
    """Two joined interfaces. The left end has host number 1, the right one 2."""

    subnet: Subnet
    left: End
    right: End


@dataclass(slots=True)
class Lab:
    """The namespaces made by one process. Used as a context; leaving it removes them and ends what runs there."""

    namespaces: list[Namespace] = field(default_factory=list)
    _subnets: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for namespace in reversed(self.namespaces):
            remove(namespace.name)
        self.namespaces.clear()

    def host(self, label: str) -> Namespace:
        """Return a new namespace without links."""
        namespace = Namespace(label, f"{PREFIX}-{os.getpid()}-{next(_numbers)}-{label}")
        command("ip", "netns", "add", namespace.name)
        self.namespaces.append(namespace)
        # Duplicate address detection would keep a new IPv6 address from working for a second.
        namespace.set("net/ipv6/conf/default/accept_dad", 0)
        namespace.ip("link", "set", "lo", "up")
        return namespace

    def router(self, label: str) -> Namespace:
        """Return a new namespace that forwards IPv4 and IPv6."""
        namespace = self.host(label)
        namespace.set("net/ipv4/ip_forward", 1)
        namespace.set("net/ipv6/conf/all/forwarding", 1)
        return namespace

    def join(self, left: Namespace, right: Namespace) -> Link:
        """Return a new link by a veth pair; the interfaces are called `to-` and the other end's label."""
        devices = f"to-{right.label}", f"to-{left.label}"
        left.ip("link", "add", devices[0], "type", "veth", "peer", "name", devices[1], "netns", right.name)
        return self.address_link(left, right, devices)

    def address_link(self, left: Namespace, right: Namespace, devices: tuple[str, str]) -> Link:
        """Return the link that two joined interfaces become: with addresses, and up."""
        subnet = Subnet(next(self._subnets))
        link = Link(
            subnet,
            End(left, devices[0], subnet.address(1)),
            End(right, devices[1], subnet.address(2)),
        )
        for end in (link.left, link.right):
            add_address(end, end.address)
            end.namespace.ip("link", "set", end.device, "up")
        return link


def add_address(end: End, address: Address) -> Address:
    """Give an end of a link one more address; return it."""
    end.namespace.ip("address", "add", f"{address.v4}/24", "dev", end.device)
    end.namespace.ip("-6", "address", "add", f"{address.v6}/64", "dev", end.device, "nodad")
    return address


def wait_until_reached(origin: Namespace, address: Address) -> None:
    """Wait until a new path carries echoes of both families; a new link drops what comes in its first moments.

    Raises `LabError` when it does not.
    """
    for family, target in (("-4", address.v4), ("-6", address.v6)):
        origin.run("fping", family, "-q", "-r", "100", "-t", "100", "-B", "1", target)


def limit_rate(end: End, bits_per_s: int) -> None:
    """Let no more than this many bits leave by an end of a link each second, frames' headers counted."""
    shape = ("tbf", "rate", f"{bits_per_s}bit", "burst", "16kb", "latency", "50ms")
    end.namespace.run("tc", "qdisc", "add", "dev", end.device, "root", *shape)


def nftables(namespace: Namespace, hook: str, rules: Sequence[str], counters: Sequence[str] = ()) -> None:
    """Give a namespace a table `lab` whose chain at a hook has these rules, and named counters for them."""
    named = "".join(f"counter {name} {{ }}\n" for name in counters)
    chain = "\n".join(["chain lab {", f"type filter hook {hook} priority 0; policy accept;", *rules, "}"])
    namespace.run("nft", f"table inet lab {{\n{named}{chain}\n}}")


def counter_packets(namespace: Namespace, name: str) -> int:
    """Return how many packets a named counter of the table `lab` has seen."""
    found: list[dict[str, Any]] = json.loads(namespace.run("nft", "-j", "list", "counter", "inet", "lab", name))[
        "nftables"
    ]
    return next(int(entry["counter"]["packets"]) for entry in found if "counter" in entry)


def remaining(process: int | None = None) -> list[str]:
    """Return the names of the labs' namespaces that exist, of one process or of all."""
    names = [str(entry["name"]) for entry in json.loads(command("ip", "-j", "netns", "list") or "[]")]
    found = ((name, _NAME.fullmatch(name)) for name in names)
    return [name for name, match in found if match and process in {None, int(match["process"])}]


def remove(name: str) -> None:
    """Remove a namespace and end what still runs in it. Without effect when it is gone."""
    if name not in remaining():
        return
    for process in command("ip", "netns", "pids", name).split():
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(process), signal.SIGKILL)
    command("ip", "netns", "delete", name)


def remove_leftovers() -> list[str]:
    """Remove what runs left behind that were killed; return the names. Runs of living processes are left alone."""
    dead = [
        name
        for name in remaining()
        if (match := _NAME.fullmatch(name)) and not Path(f"/proc/{match['process']}").exists()
    ]
    for name in dead:
        remove(name)
    return dead
