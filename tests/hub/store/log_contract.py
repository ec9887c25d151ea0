"""What any backend must do with network logs: one numbering with the events, floors of their own, a search."""

from collections.abc import Sequence

import pytest
from noctule_hub.core.event_filter import EventFilter
from noctule_hub.core.log_classes import LogClass
from noctule_hub.core.log_search import LogFilter, parse_terms
from noctule_hub.core.records import EventRow, NewEvent
from noctule_hub.store.protocol import Store
from noctule_shared.events import EventName

from tests.hub.store.samples import NOW_MS, event, network_log


def messages(rows: Sequence[EventRow]) -> list[str]:
    return [row.data["message"] for row in rows]


class NetworkLogContract:
    async def test_events_and_logs_share_one_numbering_without_holes(self, store: Store) -> None:
        assert await store.append([event(1), network_log("a"), network_log("b")], now_ms=NOW_MS) == [1, 2, 3]
        assert await store.append([network_log("c")], now_ms=NOW_MS) == [4]
        assert await store.append([event(2)], now_ms=NOW_MS) == [5]
        assert await store.head() == 5
        assert [row.seq for row in await store.events_after(0, limit=10)] == [1, 2, 3, 4, 5]
        assert [row.seq for row in await store.events_after(1, limit=2)] == [2, 3]

    async def test_one_class_is_read_without_the_other(self, store: Store) -> None:
        await store.append([event(1), network_log("a"), event(2), network_log("b")], now_ms=NOW_MS)
        events = await store.events_after(0, limit=10, classes={LogClass.EVENTS})
        logs = await store.events_after(0, limit=10, classes={LogClass.LOGS})
        assert ([row.seq for row in events], [row.seq for row in logs]) == ([1, 3], [2, 4])
        assert await store.events_after(0, limit=10, classes=()) == []

    @pytest.mark.parametrize(
        "given",
        [
            network_log("plain"),
            network_log("no device", device_id=None),
            network_log("a trap", source="trap", facility=None),
            network_log("of an interface", interfaceId=3, change="interface-renamed"),
            network_log("late", late=True),
            network_log("another time", timestamp="2026-11-22T03:12:00Z"),
            network_log("another severity", severity=99, severityName="99"),
            network_log("NUL \0 ESC \x1b[31m C1 \x9b bidi \u202e <img onerror=x> =1+1 \N{BAT}"),
            network_log("x" * 65_536),
            network_log("", severity=None),
            NewEvent(EventName.NETWORK_LOG, {"free": [1, {"a": None}]}, ("logs",), NOW_MS),
            NewEvent(EventName.NETWORK_LOG, {"message": 7, "deviceId": 1}, ("logs",), NOW_MS, device_id=2),
            NewEvent(EventName.NETWORK_LOG, network_log("elsewhere").data, ("site:4", "logs"), NOW_MS),
        ],
    )
    async def test_a_log_comes_back_as_it_was_given(self, store: Store, given: NewEvent) -> None:
        await store.append([given], now_ms=NOW_MS + 1)
        (row,) = await store.events_after(0, limit=1)
        wanted = EventRow(
            1, given.name, given.data, given.rooms, given.observed_ms, NOW_MS + 1, given.device_id, given.site_id,
            given.late,
        )  # fmt: skip
        assert row == wanted

    async def test_logs_above_a_position_are_counted_up_to_a_limit(self, store: Store) -> None:
        await store.append([network_log(str(number)) for number in range(9)] + [event(1)], now_ms=NOW_MS)
        assert [await store.logs_after(seq, limit=5) for seq in (0, 6, 9)] == [5, 3, 0]

    @pytest.mark.parametrize(
        ("wanted", "found"),
        [
            (LogFilter(), "abcdef"),
            (LogFilter(device_id=7), "abde"),
            (LogFilter(site_id=4), "f"),
            (LogFilter(max_severity=3), "be"),
            (LogFilter(max_severity=0), "e"),
            (LogFilter(max_severity=7), "abcdef"),
            (LogFilter(source="trap"), "d"),
            (LogFilter(facility="solaris-cron"), "c"),
            (LogFilter(from_ms=NOW_MS + 2), "cdef"),
            (LogFilter(to_ms=NOW_MS + 2), "ab"),
            (LogFilter(from_ms=NOW_MS + 1, to_ms=NOW_MS + 3, device_id=7), "b"),
            (LogFilter(device_id=7, max_severity=3, source="syslog"), "be"),
            (LogFilter(device_id=99), ""),
            (LogFilter(source="x d7"), ""),
        ],
    )
    async def test_a_search_finds_what_meets_all_of_a_filter(self, store: Store, wanted: LogFilter, found: str) -> None:
        await store.append(
            [
                network_log("a", observed_ms=NOW_MS),
                network_log("b", severity=3, observed_ms=NOW_MS + 1),
                network_log("c", device_id=8, facility="solaris-cron", observed_ms=NOW_MS + 2),
                event(1),
                network_log("d", source="trap", facility=None, observed_ms=NOW_MS + 3),
                network_log("e", severity=0, observed_ms=NOW_MS + 4),
                network_log("f", device_id=9, site_id=4, observed_ms=NOW_MS + 5),
            ],
            now_ms=NOW_MS,
        )
        assert "".join(messages(await store.search_logs(wanted, cursor=None, limit=10, newest_first=False))) == found
        newest = await store.search_logs(wanted, cursor=None, limit=10)
        assert "".join(messages(newest)) == found[::-1]

    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("down", [1, 2]),
            ("DOWN", [1, 2]),
            ("zurich", [3]),
            ("down neighbor", [2]),
            ('"hold timer"', [2]),
            ('"timer hold"', []),
            ("timer hold", [2]),
            ("neigh*", [2]),
            ("neigh", []),
            ('"hold ti"*', [2]),
            ("10.0.0.1", [2]),
            ("0.0.1", [2]),
            ("GigabitEthernet0/1", [1]),
            ("GigabitEthernet0/2", []),
            ("%LINK-3-UPDOWN:", [1]),
            ("down OR zurich", []),
            ("NOT down", []),
            ("message:down", []),
            ("keys:d7", []),
            ("d7", []),
            ('down"', [1, 2]),
            ("(down)", [1, 2]),
            ("down^2 * + -", []),
            ("down'; DROP", []),
        ],
    )
    async def test_what_a_person_types_is_words_and_never_syntax(
        self, store: Store, text: str, found: list[int]
    ) -> None:
        await store.append(
            [
                network_log("%LINK-3-UPDOWN: Interface GigabitEthernet0/1, changed state to down"),
                network_log("bgpd: neighbor 10.0.0.1 Down - hold timer expired"),
                network_log("sysLocation is Zürich"),
            ],
            now_ms=NOW_MS,
        )
        rows = await store.search_logs(LogFilter(terms=parse_terms(text)), cursor=None, limit=10, newest_first=False)
        assert [row.seq for row in rows] == found

    @pytest.mark.parametrize("newest_first", [True, False])
    async def test_pages_hold_each_log_once_while_more_come(self, store: Store, *, newest_first: bool) -> None:
        await store.append([network_log(f"word {number}") for number in range(25)], now_ms=NOW_MS)
        wanted, cursor, seen = LogFilter(terms=parse_terms("word")), None, list[int]()
        while page := await store.search_logs(wanted, cursor=cursor, limit=10, newest_first=newest_first):
            seen += [row.seq for row in page]
            cursor = seen[-1]
            if len(seen) == 10:
                await store.append([network_log("word later"), event(1)], now_ms=NOW_MS)
        assert seen == (list(range(25, 0, -1)) if newest_first else list(range(1, 27)))


