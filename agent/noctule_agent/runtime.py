"""The running agent: monitor, collector, outbox and uplink put together, started and stopped in order.

Works from the kept device list when the hub is away. The parts' own work is theirs.
"""

import asyncio
import contextlib
import logging
import os
import time
from typing import Final

import msgspec
from noctule_shared.axes import CanaryLevel, DeviceLevels
from noctule_shared.link import Command, Result, SnmpCredentials

from noctule_agent import __version__
from noctule_agent.collector import Collector
from noctule_agent.commands.dispatcher import Dispatcher
from noctule_agent.commands.execution import Commands
from noctule_agent.config import AgentConfig
from noctule_agent.device_watch import PolledDevice
from noctule_agent.devices import DeviceList, load_devices, open_credentials, open_secret, save_devices
from noctule_agent.enrolment import Enrolment, load_enrolment, save_enrolment
from noctule_agent.errors import DataDirError, sole_cause
from noctule_agent.files import data_dir_lock
from noctule_agent.keys import AgentKeys, load_keys
from noctule_agent.link_connection import LinkIdentity
from noctule_agent.metrics_port import serve_metrics
from noctule_agent.monitor import Monitor
from noctule_agent.notifier import Notifier
from noctule_agent.outbox import Outbox
from noctule_agent.outbox_file import OUTBOX_NAME
from noctule_agent.outbox_frames import Limits
from noctule_agent.poller import MakePoller
from noctule_agent.probes.icmp import EchoEngine
from noctule_agent.process import open_engine, raise_descriptor_limit, stop_on_signal
from noctule_agent.receivers.service import Receivers
from noctule_agent.status import STATUS_INTERVAL_S, AgentStatus, LinkStatus, OutboxStatus, write_status
from noctule_agent.uplink import Uplink

STOP_TIMEOUT_S: Final = 2.0
# While more than this part of the outbox waits for the hub, network logs are dropped: the rest is for devices' states.
LOGS_OUTBOX_SHARE: Final = 0.25

_log = logging.getLogger(__name__)


class _Stopped(Exception):  # noqa: N818  how the TaskGroup is left on purpose
    """A signal asked the agent to stop."""


