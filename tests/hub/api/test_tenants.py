"""Two tenants on one switch: in no byte that leaves the hub does one learn of the other. Every endpoint is walked."""

import asyncio
import itertools
import json
import re
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiohttp import ClientSession
from noctule_hub.api.endpoints import Endpoint
from noctule_hub.api.routes import ALL_ENDPOINTS
from noctule_hub.api.series import WantedResolution
from noctule_hub.auth.permissions import ALLOWED, Action
from noctule_hub.core.principal import Role
from noctule_hub.core.rooms import WITH_ID, RoomKind
from noctule_shared.times import iso_from_ms

from tests.hub.api.tenants import ALMA, BRUNO, DOWN, IDS, NOC, UP, Stage, causes, staged
from tests.hub.realtime.conftest import Client

# Some 80 s of a hub that is asked everything, several times.
pytestmark = [pytest.mark.check, pytest.mark.timeout(180)]

# What stands for each parameter of a path. An endpoint with one that is not here is not walked, and fails the test.
PARAMETERS = {
    "id": [*map(str, IDS), "0", "-1", "x", "99999999999999999999"],
    "sid": [*map(str, IDS)],
    "interfaceId": [*map(str, IDS)],
    "name:.+": ["app.js", "../../hub.db", "x"],
    "month": [f"{datetime.now(UTC):%Y-%m}", "2026-01", "x"],
    "paymentId": [BRUNO["payment"], ALMA["payment"], "x"],
}
# Likewise of a query: what is not here is asked for with `GENERIC`.
QUERIES = {
    "from": ["2026-01-01T00:00:00Z", "nonsense"],
    "to": ["2030-01-01T00:00:00Z"],
    "limit": ["1", "1000", "0"],
    "cursor": ["0", "1", "-5", "a"],
    "state": ["active", "all", "suspended"],
    "customerId": [*map(str, IDS)],
    "interfaceId": [*map(str, IDS)],
    "resolution": [wanted.value for wanted in WantedResolution],
    "points": ["50", "2000"],
}
GENERIC = ["1", "2", "all", "a", "csv", "2026-01-01T00:00:00Z"]
ACCEPTED = ["*/*", "text/html", "text/csv", "application/openmetrics-text"]
# Paths that are no endpoints of the API, or not yet.
FURTHER = ["/metrics", "/status", "/api/v1/metrics/devices", "/api/v1/nothing", "/favicon.ico", "/socket.io/"]
MAX_REQUESTS_OF_ENDPOINT = 600


@pytest.fixture
async def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    async with staged(tmp_path, monkeypatch) as stage:
        yield stage


@dataclass
class Walk:
    """One person's way through the API, and every byte that came back."""

    http: ClientSession
    stage: Stage
    who: str | None
    seen: dict[str, str] = field(default_factory=dict)
    statuses: dict[str, set[int]] = field(default_factory=dict)

    async def ask(self, method: str, path: str, *, accept: str = "*/*", body: object = None) -> None:
        status, text = await self._ask(method, path, accept, body)
        if self.who is not None and status == 401:
            # The walk has ended its own session: everything is asked by somebody who is signed in.
            await self.stage.sign_in(self.who)
            status, text = await self._ask(method, path, accept, body)
        self.seen[f"{method} {path} as {accept}"] = text
        self.statuses.setdefault(f"{method} {path}", set()).add(status)

    async def _ask(self, method: str, path: str, accept: str, body: object) -> tuple[int, str]:
        headers = {"Accept": accept, "Idempotency-Key": "walk"}
        if self.who is not None:
            headers["Authorization"] = f"Bearer {self.stage.tokens[self.who]}"
        async with self.http.request(
            method, f"{self.stage.url}{path}", headers=headers, json=body, allow_redirects=False
        ) as answer:
            raw = await answer.read()
            return answer.status, f"{dict(answer.headers)}\n{raw.decode('utf-8', 'replace')}"

    async def all(self, since: str, *, reads_only: bool) -> None:
        """Walk every endpoint with every id, query and method."""
        for endpoint in ALL_ENDPOINTS:
            if reads_only and endpoint.method != "GET":
                continue
            for path, query in requests(endpoint, since):
                if endpoint.method == "GET":
                    await self.ask("GET", path + query)
                    if not query:
                        await self.ask("HEAD", path)
                        for accept in ACCEPTED[1:]:
                            await self.ask("GET", path, accept=accept)
                else:
                    await self.ask(endpoint.method, path, body={})
                    await self.ask(endpoint.method, path, body={"revision": 1, "customerId": 1, "deviceId": 1})
        for path in () if reads_only else FURTHER:
            for method in ("GET", "HEAD", "POST", "DELETE"):
                await self.ask(method, path)

    def leaks(self, markers: dict[str, str]) -> list[tuple[str, str]]:
        return [(name, what) for name, text in self.seen.items() for what, marker in markers.items() if marker in text]


