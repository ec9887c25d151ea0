"""The real JavaScript socket.io-client, which only connects with a token and listens."""

import time
from collections.abc import Callable, Iterator

import pytest

from tests.e2e.conftest import Installation
from tests.e2e.plain_clients import PlainClient, javascript

pytestmark = [pytest.mark.check, pytest.mark.timeout(180), pytest.mark.xdist_group("e2e")]


@pytest.fixture
def node(installation: Installation) -> Iterator[Callable[[str, str], PlainClient]]:
    started: list[PlainClient] = []

    def start(token: str, transport: str) -> PlainClient:
        started.append(javascript(installation.url, token, transport))
        return started[-1]

    yield start
    for client in started:
        client.stop()


@pytest.fixture(scope="module")
def token(installation: Installation) -> str:
    """A token as a program has it, made on the command line."""
    made: str = installation.json("token", "create", "--role", "viewer", "--ttl", "1h", "--name", "javascript")["token"]
    return made


@pytest.mark.parametrize("transport", ["websocket", "polling"])
def test_client_that_only_connects_and_listens_hears_its_measurements(
    installation: Installation, node: Callable[[str, str], PlainClient], token: str, transport: str
) -> None:
    client = node(token, transport)
    assert client.until("connect")["transport"] == transport
    item = client.until("latency:update")["items"][0]
    assert item["source"] in {"icmp", "snmp"}
    assert client.until("stats:update")["devices"]["total"] == len(installation.devices())


@pytest.mark.parametrize("transport", ["websocket", "polling"])
def test_history_is_read_into_typed_arrays(
    installation: Installation, node: Callable[[str, str], PlainClient], token: str, transport: str
) -> None:
    client = node(token, transport)
    client.until("latency:update")
    device = installation.devices()["router"]["id"]
    client.say(f"latency:{device}")
    answer = client.until("history")
    assert (answer["ok"], answer["series"]) == (True, f"latency:{device}")
    columns = answer["columns"]
    assert len(columns["tsMs"]) == len(columns["rttS"]) > 0
    now_ms = time.time() * 1000
    assert all(now_ms - 3_700_000 < at <= now_ms + 1_000 for at in columns["tsMs"])
    # JSON writes NaN as null.
    assert all(rtt is None or 0 < rtt < 5 for rtt in columns["rttS"])


def test_anonymous_client_hears_totals_and_nothing_of_a_device(
    installation: Installation, node: Callable[[str, str], PlainClient]
) -> None:
    client = node("", "websocket")
    client.until("connect")
    # Two rounds of totals are several ticks of measurements.
    for _ in range(2):
        assert client.until("stats:update")["devices"]["total"] == len(installation.devices())
    assert client.heard <= {"connect", "replay:done", "stats:update", "position"}


def test_bad_token_is_refused_with_a_code_that_says_so(node: Callable[[str, str], PlainClient]) -> None:
    client = node("not-a-token", "websocket")
    assert client.until("connect_error")["data"]["code"] == "token_invalid"
