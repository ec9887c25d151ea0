from hypothesis import given
from hypothesis import strategies as st
from noctule_hub.core.principal import Principal, Role
from noctule_hub.core.recipients import Recipients
from noctule_hub.core.records import EventRow
from noctule_hub.core.replay import reaching
from noctule_hub.core.rooms import Audience, Sight, sight
from noctule_shared.events import EventName

ROOMS = (
    "devices",
    "alerts",
    "public",
    "payments",
    "device:1",
    "site:1",
    "customer:1",
    "customer:2",
    "user:1",
    "user:2",
)
IDS = st.none() | st.integers(1, 2)
PRINCIPALS = st.builds(Principal, st.just("user:1"), st.sampled_from(Role), st.just("n"), user_id=IDS, customer_id=IDS)
COVERED = st.dictionaries(st.sampled_from(ROOMS), st.integers(5, 9))
NAMES = st.sampled_from([EventName.DEVICE_STATUS, EventName.ALERT_NEW, EventName.PAYMENT_UPDATE])


def told(name: EventName, *rooms: str) -> EventRow:
    return EventRow(7, name, {}, rooms, 0, 0, None, None, late=False)


@given(
    NAMES,
    st.lists(st.sampled_from(ROOMS), unique=True, max_size=5),
    st.lists(st.tuples(PRINCIPALS, COVERED), max_size=12),
)
def test_many_are_reached_as_each_is_alone(
    name: EventName, rooms: list[str], offered: list[tuple[Principal, dict[str, int]]]
) -> None:
    row = told(name, *rooms)
    recipients: Recipients[int] = Recipients(row)
    alone: dict[Sight, list[int]] = {}
    for number, (principal, covered_from) in enumerate(offered):
        recipients.offer(number, principal, covered_from)
        through = reaching(principal, covered_from, row)
        if through:
            alone.setdefault(sight(principal, through), []).append(number)
    assert recipients.groups == alone


def test_customers_see_their_own_part_of_a_row_in_groups_of_their_own() -> None:
    recipients: Recipients[str] = Recipients(told(EventName.DEVICE_STATUS, "devices", "customer:1", "customer:2"))
    for name, customer_id in (("a", 1), ("b", 2), ("c", 1)):
        principal = Principal(name, Role.CUSTOMER, name, customer_id=customer_id)
        recipients.offer(name, principal, {f"customer:{customer_id}": 0})
    assert recipients.groups == {
        Sight(Audience.CUSTOMER, frozenset({1})): ["a", "c"],
        Sight(Audience.CUSTOMER, frozenset({2})): ["b"],
    }
