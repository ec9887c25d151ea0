"""`noctule client`: who is connected, in which order, in sum, and over a restart of the hub."""

import asyncio
import json
from dataclasses import dataclass
from typing import Any

import pytest
from noctule_hub.answers.clients import ClientView
from noctule_hub.cli import clients as module
from noctule_hub.cli.clients import totals
from noctule_hub.cli.errors import HubUnreachableError


def client(user: str, **more: Any) -> ClientView:
    values: dict[str, Any] = {
        "sid": user, "user": user, "role": "viewer", "address": "192.0.2.1", "tab": None, "transport": "websocket",
        "rooms": ["devices"], "since": "2026-11-26T08:00:00.000Z", "queued_bytes": 0, "last_event": None,
    }  # fmt: skip
    return ClientView(**(values | more))


class Enough(Exception):  # noqa: N818  no error: the end of a test's watch
    pass


@dataclass
class Hub:
    """A hub that answers in turn; an exception is raised."""

    answers: list[list[ClientView] | Exception]

    async def items(self, path: str, kind: type[ClientView]) -> list[ClientView]:
        assert (path, kind) == ("clients", ClientView)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def test_totals_count_by_role_and_transport() -> None:
    found = [client("a"), client("b", role="admin", queued_bytes=70), client("c", transport="polling")]
    assert totals(found) == "3 clients: 1 admin, 2 viewer; 1 polling, 2 websocket; 70 bytes queued"
    assert totals(found[:1]).startswith("1 client: ")
    assert totals([]) == "0 clients"


@pytest.mark.parametrize(("sort", "users"), [("user", "abc"), ("since", "cab"), ("queued", "bca")])
async def test_clients_are_sorted_as_asked(sort: str, users: str) -> None:
    found = [
        client("b", queued_bytes=9, since="2026-11-26T09:00:00.000Z"),
        client("a"),
        client("c", since="2026-11-26T07:00:00.000Z"),
    ]
    hub: Any = Hub([found])
    assert "".join(one.user for one in await module._read(hub, sort)) == users


@pytest.mark.parametrize("terminal", [False, True])
def test_a_watch_survives_a_restart_of_the_hub(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *, terminal: bool
) -> None:
    monkeypatch.setattr(module, "WATCH_S", 0)
    away = HubUnreachableError("http://127.0.0.1:1", "Connection refused")
    hub: Any = Hub([[client("ada")], away, [client("bob\x1b[31m")], Enough()])
    work = module._watch(hub, "since") if terminal else module._follow(hub, "since", as_json=True)
    with pytest.raises(Enough):
        asyncio.run(work)
    told = capsys.readouterr()
    if terminal:
        return
    assert [json.loads(line)["items"][0]["user"] for line in told.out.splitlines()] == ["ada", "bob\x1b[31m"]
    assert "\x1b" not in told.out
    assert told.err == "reconnecting: Connection refused\n"
