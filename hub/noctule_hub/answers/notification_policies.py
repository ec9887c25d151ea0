"""Notification policies as HTTP answers show them, and what one would do."""

import msgspec

from noctule_hub.core.notifying.policies import Grouping


class StepView(msgspec.Struct, frozen=True, rename="camel"):
    """A step. `channel_ids` null, and then their names too: all enabled channels, by their own filters."""

    after_s: int
    channel_ids: list[int] | None
    channel_names: list[str] | None


class PolicyView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A policy. `repeat_s` null: each step once; `title`, `text` null: the built-in words.

    `default`: it is that of all rules that name none.
    """

    id: int
    name: str
    default: bool
    steps: list[StepView]
    repeat_s: int | None
    recovery: bool
    group_by: Grouping
    group_wait_s: int
    title: str | None
    text: str | None
    created_at: str
    revision: int


class ToldView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A channel at a step. `reason`: why it would not be told, null: it would.

    `delivered` and `outcome` are null unless a test was sent.
    """

    channel_id: int
    name: str
    told: bool
    reason: str | None
    delivered: bool | None = None
    outcome: str | None = None


class RehearsedStepView(msgspec.Struct, frozen=True, rename="camel"):
    """A step: its message would leave `at_s` after the alert's ring."""

    after_s: int
    at_s: float
    channels: list[ToldView]


class WordsView(msgspec.Struct, frozen=True, rename="camel"):
    """A message. `fault`: why the policy's own words could not be used, null: they were, or there are none."""

    title: str
    text: str
    fault: str | None


class RehearsalView(msgspec.Struct, frozen=True, rename="camel"):
    """What a policy would do with an alert that begins to ring now. `end` null: its end is not told."""

    steps: list[RehearsedStepView]
    repeat_s: int | None
    problem: WordsView
    end: WordsView | None
