"""Rules of alerts in hub.db."""

import sqlite3
from typing import Any, Final

import msgspec
from noctule_shared.errors import ErrorCode, Refused, invalid
from noctule_shared.events import Severity

from noctule_hub.core.alerting.conditions import Condition
from noctule_hub.core.alerting.rules import MAX_RULES, NewRule, Rule
from noctule_hub.core.alerting.selectors import EVERYTHING, Selector
from noctule_hub.core.audit import AuditAction, Authorship
from noctule_hub.store.sqlite.alert_story import keep_version
from noctule_hub.store.sqlite.audit import record
from noctule_hub.store.sqlite.backed import Backed
from noctule_hub.store.sqlite.escalations import look_again
from noctule_hub.store.sqlite.policies import check_policy
from noctule_hub.store.sqlite.present import check_devices, check_sites
from noctule_hub.store.sqlite.revisions import check_revision

_COLUMNS: Final = "id, name, condition, severity, for_ms, trouble, selector, enabled, created_ms, revision, policy_id"
_KIND: Final = "alert-rule"


def read_rules(connection: sqlite3.Connection) -> list[Rule]:
    """Return all rules by id."""
    return [_rule(row) for row in connection.execute(f"SELECT {_COLUMNS} FROM alert_rule ORDER BY id")]  # noqa: S608  a constant


def check_selector(connection: sqlite3.Connection, new: Selector, old: Selector, field: str) -> None:
    """Raise `Refused` (invalid, under `field`) when something that `old` did not name is not there."""
    check_devices(connection, (one for one in new.device_ids if one not in old.device_ids), f"{field}.deviceIds")
    check_sites(connection, (one for one in new.site_ids if one not in old.site_ids), f"{field}.siteIds")


def _read_rule(connection: sqlite3.Connection, rule_id: int) -> Rule:
    query = f"SELECT {_COLUMNS} FROM alert_rule WHERE id = ?"  # noqa: S608  a constant
    row = connection.execute(query, (rule_id,)).fetchone()
    if row is None:
        raise Refused(ErrorCode.NOT_FOUND, f"there is no rule {rule_id}")
    return _rule(row)


def _rule(row: tuple[Any, ...]) -> Rule:
    return Rule(
        id=row[0],
        name=row[1],
        condition=msgspec.json.decode(row[2], type=Condition),
        severity=Severity(row[3]),
        for_ms=row[4],
        trouble=row[5],
        selector=msgspec.json.decode(row[6], type=Selector),
        enabled=bool(row[7]),
        created_ms=row[8],
        revision=row[9],
        policy_id=row[10],
    )


def _changeable(new: NewRule) -> tuple[object, ...]:
    selector = msgspec.json.encode(new.selector).decode()
    condition = msgspec.json.encode(new.condition).decode()
    return new.severity, new.for_ms, new.trouble, selector, int(new.enabled), condition, new.policy_id


class SqliteAlertRules(Backed):
    """`AlertRules` in SQLite."""

    async def rules(self) -> list[Rule]:
        """Return all rules by id."""
        return await self._readers.read(read_rules)

    async def rule(self, rule_id: int) -> Rule:
        """Return a rule. Raises `Refused` (not-found)."""
        return await self._readers.read(lambda connection: _read_rule(connection, rule_id))

    async def add_rule(self, new: NewRule, *, by: Authorship) -> Rule:
        """Add a rule. Raises `Refused` (invalid, the field; too-many)."""

        def add(connection: sqlite3.Connection) -> Rule:
            check_selector(connection, new.selector, EVERYTHING, "selector")
            check_policy(connection, new.policy_id)
            if connection.execute("SELECT 1 FROM alert_rule WHERE name = ?", (new.name,)).fetchone():
                raise invalid("name", f"there is a rule {new.name} already")
            if connection.execute("SELECT count(*) FROM alert_rule").fetchone()[0] >= MAX_RULES:
                raise Refused(ErrorCode.TOO_MANY, f"{MAX_RULES} rules at most; remove one that is not needed")
            row = connection.execute(
                f"""INSERT INTO alert_rule
                        (severity, for_ms, trouble, selector, enabled, condition, policy_id, name, created_ms)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING {_COLUMNS}""",  # noqa: S608  a constant
                (*_changeable(new), new.name, by.at_ms),
            ).fetchone()
            rule = _rule(row)
            record(connection, by, AuditAction.ADDED, _KIND, object_id=rule.id, name=rule.name, after=rule)
            return rule

        return await self._writer.submit(add)

    async def update_rule(self, rule_id: int, new: NewRule, *, revision: int, by: Authorship) -> Rule:
        """Make a rule as `new`. Raises `Refused` (not-found; invalid, the field)."""

        def update(connection: sqlite3.Connection) -> Rule:
            old = _read_rule(connection, rule_id)
            check_revision("rule", old.revision, revision)
            check_selector(connection, new.selector, old.selector, "selector")
            if new.policy_id != old.policy_id:
                check_policy(connection, new.policy_id)
                look_again(connection, by.at_ms)
            connection.execute(
                """UPDATE alert_rule SET severity = ?, for_ms = ?, trouble = ?, selector = ?, enabled = ?,
                       condition = ?, policy_id = ?, revision = revision + 1 WHERE id = ?""",
                (*_changeable(new), rule_id),
            )
            keep_version(connection, old, by.at_ms)
            rule = _read_rule(connection, rule_id)
            record(connection, by, AuditAction.CHANGED, _KIND, object_id=rule_id, name=old.name, before=old, after=rule)
            return rule

        return await self._writer.submit(update)

    async def remove_rule(self, rule_id: int, *, by: Authorship) -> None:
        """Remove a rule. Raises `Refused` (not-found)."""

        def remove(connection: sqlite3.Connection) -> None:
            old = _read_rule(connection, rule_id)
            connection.execute("DELETE FROM alert_rule WHERE id = ?", (rule_id,))
            keep_version(connection, old, by.at_ms)
            record(connection, by, AuditAction.REMOVED, _KIND, object_id=rule_id, name=old.name, before=old)

        await self._writer.submit(remove)
