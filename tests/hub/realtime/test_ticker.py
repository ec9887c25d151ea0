from collections.abc import Iterable

import msgspec
import pytest
from noctule_hub.core.customers import Customer, Service
from noctule_hub.core.principal import ANONYMOUS, Principal, Role
from noctule_hub.core.tenancy import Tenancy
from noctule_hub.realtime.connections import Connection, Connections
from noctule_hub.realtime.fanout import Message
from noctule_hub.realtime.ticker import STATS_INTERVAL_MS, Ticker
from noctule_shared.axes import LatencySource
from noctule_shared.customers import CustomerState
from noctule_shared.events import EventName
from noctule_shared.times import iso_from_ms
from noctule_shared.updates import BandwidthItem, LatencyItem, StatsUpdate

NOW_MS = 1_795_000_000_000
AT = iso_from_ms(NOW_MS)
CUSTOMER = Principal("user:5", Role.CUSTOMER, "carl", user_id=5, customer_id=9)
VIEWER = Principal("user:3", Role.VIEWER, "vera", user_id=3)


class Sent:
    """A fan-out that keeps what it was given."""

    def __init__(self) -> None:
        self.messages: list[tuple[list[str], str, dict[str, object]]] = []

    def deliver(self, recipients: Iterable[Connection], message: Message) -> None:
        self.messages.append(
            ([connection.sid for connection in recipients], message.event, msgspec.json.decode(message.payload))
        )


class Bench:
    def __init__(self) -> None:
        self.connections = Connections()
        self.sent = Sent()
        self.stats = [stats_of(3)]
        self.ticker = Ticker(self.connections, self.sent, lambda: self.stats[0])

    def join(self, sid: str, principal: Principal, *rooms: str) -> None:
        connection = Connection(sid, sid, principal, "127.0.0.1", None, NOW_MS, connected=True)
        self.connections.add(connection)
        for room in rooms:
            self.connections.join(connection, room, after=0)


def stats_of(online: int, in_bps: float = 1.0) -> StatsUpdate:
    return StatsUpdate(
        timestamp=AT,
        devices={"total": 3, "online": online},
        alerts={},
        agents={"connected": 1},
        clients=1,
        in_bps=in_bps,
        out_bps=None,
        payments={"paid": 1},
    )


def latency(device_id: int, rtt_s: float | None = 0.25) -> LatencyItem:
    return LatencyItem(device_id, rtt_s, 0.0, None, LatencySource.ICMP, AT)


def rates(device_id: int, interface_id: int | None = None) -> BandwidthItem:
    return BandwidthItem(device_id, interface_id, 8.0, float("nan"), None, None, ["ok"], AT)


def site_4(_device_id: int) -> int:
    return 4


CUSTOMERS = Tenancy(
    [Customer(9, "carl", None, "UTC", "", CustomerState.ACTIVE, None, NOW_MS)],
    [Service(1, 9, 1, 10, "fibre", None, NOW_MS)],
)


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_one_message_per_room_and_tick_holds_the_latest_of_each_device(bench: Bench) -> None:
    bench.join("a", VIEWER, "devices")
    bench.join("b", VIEWER, "devices", "device:1")
    bench.ticker.offer_latency([latency(1), latency(2), latency(1, None)], site_4)
    bench.ticker.tick(NOW_MS)
    item = {"deviceId": 1, "rttS": None, "lossRatio": 0.0, "mdevS": None, "source": "icmp", "timestamp": AT}
    other = item | {"deviceId": 2, "rttS": 0.25}
    assert bench.sent.messages == [
        (["a", "b"], "latency:update", {"timestamp": AT, "items": [item, other], "more": False}),
        (["b"], "latency:update", {"timestamp": AT, "items": [item], "more": False}),
    ]
    bench.ticker.tick(NOW_MS + 1_000)
    assert len(bench.sent.messages) == 2


def test_customer_gets_its_services_alone(bench: Bench) -> None:
    bench.join("c", CUSTOMER, "customer:9")
    bench.ticker.offer_bandwidth([rates(1), rates(1, 10), rates(2, 20)], site_4, CUSTOMERS)
    bench.ticker.tick(NOW_MS)
    ((_, event, payload),) = bench.sent.messages
    assert event == "bandwidth:update"
    (item,) = msgspec.convert(payload["items"], list[dict[str, object]])
    assert (item["deviceId"], item["interfaceId"], item["outBps"]) == (1, 10, None)


