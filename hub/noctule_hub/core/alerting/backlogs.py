"""What an agent's backlog has told so far of outages; what follows from it is in `past`."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Outage:
    """Since when something was down in the backlog of an agent, and why."""

    agent_id: int
    reason: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class Backlog:
    """An agent's backlog. `blind`: the agent had no way out itself when it told the last of it.

    `known` are the keys of alerts that were open since it began. Of outages that were over `made` got an alert,
    `left_out` others did not.
    """

    blind: bool
    known: frozenset[str]
    made: int = 0
    left_out: int = 0
