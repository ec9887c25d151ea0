"""The TypeScript client's types, and what the dashboard knows of the hub by heart, are the hub's."""

import re
from pathlib import Path

import pytest
from noctule_hub.core.projection import VIEWS
from noctule_hub.core.rooms import Audience
from noctule_shared.events import EVENT_CLASSES, EventClass, EventName

from tools import client_types, dashboard_tables

WRITTEN_BY = {
    **dict.fromkeys(client_types.files(), client_types),
    **dict.fromkeys(dashboard_tables.files(), dashboard_tables),
}


@pytest.mark.parametrize("path", WRITTEN_BY, ids=lambda path: path.name)
def test_what_is_generated_is_as_the_hub_is(path: Path) -> None:
    tool = WRITTEN_BY[path]
    name = tool.__name__.replace(".", "/")
    assert path.read_text(encoding="utf-8") == tool.files()[path], f"write it anew: python {name}.py"


def test_every_event_and_measurement_has_its_struct() -> None:
    named = {name for name, kind in EVENT_CLASSES.items() if kind is not EventClass.CONTROL}
    assert set(client_types.STRUCTS) == named


def test_what_not_every_audience_is_shown_is_optional() -> None:
    text = next(text for path, text in client_types.files().items() if path.name == "events.ts")
    device = text.partition("interface DeviceStatusEvent ")[2].partition("}")[0]
    assert "  deviceId: number;" in device
    assert "  reason?: string;" in device
    totals = text.partition("interface StatsUpdate ")[2].partition("}")[0]
    assert "  devices: Record<string, number>;" in totals
    assert "  clients?: number;" in totals


def test_a_field_that_came_later_is_optional_because_older_rows_are_in_the_log() -> None:
    text = next(text for path, text in client_types.files().items() if path.name == "events.ts")
    incident = text.partition("interface IncidentRef ")[2].partition("}")[0]
    assert "  title: string;" in incident
    assert "  rootAlertId?: number;" in incident


def test_what_the_public_is_told_of_a_device_is_what_its_view_shows() -> None:
    text = next(text for path, text in client_types.files().items() if path.name == "payloads.ts")
    fields = re.findall(
        r"  (\w+)(\??): (.*);", text.partition("interface PublicDeviceStatusEvent ")[2].partition("}")[0]
    )
    shown = VIEWS[EventName.DEVICE_STATUS][Audience.PUBLIC].shown
    assert {name for name, _, kind in fields if kind != "undefined"} == shown
    assert {name for name, optional, _ in fields if not optional} == {"timestamp", "components"}
