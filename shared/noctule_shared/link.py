"""Messages of the agent link, Socket.IO namespace `/agent`; those of enrolment are in `enrolment`.

Control messages are JSON objects with camelCase keys; frames travel as bytes (see `frames`). Agent to hub:
hello, frame, levels, config-applied, result. Hub to agent: welcome, ack, nack, credit, config, command, fenced.
"""

from enum import StrEnum
from typing import Annotated, Any, Final

import msgspec

from noctule_shared.axes import CanaryLevel, DeviceLevels, Reachability
from noctule_shared.interface_filter import DEFAULT_FILTER, InterfaceFilter
from noctule_shared.thresholds import FAILED_POLLS, ICMP_THRESHOLDS, FailedPolls, IcmpThresholds

NAMESPACE: Final = "/agent"
# 2: hello tells why its epoch began, levels come while a backlog drains, and an agent is heard of every
# `HEARTBEAT_S` seconds (levels of no device, when there is nothing else to say). A side serves the present protocol and
# the one before it, so that hub and agents need not be upgraded at once.
PROTOCOL: Final = 2
# The first protocol whose hubs read frames with shuffled columns.
SHUFFLED_SINCE: Final = 2
SUPPORTED_PROTOCOLS: Final = frozenset({1, 2})
JWT_LIFETIME_S: Final = 60
JWT_ALGORITHM: Final = "EdDSA"
HEARTBEAT_S: Final = 10
MAX_REASON_CHARS: Final = 200
LEVELS_INTERVAL_S: Final = 60
# What the hub signs to prove itself, and what an agent checks: prefix + nonce + the agent's id as decimal.
HUB_PROOF_PREFIX: Final = b"noctule-hub-proof-1:"


class Message(StrEnum):
    """Names of the link's Socket.IO events."""

    HELLO = "hello"
    WELCOME = "welcome"
    FRAME = "frame"
    ACK = "ack"
    NACK = "nack"
    CREDIT = "credit"
    LEVELS = "levels"
    CONFIG = "config"
    CONFIG_APPLIED = "config-applied"
    COMMAND = "command"
    RESULT = "result"
    FENCED = "fenced"


class Levels(msgspec.Struct, frozen=True, rename="camel"):
    """Present levels of all devices of an agent; `full` False: only those named.

    `next_seq` is the frame that will be made next: the levels include what all frames before it tell (0: nothing is
    said of frames, as in a heartbeat, which has no devices). While a backlog drains they come each second that they
    change, so that the present does not wait for the past.
    """

    ts_ms: int
    canary: CanaryLevel
    devices: list[DeviceLevels]
    next_seq: int
    full: bool = True


class Hello(msgspec.Struct, frozen=True, rename="camel"):
    """First message of an agent. `nonce` is 32 hex digits that the hub must sign in its welcome.

    `first_seq` is the oldest frame still in the outbox, `next_seq` the one that will be made next;
    `config_revision` 0: no device list yet. `started_ms` tells restarts of the agent apart. `epoch_reason` says why
    the epoch began although there was one before (None: there was none), `lost_from_ms` since when frames may have
    been lost by it (None: the agent cannot know). All frames up to `acked_seq` were acknowledged by this hub once.
    """

    protocols: list[int]
    version: str
    nonce: str
    epoch: str
    first_seq: int
    next_seq: int
    clock_ms: int
    started_ms: int
    config_revision: int
    levels: Levels
    epoch_reason: Annotated[str, msgspec.Meta(max_length=MAX_REASON_CHARS)] | None = None
    lost_from_ms: int | None = None
    acked_seq: int = 0


class Welcome(msgspec.Struct, frozen=True, rename="camel"):
    """The hub's answer. `signature` (hex, Ed25519) proves the hub; frames are sent only after it was checked.

    `expected_seq` is the first frame of the agent's epoch that the hub has not committed;
    `credit_frames` how many unacknowledged frames the agent may have on the way. `last_digest` is of the frame before
    `expected_seq` (`frames.frame_digest`, `HOLE_DIGEST`): with another there, the agent's outbox was set back; "": not
    known.
    """

    protocol: int
    signature: str
    expected_seq: int
    credit_frames: int
    clock_ms: int
    last_digest: str = ""


class Ack(msgspec.Struct, frozen=True):
    """All frames up to and including `seq` are durable at the hub."""

    seq: int


class Nack(msgspec.Struct, frozen=True):
    """The hub received a frame out of order and goes on only with `expected`."""

    expected: int


class Credit(msgspec.Struct, frozen=True):
    """How many unacknowledged frames the agent may have on the way from now on; 0 pauses it."""

    frames: int


