"""Which links there are and which of them is the agent's: one at a time. Sending and cutting is `link_server`'s."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from noctule_hub.core.credit import grant
from noctule_hub.core.takeovers import Takeovers
from noctule_hub.ingest.session import Link

CONTESTED: Final = "two agents use this identity: give one of them a join token of its own"


@dataclass(frozen=True, slots=True)
class Displaced:
    """The link whose place another took. `reason` None: a program took the place of its own lost link.

    `contested`: it happened so often that neither is let in for a while.
    """

    link: Link
    reason: str | None
    contested: bool = False


class Roster:
    """All links by connection, and the one of each agent that said hello last."""

    def __init__(self) -> None:
        self._links: dict[str, Link] = {}
        self._current: dict[int, Link] = {}
        self._takeovers = Takeovers()

    def __len__(self) -> int:
        return len(self._current)

    def __iter__(self) -> Iterator[Link]:
        """Iterate over the agents' present links, as they are now."""
        return iter(list(self._current.values()))

    def add(self, link: Link) -> None:
        """Take a connection in that has not said hello."""
        self._links[link.sid] = link

    def get(self, sid: str) -> Link | None:
        """Return a connection's link."""
        return self._links.get(sid)

    def remove(self, sid: str) -> Link | None:
        """Forget a connection; returns its link when it was its agent's present one."""
        link = self._links.pop(sid, None)
        if link is None or not self.is_current(link):
            return None
        del self._current[link.agent_id]
        return link

    def of(self, agent_id: int) -> Link | None:
        """Return an agent's present link."""
        return self._current.get(agent_id)

    def is_current(self, link: Link) -> bool:
        """Return whether this is its agent's present link."""
        return self._current.get(link.agent_id) is link

    def expel(self, agent_id: int) -> list[Link]:
        """Leave an agent without a present link; returns all that it has."""
        self._current.pop(agent_id, None)
        return [link for link in self._links.values() if link.agent_id == agent_id]

    def refusal(self, agent_id: int, now_ms: int) -> str | None:
        """Return why no link of this agent is let in now, None: it is."""
        wait_ms = self._takeovers.refused_for_ms(agent_id, now_ms)
        return f"{CONTESTED}; none of them is let in for another {wait_ms // 1000 + 1} s" if wait_ms else None

    def seat(self, link: Link, now_ms: int) -> Displaced | None:
        """Make this its agent's present link, unless that is contested; returns the one it displaced."""
        older = self._current.get(link.agent_id)
        if older is None or older is link:
            self._current[link.agent_id] = link
            return None
        if (older.started_ms, older.address) == (link.started_ms, link.address):
            self._current[link.agent_id] = link
            return Displaced(older, None)
        contested = self._takeovers.count(link.agent_id, now_ms, displaced=older.started_ms, instance=link.started_ms)
        if contested:
            del self._current[link.agent_id]
            reason = f"{CONTESTED}, from {older.address} and {link.address}; none is let in for 10 min"
            return Displaced(older, reason, contested=True)
        self._current[link.agent_id] = link
        reason = f"another link with the same identity came from {link.address}, the one from {older.address} is cut"
        return Displaced(older, reason)

    def credit(self, link: Link, *, paused: bool) -> int:
        """Return how many unacknowledged frames a link may have on the way now."""
        draining = sum(1 for other in self._current.values() if other.drains_to)
        return grant(drains=bool(link.drains_to), draining=draining, paused=paused)
