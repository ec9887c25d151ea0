"""Every secret of hub.db that the data key seals, found by one list of places; what opens them is `auth.keys`'s."""

import sqlite3
from dataclasses import dataclass
from typing import Final

from noctule_hub.auth.keys import SecretKind
from noctule_hub.core.audit import AuditAction, Authorship
from noctule_hub.store.secrets import Reseal
from noctule_hub.store.sqlite.audit import record
from noctule_hub.store.sqlite.backed import Backed


@dataclass(frozen=True, slots=True)
class SealedPlace:
    """A table of nothing but secrets, in its column `sealed`; each is bound to the number in the column `row_id`."""

    kind: SecretKind
    table: str
    row_id: str


# Whoever adds a sealed column adds it here, or a rotation of the data key loses it; a test looks for it in the schema.
SEALED_PLACES: Final = (
    SealedPlace(SecretKind.DEVICE_SNMP, "device_secret", "device_id"),
    SealedPlace(SecretKind.CHANNEL, "channel_secret", "channel_id"),
)


def read_sealed(connection: sqlite3.Connection) -> list[tuple[SecretKind, int, bytes]]:
    """Return every sealed secret with its kind and row id."""
    return [
        (place.kind, row_id, sealed)
        for place in SEALED_PLACES
        for row_id, sealed in connection.execute(
            f"SELECT {place.row_id}, sealed FROM {place.table} WHERE sealed IS NOT NULL"  # noqa: S608  constants
        )
    ]


class SqliteSecrets(Backed):
    """`Secrets` in SQLite."""

    async def sealed_secrets(self) -> list[tuple[SecretKind, int, bytes]]:
        """Return every sealed secret with its kind and row id."""
        return await self._readers.read(read_sealed)

    async def reseal_secrets(self, reseal: Reseal, *, by: Authorship) -> int:
        """Replace every sealed secret by what `reseal` makes of it, all or none; returns how many there are."""

        def work(connection: sqlite3.Connection) -> int:
            places = {place.kind: place for place in SEALED_PLACES}
            secrets = read_sealed(connection)
            for kind, row_id, sealed in secrets:
                place = places[kind]
                connection.execute(
                    f"UPDATE {place.table} SET sealed = ? WHERE {place.row_id} = ?",  # noqa: S608  constants
                    (reseal(kind, row_id, sealed), row_id),
                )
            record(connection, by, AuditAction.ROTATED, "key", object_id=None, name="data key")
            return len(secrets)

        return await self._writer.submit(work)

    async def forget_secrets(self, *, by: Authorship) -> int:
        """Forget every sealed secret; returns how many there were."""

        def work(connection: sqlite3.Connection) -> int:
            count = len(read_sealed(connection))
            for place in SEALED_PLACES:
                connection.execute(f"DELETE FROM {place.table} WHERE sealed IS NOT NULL")  # noqa: S608  constants
            record(connection, by, AuditAction.REMOVED, "secret", object_id=None, name="all sealed secrets")
            return count

        return await self._writer.submit(work)

    async def note_key_rotation(self, name: str, *, by: Authorship) -> None:
        """Tell the audit log that a key was replaced that seals nothing here."""
        await self._writer.submit(
            lambda connection: record(connection, by, AuditAction.ROTATED, "key", object_id=None, name=name)
        )
