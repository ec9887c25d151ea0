"""What people write of notification policies, checked: pure, names the field in every refusal."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Final

import msgspec
from msgspec import UNSET, UnsetType
from noctule_shared.errors import invalid

from noctule_hub.api.bodies import Id, check_name
from noctule_hub.api.device_input import Text
from noctule_hub.core.notifying.channels import MAX_CHANNELS
from noctule_hub.core.notifying.deliveries import DeliveryKind
from noctule_hub.core.notifying.policies import (
    DEFAULT_GROUP_WAIT_S,
    MAX_AFTER_S,
    MAX_GROUP_WAIT_S,
    MAX_REPEAT_S,
    MAX_STEPS,
    MIN_REPEAT_S,
    Grouping,
    PolicyFields,
    Step,
    Template,
)
from noctule_hub.core.notifying.rehearsal import EXAMPLE, words
from noctule_hub.core.notifying.templates import (
    MAX_TEMPLATE_CHARS,
    MAX_TITLE_TEMPLATE_CHARS,
    TemplateError,
    check_template,
)

_LINES: Final = frozenset("\n\t")

RepeatS = Annotated[int, msgspec.Meta(ge=MIN_REPEAT_S, le=MAX_REPEAT_S)]
GroupWaitS = Annotated[int, msgspec.Meta(ge=0, le=MAX_GROUP_WAIT_S)]
TitleTemplate = Annotated[str, msgspec.Meta(max_length=MAX_TITLE_TEMPLATE_CHARS)]
TextTemplate = Annotated[str, msgspec.Meta(max_length=MAX_TEMPLATE_CHARS)]


class StepInput(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """Who is told when an alert has rung for `afterS`: these channels, null: all enabled ones by their own filters."""

    after_s: Annotated[int, msgspec.Meta(ge=0, le=MAX_AFTER_S)] = 0
    channel_ids: Annotated[list[Id], msgspec.Meta(min_length=1, max_length=MAX_CHANNELS)] | None = None


Steps = Annotated[list[StepInput], msgspec.Meta(min_length=1, max_length=MAX_STEPS)]


class NewPolicyInput(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """Body of `POST /api/v1/notification-policies`.

    `repeatS`: after the last step all are told again and again, null: once. `title` and `text` are templates, null:
    the built-in words.
    """

    name: Text
    steps: Steps
    repeat_s: RepeatS | None = None
    recovery: bool = True
    group_by: Grouping = Grouping.NONE
    group_wait_s: GroupWaitS = DEFAULT_GROUP_WAIT_S
    title: TitleTemplate | None = None
    text: TextTemplate | None = None


class PolicyChange(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """Body of `PATCH /api/v1/notification-policies/{id}`: what is absent stays; `steps` are replaced whole.

    `revision` is the one that was read.
    """

    revision: int
    name: Text | UnsetType = UNSET
    steps: Steps | UnsetType = UNSET
    repeat_s: RepeatS | UnsetType | None = UNSET
    recovery: bool | UnsetType = UNSET
    group_by: Grouping | UnsetType = UNSET
    group_wait_s: GroupWaitS | UnsetType = UNSET
    title: TitleTemplate | UnsetType | None = UNSET
    text: TextTemplate | UnsetType | None = UNSET


class PolicyTest(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """Body of `POST /api/v1/notification-policies/{id}/test`: of which alert, null: of an example.

    `send`: the message goes to all channels that would be told, at once and marked as a test.
    """

    alert_id: Id | None = None
    send: bool = False


def check_new_policy(body: NewPolicyInput) -> PolicyFields:
    """Return a new policy. Raises `Refused` (invalid), naming the field."""
    return _sound(
        PolicyFields(
            name=check_name("name", body.name),
            steps=_steps(body.steps),
            repeat_s=body.repeat_s,
            recovery=body.recovery,
            group_by=body.group_by,
            group_wait_s=body.group_wait_s,
            template=Template(body.title, body.text),
        )
    )


def check_policy_change(old: PolicyFields, body: PolicyChange) -> PolicyFields:
    """Return a policy after a change. Raises `Refused` (invalid), naming the field."""
    title = old.template.title if body.title is UNSET else body.title
    text = old.template.text if body.text is UNSET else body.text
    return _sound(
        PolicyFields(
            name=old.name if body.name is UNSET else check_name("name", body.name),
            steps=old.steps if body.steps is UNSET else _steps(body.steps),
            repeat_s=old.repeat_s if body.repeat_s is UNSET else body.repeat_s,
            recovery=old.recovery if body.recovery is UNSET else body.recovery,
            group_by=old.group_by if body.group_by is UNSET else body.group_by,
            group_wait_s=old.group_wait_s if body.group_wait_s is UNSET else body.group_wait_s,
            template=Template(title, text),
        )
    )


def _steps(steps: Sequence[StepInput]) -> tuple[Step, ...]:
    ordered = sorted(steps, key=lambda step: step.after_s)
    if len({step.after_s for step in ordered}) < len(ordered):
        raise invalid("steps", "two steps are at the same time; name the channels of both in one")
    return tuple(
        Step(step.after_s, None if step.channel_ids is None else tuple(sorted(set(step.channel_ids))))
        for step in ordered
    )


def _sound(fields: PolicyFields) -> PolicyFields:
    """Return a policy whose words can be used, as an example shows. Raises `Refused` (invalid)."""
    template = fields.template
    for field, text in (("title", template.title), ("text", template.text)):
        if text is None:
            continue
        if any(not letter.isprintable() and not (letter in _LINES and field == "text") for letter in text):
            raise invalid(field, "must hold no control characters" + (" but ends of lines" if field == "text" else ""))
        try:
            check_template(text)
        except TemplateError as error:
            raise invalid(field, str(error)) from None
        alone = Template(title=text) if field == "title" else Template(text=text)
        fault = words(replace(fields, template=alone), EXAMPLE, DeliveryKind.NEW, url="https://noc.example.net").fault
        if fault is not None:
            raise invalid(field, f"nothing comes of it for an alert such as {EXAMPLE.title!r}: name another fact")
    return fields