def test_customers_who_look_on_are_known_until_they_leave(bench: Bench) -> None:
    bench.join("a", VIEWER, "devices")
    assert bench.ticker.customers() == []
    bench.join("c", CUSTOMER, "customer:9", "user:5")
    assert bench.ticker.customers() == [9]
    connection = bench.connections.get("c")
    assert connection is not None
    bench.connections.remove(connection)
    assert bench.ticker.customers() == []


def test_room_that_its_role_may_not_be_in_any_more_sends_it_nothing(bench: Bench) -> None:
    bench.join("x", CUSTOMER, "devices")
    bench.ticker.offer_latency([latency(1)], site_4)
    bench.ticker.tick(NOW_MS)
    assert bench.sent.messages == []


def test_nothing_is_kept_for_rooms_that_nobody_is_in(bench: Bench) -> None:
    bench.ticker.offer_latency([latency(1)], site_4)
    bench.join("late", VIEWER, "devices")
    bench.ticker.tick(NOW_MS)
    assert bench.sent.messages == []


@pytest.mark.parametrize(
    ("room", "heard"),
    [
        ("device:1", (True, True)),
        ("bandwidth", (False, True)),
        ("site:4", (False, True)),
        ("device:2", (False, False)),
    ],
)
def test_rates_are_heard_in_the_rooms_that_somebody_is_in(bench: Bench, room: str, heard: tuple[bool, bool]) -> None:
    bench.join("a", VIEWER, room)
    assert (bench.ticker.hears_interfaces(1), bench.ticker.hears_total(1, 4)) == heard


def test_stats_come_every_five_seconds_and_when_a_count_changes(bench: Bench) -> None:
    bench.join("a", VIEWER, "stats")
    bench.join("anyone", ANONYMOUS, "stats")
    bench.ticker.tick(NOW_MS)
    assert [(sids, event) for sids, event, _ in bench.sent.messages] == [
        (["a"], "stats:update"),
        (["anyone"], "stats:update"),
    ]
    assert "payments" in bench.sent.messages[0][2]
    assert "payments" not in bench.sent.messages[1][2]
    bench.stats[0] = stats_of(3, in_bps=9e9)
    bench.ticker.tick(NOW_MS + 1_000)
    assert len(bench.sent.messages) == 2
    bench.stats[0] = stats_of(2)
    bench.ticker.tick(NOW_MS + 2_000)
    assert len(bench.sent.messages) == 4
    bench.ticker.tick(NOW_MS + 2_000 + STATS_INTERVAL_MS - 1)
    assert len(bench.sent.messages) == 4
    bench.ticker.tick(NOW_MS + 2_000 + STATS_INTERVAL_MS)
    assert len(bench.sent.messages) == 6


def test_a_clock_that_is_set_back_does_not_silence_the_stats(bench: Bench) -> None:
    bench.join("a", VIEWER, "stats")
    bench.ticker.tick(NOW_MS)
    an_hour_ago_ms = NOW_MS - 3_600_000
    bench.ticker.tick(an_hour_ago_ms)
    bench.ticker.tick(an_hour_ago_ms + STATS_INTERVAL_MS - 1)
    bench.ticker.tick(an_hour_ago_ms + STATS_INTERVAL_MS)
    assert len(bench.sent.messages) == 3


def test_message_to_several_rooms_reaches_each_client_once(bench: Bench) -> None:
    bench.join("a", VIEWER, "devices", "device:1")
    bench.ticker.send(EventName.DEVICE_STATUS, ["devices", "device:1"], {"deviceId": 1, "secret": 2})
    assert bench.sent.messages == [(["a"], "device:status", {"deviceId": 1})]


def test_rooms_in_focus_are_sent_between_two_ticks_and_no_others(bench: Bench) -> None:
    bench.join("a", VIEWER, "devices", "device:1", "device:2", "stats")
    bench.ticker.offer_latency([latency(1), latency(2)], site_4)
    bench.ticker.offer_bandwidth([rates(1, 10)], site_4)
    bench.ticker.tick_rooms(NOW_MS, ["device:1"])
    assert [event for _, event, _ in bench.sent.messages] == ["latency:update", "bandwidth:update"]
    (item,) = msgspec.convert(bench.sent.messages[0][2]["items"], list[dict[str, object]])
    assert item["deviceId"] == 1
    # What was sent is not sent again by the tick; what waited for others is.
    bench.ticker.tick(NOW_MS + 250)
    devices = [
        [item["deviceId"] for item in msgspec.convert(payload["items"], list[dict[str, object]])]
        for _, event, payload in bench.sent.messages[2:]
        if event == "latency:update"
    ]
    assert devices == [[1, 2], [2]]
