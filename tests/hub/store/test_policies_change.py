"""The change of hub.db that brought policies: what waited to be sent goes on, with its attempts and under its id."""

import sqlite3
from pathlib import Path

import msgspec
from noctule_hub.core.languages.spoken import Language
from noctule_hub.core.notifying.deliveries import DeliveryState, Gathering, Outcome
from noctule_hub.core.notifying.policies import DEFAULT_FIELDS
from noctule_hub.store.sqlite import open_store
from noctule_hub.store.sqlite.changes.notification_policies import add_notification_policies
from noctule_hub.store.sqlite.migrations import MIGRATIONS
from sqlite_utils import Database

from tests.hub.store.channel_contract import ALERT
from tests.hub.store.samples import NOW_MS

_QUEUED = """INSERT INTO delivery (channel_id, seq, epoch, alert_id, kind, alert, state, attempts, created_ms, begun_ms,
    next_ms, outcome, public_id, bundle) VALUES (1, ?, 'e', ?, 'new', ?, ?, 3, 1, 1, ?, 'nobody there', ?, ?)"""


async def test_what_was_queued_goes_on_and_all_rules_have_the_default_policy(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "hub.db", isolation_level=None)
    connection.execute("PRAGMA foreign_keys = ON")
    before = MIGRATIONS[: MIGRATIONS.index(add_notification_policies)]
    for migration in before:
        migration(Database(connection))
    connection.execute(f"PRAGMA user_version = {len(before)}")
    connection.execute(
        """INSERT INTO channel (name, enabled, severity, site_ids, tags, target, since_seq, created_ms) VALUES
            ('noc', 1, 'warning', '[]', '[]', '{"kind":"webhook","origin":"https://a.example","signed":true}', 0, 1)"""
    )
    alert = msgspec.json.encode(ALERT).decode()
    for number, (state, next_ms, bundle) in enumerate([("failed", 5, None), ("failed", 5, "ff"), ("dead", None, None)]):
        connection.execute(_QUEUED, (number, number, alert, state, next_ms, f"id{number}", bundle))
    connection.execute("INSERT INTO delivery_attempt (delivery_id, at_ms, delivered, outcome) VALUES (2, 7, 0, 'no')")
    connection.close()

    store = await open_store(tmp_path, clock_ms=lambda: NOW_MS)
    # Channels of that time go on in English.
    assert (await store.channel(1)).fields.language is Language.ENGLISH
    (policy,) = await store.policies()
    assert (policy.fields, policy.is_default) == (DEFAULT_FIELDS, True)
    assert {rule.policy_id for rule in await store.rules()} == {None}
    delivery, attempts = await store.delivery(2)
    assert (delivery.state, delivery.attempts, delivery.public_id) == (DeliveryState.FAILED, 3, "ff")
    assert [one.at_ms for one in attempts] == [7]
    single = await store.take_parcel(1, bundle=False, now_ms=NOW_MS)
    assert single is not None
    assert (single.public_id, single.gathering) == ("id0", None)
    await store.settle_parcel("id0", Outcome(delivered=True, text="taken"), next_ms=None, now_ms=NOW_MS)
    summary = await store.take_parcel(1, bundle=False, now_ms=NOW_MS)
    assert summary is not None
    assert (summary.public_id, summary.gathering) == ("ff", Gathering.SUMMARY)
    await store.close()
