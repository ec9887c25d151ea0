"""What a running agent says of itself in DATA/status.json, and how `noctule-agent status` and others read it."""

import time
from pathlib import Path
from typing import Final

import msgspec

from noctule_agent.errors import AgentError
from noctule_agent.files import is_locked, write_private

STATUS_FILE: Final = "status.json"
STATUS_INTERVAL_S: Final = 2.0
STALE_S: Final = 10.0


class LinkStatus(msgspec.Struct, frozen=True, rename="camel"):
    """The link to the hub. `clock_skew_ms`: the hub's clock minus ours, None before the first welcome."""

    state: str
    reason: str | None
    since_ms: int
    hub_url: str
    transport: str
    sessions: int
    in_flight: int
    credit_frames: int | None
    clock_skew_ms: int | None


class OutboxStatus(msgspec.Struct, frozen=True, rename="camel"):
    """What waits for the hub. `backlog_age_s` None: nothing waits."""

    epoch: str
    next_seq: int
    acked_seq: int
    backlog_frames: int
    backlog_bytes: int
    backlog_age_s: float | None
    resets: int


class AgentStatus(msgspec.Struct, frozen=True, rename="camel"):
    """Everything in status.json. `drops` counts lost rows and frames by reason since the start.

    `pollers` holds the monitor's own counters by name, `receivers` those of traps and syslog, empty when they are off,
    `slowest_s` the devices whose last SNMP poll took longest, by name in seconds, `commands` how many of the hub's
    ended how.
    """

    version: str
    pid: int
    started_ms: int
    written_ms: int
    agent_id: int
    name: str
    site: str
    icmp: str
    devices: int
    config_revision: int
    rows: int
    events: int
    link: LinkStatus
    outbox: OutboxStatus
    drops: dict[str, int]
    pollers: dict[str, float]
    receivers: dict[str, float] = {}
    slowest_s: dict[str, float] = {}
    commands: dict[str, int] = {}


class StatusReport(msgspec.Struct, frozen=True, rename="camel"):
    """A status as read by somebody else: whether the agent runs, and how old its word is (seconds)."""

    running: bool
    stale: bool
    age_s: float
    status: AgentStatus


def write_status(data_dir: Path, status: AgentStatus) -> None:
    """Replace status.json. Raises `DataDirError`."""
    write_private(data_dir / STATUS_FILE, msgspec.json.encode(status), durable=False)


def read_status(data_dir: Path) -> StatusReport:
    """Return the last status. Raises `AgentError` when there is none or it cannot be read."""
    path = data_dir / STATUS_FILE
    try:
        status = msgspec.json.decode(path.read_bytes(), type=AgentStatus)
    except FileNotFoundError:
        raise AgentError(f"no agent has run on {data_dir} yet ({path} does not exist)") from None
    except OSError as error:
        raise AgentError(f"cannot read {path}: {error.strerror}") from error
    except msgspec.MsgspecError as error:
        raise AgentError(f"{path} is damaged: {error}") from error
    age_s = max(0.0, time.time() - status.written_ms / 1000)
    return StatusReport(running=is_locked(data_dir), stale=age_s > STALE_S, age_s=round(age_s, 1), status=status)
