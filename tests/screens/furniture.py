"""What people have put into a hub that runs: users of each role, customers, payments, rules, plans, a status page."""

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from tests.screens.api import HubApi
from tests.screens.pages import ONE_DOWN, ROLES

CUSTOMERS: Final = ("Harbour Clinic", "Old Mill Bakery", "Northgate School", "Riverside Hotel")
AMOUNTS: Final = ("248.00", "89.50", "1290.00", "412.75")


@dataclass(frozen=True, slots=True)
class Furnished:
    """`ids`: the numbers that addresses of pages name. `passwords`: by user, who is called as the role is."""

    ids: dict[str, int]
    passwords: dict[str, str] = field(repr=False)


def furnish(api: HubApi, admin_password: str) -> Furnished:
    """Furnish a hub whose devices are registered."""
    devices = api.ids("devices?limit=1000")
    # The one that fails first comes first, so that its customer's pages, and its own, show how that looks.
    ends = [*ONE_DOWN, *(name for name in devices if name.startswith(("cpe", "acc")))]
    customers = [
        api.post("customers", {"name": name, "reference": f"C-{1001 + n}"}) for n, name in enumerate(CUSTOMERS)
    ]
    _serve(api, customers, [devices[name] for name in ends])
    passwords = {"admin": admin_password}
    for role in ROLES[1:]:
        passwords[role] = secrets.token_urlsafe(16)
        bound = {"customerId": customers[0]["id"]} if role == "customer" else {}
        api.post("users", {"username": role, "password": passwords[role], "role": role, **bound})
    rule = api.post(
        "rules", {"name": "uplink-nearly-full", "condition": {"kind": "high-utilisation"}, "severity": "warning"}
    )
    api.post("tokens", {"name": "grafana", "role": "viewer", "ttlS": 86_400})
    silence = _plan(api, next(iter(devices.values())))
    _publish(api, devices)
    ids = {
        "device": devices[ends[0]],
        "agent": api.get("agents")["items"][0]["id"],
        "customer": customers[0]["id"],
        "interface": 1,  # the first that any device has
        "rule": rule["id"],
        "user": api.get("users")["items"][0]["id"],
        "service": api.get(f"customers/{customers[0]['id']}/services")["items"][0]["id"],
        **silence,
    }
    return Furnished(ids, passwords)


def _serve(api: HubApi, customers: list[Any], devices: list[int]) -> None:
    """Give each customer a device as its service, and payments in each state that they know."""
    for number, customer in enumerate(customers):
        body = {"deviceId": devices[number], "label": f"Fibre {100 * (number + 1)}", "committedBps": 100_000_000}
        api.post(f"customers/{customer['id']}/services", body)
        at = datetime.now(UTC) - timedelta(days=20 * number + 1)
        body = {"customerId": customer["id"], "status": ("settled", "failed", "settled", "pending")[number]}
        body |= {"occurredAt": at.isoformat(), "amount": AMOUNTS[number], "currency": "EUR"}
        api.post(f"payments/inv-{2026_000 + number}/updates", body)


def _plan(api: HubApi, device_id: int) -> dict[str, int]:
    """Plan work, silence a device, and say whom alerts go to."""
    now = datetime.now(UTC)
    at = {hours: (now + timedelta(hours=hours)).isoformat() for hours in (2, 4, 30)}
    once = {"startsAt": at[2], "endsAt": at[4]}
    window = api.post("maintenance", {"name": "New power at the core", "deviceIds": [device_id], "once": once})
    weekly = {"weekdays": ["mon"], "start": "03:00", "durationS": 7200}
    api.post("maintenance", {"name": "Weekly updates", "deviceIds": [device_id], "recurring": weekly})
    matchers = {"names": ["cpe*"], "severity": "warning"}
    silence = api.post("silences", {"matchers": matchers, "comment": "Customer rebuilds their rack", "endsAt": at[30]})
    channel = {"name": "Night shift", "webhook": {"url": "http://127.0.0.1:9/alerts"}, "enabled": False}
    shift = api.post("channels", channel)
    steps = [{"afterS": 0, "channelIds": [shift["id"]]}]
    policy = api.post("notification-policies", {"name": "Escalate at night", "steps": steps})
    return {"window": window["id"], "silence": silence["id"], "channel": shift["id"], "policy": policy["id"]}


def _publish(api: HubApi, devices: dict[str, int]) -> None:
    north = [number for name, number in devices.items() if name.endswith(".north")]
    south = [number for name, number in devices.items() if name.endswith(".south")]
    components = [
        {"label": "Internet access, north", "deviceIds": north},
        {"label": "Internet access, south", "deviceIds": south},
    ]
    page = {"title": "Example Networks", "message": "", "published": True, "components": components}
    api.put("status-page", {"revision": api.get("status-page")["revision"], **page})
