"""The pages, one line each: where they are, who may see them, what they show. Tests and pictures go through this table.

A page in `pages/registry.ts` that has no line here fails `tests/project/test_screens.py`.
"""

from dataclasses import dataclass
from typing import Final

ROLES: Final = ("admin", "operator", "viewer", "billing", "customer")
EVERYBODY: Final = frozenset(ROLES)
STAFF: Final = frozenset({"admin", "operator", "viewer"})
OPERATORS: Final = frozenset({"admin", "operator"})
ADMINS: Final = frozenset({"admin"})
BILLING: Final = frozenset({"admin", "operator", "billing"})
OWN: Final = frozenset({"customer"})
# The device that is down where the network has a fault.
ONE_DOWN: Final = ("radio1.north",)
STRANGER: Final = "stranger"
NOBODY: Final = frozenset[str]()


@dataclass(frozen=True, slots=True)
class Screen:
    """A page, or one way of looking at it.

    `page`: its name in the registry, None for a page outside of it. `path` may name numbers of the stage: `{device}`.
    `holds`: a selector of its data on the furnished stage. `heading` None: it has none, as the wall.
    `watches`: it shows how the network is, so it is another page in each situation.
    """

    name: str
    page: str | None
    path: str
    roles: frozenset[str]
    holds: str
    heading: str | None = "h1"
    wide: bool = False
    watches: bool = False

    @property
    def visitor(self) -> str:
        """Return the role that has most on it; a stranger where nobody signs in."""
        return next((role for role in ROLES if role in self.roles), STRANGER)


SCREENS: Final = (
    Screen("overview", "overview", "/", STAFF, "[data-testid=overview] .tile", watches=True),
    Screen("wall", "overview", "/?wall", STAFF, "[data-testid=wall] .tile", heading=None, wide=True, watches=True),
    Screen("devices", "devices", "/devices", STAFF, "[data-testid=device-row]", watches=True),
    Screen("device", "devices", "/devices/{device}", STAFF, "[data-testid=device-answer]", watches=True),
    Screen("interface", "interfaces", "/interfaces/{interface}", STAFF, "#content h1", watches=True),
    Screen("topology", "topology", "/topology", STAFF, "[data-testid=topology]", watches=True),
    Screen("alerts", "alerts", "/alerts", STAFF, "[data-testid=alerts]", watches=True),
    Screen("incidents", "incidents", "/incidents", STAFF, "[data-testid=incidents]", watches=True),
    Screen("rules", "rules", "/rules", STAFF, "[data-testid=table-row]"),
    Screen("rule", "rules", "/rules/{rule}", STAFF, "[data-testid=rule-panel]"),
    Screen("silences", "silences", "/silences", STAFF, "[data-testid=table-row]"),
    Screen("silence", "silences", "/silences/{silence}", STAFF, "[data-testid=silence-panel]"),
    Screen("silence-new", "silences", "/silences/new", OPERATORS, "[data-testid=silence-panel]"),
    Screen("maintenance", "maintenance", "/maintenance", STAFF, "[data-testid=table-row]"),
    Screen("window", "maintenance", "/maintenance/{window}", STAFF, "[data-testid=maintenance-panel]"),
    Screen("channels", "channels", "/channels", ADMINS, "[data-testid=table-row]"),
    Screen("channel", "channels", "/channels/{channel}", ADMINS, "[data-testid=channel-panel]"),
    Screen("policies", "policies", "/policies", OPERATORS, "[data-testid=table-row]"),
    Screen("policy", "policies", "/policies/{policy}", OPERATORS, "[data-testid=policy-panel]"),
    Screen("logs", "logs", "/logs", STAFF, "h1", watches=True),
    Screen("agents", "agents", "/agents", STAFF, "[data-testid=table-row]", watches=True),
    Screen("agent", "agents", "/agents/{agent}", STAFF, "[data-testid=agent-panel]"),
    Screen("clients", "clients", "/clients", OPERATORS, "[data-testid=table-row]", watches=True),
    Screen("status-page", "statuspage", "/statuspage", ADMINS, "[data-testid=status-page]"),
    Screen("customers", "customers", "/customers", BILLING, "[data-testid=table-row]"),
    Screen("customer", "customers", "/customers/{customer}", BILLING, "[data-testid=customer-panel]"),
    Screen("users", "users", "/users", ADMINS, "[data-testid=table-row]"),
    Screen("user", "users", "/users/{user}", ADMINS, "[data-testid=user-panel]"),
    Screen("tokens", "tokens", "/tokens", ADMINS, "[data-testid=table-row]"),
    Screen("audit", "audit", "/audit", ADMINS, "[data-testid=table-row]"),
    Screen("settings", "settings", "/settings", OPERATORS, "[data-testid=settings]"),
    Screen("health", "settings", "/settings/health", OPERATORS, "[data-testid=settings] .tab"),
    Screen("services", "services", "/services", OWN, ".service-card", watches=True),
    Screen("service", "services", "/services/{service}", OWN, ".service-card", watches=True),
    Screen("missing", None, "/nowhere", EVERYBODY, "#content .blank"),
)
"""For people who are signed in."""

PUBLIC: Final = (
    Screen("sign-in", None, "/", NOBODY, "[data-testid=signin]"),
    Screen("status", None, "/status", NOBODY, "main", watches=True),
    Screen("ws-test", None, "/ws-test", NOBODY, "[data-testid=ws-state]"),
)
"""For people who are not."""
