import pytest
from hypothesis import given
from hypothesis import strategies as st
from noctule_hub.core.principal import ANONYMOUS, Principal, Role
from noctule_hub.core.rooms import (
    WITH_ID,
    Allowed,
    Audience,
    DenialReason,
    Denied,
    RoomKind,
    Sight,
    audience,
    default_rooms,
    hears,
    may_join,
    parse_room,
    rooms_of_event,
    sight,
)
from noctule_shared.events import EventName

OWN_USER, OWN_CUSTOMER, FOREIGN = 5, 9, 77

PRINCIPALS = {
    role: ANONYMOUS
    if role is Role.ANONYMOUS
    else Principal(
        f"user:{OWN_USER}",
        role,
        role.value,
        user_id=OWN_USER,
        customer_id=OWN_CUSTOMER if role is Role.CUSTOMER else None,
    )
    for role in Role
}
ALL = {*(kind.value for kind in RoomKind if kind not in WITH_ID), "device:77", "site:77", "customer:77", "user:77"}
OWN = {f"user:{OWN_USER}", f"customer:{OWN_CUSTOMER}"}

# "Who joins what", written out: everything that is not here must be denied.
MAY: dict[Role, set[str]] = {
    Role.ADMIN: ALL | OWN,
    Role.OPERATOR: ALL | OWN,
    Role.VIEWER: (ALL | OWN) - {"payments", "customers", "customer:77", "customer:9", "user:77"},
    Role.BILLING: {"payments", "customers", "customer:77", "customer:9", "stats", "user:5"},
    Role.CUSTOMER: {"customer:9", "user:5", "stats", "public"},
    Role.ANONYMOUS: {"stats", "public"},
    Role.METRICS: set(),
    Role.AGENT: set(),
}


@pytest.mark.parametrize("role", list(Role))
def test_each_role_joins_exactly_its_rooms(role: Role) -> None:
    joined = {room for room in ALL | OWN if isinstance(may_join(PRINCIPALS[role], room), Allowed)}
    assert joined == MAY[role]


@pytest.mark.parametrize(
    ("role", "rooms"),
    [
        (
            Role.ADMIN,
            {"devices", "alerts", "agents", "bandwidth", "logs", "stats", "payments", "customers", "public", "user:5"},
        ),
        (Role.VIEWER, {"devices", "alerts", "agents", "bandwidth", "logs", "stats", "public", "user:5"}),
        (Role.BILLING, {"payments", "customers", "stats", "user:5"}),
        (Role.CUSTOMER, {"stats", "public", "customer:9", "user:5"}),
        (Role.ANONYMOUS, {"stats", "public"}),
        (Role.METRICS, set()),
    ],
)
def test_client_that_names_no_rooms_joins_its_roles_and_its_own(role: Role, rooms: set[str]) -> None:
    assert set(default_rooms(PRINCIPALS[role])) == rooms


@pytest.mark.parametrize("role", list(Role))
def test_default_rooms_may_all_be_joined(role: Role) -> None:
    principal = PRINCIPALS[role]
    assert all(isinstance(may_join(principal, room), Allowed) for room in default_rooms(principal))


def test_customer_without_a_customer_joins_no_customer_room() -> None:
    principal = Principal("user:5", Role.CUSTOMER, "carl", user_id=5)
    assert may_join(principal, "customer:9") == Denied(DenialReason.NOT_YOUR_OWN)
    assert not [room for room in default_rooms(principal) if room.startswith("customer:")]


def test_external_user_without_a_user_id_joins_no_user_room() -> None:
    principal = Principal("ext:old:7", Role.VIEWER, "eve")
    assert may_join(principal, "user:7") == Denied(DenialReason.NOT_YOUR_OWN)


@pytest.mark.parametrize(
    "name",
    ["", "device", "device:", "device:0", "device:01", "device:-1", "device:1 ", "device:+1", "device:1.0", "Devices",
     "device:٣", "devices:1", "user:x", "device:1\n", "stats:staff", "device:" + "9" * 40, "a" * 1_000],
)  # fmt: skip
def test_name_that_is_no_room_is_denied_to_admins_too(name: str) -> None:
    assert parse_room(name) is None
    assert may_join(PRINCIPALS[Role.ADMIN], name) == Denied(DenialReason.UNKNOWN_ROOM)


@given(st.text(max_size=40))
def test_each_room_has_one_spelling(name: str) -> None:
    room = parse_room(name)
    assert room is None or room.name == name