class SnmpVersion(StrEnum):
    """SNMP message versions as written in configuration."""

    V1 = "1"
    V2C = "2c"
    V3 = "3"


class AuthProtocol(StrEnum):
    """Authentication protocols of the user-based security model (RFC 3414, RFC 7860)."""

    MD5 = "MD5"
    SHA1 = "SHA"
    SHA224 = "SHA-224"
    SHA256 = "SHA-256"
    SHA384 = "SHA-384"
    SHA512 = "SHA-512"


class PrivProtocol(StrEnum):
    """Privacy protocols of the user-based security model (RFC 3414, RFC 3826 and its longer keys)."""

    DES = "DES"
    AES128 = "AES"
    AES192 = "AES-192"
    AES256 = "AES-256"


class SnmpCredentials(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """What opens a device: a community (v1, v2c) or a v3 user. Never in a log, an answer or a repr."""

    community: str | None = None
    user: str | None = None
    auth_protocol: AuthProtocol | None = None
    auth_secret: str | None = None
    priv_protocol: PrivProtocol | None = None
    priv_secret: str | None = None
    context: str = ""

    def __repr__(self) -> str:
        return "SnmpCredentials(***)"


# Below one request in ten seconds not even one small poll fits an interval.
RequestsPerS = Annotated[float, msgspec.Meta(ge=0.1, le=10_000)]


class SnmpConfig(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """How an agent polls a device by SNMP. `sealed` is base64 of a sealed `SnmpCredentials` (see `SEAL_INFO`).

    Down after `failed_polls` failed polls in a row. `max_requests_per_s` None: as many as the agent sends to any.
    """

    version: SnmpVersion
    port: int
    interval_s: float
    sealed: str
    failed_polls: FailedPolls = FAILED_POLLS
    max_requests_per_s: RequestsPerS | None = None
    interfaces: InterfaceFilter = DEFAULT_FILTER


class IcmpConfig(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """How an agent pings a device: `count` packets each `interval_s`, `spacing_s` apart, `timeout_s` per packet."""

    interval_s: float = 10.0
    count: int = 5
    spacing_s: float = 0.2
    timeout_s: float = 1.0
    thresholds: IcmpThresholds = ICMP_THRESHOLDS


class DeviceConfig(msgspec.Struct, frozen=True, rename="camel"):
    """One device as its agent knows it. `icmp` or `snmp` None: not measured that way."""

    device_id: int
    name: str
    address: str
    reachability: Reachability
    icmp: IcmpConfig | None
    snmp: SnmpConfig | None


class ConfigPage(msgspec.Struct, frozen=True, rename="camel"):
    """One page of a device list: a delta from revision `base`, whole when `base` is 0.

    Swapped in when page `pages` (counted from 1) has arrived, then answered with `ConfigApplied`. `agent` and `site`
    are what the agent and its site are called at that revision, "": an older hub does not say.
    """

    revision: int
    base: int
    page: int
    pages: int
    devices: list[DeviceConfig]
    removed: list[int]
    agent: str = ""
    site: str = ""


class ConfigApplied(msgspec.Struct, frozen=True):
    """The agent now works by this revision and has it on disk."""

    revision: int


class CommandKind(StrEnum):
    """What a hub may ask of an agent."""

    PROBE = "probe"
    FOCUS = "focus"
    DISCOVER = "discover"
    POLL_ROW = "poll-row"
    TRACEROUTE = "traceroute"


class Command(msgspec.Struct, frozen=True, rename="camel"):
    """A request to an agent, idempotent by `id`; worthless after `deadline_ms` (epoch, the hub's clock)."""

    id: str
    kind: CommandKind
    deadline_ms: int
    args: dict[str, Any]


class Result(msgspec.Struct, frozen=True, rename="camel"):
    """The answer to a command. `reason` is one word when not ok; `body` depends on the kind."""

    id: str
    ok: bool
    reason: str | None
    body: dict[str, Any] | None


class Fenced(msgspec.Struct, frozen=True, rename="camel"):
    """The last message before the hub cuts a link; `code` is fenced, contested, revoked or protocol.

    `message` is for people. fenced: another link of this identity came; contested: so often that none is let in.

    `retry` False: the agent stops until a person has acted.
    """

    code: str
    message: str
    retry: bool


# HKDF-SHA256 info of the sealed box: ephemeral X25519 public key (32 bytes) + AES-256-GCM of the JSON
# credentials with nonce 0 (the key is used once) and the device id (decimal) as associated data.
SEAL_INFO: Final = b"noctule-seal-1"
