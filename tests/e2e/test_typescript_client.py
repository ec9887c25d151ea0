"""The TypeScript client in Node.js on a real hub, over connections that are cut and with tokens that end."""

import json
import random
import shutil
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import pytest

from tests.e2e.conftest import Installation, wait_until
from tests.e2e.lossy_relay import LossyRelay
from tests.e2e.web_packages import packages
from tests.kill.relay import Relay

pytestmark = [pytest.mark.check, pytest.mark.timeout(240)]

HERE: Final = Path(__file__).parent


class Follower:
    """follower.mjs in a process of its own; what it printed, in order."""

    def __init__(self, folder: Path, url: str, token: str, *rooms: str) -> None:
        packages(folder)
        shutil.copy(HERE / "follower.mjs", folder)
        self.token_file = folder / "token"
        self.token_file.write_text(token)
        command = ["node", "follower.mjs", url, str(self.token_file), *rooms]
        self._process = subprocess.Popen(
            command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )
        self.lines: list[dict[str, Any]] = []
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def of(self, event: str) -> list[dict[str, Any]]:
        return [line["data"] for line in list(self.lines) if line["event"] == event]

    def say(self, command: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{command}\n")

    def now(self) -> dict[str, Any]:
        before = len(self.of("now"))
        self.say("state")
        wait_until(lambda: len(self.of("now")) > before, "the follower answers")
        return self.of("now")[-1]

    def stop(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(10)
        self._reader.join()
        self._process.stdout.close()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.lines.append(json.loads(line))


class Billing:
    """Has events in the log, and tokens made, over the hub's API."""

    def __init__(self, installation: Installation) -> None:
        self._url = installation.url
        made = installation.json("token", "create", "--role", "admin", "--ttl", "1h", "--name", "typescript-admin")
        self._token = made["token"]
        self._customer = installation.json("customer", "add", "Typed Bakery")["id"]
        self._paid = 0

    def pay(self, times: int = 1) -> None:
        for _ in range(times):
            self._paid += 1
            moment = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
            body = {"customerId": self._customer, "status": "paid", "occurredAt": moment}
            self.ask(f"/api/v1/payments/typed-{self._paid}/updates", body)

    def paid(self) -> list[str]:
        return [f"typed-{n}" for n in range(1, self._paid + 1)]

    def ask(self, path: str, body: dict[str, Any] | None = None, *, method: str | None = None) -> Any:
        headers = {
            "Authorization": f"Bearer {self._token}",
            "Content-Type": "application/json",
            "Idempotency-Key": f"typed-{self._paid}",
        }
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._url + path, data, headers, method=method)  # noqa: S310  the test's own hub
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310  the test's own hub
            return json.load(answer)


@pytest.fixture(scope="module")
def billing(installation: Installation) -> Billing:
    return Billing(installation)


@pytest.fixture
def relay(installation: Installation) -> Iterator[Relay]:
    port = urlsplit(installation.url).port
    assert port is not None
    with Relay(port, random.Random(7)) as relay:  # noqa: S311  no secret
        yield relay


@pytest.fixture
def follower(installation: Installation, relay: Relay, tmp_path: Path) -> Iterator[Follower]:
    made = installation.json("token", "create", "--role", "admin", "--ttl", "1h", "--name", tmp_path.name[:40])
    started = Follower(tmp_path, f"http://127.0.0.1:{relay.port}", made["token"])
    yield started
    started.stop()


def payments(follower: Follower) -> list[str]:
    return [one["paymentId"] for one in follower.of("payment:update") if one["paymentId"].startswith("typed-")]


def hears(follower: Follower, due: list[str]) -> None:
    """Wait until these payments were heard, and see that each was heard once and in order."""
    wait_until(lambda: set(due) <= set(payments(follower)), "what was paid is heard")
    assert payments(follower) == due


def phases(follower: Follower) -> list[str]:
    return [state["phase"] for state in follower.of("state")]


def connections(follower: Follower, number: int) -> None:
    wait_until(lambda: len(follower.of("replay:done")) == number, f"the client has connected {number} times")


def comes(follower: Follower, event: str) -> None:
    wait_until(lambda: follower.of(event), f"{event} is heard")


def test_connections_that_are_cut_lose_and_double_nothing(follower: Follower, relay: Relay, billing: Billing) -> None:
    wait_until(lambda: follower.of("replay:done"), "the client has its place in the log")
    begun = len(billing.paid())
    # The second one leaves the connection open and dead: only silence tells.
    for number, cut in enumerate((relay.cut_now, relay.lose_answers, relay.cut_now), start=2):
        billing.pay(3)
        cut()
        billing.pay(3)
        connections(follower, number)
        hears(follower, billing.paid()[begun:])
    assert follower.of("gap") == []


def test_nothing_is_missed_from_the_moment_on_at_which_a_first_connection_is_live(
    installation: Installation, billing: Billing, tmp_path: Path
) -> None:
    made = installation.json("token", "create", "--role", "admin", "--ttl", "1h", "--name", "first")
    port = urlsplit(installation.url).port
    assert port is not None
    with LossyRelay(port) as relay:
        # The connection is there, and gone before the hub has said at which place in the log.
        relay.end_before("replay:done")
        follower = Follower(tmp_path, f"http://127.0.0.1:{relay.port}", made["token"])
        try:
            wait_until(lambda: "live" in phases(follower), "the client is live")
            assert relay.lost == 1
            assert phases(follower) == ["connecting", "connecting", "reconnecting", "reconnecting", "live"]
            begun = len(billing.paid())
            billing.pay()
            hears(follower, billing.paid()[begun:])
        finally:
            follower.stop()


def test_what_is_lost_on_a_first_connection_comes_again(
    installation: Installation, billing: Billing, tmp_path: Path
) -> None:
    made = installation.json("token", "create", "--role", "admin", "--ttl", "1h", "--name", "lossy")
    port = urlsplit(installation.url).port
    assert port is not None
    with LossyRelay(port) as relay:
        follower = Follower(tmp_path, f"http://127.0.0.1:{relay.port}", made["token"])
        try:
            wait_until(lambda: "live" in phases(follower), "the client is live")
            begun = len(billing.paid())
            billing.pay()
            lost, kept = f"typed-{begun + 2}", f"typed-{begun + 3}"
            relay.lose(lost)
            billing.pay(2)
            wait_until(lambda: kept in payments(follower), "what is not lost is heard")
            assert (relay.lost, lost in payments(follower)) == (1, False)
            # Within the 25 s in which the hub counts.
            wait_until(lambda: lost in payments(follower), "what was lost comes again")
            assert payments(follower) == [f"typed-{begun + 1}", kept, lost]
        finally:
            follower.stop()


def test_everything_that_a_hub_sends_is_as_its_type_promises(follower: Follower, installation: Installation) -> None:
    device = installation.devices()["router"]["id"]
    follower.say(f"hold device:{device}")
    comes(follower, "ack")
    assert follower.of("ack")[0]["ok"]
    for event in ("latency:update", "bandwidth:update", "stats:update", "position"):
        comes(follower, event)
    bad = [line for line in list(follower.lines) if line["data"].get("misfit") is not None]
    assert bad == []
    assert follower.now()["malformed"] == 0


def test_rooms_held_before_the_connection_are_answered_by_the_hub_once_each(
    installation: Installation, tmp_path: Path
) -> None:
    made = installation.json("token", "create", "--role", "viewer", "--ttl", "1h", "--name", "early")
    device = f"device:{installation.devices()['router']['id']}"
    rooms = (device, device, "devices", "customer:1", "nowhere")
    port = urlsplit(installation.url).port
    assert port is not None
    with LossyRelay(port) as relay:
        # The first connection is gone before the hub has said which rooms it joined.
        relay.end_before("replay:done")
        follower = Follower(tmp_path, f"http://127.0.0.1:{relay.port}", made["token"], *rooms)
        try:
            wait_until(lambda: len(follower.of("ack")) >= len(rooms), "the rooms are answered")
            # The hub answers this one after any other.
            follower.say("hold alerts")
            wait_until(lambda: "alerts" in {ack["asked"] for ack in follower.of("ack")}, "the last room is answered")
            told = sorted((ack["asked"], ack["ok"], ack.get("error", {}).get("code")) for ack in follower.of("ack"))
            assert told == [
                ("alerts", True, None),
                ("customer:1", False, "forbidden"),
                (device, True, None),
                (device, True, None),
                ("devices", True, None),
                ("nowhere", False, "not-found"),
            ]
            joined = next(ack for ack in follower.of("ack") if ack["asked"] == "devices")
            assert (joined["room"], joined["recovered"], joined["snapshotUrl"]) == ("devices", False, "/api/v1/devices")
            assert relay.lost == 1
        finally:
            follower.stop()


def test_history_comes_as_typed_arrays_and_a_refusal_as_an_answer(
    follower: Follower, installation: Installation
) -> None:
    device = installation.devices()["router"]["id"]
    comes(follower, "latency:update")

    def read() -> dict[str, Any]:
        before = len(follower.of("history"))
        follower.say(f"history latency:{device}")
        wait_until(lambda: len(follower.of("history")) > before, "the history is read")
        return follower.of("history")[-1]

    # The hub puts what it takes in into day files first.
    answer = wait_until(lambda: (found := read())["columns"]["tsMs"]["values"] and found, "there is a history")
    columns = answer["columns"]
    assert {name: column["kind"] for name, column in columns.items()} == {
        name: "Float64Array" if name == "tsMs" else "Float32Array" for name in columns
    }
    assert {len(column["values"]) for column in columns.values()} == {len(columns["tsMs"]["values"])}
    assert (answer["series"], answer["resolution"], answer["stepS"]) == (f"latency:{device}", "raw", None)
    assert all(abs(time.time() * 1000 - ts_ms) < 3_700_000 for ts_ms in columns["tsMs"]["values"])
    # JSON writes NaN as null.
    assert all(rtt_s is None or 0 < rtt_s < 5 for rtt_s in columns["rttS"]["values"])
    follower.say("history latency:999999")
    wait_until(lambda: follower.of("history")[-1]["ok"] is False, "the refusal")
    assert follower.of("history")[-1]["error"]["code"] == "not-found"


def test_who_is_not_signed_in_hears_of_the_status_page_as_its_type_promises(
    installation: Installation, billing: Billing, tmp_path: Path
) -> None:
    device = installation.devices()["router"]["id"]
    page = billing.ask("/api/v1/status-page")
    component = {"label": "Fibre of the lab", "deviceIds": [device]}
    billing.ask("/api/v1/status-page", page | {"published": True, "components": [component]}, method="PUT")
    follower = Follower(tmp_path, installation.url, "")
    try:
        comes(follower, "replay:done")
        installation.noctule("maintenance", "add", "typed", "--device", str(device), "--for", "1h")
        comes(follower, "device:status")
        installation.noctule("maintenance", "end", "typed")
        wait_until(lambda: len(follower.of("device:status")) > 1, "the end of the maintenance is heard")
        told = follower.of("device:status")
        assert [one["components"][0]["label"] for one in told] == [component["label"]] * len(told)
        assert told[0]["components"][0]["state"] == "maintenance"
        assert not {"deviceId", "status"} & {key for one in told for key in one}
        assert [line for line in list(follower.lines) if line["data"].get("misfit") is not None] == []
        assert follower.now()["malformed"] == 0
    finally:
        follower.stop()
        installation.noctule("maintenance", "remove", "typed", "--yes", check=False)
        # What was there before is new components to the hub: an id ends with its component.
        before = [{name: one[name] for name in one.keys() - {"id"}} for one in page["components"]]
        now = billing.ask("/api/v1/status-page") | {"published": page["published"], "components": before}
        billing.ask("/api/v1/status-page", now, method="PUT")


def test_a_token_is_replaced_in_place_before_it_ends(
    installation: Installation, billing: Billing, tmp_path: Path
) -> None:
    made = billing.ask("/api/v1/tokens", {"name": "short", "role": "viewer", "ttlS": 60})
    follower = Follower(tmp_path, installation.url, made["token"])
    try:
        wait_until(lambda: follower.of("replay:done"), "the client is connected")
        ends_s = time.monotonic() + 62
        rotated = billing.ask(f"/api/v1/tokens/{made['id']}/rotate", {"graceS": 60, "ttlS": 3600})
        follower.token_file.write_text(rotated["token"])
        wait_until(lambda: {"fresh": True} in follower.of("token"), "the next token is asked for")
        # The hub looks each second for clients whose token has ended.
        wait_until(lambda: time.monotonic() > ends_s, "the first token has ended", deadline_s=70)
        assert phases(follower) == ["connecting", "connecting", "live"]
        assert follower.now()["id"] == follower.of("state")[-1]["id"]
    finally:
        follower.stop()