@pytest.mark.parametrize(
    ("role", "seen_as"),
    [
        (Role.ADMIN, Audience.STAFF),
        (Role.OPERATOR, Audience.STAFF),
        (Role.VIEWER, Audience.STAFF),
        (Role.BILLING, Audience.CUSTOMER),
        (Role.CUSTOMER, Audience.CUSTOMER),
        (Role.ANONYMOUS, Audience.PUBLIC),
        (Role.METRICS, Audience.PUBLIC),
        (Role.AGENT, Audience.PUBLIC),
    ],
)
def test_audience_follows_the_role(role: Role, seen_as: Audience) -> None:
    assert audience(PRINCIPALS[role]) is seen_as


@pytest.mark.parametrize(
    ("name", "data", "rooms"),
    [
        (EventName.DEVICE_STATUS, {"deviceId": 1, "siteId": 2}, ("devices", "device:1", "site:2")),
        (EventName.DEVICE_STATUS, {"deviceId": "1", "siteId": None}, ("devices",)),
        (EventName.DEVICE_STATUS, {"deviceId": True, "siteId": -1}, ("devices",)),
        (EventName.INTERFACE_STATUS, {"deviceId": 1}, ("device:1",)),
        (EventName.ALERT_NEW, {"deviceId": None}, ("alerts",)),
        (EventName.ALERT_UPDATE, {"deviceId": 3, "siteId": 4}, ("alerts", "device:3", "site:4")),
        (EventName.NETWORK_LOG, {"deviceId": 3}, ("logs", "device:3")),
        (EventName.PAYMENT_UPDATE, {"customerId": 9}, ("payments", "customer:9")),
        (EventName.CUSTOMER_UPDATE, {"customerId": 9}, ("customers", "customer:9")),
        (EventName.AGENT_STATUS, {}, ("agents",)),
        (EventName.POSITION, {}, ()),
    ],
)
def test_event_goes_to_the_rooms_of_what_it_is_about(
    name: EventName, data: dict[str, object], rooms: tuple[str, ...]
) -> None:
    assert rooms_of_event(name, data) == rooms


CUSTOMER_4 = Principal("user:5", Role.CUSTOMER, "carl", user_id=5, customer_id=4)
BILLING = Principal("user:6", Role.BILLING, "bill", user_id=6)
VIEWER = Principal("user:7", Role.VIEWER, "vera", user_id=7)


@pytest.mark.parametrize(
    ("principal", "through", "seen_as"),
    [
        (CUSTOMER_4, ("customer:4",), Sight(Audience.CUSTOMER, frozenset({4}))),
        (CUSTOMER_4, ("public", "customer:4"), Sight(Audience.CUSTOMER, frozenset({4}))),
        (CUSTOMER_4, ("public",), Sight(Audience.PUBLIC)),
        (CUSTOMER_4, ("public", "customer:5"), Sight(Audience.PUBLIC)),
        (CUSTOMER_4, ("stats",), Sight(Audience.CUSTOMER)),
        (BILLING, ("customer:4", "customer:5"), Sight(Audience.CUSTOMER, frozenset({4, 5}))),
        (BILLING, ("payments",), Sight(Audience.CUSTOMER)),
        (VIEWER, ("devices", "customer:4"), Sight(Audience.STAFF)),
        (ANONYMOUS, ("stats",), Sight(Audience.PUBLIC)),
    ],
)
def test_of_customers_somebody_sees_the_parts_whose_room_they_may_be_in(
    principal: Principal, through: tuple[str, ...], seen_as: Sight
) -> None:
    assert sight(principal, through) == seen_as


@pytest.mark.parametrize("role", [role for role in PRINCIPALS if role is not Role.ANONYMOUS])
def test_an_assigned_alert_reaches_the_room_of_its_user_as_long_as_that_is_staff(role: Role) -> None:
    principal = PRINCIPALS[role]
    assigned = ("alerts", "device:1", f"user:{OWN_USER}")
    room = assigned[-1]
    for name in (EventName.ALERT_NEW, EventName.ALERT_UPDATE):
        assert hears(principal, name, assigned, room) is principal.is_staff
        # What an integration sends to a user's own room is for that user.
        assert hears(principal, name, (room,), room) is isinstance(may_join(principal, room), Allowed)
    assert not hears(principal, EventName.ALERT_NEW, ("alerts", "user:x"), "user:x")