def requests(endpoint: Endpoint, since: str) -> Iterator[tuple[str, str]]:
    """Give the paths of an endpoint, each with its queries; the first query is none."""
    names = re.findall(r"\{([^}]+)\}", endpoint.path)
    unknown = [name for name in names if name not in PARAMETERS]
    assert not unknown, (
        f"{endpoint.method} {endpoint.path}: say in PARAMETERS what {unknown} may be, so that it is walked"
    )
    number = 0
    for values in itertools.product(*(PARAMETERS[name] for name in names)):
        path = endpoint.path
        for name, value in zip(names, values, strict=True):
            path = path.replace(f"{{{name}}}", value)
        yield path, ""
        if endpoint.method != "GET":
            continue
        for query in queries(endpoint, since):
            number += 1
            if number <= MAX_REQUESTS_OF_ENDPOINT:
                yield path, query


def queries(endpoint: Endpoint, since: str) -> Iterator[str]:
    yield "?format=csv"
    if endpoint.contract is None or endpoint.contract.query is None:
        return
    names = [each.encode_name for each in msgspec.structs.fields(endpoint.contract.query)]
    for name in names:
        for value in (since, f"{since[:16]}:0") if name == "since" else QUERIES.get(name, GENERIC):
            yield f"?{name}={value}"
    if {"from", "to"} <= set(names):
        for choice in [f"&interfaceId={number}" for number in IDS] if "interfaceId" in names else [""]:
            yield f"?from=2026-11-20T00:00:00Z&to=2026-12-10T00:00:00Z{choice}"


async def walked(stage: Stage, who: str | None) -> Walk:
    """Walk as somebody; an administrator, who may change things, only reads."""
    head = await stage.hub.call("GET", "/events?limit=1")
    async with ClientSession() as http:
        walk = Walk(http, stage, who)
        await walk.all(f"{head['position']['epoch']}:0", reads_only=who == "admin")
    return walk


async def test_in_no_answer_does_a_tenant_learn_of_another_or_of_the_noc(stage: Stage) -> None:
    await causes(stage)
    walk = await walked(stage, "alma")
    assert walk.leaks(NOC | BRUNO) == []
    assert len(walk.statuses) > 300
    # What is kept from her is there: an administrator's walk finds every marker, but a user's password.
    admin = await walked(stage, "admin")
    found = {what for _, what in admin.leaks(NOC | BRUNO)}
    assert set(NOC | BRUNO) - found == set()
    # And she sees what is her own.
    own = {what for _, what in walk.leaks(ALMA)}
    assert own >= {"label", "payment"}


async def test_what_is_not_for_customers_is_refused_and_what_is_anothers_does_not_exist(stage: Stage) -> None:
    await causes(stage)
    walk = await walked(stage, "alma")
    for endpoint in ALL_ENDPOINTS:
        pattern = re.escape(endpoint.path)
        for name in re.findall(r"\{([^}]+)\}", endpoint.path):
            pattern = pattern.replace(re.escape(f"{{{name}}}"), "[^?]+")
        answers = {
            status
            for name, statuses in walk.statuses.items()
            if re.fullmatch(rf"{endpoint.method} {pattern}", name)
            for status in statuses
        }
        assert answers, f"{endpoint.method} {endpoint.path} was not walked"
        if Role.CUSTOMER not in ALLOWED[endpoint.action]:
            assert answers <= {403, 404, 405}, f"{endpoint.method} {endpoint.path} answered {answers}"
        elif endpoint.action is Action.READ_OWN:
            assert 403 not in answers
    mine, others = stage.ids["alma service"], stage.ids["bruno service"]
    span = "from=2026-11-20T00:00:00Z"
    assert walk.statuses[f"GET /api/v1/me/services/{mine}/bandwidth"] == {200}
    for number in {*IDS, others} - {mine}:
        for what in ("bandwidth", "latency", "interfaces"):
            assert walk.statuses[f"GET /api/v1/me/services/{number}/{what}"] == {404}, span
    texts = {
        re.sub(r"\d+", "N", walk.seen[f"GET /api/v1/me/services/{number}/latency as */*"].partition("\n")[2])
        for number in (others, 7)
    }
    assert len(texts) == 1


