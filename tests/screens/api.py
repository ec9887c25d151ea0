"""A hub's HTTP API as a person signed in to it: enough to furnish a stage and to see what is true."""

import json
import secrets
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any, Final

ANSWER_S: Final = 20.0
LOOK_S: Final = 0.1


class HubApi:
    """Requests as one person."""

    def __init__(self, url: str, username: str, password: str) -> None:
        self.url = url
        answer = self._send("POST", "/api/v1/auth/login", {"username": username, "password": password}, {})
        self._headers = {"Authorization": f"Bearer {answer['accessToken']}"}

    def get(self, path: str) -> Any:
        """Return an answer. Raises RuntimeError with the hub's words when it refuses."""
        return self._send("GET", f"/api/v1/{path}", None, self._headers)

    def post(self, path: str, body: object = None) -> Any:
        headers = self._headers | {"Idempotency-Key": secrets.token_hex(8)}
        return self._send("POST", f"/api/v1/{path}", {} if body is None else body, headers)

    def put(self, path: str, body: object) -> Any:
        return self._send("PUT", f"/api/v1/{path}", body, self._headers)

    def patch(self, path: str, body: object) -> Any:
        return self._send("PATCH", f"/api/v1/{path}", body, self._headers)

    def delete(self, path: str) -> Any:
        return self._send("DELETE", f"/api/v1/{path}", None, self._headers)

    def ids(self, path: str) -> dict[str, int]:
        """Return the numbers of a list's items by their names."""
        return {item["name"]: item["id"] for item in self.get(path)["items"]}

    def _send(self, method: str, path: str, body: object, headers: dict[str, str]) -> Any:
        url = f"{self.url}{path}"
        request = urllib.request.Request(url, method=method, headers=headers)  # noqa: S310  our own hub
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(request, timeout=ANSWER_S) as answer:  # noqa: S310  our own hub
                content = answer.read()
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{method} {path}: {error.code} {error.read().decode(errors='replace')}") from error
        return json.loads(content) if content else None


def until(condition: Callable[[], object], what: str, deadline_s: float = 180.0) -> None:
    """Return once the condition holds. Raises RuntimeError when it does not in time."""
    end_s = time.monotonic() + deadline_s
    while not condition():
        if time.monotonic() > end_s:
            raise RuntimeError(f"not within {deadline_s:.0f} s: {what}")
        time.sleep(LOOK_S)
