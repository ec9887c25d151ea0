"""Open alerts are found by what they are about, in a draft, after it and when it was dropped."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from noctule_hub.core.alerting.open_alerts import OpenAlerts
from noctule_hub.core.records import Alert
from noctule_shared.alerts import IncidentRef

from tests.hub.store.samples import alert

NUMBERS = st.integers(1, 3)
SET = st.tuples(st.just("set"), NUMBERS, st.none() | NUMBERS)
STEPS = st.lists(st.one_of(SET, SET, st.sampled_from([("settle", 0, None), ("drop", 0, None)])), max_size=30)


def one(number: int, incident_id: int | None, version: int = 0) -> Alert:
    """Return the alert of key `number`; its device and incident are `incident_id`."""
    incident = None if incident_id is None else IncidentRef(incident_id, "")
    agent_id = None if incident_id is None else 10 + incident_id
    return replace(
        alert(number * 100 + version, key=str(number)), device_id=incident_id, agent_id=agent_id, incident=incident
    )


@given(STEPS)
def test_they_are_found_as_if_all_were_looked_at(steps: list[tuple[str, int, int | None]]) -> None:
    table = OpenAlerts([one(1, 1), one(2, None)])
    for version, (what, number, incident_id) in enumerate(steps, start=1):
        if what == "settle":
            table.settle()
        elif what == "drop":
            table.drop()
        else:
            table.set(str(number), None if incident_id is None else one(number, incident_id, version))
        everything = [found for _, found in table.items()]
        for wanted in range(1, 4):
            of_device = {found.id for found in everything if found.device_id == wanted}
            assert {found.id for found in table.of_device(wanted)} == of_device
            assert {found.id for found in table.of_agent(10 + wanted)} == of_device
            assert {found.id for found in table.of_incident(wanted)} == of_device
            assert table.has_incident(wanted) == bool(of_device)
        assert all(table.of_id(found.id) == found for found in everything)