async def test_how_far_a_filtered_read_came_tells_a_tenant_nothing_of_others(stage: Stage) -> None:
    await causes(stage)
    epoch = (await stage.hub.call("GET", "/events?limit=1"))["position"]["epoch"]
    headers = {"Authorization": f"Bearer {stage.tokens['alma']}"}
    positions = set()
    for query in ("device=1", "device=7", "names=payment:update", "names=customer:update", "site=1", "site=7"):
        url = f"{stage.url}/api/v1/events?since={epoch}:0&limit=3&{query}"
        async with stage.hub.http.get(url, headers=headers) as answer:
            positions.add((await answer.json())["position"]["seq"])
    assert positions == {3}


async def test_viewers_of_staff_and_anybody_learn_nothing_of_customers(stage: Stage) -> None:
    await causes(stage)
    assert (await walked(stage, "viewer")).leaks(BRUNO) == []
    assert (await walked(stage, None)).leaks(NOC | BRUNO | ALMA) == []


def rooms() -> list[str]:
    plain = [kind.value for kind in RoomKind if kind not in WITH_ID]
    return plain + [f"{kind}:{number}" for kind in RoomKind if kind in WITH_ID for number in IDS]


async def listener(stage: Stage, who: str, auth: dict[str, Any]) -> Client:
    client = Client(stage.url)
    await client.connect({"token": stage.tokens[who]} | auth)
    await client.ready()
    return client


async def everywhere(client: Client) -> list[Any]:
    """Ask for every room; returns what was answered."""
    answers = [await client.call("subscribe", room) for room in rooms()]
    answers += [await client.call("subscribe", {"room": room, "since": None}) for room in rooms()]
    return answers


def told_of_own_suspension(client: Client) -> bool:
    return any(data["state"] == "suspended" for data in client.of("customer:update"))


