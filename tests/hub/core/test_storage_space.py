"""The hub's disk: low below one figure, all right again only above another."""

from collections.abc import Callable

import pytest
from noctule_hub.core.presence import observe_time
from noctule_hub.core.storage_space import StorageSpace, observe_storage
from noctule_hub.core.world import Draft, World
from noctule_shared.events import EventName

GB = 10**9
Drafted = Callable[[int], Draft]


def look(drafted: Drafted, after_ms: int, free_gb: float, *, dropped_days: int = 0) -> Draft:
    draft = drafted(after_ms)
    observe_storage(draft, StorageSpace("/data", 50 * GB, int(free_gb * GB), dropped_days))
    observe_time(draft)
    return draft


def told(draft: Draft) -> list[tuple[str, str]]:
    return [
        (row.name.value, row.data["state"])
        for row in draft.events
        if row.name in {EventName.ALERT_NEW, EventName.ALERT_UPDATE} and row.data["rule"] == "storage-low"
    ]


def test_a_disk_that_is_low_for_a_minute_alerts_about_the_hub(drafted: Drafted, world: World) -> None:
    assert told(look(drafted, 0, 2.1)) == []
    assert told(look(drafted, 60_000, 2.1)) == [("alert:new", "firing")]
    alert = world.alerts.get("storage-low:hub")
    assert alert is not None
    assert alert.title == "The hub's disk has 4.2 % free (2.1 GB) at /data"
    assert alert.reason == "4.2 % free (2.1 GB) of 50 GB at /data; low at 10 %"
    assert (alert.device_id, alert.agent_id, alert.site_id) == (None, None, None)
    assert alert.evidence is not None
    assert (alert.evidence.threshold, alert.evidence.clear) == (0.1, 0.15)


@pytest.mark.parametrize(("free_gb", "over"), [(5.1, False), (7.5, False), (7.6, True)])
def test_it_is_over_above_the_higher_figure(drafted: Drafted, free_gb: float, *, over: bool) -> None:
    look(drafted, 0, 5.0)
    look(drafted, 60_000, 5.0)
    assert told(look(drafted, 120_000, free_gb)) == ([("alert:update", "resolved")] if over else [])


def test_between_the_figures_nothing_begins(drafted: Drafted, world: World) -> None:
    look(drafted, 0, 6.0)
    assert list(world.alerts.items()) == []


def test_what_had_to_be_dropped_is_said(drafted: Drafted, world: World) -> None:
    look(drafted, 0, 1.0, dropped_days=3)
    alert = world.alerts.get("storage-low:hub")
    assert alert is not None
    assert alert.reason.endswith("retention.max_bytes has dropped 3 days of raw measurements since the start")


def test_a_file_system_without_a_size_is_not_low(drafted: Drafted, world: World) -> None:
    observe_storage(drafted(0), StorageSpace("/data", 0, 0))
    assert list(world.alerts.items()) == []
