"""Alerts that are over go after their time, what never fired after a day, and open ones never."""

from dataclasses import replace
from pathlib import Path

from noctule_hub.core.alerting.steps import AlertStep, Step, StepKind
from noctule_hub.core.commit import Commit
from noctule_hub.core.records import Alert
from noctule_hub.core.retention import Retention
from noctule_hub.store.sqlite import open_store
from noctule_hub.store.sqlite.store import SqliteStore
from noctule_shared.errors import Refused
from noctule_shared.events import AlertState

from tests.hub.store.samples import NOW_MS, alert

DAY_MS = 86_400_000
OPEN, OVER, FORGOTTEN = AlertState.FIRING, AlertState.RESOLVED, AlertState.INACTIVE


def aged(alert_id: int, state: AlertState, days: float) -> Alert:
    began_ms = NOW_MS - round(days * DAY_MS)
    ended_ms = began_ms + 60_000 if state is OVER else None
    return replace(alert(alert_id, key=f"k{alert_id}", state=state), started_ms=began_ms, resolved_ms=ended_ms)


async def kept(store: SqliteStore, most: int) -> list[int]:
    found = []
    for alert_id in range(1, most + 1):
        try:
            found.append((await store.alert(alert_id)).id)
        except Refused:
            assert (await store.alert_story(alert_id)).steps == ()
    return found


async def filled(tmp_path: Path, *alerts: Alert) -> SqliteStore:
    store = await open_store(tmp_path, clock_ms=lambda: NOW_MS)
    steps = [AlertStep(one.id, Step(kind=StepKind.FIRED, at_ms=1, text="x")) for one in alerts]
    await store.commit(Commit(now_ms=NOW_MS, alerts=list(alerts), steps=steps))
    return store


async def test_alerts_go_with_their_steps_after_their_time_and_open_ones_never(tmp_path: Path) -> None:
    store = await filled(
        tmp_path,
        aged(1, OPEN, 400),
        aged(2, OVER, 31),
        aged(3, OVER, 29),
        aged(4, FORGOTTEN, 1.1),
        aged(5, FORGOTTEN, 0.9),
    )
    upkeep = store.projector().upkeep
    assert await upkeep.drop_alerts(Retention(alert_days=30), NOW_MS, at_once=1) == 2
    assert await kept(store, 5) == [1, 3, 5]
    assert upkeep.dropped_alerts == 2
    assert await upkeep.drop_alerts(Retention(alert_days=30), NOW_MS, at_once=1) == 0
    # What was dropped has no successor of its id.
    assert (await store.load_engine_state()).next_alert_id == 6
    await store.close()


async def test_of_too_many_alerts_the_oldest_that_are_over_go(tmp_path: Path) -> None:
    store = await filled(tmp_path, aged(1, OPEN, 9), *(aged(number, OVER, 9 - number) for number in range(2, 7)))
    assert await store.projector().upkeep.drop_alerts(Retention(max_alerts=3), NOW_MS, at_once=2) == 3
    assert await kept(store, 6) == [1, 5, 6]
    await store.close()