def told(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


async def test_in_no_message_does_a_tenant_hear_of_another_or_of_the_noc(stage: Stage) -> None:
    alma = await listener(stage, "alma", {"tab": "alma"})
    answers = await everywhere(alma)
    answers += [await alma.call("focus", {"deviceId": number, "on": True}) for number in IDS]
    assert {answer["room"] for answer in answers if answer["ok"]} == {
        "stats",
        "public",
        f"customer:{stage.ids['alma']}",
        *user_room(alma),
    }
    await causes(stage)
    await alma.until(told_of_own_suspension, "the suspension")
    await alma.until(lambda client: bool(client.of("bandwidth:update")) and bool(client.of("latency:update")), "rates")
    heard = told(alma.received) + told(answers)
    assert [what for what, marker in (NOC | BRUNO).items() if marker in heard] == []
    names = {name for name, _ in alma.received}
    assert names >= {"device:status", "interface:status", "alert:new", "alert:update", "payment:update"}
    ports = {item["interfaceId"] for data in alma.of("bandwidth:update") for item in data["items"]}
    assert ports == {stage.ids["alma port"]}
    assert {data["interfaceId"] for data in alma.of("interface:status")} == {stage.ids["alma port"]}
    assert {one["label"] for data in alma.of("device:status") for one in data["services"]} == {ALMA["label"]}
    assert {data["title"] for data in alma.of("alert:new")} == {f"{ALMA['label']} is down"}
    await alma.close()


def user_room(client: Client) -> set[str]:
    (done,) = client.of("replay:done")
    return {room for room in done["rooms"] if room.startswith("user:")}


@pytest.mark.parametrize("transport", ["websocket", "polling"])
async def test_in_no_replay_does_a_tenant_hear_of_another_or_of_the_noc(stage: Stage, transport: str) -> None:
    epoch = (await stage.hub.call("GET", "/events?limit=1"))["position"]["epoch"]
    await causes(stage)
    client = Client(stage.url)
    since = {"epoch": epoch, "seq": 0}
    await client.connect({"token": stage.tokens["alma"], "subscribe": rooms(), "since": since}, transport=transport)
    done = await client.ready()
    assert done["recovered"]
    again = [await client.call("subscribe", {"room": room, "since": since}) for room in rooms()]
    heard = told(client.received) + told(again)
    assert [what for what, marker in (NOC | BRUNO).items() if marker in heard] == []
    assert told_of_own_suspension(client)
    assert len(client.seqs()) == len(set(client.seqs())) > 5
    await client.close()


async def test_a_viewer_hears_nothing_of_customers(stage: Stage) -> None:
    viewer = await listener(stage, "viewer", {})
    answers = await everywhere(viewer)
    await causes(stage)
    await viewer.until(lambda client: len(client.of("alert:update")) >= 3, "the ends of the alerts")
    heard = told(viewer.received) + told(answers)
    # The words by which payments are counted in the totals are nobody's.
    totals = {"payment status", "late status"}
    assert {what for what, marker in (BRUNO | ALMA).items() if marker in heard} <= totals
    assert not {"payment:update", "customer:update"} & {name for name, _ in viewer.received}
    assert viewer.of("interface:status")
    await viewer.close()


async def test_a_port_that_goes_to_another_customer_takes_none_of_its_past_along(stage: Stage) -> None:
    await causes(stage)
    hub, ids = stage.hub, stage.ids
    before = await history(stage, "alma", ids["alma service"], "raw")
    assert sum(before["n"]) == 2
    alma = await listener(stage, "alma", {})
    await hub.call("DELETE", f"/customers/{ids['alma']}/services/{ids['alma service']}")
    bruno = f"/customers/{ids['bruno']}/services"
    moved = await hub.call("POST", bruno, deviceId=ids["device"], interfaceId=ids["alma port"], label="moved")
    epoch = (await hub.call("GET", "/events?limit=1"))["position"]["epoch"]
    new = await listener(stage, "bruno", {"since": {"epoch": epoch, "seq": 0}})
    assert ids["alma port"] not in {data["interfaceId"] for data in new.of("interface:status")}
    await stage.port(1, DOWN)
    await new.until(
        lambda client: ids["alma port"] in {one["interfaceId"] for one in client.of("interface:status")}, "it"
    )
    assert new.of("interface:status")[-1]["services"] == [
        {"customerId": ids["bruno"], "serviceId": moved["id"], "label": "moved"}
    ]
    own = await replayed(stage, "alma", epoch)
    assert [data["ifOperStatus"] for data in own.of("interface:status")] == ["down", "up"]
    assert alma.of("interface:status") == []
    for resolution in WantedResolution:
        seen = await history(stage, "bruno", moved["id"], resolution)
        assert sum(seen["n"]) == 0, resolution
        assert not [value for value in seen["inBps"] if value is not None], resolution
    for client in (alma, new, own):
        await client.close()


def ports_of(client: Client) -> set[int]:
    """Return the ports that a client was told of, live."""
    rates = {item["interfaceId"] for data in client.of("bandwidth:update") for item in data["items"]}
    return rates & {data["interfaceId"] for data in client.of("interface:status")}


async def test_what_is_told_live_follows_an_assignment_and_a_users_customer_within_5_s(stage: Stage) -> None:
    hub, ids = stage.hub, stage.ids
    alma, bruno = await listener(stage, "alma", {}), await listener(stage, "bruno", {})
    await stage.measure()
    await stage.port(1, DOWN)
    await alma.until(lambda client: ports_of(client) == {ids["alma port"]}, "its port, by event and by rate")
    services = f"/customers/{ids['bruno']}/services"
    await hub.call("DELETE", f"/customers/{ids['alma']}/services/{ids['alma service']}")
    await hub.call("POST", services, deviceId=ids["device"], interfaceId=ids["alma port"], label="moved")
    for client in (alma, bruno):
        client.received.clear()
    changed_s = time.monotonic()
    await stage.measure()
    await stage.port(1, UP)
    await bruno.until(lambda client: ids["alma port"] in ports_of(client), "its new port, by event and by rate")
    assert time.monotonic() - changed_s < 5
    # What comes after all that in the log and in the ticks.
    await stage.pay("alma", ALMA["payment"], "paid", amount="12.50", currency="EUR")
    await alma.until(lambda client: bool(client.of("payment:update")), "what comes after it")
    assert not alma.of("bandwidth:update") + alma.of("interface:status")

    (user,) = [one for one in (await hub.call("GET", "/users"))["items"] if one["username"] == "alma"]
    await hub.call("PATCH", f"/users/{user['id']}", revision=user["revision"], customerId=ids["bruno"])
    changed_s = time.monotonic()
    await asyncio.wait_for(alma.ended.wait(), 5)
    await stage.sign_in("alma")
    again = await listener(stage, "alma", {})
    assert f"customer:{ids['bruno']}" in again.of("replay:done")[0]["rooms"]
    assert (await again.call("subscribe", f"customer:{ids['alma']}"))["ok"] is False
    assert time.monotonic() - changed_s < 5
    for client in (alma, bruno, again):
        await client.close()


async def history(stage: Stage, who: str, service_id: int, resolution: str) -> Any:
    span = f"from={iso_from_ms(stage.clock() - 86_400_000)}&to={iso_from_ms(stage.clock() + 86_400_000)}"
    url = f"{stage.url}/api/v1/me/services/{service_id}/bandwidth?{span}&resolution={resolution}"
    async with stage.hub.http.get(url, headers={"Authorization": f"Bearer {stage.tokens[who]}"}) as answer:
        assert answer.status == 200, await answer.text()
        return await answer.json()


async def replayed(stage: Stage, who: str, epoch: str) -> Client:
    return await listener(stage, who, {"since": {"epoch": epoch, "seq": 0}})
