"""The part of the store's interface that keeps what the public status page shows."""

from typing import Protocol

from noctule_hub.core.audit import Authorship
from noctule_hub.core.status_page import NewStatusPage, StatusPage


class StatusPages(Protocol):
    """The one status page; before it is first written it is empty and not published."""

    async def status_page(self) -> StatusPage:
        """Return the page with its components in order."""
        ...

    async def update_status_page(self, new: NewStatusPage, *, revision: int, by: Authorship) -> StatusPage:
        """Make the page that still has `revision` as `new`; components without an id get one that was never used.

        Devices and sites that are gone may stay in a component. Raises `Refused` (invalid): field revision; or the
        field of a component that names what is not there, such as components.0.deviceIds.
        """
        ...
