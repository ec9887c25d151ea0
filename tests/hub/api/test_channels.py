"""Notification channels over HTTP: for administrators alone, and no secret ever comes out."""

from typing import Any

import msgspec
import pytest
from noctule_hub.auth.keys import SecretKind
from noctule_hub.core.audit import local
from noctule_hub.core.notifying.channels import Secret
from noctule_hub.core.notifying.deliveries import DeliveryKind, NewDelivery, Outcome
from noctule_hub.core.notifying.policies import DEFAULT_ID
from noctule_hub.core.notifying.routing import Decided
from noctule_hub.core.principal import Role
from noctule_shared.events import AlertEvent, AlertState, Severity
from noctule_shared.times import iso_from_ms

from tests.hub.api.harness import NOW_MS, Hub

PATH = "/api/v1/channels"
HOOK = {"url": "https://hooks.example.net:8443/planted-path?planted=1", "secret": "planted-signing-key"}
MAIL = {
    "host": "mail.example.net",
    "username": "noc",
    "password": "planted-password",
    "sender": "noc@example.net",
    "recipients": ["night@example.net"],
}


async def added(hub: Hub, **body: Any) -> dict[str, Any]:
    answer = await hub.post(PATH, {"name": "noc"} | (body or {"webhook": HOOK}))
    assert answer.status == 201, answer.text
    found: dict[str, Any] = answer.json
    return found


async def secret_of(hub: Hub, channel_id: int) -> Secret:
    sealed = await hub.store.channel_secret(channel_id)
    return msgspec.json.decode(hub.keys.open(channel_id, sealed, kind=SecretKind.CHANNEL), type=Secret)


async def test_a_channel_is_added_shown_changed_and_removed_and_its_secrets_never_come_out(hub: Hub) -> None:
    channel = await added(hub, webhook=HOOK, siteIds=[hub.site.id], tags=["core"])
    assert channel == {
        "id": 1,
        "name": "noc",
        "kind": "webhook",
        "enabled": True,
        "severity": "warning",
        "siteIds": [hub.site.id],
        "tags": ["core"],
        "language": "en",
        "webhook": {"origin": "https://hooks.example.net:8443", "secretSet": True},
        "smtp": None,
        "apprise": None,
        "state": {
            "health": "untried",
            "failingSince": None,
            "lastAt": None,
            "lastOutcome": None,
            "queued": 0,
            "dead": 0,
        },
        "createdAt": iso_from_ms(NOW_MS),
        "revision": 1,
    }
    mail = await added(hub, name="mail", smtp=MAIL)
    assert mail["smtp"]["passwordSet"] is True
    service = await added(hub, name="chat", apprise={"url": "ntfys://planted-token@ntfy.example.net/noc"})
    assert service["apprise"] == {"scheme": "ntfys"}
    path = f"{PATH}/1"
    changed = await hub.patch(path, {"revision": 1, "severity": "critical", "siteIds": [], "enabled": False})
    assert (changed.status, changed.json["severity"], changed.json["siteIds"]) == (200, "critical", [])
    assert (await secret_of(hub, 1)).url == HOOK["url"]
    stale = await hub.patch(path, {"revision": 1, "name": "other"})
    assert (stale.status, stale.json["field"]) == (400, "revision")
    answers = [await hub.get(path), await hub.get(PATH), await hub.get("/api/v1/audit"), changed, stale]
    assert not [answer.text for answer in answers if "planted" in answer.text]
    planted = b"".join(file.read_bytes() for file in hub.data_dir.glob("hub.db*"))
    assert b"planted-" not in planted
    assert (await hub.delete(path)).status == 204
    assert (await hub.get(path)).status == 404
    assert hub.notifications.changes == 5


