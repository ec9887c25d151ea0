"""Who changed what: the records of the audit log, and what of a record may be told in it."""

from dataclasses import dataclass, fields, is_dataclass
from enum import StrEnum
from typing import Any

import msgspec


class AuditAction(StrEnum):
    """What was done to an object."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"
    REVOKED = "revoked"
    ROTATED = "rotated"
    SIGNED_IN = "signed-in"
    SIGN_IN_BLOCKED = "sign-in-blocked"
    ENDED = "ended"
    BACKED_UP = "backed-up"
    RESTORED = "restored"


@dataclass(frozen=True, slots=True)
class Authorship:
    """Who changes something, from where and when; every write of configuration carries one.

    `subject` and `name` are a principal's. `address` None: not over the network. `at_ms` is epoch milliseconds.
    """

    subject: str
    name: str
    address: str | None
    at_ms: int


# The hub itself, and whoever works on the data folder by the command line.
LOCAL_SUBJECT = "local"


def local(at_ms: int) -> Authorship:
    """Return the authorship of what is done on the hub's machine without a sign-in."""
    return Authorship(LOCAL_SUBJECT, LOCAL_SUBJECT, None, at_ms)


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One change, written in the transaction that made it.

    `kind` and `object_id` say of what (`device` 7), `name` how it was called. `before` None: it was added; `after`
    None: it is gone. Both hold what `told` makes of a record.
    """

    id: int
    by: Authorship
    action: AuditAction
    kind: str
    object_id: int | None
    name: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


def told(record: object) -> dict[str, Any]:
    """Return what the audit log tells of a record: its fields in camelCase, without those that `repr` hides.

    A dataclass keeps a secret out of its `repr` by `field(repr=False)`; that keeps it out of here too.
    """
    if not is_dataclass(record) or isinstance(record, type):
        raise TypeError(f"{type(record).__name__} is no record")
    return {
        _camel(field.name): msgspec.to_builtins(getattr(record, field.name)) for field in fields(record) if field.repr
    }


def _camel(name: str) -> str:
    """Return a field's name as JSON spells it: `site_id` as `siteId`."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