class Agent:
    """One enrolled agent on one data folder. Implements `agent_side.AgentSide`."""

    def __init__(
        self,
        config: AgentConfig,
        enrolment: Enrolment,
        keys: AgentKeys,
        engine: EchoEngine | None,
        *,
        make_poller: MakePoller = Monitor,
        notifier: Notifier | None = None,
    ) -> None:
        self._notifier = notifier or Notifier()
        self._config = config
        self._enrolment = enrolment
        self._keys = keys
        self._engine = engine
        self._started_ms = time.time_ns() // 1_000_000
        self._device_list = load_devices(config.data_dir)
        self._status_failed = False
        self._losses = (0, 0)
        limits = Limits(config.outbox_max_bytes, int(config.outbox_max_age_h * 3_600_000))
        self.outbox = Outbox(config.data_dir / OUTBOX_NAME, limits)
        self.collector = Collector(self.outbox)
        self.poller = make_poller(engine, self.collector, canaries=config.canaries, limits=config.snmp_limits)
        self.receivers = Receivers(
            config,
            self.collector,
            self.poller,
            identity=f"{enrolment.hub_id}/{enrolment.agent_id}",
            has_room=self._has_room_for_logs,
        )
        commands = Commands(
            self, self.poller, engine, open_secret=self._open_secret, allowed_networks=config.allowed_networks
        )
        self.dispatcher = Dispatcher(commands)
        identity = LinkIdentity(enrolment, keys, self._started_ms)
        self.uplink = Uplink(identity, self.outbox, self)

    @property
    def device_list(self) -> DeviceList:
        """The device list that is worked by now."""
        return self._device_list

    def levels(self) -> list[DeviceLevels]:
        """Return the present levels of all devices."""
        return self.poller.levels()

    @property
    def canary(self) -> CanaryLevel:
        """Whether this agent's own way out works."""
        return self.poller.canary

    async def obey(self, command: Command, *, skew_ms: int) -> Result:
        """Return the result of a command of the hub, carried out once however often it is asked for."""
        return await self.dispatcher.obey(command, skew_ms=skew_ms)

    def welcomed(self, *, hub_went_back: bool) -> None:
        """Send the inventories again when some may be lost: rows mean nothing to the hub without them."""
        losses = (self.outbox.reset_count, self.outbox.counts.evicted_event_frames)
        if hub_went_back or losses != self._losses:
            self.poller.resend_inventories()
        self._losses = losses

    async def apply_devices(self, devices: DeviceList) -> None:
        """Keep a new device list on disk and work by it from now on; without a disk it is worked by all the same."""
        try:
            await asyncio.to_thread(save_devices, self._config.data_dir, devices)
        except DataDirError as error:
            _log.error("the new device list is not kept: %s", error)
        self._device_list = devices
        await self._be_called(devices.agent, devices.site)
        await self._poll(devices)
        _log.info("device list of revision %d: %d devices", devices.revision, len(devices.devices))

    async def _be_called(self, name: str, site: str) -> None:
        """Take what the hub calls this agent and its site; "": it does not say."""
        known = self._enrolment
        if not name or (name, site) == (known.name, known.site):
            return
        self._enrolment = msgspec.structs.replace(known, name=name, site=site)
        _log.info("the hub calls this agent %s at site %s, it was %s at %s", name, site, known.name, known.site)
        try:
            await asyncio.to_thread(save_enrolment, self._config.data_dir, self._enrolment)
        except DataDirError as error:
            _log.error("the new name is not kept: %s", error)

    async def run(self, stop: asyncio.Event) -> None:
        """Measure and deliver until `stop` is set, then write everything down within 2 s.

        Raises `Fenced` when the hub has shut this agent out for good, `DataDirError`.
        """
        await self.outbox.open()
        try:
            await self._poll(self._device_list)
            self._notifier.ready(self._headline())
            try:
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(self.poller.run(), name="monitor")
                    tasks.create_task(self.receivers.run(), name="receivers")
                    tasks.create_task(self.collector.run(), name="collector")
                    tasks.create_task(self.outbox.run(), name="outbox")
                    tasks.create_task(self.dispatcher.run(), name="commands")
                    tasks.create_task(self.uplink.run(), name="uplink")
                    tasks.create_task(self._write_status(), name="status")
                    tasks.create_task(self._notifier.watch(self._headline), name="watchdog")
                    if self._config.metrics_port:
                        tasks.create_task(serve_metrics(self._config, self.status), name="metrics")
                    tasks.create_task(_until(stop), name="stop")
            except BaseExceptionGroup as group:
                stopped, failed = group.split(_Stopped)
                if stopped is not None:
                    _log.info("stopping")
                if failed is not None:
                    raise sole_cause(failed) or failed from None
        finally:
            await self._wind_down()

    async def _poll(self, devices: DeviceList) -> None:
        credentials = await asyncio.to_thread(open_credentials, self._keys.opening, devices.devices)
        polled = {
            device_id: PolledDevice(device, credentials[device_id]) for device_id, device in devices.devices.items()
        }
        self.poller.apply(polled)
        self.receivers.apply(polled)

    def _has_room_for_logs(self) -> bool:
        """Say whether network logs may be kept: a storm of them must not push out what tells of devices."""
        backlog_bytes = self.outbox.counts.backlog_bytes
        return backlog_bytes < LOGS_OUTBOX_SHARE * self._config.outbox_max_bytes and not self.collector.crowded

    def _open_secret(self, sealed: str, device_id: int) -> SnmpCredentials:
        return open_secret(self._keys.opening, sealed, device_id)

    def _headline(self) -> str:
        link, backlog = self.uplink.state.value, self.outbox.counts.backlog_frames
        return f"{len(self._device_list.devices)} devices, hub {link}, {backlog} frames to deliver"

    async def _wind_down(self) -> None:
        self._notifier.stopping()
        if self._engine is not None:
            self._engine.close()
        try:
            async with asyncio.timeout(STOP_TIMEOUT_S):
                await self.collector.close()
                await self.outbox.close()
        except TimeoutError:
            _log.error("the outbox did not finish within %.0f s", STOP_TIMEOUT_S)
        with contextlib.suppress(DataDirError):
            write_status(self._config.data_dir, self.status())

    async def _write_status(self) -> None:
        while True:
            try:
                await asyncio.to_thread(write_status, self._config.data_dir, self.status())
                self._status_failed = False
            except DataDirError as error:
                if not self._status_failed:
                    _log.warning("status is not written: %s", error)
                self._status_failed = True
            await asyncio.sleep(STATUS_INTERVAL_S)

    def status(self) -> AgentStatus:
        """Return what is known of this agent now."""
        now_ms = time.time_ns() // 1_000_000
        counts, collected, uplink = self.outbox.counts, self.collector.stats, self.uplink
        age_s = None if counts.oldest_ms is None else max(0.0, (now_ms - counts.oldest_ms) / 1000)
        return AgentStatus(
            version=__version__,
            pid=os.getpid(),
            started_ms=self._started_ms,
            written_ms=now_ms,
            agent_id=self._enrolment.agent_id,
            name=self._enrolment.name,
            site=self._enrolment.site,
            icmp="on" if self._engine else "off" if not self._config.icmp_enabled else "not-permitted",
            devices=len(self._device_list.devices),
            config_revision=self._device_list.revision,
            rows=collected.rows,
            events=collected.events,
            link=LinkStatus(
                state=uplink.state.value,
                reason=uplink.reason,
                since_ms=uplink.since_ms,
                hub_url=self._enrolment.hub_url,
                transport=uplink.transport.value,
                sessions=uplink.session_count,
                in_flight=uplink.in_flight,
                credit_frames=uplink.credit_frames,
                clock_skew_ms=uplink.clock_skew_ms,
            ),
            outbox=OutboxStatus(
                epoch=counts.epoch,
                next_seq=counts.next_seq,
                acked_seq=self.outbox.acked_seq,
                backlog_frames=counts.backlog_frames,
                backlog_bytes=counts.backlog_bytes,
                backlog_age_s=age_s,
                resets=self.outbox.reset_count,
            ),
            drops={
                "bufferFullRows": collected.dropped_rows,
                "bufferFullEvents": collected.dropped_events,
                "badValueRows": collected.refused_values,
                "evictedFrames": counts.evicted_frames,
                "evictedEventFrames": counts.evicted_event_frames,
                "evictedRows": counts.evicted_rows,
                **self.receivers.drops(),
            },
            pollers=dict(self.poller.stats()),
            receivers=self.receivers.stats(),
            slowest_s=dict(self.poller.slowest()),
            commands=dict(self.dispatcher.counts),
        )


async def run_agent(config: AgentConfig) -> None:
    """Run the agent of a data folder until SIGTERM or SIGINT. Raises `AgentError` kinds, each one clear line."""
    enrolment, keys = load_enrolment(config.data_dir), load_keys(config.data_dir)
    with data_dir_lock(config.data_dir):
        raise_descriptor_limit()
        engine = open_engine(enabled=config.icmp_enabled)
        with stop_on_signal() as stop:
            _log.info("noctule-agent %s runs as %s (%d)", __version__, enrolment.name, enrolment.agent_id)
            await Agent(config, enrolment, keys, engine, notifier=Notifier.from_environment()).run(stop)


async def _until(stop: asyncio.Event) -> None:
    await stop.wait()
    raise _Stopped
