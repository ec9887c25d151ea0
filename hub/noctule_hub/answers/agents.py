"""Agents as HTTP answers show them."""

import msgspec


class AgentView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """An agent and its link. `backlog` None: unknown; `clock_skew_s`: its clock minus the hub's."""

    id: int
    name: str
    site_id: int
    site_name: str
    link: str
    version: str
    last_seen: str | None
    backlog: int | None
    clock_skew_s: float | None
    created_at: str


class GapView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A hole in an agent's data; `samples` null: nobody can know how many."""

    from_: str = msgspec.field(name="from")
    to: str
    samples: int | None
    reason: str


class GapPage(msgspec.Struct, frozen=True, rename="camel"):
    """Holes, newest first; `more`: there are older ones in the range."""

    items: list[GapView]
    more: bool


class NewJoinTokenAnswer(msgspec.Struct, frozen=True, rename="camel"):
    """The join token, shown this once."""

    token: str
    expires_at: str