async def test_a_password_is_kept_for_its_server_and_goes_to_no_other(hub: Hub) -> None:
    channel = await added(hub, smtp=MAIL)
    path = f"{PATH}/{channel['id']}"
    without = {name: value for name, value in MAIL.items() if name != "password"}
    more = without | {"recipients": ["a@example.net", "b@example.net"]}
    assert (await hub.patch(path, {"revision": 1, "smtp": more})).json["smtp"]["recipients"] == more["recipients"]
    assert (await secret_of(hub, 1)).password == "planted-password"
    for change in ({"host": "evil.example.net"}, {"port": 25}, {"security": "tls"}, {"username": "other"}):
        refused = await hub.patch(path, {"revision": 2, "smtp": without | change})
        assert (refused.status, refused.json["field"]) == (400, "smtp.password")
    moved = await hub.patch(path, {"revision": 2, "smtp": MAIL | {"host": "new.example.net"}})
    assert moved.json["smtp"]["host"] == "new.example.net"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "webhook"),
        ({"webhook": HOOK, "apprise": {"url": "ntfys://a/b"}}, "webhook"),
        ({"webhook": HOOK, "siteIds": [77]}, "siteIds"),
        ({"webhook": HOOK, "severity": "loud"}, "severity"),
        ({"webhook": HOOK, "language": "planted"}, "language"),
        ({"webhook": {"url": "ftp://planted.example.net/"}}, "webhook.url"),
        ({"webhook": {"url": "file:///etc/planted"}}, "webhook.url"),
        ({"webhook": {"url": "https://planted:planted@example.net/"}}, "webhook.url"),
        ({"webhook": {"url": "https://"}}, "webhook.url"),
        ({"webhook": {"url": "https://a.example/planted\r\nX: y"}}, "webhook.url"),
        ({"webhook": {"url": "https://a.example:99999/planted"}}, "webhook.url"),
        ({"webhook": {"url": "https://a.example/", "secret": "planted"}}, "webhook.secret"),
        ({"smtp": MAIL | {"host": "mail.example.net\r\nplanted"}}, "smtp.host"),
        ({"smtp": MAIL | {"sender": "noc@example.net\r\nBcc: planted@example.net"}}, "smtp.sender"),
        ({"smtp": MAIL | {"recipients": ["planted"]}}, "smtp.recipients"),
        ({"smtp": MAIL | {"recipients": []}}, "smtp.recipients"),
        ({"smtp": MAIL | {"security": "none"}}, "smtp.security"),
        ({"smtp": {name: value for name, value in MAIL.items() if name != "password"}}, "smtp.password"),
        ({"apprise": {"url": "planted"}}, "apprise.url"),
        ({"apprise": {"url": "syslog://planted"}}, "apprise.url"),
        ({"apprise": {"url": "windows://planted"}}, "apprise.url"),
        ({"apprise": {"url": "mailto://planted:planted@example.net"}}, "apprise.url"),
        ({"apprise": {"url": "JSON://planted"}}, "apprise.url"),
        ({"apprise": {"url": "jsons://planted/?verify=no"}}, "apprise.url"),
        ({"apprise": {"url": "slack://planted/?template=/etc/passwd"}}, "apprise.url"),
    ],
)
async def test_bad_input_is_named_changes_nothing_and_is_not_repeated(
    hub: Hub, body: dict[str, Any], field: str
) -> None:
    answer = await hub.post(PATH, {"name": "noc"} | body)
    assert (answer.status, answer.json["field"]) == (400, field)
    assert "planted" not in answer.text
    assert (await hub.get(PATH)).json["items"] == []


async def test_a_channel_has_a_language_that_other_changes_leave(hub: Hub) -> None:
    assert (await added(hub, webhook=HOOK, language="id"))["language"] == "id"
    assert (await hub.patch(f"{PATH}/1", {"revision": 1, "severity": "info"})).json["language"] == "id"
    assert (await hub.patch(f"{PATH}/1", {"revision": 2, "language": "en"})).json["language"] == "en"
    assert (await hub.get(f"{PATH}/1")).json["language"] == "en"


async def test_names_are_taken_once(hub: Hub) -> None:
    await added(hub)
    answer = await hub.post(PATH, {"name": "NOC", "webhook": HOOK})
    assert (answer.status, answer.json["field"]) == (400, "name")


