"""The store's interface: what the hub keeps, and with which guarantees.

Every write method is one transaction, durable (fsync) when it returns, and wakes the log's followers.
A backend proves itself by `tests/hub/store/contract.py`. Nobody outside `store/` assumes one process.
"""

from collections.abc import AsyncIterator, Callable, Collection, Sequence
from typing import Protocol

from noctule_hub.core.accounts import JoinTokenRow
from noctule_hub.core.audit import Authorship
from noctule_hub.core.commit import Assignment, Commit, Configuration, EngineState, GapRow
from noctule_hub.core.event_filter import EventFilter
from noctule_hub.core.log_classes import BOTH, LogClass
from noctule_hub.core.records import (
    Agent,
    Device,
    EventRow,
    NewDevice,
    NewEvent,
)
from noctule_hub.core.series import BandwidthSeries, LatencySeries
from noctule_hub.store.alerts import AlertRules, Alerts, AlertStories, Incidents, Silences
from noctule_hub.store.audit import Audit
from noctule_hub.store.backup import Backups
from noctule_hub.store.channels import Channels, Deliveries, Policies
from noctule_hub.store.customers import Customers, Payments
from noctule_hub.store.device_import import DeviceImports
from noctule_hub.store.discovered import Discovered
from noctule_hub.store.history import History, Statuses
from noctule_hub.store.maintenance import Maintenance
from noctule_hub.store.network_logs import NetworkLogs
from noctule_hub.store.programs import Programs
from noctule_hub.store.secrets import Secrets
from noctule_hub.store.sessions import SignIns
from noctule_hub.store.settings import SettingsStore
from noctule_hub.store.sites import Sites
from noctule_hub.store.status_page import StatusPages
from noctule_hub.store.topology import Layouts
from noctule_hub.store.users import Users

# Seals a secret for the row id that the store assigns (AES-256-GCM, the id as associated data). The store may
# call it on another thread, inside the transaction: it must be quick, and what it raises undoes the change.
Seal = Callable[[int], bytes]


class Devices(Protocol):
    """Registered devices, who polls them, and their sealed SNMP secrets."""

    async def add_device(self, new: NewDevice, *, seal: Seal | None, by: Authorship) -> Device:
        """Register a device, assign it to its agent and raise that agent's config revision.

        Raises `Refused`: invalid (field name or address) when its site has one by that name or its agent
        one at that address and port; (field parents) for a parent that is none or would close a circle; not-found
        (field siteId or agentId).
        """
        ...

    async def update_device(
        self, device_id: int, new: NewDevice, *, revision: int, seal: Seal | None, by: Authorship
    ) -> Device:
        """Make a device that still has `revision` as `new`; `seal` None keeps its secret, no SNMP forgets it.

        Another site or agent takes it over from now on. Raises `Refused`: not-found; invalid (field revision) when
        somebody else changed it meanwhile; else as `add_device` does.
        """
        ...

    async def remove_device(self, device_id: int, *, by: Authorship) -> None:
        """Remove a device from polling, lists and others' parents; its id is never reused.

        Raises `Refused` (not-found).
        """
        ...

    async def devices(self) -> list[Device]:
        """Return all devices by id."""
        ...

    async def device(self, device_id: int) -> Device:
        """Return a registered device, as a change of it begins with. Raises `Refused` (not-found)."""
        ...

    async def device_secrets(self, agent_id: int | None) -> dict[int, bytes]:
        """Return the sealed SNMP secrets of an agent's devices by device id, with None of those that nobody polls."""
        ...


class Agents(Protocol):
    """Enrolled agents and join tokens."""

    async def add_join_token(
        self, *, site_id: int, secret_hash: str, uses: int, expires_ms: int, by: Authorship
    ) -> JoinTokenRow:
        """Keep a join token. Raises `Refused` (not-found, field site)."""
        ...

    async def enrol_agent(
        self,
        *,
        token_id: int,
        secret_hash: str,
        name: str,
        signing_key: str,
        sealing_key: str,
        version: str,
        by: Authorship,
    ) -> Agent:
        """Use a join token up by one and add the agent; devices of the site without an agent become its own.

        Raises `Refused` (unauthorised) when the token is unknown, wrong, used up or expired, in one wording;
        (invalid, field name) when the name is taken by an agent that is not revoked; the token then keeps its use.
        """
        ...

    async def agents(self) -> list[Agent]:
        """Return all agents by id, revoked ones too."""
        ...

    async def rename_agent(self, agent_id: int, name: str, *, by: Authorship) -> Agent:
        """Give an agent another name. Raises `Refused` (not-found; invalid, field name, when it is taken)."""
        ...

    async def announce_agent_keys(self, agent_id: int, *, signing_key: str, sealing_key: str) -> None:
        """Keep keys that an agent will use from some connection on; until then the present ones count."""
        ...

    async def adopt_agent_keys(self, agent_id: int, *, by: Authorship) -> Agent:
        """Put the announced keys in the place of the former ones, and count a change of all its devices.

        Does nothing when none are announced. Raises `Refused` (not-found).
        """
        ...

    async def config_changes(self, agent_id: int, *, since: int) -> set[int] | None:
        """Return ids of devices that changed, came or went for an agent after revision `since` of its list.

        None: that is not known (a revision of before a restoration, or one that never was); send the whole list.
        """
        ...

    async def assignments(self) -> list[Assignment]:
        """Return who polled which device when, those of removed devices too."""
        ...

    async def revoke_agent(self, agent_id: int, *, by: Authorship) -> Agent:
        """Revoke an agent for good; its devices go to the site's next agent, or wait for one to be enrolled.

        Their agents and these agents' config revisions have changed then. Raises `Refused` (not-found).
        """
        ...


