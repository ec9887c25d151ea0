"""Who may do what over HTTP: one pure table. What a role sees of an event is for `core.rooms` to say."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from noctule_hub.core.principal import Role


class Action(StrEnum):
    """What a request does. Every route declares exactly one."""

    PUBLIC = "public"
    OWN_IDENTITY = "own-identity"
    OWN_SESSIONS = "own-sessions"
    READ_NETWORK = "read-network"
    READ_EVENTS = "read-events"
    READ_LOGS = "read-logs"
    READ_CLIENTS = "read-clients"
    READ_HUB_METRICS = "read-hub-metrics"
    READ_DEVICE_METRICS = "read-device-metrics"
    WRITE_DEVICES = "write-devices"
    WRITE_SITES = "write-sites"
    ENROL_AGENTS = "enrol-agents"
    REVOKE_AGENTS = "revoke-agents"
    COMMAND_AGENTS = "command-agents"
    MANAGE_TOKENS = "manage-tokens"
    MANAGE_USERS = "manage-users"
    READ_AUDIT = "read-audit"
    BACK_UP = "back-up"
    WRITE_MAINTENANCE = "write-maintenance"
    WRITE_ALERTS = "write-alerts"
    WRITE_LAYOUT = "write-layout"
    MANAGE_SETTINGS = "manage-settings"
    MANAGE_CHANNELS = "manage-channels"
    READ_CUSTOMERS = "read-customers"
    WRITE_CUSTOMERS = "write-customers"
    SUSPEND_CUSTOMERS = "suspend-customers"
    READ_PAYMENTS = "read-payments"
    WRITE_PAYMENTS = "write-payments"
    READ_OWN = "read-own"
    EMIT_TEST = "emit-test"


_ADMIN: Final = frozenset({Role.ADMIN})
_SCRAPERS: Final = frozenset({Role.ADMIN, Role.METRICS})
_WRITERS: Final = frozenset({Role.ADMIN, Role.OPERATOR})
_STAFF: Final = frozenset({Role.ADMIN, Role.OPERATOR, Role.VIEWER})

ALLOWED: Final[Mapping[Action, frozenset[Role]]] = {
    Action.PUBLIC: frozenset(Role),
    Action.OWN_IDENTITY: frozenset(Role) - {Role.ANONYMOUS, Role.AGENT},
    Action.OWN_SESSIONS: frozenset(Role) - {Role.ANONYMOUS, Role.AGENT},
    Action.READ_NETWORK: _STAFF,
    Action.READ_EVENTS: _STAFF | {Role.BILLING, Role.CUSTOMER},
    Action.READ_LOGS: _STAFF,
    Action.READ_CLIENTS: _WRITERS,
    # The hub's own also without a sign-in, from the hub's own machine.
    Action.READ_HUB_METRICS: _SCRAPERS,
    Action.READ_DEVICE_METRICS: _SCRAPERS,
    Action.WRITE_DEVICES: _WRITERS,
    Action.WRITE_SITES: _WRITERS,
    Action.ENROL_AGENTS: _WRITERS,
    Action.REVOKE_AGENTS: _ADMIN,
    Action.COMMAND_AGENTS: _WRITERS,
    Action.MANAGE_TOKENS: _ADMIN,
    Action.MANAGE_USERS: _ADMIN,
    Action.READ_AUDIT: _ADMIN,
    Action.BACK_UP: _ADMIN,
    Action.WRITE_MAINTENANCE: _WRITERS,
    Action.WRITE_ALERTS: _WRITERS,
    Action.WRITE_LAYOUT: _WRITERS,
    Action.MANAGE_SETTINGS: _ADMIN,
    Action.MANAGE_CHANNELS: _ADMIN,
    Action.READ_CUSTOMERS: _WRITERS | {Role.BILLING},
    Action.WRITE_CUSTOMERS: _WRITERS,
    Action.SUSPEND_CUSTOMERS: _WRITERS | {Role.BILLING},
    Action.READ_PAYMENTS: _WRITERS | {Role.BILLING},
    Action.WRITE_PAYMENTS: _ADMIN | {Role.BILLING},
    Action.READ_OWN: frozenset({Role.CUSTOMER}),
    Action.EMIT_TEST: _ADMIN,
}


def is_allowed(role: Role, action: Action) -> bool:
    """Return whether a principal of `role` may do `action`."""
    return role in ALLOWED[action]


def roles_that_may(action: Action) -> list[Role]:
    """Return the roles that may do `action`, for the message of a refusal."""
    return sorted(ALLOWED[action])