class FindContract:
    @pytest.mark.parametrize(
        ("wanted", "seqs"),
        [
            (EventFilter(), [1, 2, 3, 4, 5]),
            (EventFilter(names=frozenset({EventName.NETWORK_LOG})), [2, 4]),
            (EventFilter(names=frozenset({EventName.DEVICE_STATUS})), [1, 3, 5]),
            (EventFilter(device_id=8), [3, 4]),
            (EventFilter(device_id=8, visible={LogClass.EVENTS}), [3]),
            (EventFilter(site_id=99), []),
            (EventFilter(from_ms=NOW_MS + 1), [4]),
            (EventFilter(to_ms=NOW_MS), [1, 3, 5]),
        ],
    )
    async def test_events_are_found_by_what_they_are(self, store: Store, wanted: EventFilter, seqs: list[int]) -> None:
        await store.append(
            [
                event(1),
                network_log("a"),
                event(2, device_id=8),
                network_log("b", device_id=8, observed_ms=NOW_MS + 1),
                event(3),
            ],
            now_ms=NOW_MS,
        )
        rows, reached = await store.find_events(wanted, after=0, limit=10)
        assert ([row.seq for row in rows], reached) == (seqs, 5)
        rows, reached = await store.find_events(wanted, after=None, limit=2)
        assert ([row.seq for row in rows], reached) == (seqs[-2:], 5)

    async def test_reading_on_from_where_a_page_ended_visits_each_row_once(self, store: Store) -> None:
        await store.append([event(1), network_log("a"), network_log("b"), event(2), event(3)], now_ms=NOW_MS)
        seen, after = list[int](), 0
        while True:
            rows, reached = await store.find_events(EventFilter(), after=after, limit=2)
            seen += [row.seq for row in rows]
            if reached == after:
                break
            after = reached
        assert seen == [1, 2, 3, 4, 5]
