"""What was refused or thrown away, and how much of it in the last hour."""

from noctule_hub.core.drops import EVERY_MS, HOUR_MS, KINDS, Drop, Drops, counted
from noctule_hub.core.exposition import by_label, counter, gauge

LIMIT, SIGN_IN = ("limits", "requests"), ("sign-ins", "sign-ins")


def test_counters_that_tell_of_drops_are_read_by_kind_and_reason() -> None:
    families = [
        counter("noctule_hub_limited_total", "", by_label("limit", {"requests": 3, "exports": 0})),
        counter("noctule_hub_logins_refused_total", "", 2),
        counter("noctule_hub_ingest_frames_total", "", 99),
        gauge("noctule_hub_clients", "", 7),
    ]
    assert counted(families) == {LIMIT: 3, SIGN_IN: 2}


def test_the_last_hour_is_what_came_since_the_note_of_an_hour_ago() -> None:
    drops = Drops()
    assert drops.told({LIMIT: 4}, 0) == [Drop(*LIMIT, 4, 4)]
    for minute in range(200):
        drops.note({LIMIT: minute}, minute * EVERY_MS)
    assert drops.told({LIMIT: 200, SIGN_IN: 70}, 200 * EVERY_MS) == [Drop(*SIGN_IN, 70, 70), Drop(*LIMIT, 200, 60)]
    assert drops.told({LIMIT: 200}, 199 * EVERY_MS + HOUR_MS) == [Drop(*LIMIT, 200, 1)]


def test_a_clock_that_was_set_back_begins_the_hour_anew() -> None:
    drops = Drops()
    drops.note({LIMIT: 5}, 10 * HOUR_MS)
    drops.note({LIMIT: 6}, HOUR_MS)
    assert drops.told({LIMIT: 8}, 2 * HOUR_MS) == [Drop(*LIMIT, 8, 2)]


def test_every_kind_has_one_counter() -> None:
    assert len(set(KINDS.values())) == len(KINDS)