class EventLog(Protocol):
    """The log of events: ordered by commit, followed live by `LogTail`."""

    @property
    def epoch(self) -> str:
        """The log's epoch, 16 hex digits; another one means that positions of before mean nothing."""
        ...

    async def begin_log_epoch(self) -> None:
        """Begin another epoch, because the data are an older copy: positions and device lists of before mean nothing.

        Every agent's list gets a revision that none has had, and no delta leads to it.
        """
        ...

    async def append(self, events: Sequence[NewEvent], *, now_ms: int) -> list[int]:
        """Append events in order and return their seqs."""
        ...

    async def head(self) -> int:
        """Return the seq of the newest committed event, 0 for none."""
        ...

    async def floor(self, log_class: LogClass) -> int:
        """Return the highest seq of a class that cannot be read any more, 0 when all can: `since >= floor` can."""
        ...

    async def events_after(self, seq: int, *, limit: int, classes: Collection[LogClass] = BOTH) -> list[EventRow]:
        """Return up to `limit` events of `classes` with a seq above `seq`, in order."""
        ...

    async def logs_after(self, seq: int, *, limit: int) -> int:
        """Return how many network logs are above `seq`, counted up to `limit`."""
        ...

    async def find_events(self, wanted: EventFilter, *, after: int | None, limit: int) -> tuple[list[EventRow], int]:
        """Return up to `limit` events that meet a filter, in order, and the seq up to which the log was looked at.

        `after` None: the newest. Fewer than `limit` do not mean that there are no more before the head.
        """
        ...

    def follow(self, after: int, *, classes: Collection[LogClass] = BOTH) -> AsyncIterator[list[EventRow]]:
        """Yield batches of committed events of `classes` above `after`, in order, without end: the LogTail."""
        ...


class Ingest(Protocol):
    """The engine's side: state after a start, and group commits."""

    async def configuration(self) -> Configuration:
        """Return what the engine works by, consistent in itself."""
        ...

    async def load_engine_state(self) -> EngineState:
        """Return what the engine needs after a start, consistent in itself; alerts are the pending and firing."""
        ...

    async def commit(self, commit: Commit) -> list[int]:
        """Apply a group commit whole or not at all, durably; returns the seqs of its events.

        Frames already there or below their cursor are not kept again, a cursor never goes back within an epoch.
        Events, states and the rest are applied as given: the engine makes them only of frames that are new.
        A caller that is cancelled cannot know whether the commit took place; its tables and events follow it.
        """
        ...

    async def gaps(self, agent_id: int, *, from_ms: int, to_ms: int, limit: int) -> list[GapRow]:
        """Return holes in an agent's data that touch `[from_ms, to_ms)`, newest first."""
        ...


class Series(Protocol):
    """Measurement history, from the journal and its projection together.

    With `at_most` a read raises `TooManyRowsError` when there are more rows in the range, or when an hour's more would
    be: to find that out takes a fraction of the time that reading them takes.
    """

    async def latency(self, device_id: int, *, from_ms: int, to_ms: int, at_most: int | None = None) -> LatencySeries:
        """Return a device's latency rows in `[from_ms, to_ms)`, by time."""
        ...

    async def bandwidth(
        self, interface_id: int, *, from_ms: int, to_ms: int, at_most: int | None = None
    ) -> BandwidthSeries:
        """Return an interface's rows in `[from_ms, to_ms)`, by time."""
        ...


class Store(
    Sites,
    Devices,
    DeviceImports,
    Agents,
    Users,
    SignIns,
    Programs,
    Customers,
    Payments,
    Audit,
    Backups,
    Secrets,
    EventLog,
    NetworkLogs,
    Maintenance,
    AlertRules,
    Silences,
    Alerts,
    AlertStories,
    Incidents,
    Channels,
    Policies,
    Deliveries,
    StatusPages,
    Layouts,
    SettingsStore,
    Discovered,
    Ingest,
    Series,
    History,
    Statuses,
    Protocol,
):
    """All of the hub's memory behind one object.

    Every method raises `StoreError` when the data cannot be read or kept; nothing was changed then.
    """

    @property
    def hub_id(self) -> str:
        """The hub's identity, 32 hex digits, the same for as long as its data lives; the audience of agents' tokens."""
        ...

    async def close(self) -> None:
        """Finish what is under way and let go of the files. Idempotent."""
        ...
