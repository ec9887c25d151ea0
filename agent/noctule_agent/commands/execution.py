"""What each kind of command does, by the agent's own probes: probe, focus, discover, poll-row, traceroute.

The agent obeys for devices of its own list and, for probe and discover, within `allowed_networks`. Stored
credentials go to the device they belong to, and in a sweep only where the hub names that device's.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any, Final, Protocol, TypeVar, assert_never

import msgspec
from noctule_shared.commands import (
    FOCUS_INTERVAL_S,
    FOCUS_S,
    FOCUSED_ON_AGENT,
    MAX_INTERFACES,
    UNREGISTERED,
    CommandFailure,
    DiscoverArgs,
    DiscoverBody,
    FocusArgs,
    FocusBody,
    OfferedCredentials,
    PollRowArgs,
    PollRowBody,
    ProbeArgs,
    ProbeBody,
    TracerouteArgs,
    TracerouteBody,
    TracerouteHop,
)
from noctule_shared.link import Command, CommandKind, DeviceConfig, SnmpCredentials, SnmpVersion

from noctule_agent.commands.bodies import discover_body, probe_body
from noctule_agent.core.commands import address_allowed, network_allowed
from noctule_agent.core.discovery import Network, parse_network
from noctule_agent.devices import DeviceList
from noctule_agent.diagnosis import diagnose_with, ping, unresolved
from noctule_agent.discovery import discover
from noctule_agent.discovery_report import DiscoveryOrder, NamedCredentials
from noctule_agent.errors import CommandRefused, SealBroken
from noctule_agent.probes.icmp import EchoEngine
from noctule_agent.probes.snmp.backend import resolve
from noctule_agent.probes.snmp.session import SnmpFailure
from noctule_agent.probes.trace import Hop
from noctule_agent.reports import Question

# A sweep ends by itself so long before the command's time is over, so that what it found is told.
SWEEP_MARGIN_S: Final = 1.0

Args = TypeVar("Args", bound=msgspec.Struct)


class Watching(Protocol):
    """What commands ask of the monitor."""

    def focus(self, device_id: int, until_s: float) -> None:
        """Measure a device each second until then, of the monotonic clock; what is over ends it."""
        ...

    def in_focus(self) -> Sequence[int]:
        """Return the devices that are in focus now."""
        ...

    async def poll_row(self, device_id: int, if_index: int) -> bool:
        """Read one interface's statuses; False when the device is not polled by SNMP. Raises `SnmpFailure`."""
        ...

    @property
    def may_trace(self) -> bool:
        """Whether this machine lets us trace routes."""
        ...

    def trace(self, address: str) -> "asyncio.Future[list[Hop] | None] | None":
        """Return the hops to come, None of them when tracing failed; None when too many traces run."""
        ...


class HasDevices(Protocol):
    """Who knows the device list that is worked by now."""

    @property
    def device_list(self) -> DeviceList:
        """The device list that is worked by now."""
        ...


