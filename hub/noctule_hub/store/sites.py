"""The part of the store's interface that knows sites."""

from typing import Protocol

from noctule_hub.core.audit import Authorship
from noctule_hub.core.records import Site


class Sites(Protocol):
    """Sites by id and by name."""

    async def add_site(self, name: str, *, by: Authorship) -> Site:
        """Add a site. Raises `Refused` (invalid, field name) when the name is taken."""
        ...

    async def rename_site(self, site_id: int, name: str, *, revision: int, by: Authorship) -> Site:
        """Give a site that still has `revision` another name.

        Raises `Refused`: not-found; invalid, field revision or name (taken).
        """
        ...

    async def remove_site(self, site_id: int, *, by: Authorship) -> None:
        """Remove a site; its id is never reused.

        Raises `Refused`: not-found; invalid, field id, while devices or agents that are not revoked belong to it.
        """
        ...

    async def sites(self) -> list[Site]:
        """Return all sites by name."""
        ...