async def test_a_test_message_is_sent_now_and_its_outcome_told(hub: Hub) -> None:
    await added(hub)
    hub.notifications.outcome = Outcome(delivered=False, text="hooks.example.net answered 500")
    answer = await hub.ask("POST", f"{PATH}/1/test")
    assert answer.json == {"delivered": False, "outcome": "hooks.example.net answered 500"}
    assert [channel.id for channel in hub.notifications.tried] == [1]


async def queued(hub: Hub) -> None:
    alert = AlertEvent(
        timestamp=iso_from_ms(NOW_MS),
        id=1,
        rule="device-offline",
        title="core1 is offline",
        severity=Severity.CRITICAL,
        state=AlertState.FIRING,
        device_id=None,
        device_name=None,
        started_at=iso_from_ms(NOW_MS),
        reason="no answer",
    )
    new = [NewDelivery(1, seq, DeliveryKind.NEW, msgspec.structs.replace(alert, id=seq), DEFAULT_ID) for seq in (1, 2)]
    await hub.store.queue_alerts(lambda _: Decided(new, {}), (), up_to_seq=2, now_ms=NOW_MS)


async def test_deliveries_are_listed_by_state_and_dead_ones_retried(hub: Hub) -> None:
    await added(hub)
    await queued(hub)
    first = (await hub.store.deliveries(channel_id=1, state=None, before_id=None, limit=9))[-1]
    await hub.store.settle_parcel(
        first.public_id, Outcome(delivered=False, text="nobody there"), next_ms=None, now_ms=NOW_MS
    )
    dead = (await hub.get("/api/v1/deliveries?state=dead")).json["items"]
    assert [(one["id"], one["title"], one["outcome"]) for one in dead] == [(1, "core1 is offline", "nobody there")]
    page = (await hub.get(f"{PATH}/1/deliveries?limit=1")).json
    assert ([one["id"] for one in page["items"]], page["nextCursor"]) == ([2], "2")
    rest = (await hub.get(f"{PATH}/1/deliveries?cursor=2")).json
    assert ([one["id"] for one in rest["items"]], rest["nextCursor"]) == ([1], None)
    shown = (await hub.get("/api/v1/deliveries/1")).json
    assert shown["attempts"] == [{"at": iso_from_ms(NOW_MS), "delivered": False, "outcome": "nobody there"}]
    again = await hub.ask("POST", "/api/v1/deliveries/1/retry")
    assert (again.status, again.json["state"], again.json["deliveryId"]) == (200, "queued", first.public_id)
    refused = await hub.ask("POST", "/api/v1/deliveries/1/retry")
    assert (refused.status, refused.json["field"]) == (400, "id")
    assert (await hub.get("/api/v1/deliveries?state=odd")).status == 400


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.VIEWER, Role.BILLING, Role.CUSTOMER, Role.METRICS])
async def test_only_administrators_see_and_steer_channels(hub: Hub, role: Role) -> None:
    await added(hub)
    for method, path in (
        ("GET", PATH),
        ("GET", f"{PATH}/1"),
        ("POST", f"{PATH}/1/test"),
        ("GET", f"{PATH}/1/deliveries"),
        ("GET", "/api/v1/deliveries"),
        ("POST", "/api/v1/deliveries/1/retry"),
        ("DELETE", f"{PATH}/1"),
    ):
        assert (await hub.ask(method, path, role=role)).status == 403


async def test_a_new_data_key_opens_channels_too(hub: Hub) -> None:
    await added(hub)
    sealed = {(kind, row_id): found for kind, row_id, found in await hub.store.sealed_secrets()}
    assert set(sealed) == {(SecretKind.CHANNEL, 1)}
    again = await hub.store.reseal_secrets(
        lambda kind, row_id, old: hub.keys.seal(row_id, hub.keys.open(row_id, old, kind=kind), kind=kind),
        by=local(NOW_MS),
    )
    assert again == 1
    assert await hub.store.channel_secret(1) != sealed[SecretKind.CHANNEL, 1]
    assert (await secret_of(hub, 1)).key == HOOK["secret"]