class Commands:
    """Carries out commands for the devices of one agent. Implements `dispatcher.Execution`.

    `engine` None: no permission for ICMP. `open_secret` opens what is sealed for a device, or raises `SealBroken`.
    """

    def __init__(
        self,
        owner: HasDevices,
        watching: Watching,
        engine: EchoEngine | None,
        *,
        open_secret: Callable[[str, int], SnmpCredentials],
        allowed_networks: Sequence[Network],
    ) -> None:
        self._owner = owner
        self._watching = watching
        self._engine = engine
        self._open_secret = open_secret
        self._allowed = tuple(allowed_networks)

    async def execute(self, command: Command, *, limit_s: float) -> msgspec.Struct:
        """See `dispatcher.Execution.execute`."""
        match command.kind:
            case CommandKind.PROBE:
                return await self._probe(_args(command, ProbeArgs))
            case CommandKind.FOCUS:
                return self._focus(_args(command, FocusArgs))
            case CommandKind.DISCOVER:
                return await self._discover(_args(command, DiscoverArgs), limit_s)
            case CommandKind.POLL_ROW:
                return await self._poll_row(_args(command, PollRowArgs))
            case CommandKind.TRACEROUTE:
                return await self._traceroute(_args(command, TracerouteArgs))
        assert_never(command.kind)

    async def _probe(self, args: ProbeArgs) -> ProbeBody:
        device = self._own(args.device_id)
        try:
            address = await self._probed_address(device, args)
        except SnmpFailure as failure:
            return self._unresolved(device, args, failure)
        if args.snmp is not None:
            version, port = args.snmp.version, args.snmp.port
            credentials = self._open(args.snmp.sealed, device.device_id)
        elif device.snmp is not None:
            version, port = device.snmp.version, device.snmp.port
            credentials = self._open(device.snmp.sealed, device.device_id)
        else:
            icmp = await ping(self._engine, address, args.count)
            return probe_body(device.address, icmp, None, MAX_INTERFACES)
        question = Question(address, port, version, credentials, count=args.count)
        found = await diagnose_with(self._engine, question)
        return probe_body(args.address or device.address, found.icmp, found, MAX_INTERFACES)

    @staticmethod
    def _unresolved(device: DeviceConfig, args: ProbeArgs, failure: SnmpFailure) -> ProbeBody:
        name, snmp = args.address or device.address, args.snmp or device.snmp
        found = unresolved(name, SnmpVersion.V2C if snmp is None else snmp.version, failure)
        body = probe_body(name, found.icmp, found, MAX_INTERFACES)
        return body if snmp is not None else msgspec.structs.replace(body, snmp=None)

    async def _probed_address(self, device: DeviceConfig, args: ProbeArgs) -> str:
        """Return the numeric address that is asked: what is checked is what is sent to, whatever a name says next."""
        if args.address is None or args.address == device.address:
            return await resolve(device.address)
        address = await resolve(args.address)
        if not address_allowed(address, self._allowed):
            raise _not_allowed(address)
        if args.snmp is None and device.snmp is not None:
            message = "stored credentials are sent to no other address; give those to try"
            raise CommandRefused(CommandFailure.INVALID, message)
        return address

    def _focus(self, args: FocusArgs) -> FocusBody:
        device = self._own(args.device_id)
        if not args.on:
            self._watching.focus(device.device_id, 0.0)
            return FocusBody(0.0, FOCUS_INTERVAL_S)
        focused = self._watching.in_focus()
        if device.device_id not in focused and len(focused) >= FOCUSED_ON_AGENT:
            message = f"{FOCUSED_ON_AGENT} devices of this agent are in focus already"
            raise CommandRefused(CommandFailure.BUSY, message)
        self._watching.focus(device.device_id, time.monotonic() + FOCUS_S)
        return FocusBody(FOCUS_S, FOCUS_INTERVAL_S)

    async def _discover(self, args: DiscoverArgs, limit_s: float) -> DiscoverBody:
        network = parse_network(args.network)
        if not network_allowed(network, self._allowed):
            raise _not_allowed(str(network))
        order = DiscoveryOrder(
            network,
            tuple(self._offered(offer) for offer in args.credentials),
            port=args.port,
            addresses_per_s=args.addresses_per_s,
            limit_s=min(args.limit_s, max(SWEEP_MARGIN_S, limit_s - SWEEP_MARGIN_S)),
        )
        return discover_body(await discover(order, self._engine))

    def _offered(self, offer: OfferedCredentials) -> NamedCredentials:
        if offer.device_id is not None:
            snmp = self._own(offer.device_id).snmp
            if snmp is None:
                raise CommandRefused(CommandFailure.INVALID, f"device {offer.device_id} has no SNMP credentials")
            return NamedCredentials(offer.name, snmp.version, self._open(snmp.sealed, offer.device_id))
        if offer.sealed is None:
            raise CommandRefused(CommandFailure.INVALID, "credentials are those of a device or sealed")
        version = offer.version or SnmpVersion.V2C
        return NamedCredentials(offer.name, version, self._open(offer.sealed, UNREGISTERED))

    async def _poll_row(self, args: PollRowArgs) -> PollRowBody:
        device = self._own(args.device_id)
        if not await self._watching.poll_row(device.device_id, args.if_index):
            raise CommandRefused(CommandFailure.UNSUPPORTED, f"{device.name} is not polled by SNMP")
        return PollRowBody(args.if_index)

    async def _traceroute(self, args: TracerouteArgs) -> TracerouteBody:
        device = self._own(args.device_id)
        if not self._watching.may_trace:
            message = "tracing routes needs CAP_NET_RAW on the agent's machine; see: noctule-agent doctor"
            raise CommandRefused(CommandFailure.NO_PERMISSION, message)
        address = await resolve(device.address)
        tracing = self._watching.trace(address)
        if tracing is None:
            raise CommandRefused(CommandFailure.BUSY, "several routes are being traced already; try again shortly")
        hops = await tracing
        if hops is None:
            raise CommandRefused(CommandFailure.FAILED, f"this machine cannot send to {address}")
        told = [TracerouteHop(hop.distance, hop.address, hop.rtt_s, hop.is_target) for hop in hops]
        return TracerouteBody(address, reached=bool(told) and told[-1].is_target, hops=told)

    def _own(self, device_id: int) -> DeviceConfig:
        device = self._owner.device_list.devices.get(device_id)
        if device is None:
            raise CommandRefused(CommandFailure.NOT_OWN, f"device {device_id} is not in this agent's list")
        return device

    def _open(self, sealed: str, device_id: int) -> SnmpCredentials:
        try:
            return self._open_secret(sealed, device_id)
        except SealBroken as error:
            raise CommandRefused(CommandFailure.FAILED, str(error)) from None


def _args(command: Command, kind: type[Args]) -> Args:
    args: dict[str, Any] = command.args
    try:
        return msgspec.convert(args, kind)
    except msgspec.ValidationError as error:
        raise CommandRefused(CommandFailure.INVALID, str(error)) from None


def _not_allowed(what: str) -> CommandRefused:
    message = f"{what} is outside allowed_networks in agent.toml of this agent's machine; add it there and restart it"
    return CommandRefused(CommandFailure.NOT_ALLOWED, message)
