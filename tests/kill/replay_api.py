"""What the replay test does over the hub's API: users, customers and their services, tokens, payments."""

import json
import time
import urllib.request
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from tests.kill.hub import HubProcess

ANSWER_S = 20.0
PASSWORD = "a-password-of-the-replay-test"


def now_ms() -> int:
    return time.time_ns() // 1_000_000


class Api:
    """An administrator's requests. A change returns when it was asked for and when it was answered (epoch ms)."""

    def __init__(self, hub: HubProcess) -> None:
        self._hub = hub
        self._paid = 0

    def ask(self, method: str, path: str, body: object = None, *, key: str = "") -> Any:
        """Return the answer. Raises `urllib.error.URLError` when there is none, or a refusal."""
        request = urllib.request.Request(f"http://127.0.0.1:{self._hub.port}/api/v1/{path}", method=method)
        request.add_header("Authorization", f"Bearer {self._hub.token()}")
        if key:
            request.add_header("Idempotency-Key", key)
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=ANSWER_S) as answer:  # noqa: S310  our own hub
            text = answer.read()
        return json.loads(text) if text else None

    def head(self) -> int:
        """Return the seq of the newest row that everything committed before this call is not above."""
        return int(self.ask("GET", "devices?limit=1")["position"]["seq"])

    def user(self, name: str, role: str, customer_id: int | None = None) -> tuple[int, str]:
        """Make a user and return its id and an access token."""
        body = {"username": name, "password": PASSWORD, "role": role, "customerId": customer_id}
        made = self.ask("POST", "users", body)
        signed_in = self.ask("POST", "auth/login", {"username": name, "password": PASSWORD})
        return int(made["id"]), str(signed_in["accessToken"])

    def give_role(self, user_id: int, role: str, customer_id: int | None) -> tuple[int, int]:
        asked_ms = now_ms()
        revision = self.ask("GET", f"users/{user_id}")["revision"]
        self.ask("PATCH", f"users/{user_id}", {"revision": revision, "role": role, "customerId": customer_id})
        return asked_ms, now_ms()

    def program(self, name: str, role: str) -> tuple[int, str]:
        """Make a program's token; returns its id and the token."""
        made = self.ask("POST", "tokens", {"name": name, "role": role, "ttlS": 7_200})
        return int(made["id"]), str(made["token"])

    def revoke(self, token_id: int) -> tuple[int, int]:
        asked_ms = now_ms()
        self.ask("DELETE", f"tokens/{token_id}")
        return asked_ms, now_ms()

    def serve(self, customer_id: int, device_id: int, interface_id: int | None = None) -> tuple[int, tuple[int, int]]:
        """Give a customer a device or a port of it; returns the service's id, and when."""
        asked_ms = now_ms()
        body = {"deviceId": device_id, "interfaceId": interface_id, "label": f"Line {device_id}"}
        made = self.ask("POST", f"customers/{customer_id}/services", body)
        return int(made["id"]), (asked_ms, now_ms())

    def take_back(self, customer_id: int, service_id: int) -> tuple[int, int]:
        asked_ms = now_ms()
        self.ask("DELETE", f"customers/{customer_id}/services/{service_id}")
        return asked_ms, now_ms()

    def pay(self, customer_id: int) -> None:
        """Publish one more payment. Without an answer nobody knows whether it was taken; the log does."""
        self._paid += 1
        moment = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        body = {"customerId": customer_id, "status": "paid", "occurredAt": moment, "amount": "9.90", "currency": "EUR"}
        with suppress(OSError):
            self.ask("POST", f"payments/p-{self._paid}/updates", body, key=f"p-{self._paid}")
