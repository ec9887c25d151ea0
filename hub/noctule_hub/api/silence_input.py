"""What people write of silences, checked: pure, names the field in every refusal."""

import msgspec
from msgspec import UNSET, UnsetType
from noctule_shared.errors import invalid
from noctule_shared.events import Severity
from noctule_shared.times import ms_from_iso

from noctule_hub.api.alert_rule_input import Ids, Patterns, check_patterns, sorted_ids
from noctule_hub.api.bodies import Time
from noctule_hub.api.device_input import Note, Text, check_note, check_roles, check_tags
from noctule_hub.core.alerting.selectors import Selector
from noctule_hub.core.alerting.silences import MAX_SILENCE_MS, Matchers, NewSilence, Silence


class MatchersInput(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Which alerts: those that each member that is given fits; at least one is. `severity`: that and above.

    `rules` are names of rules, `names` (of the device, or the agent) patterns with `*` and `?`.
    """

    rules: Patterns = []
    severity: Severity | None = None
    site_ids: Ids = []
    device_ids: Ids = []
    roles: list[Text] = []
    tags: list[Text] = []
    names: Patterns = []


class NewSilenceInput(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """Body of `POST /api/v1/silences`: from `starts_at` on, now when absent, and before `ends_at`, at most 90 days."""

    matchers: MatchersInput
    comment: Note
    starts_at: Time | None = None
    ends_at: Time


class SilenceChange(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """Body of `PATCH /api/v1/silences/{id}`: what is absent stays; `matchers` are replaced whole.

    `revision` is the one that was read.
    """

    revision: int
    matchers: MatchersInput | UnsetType = UNSET
    comment: Note | UnsetType = UNSET
    starts_at: Time | UnsetType = UNSET
    ends_at: Time | UnsetType = UNSET


def check_new_silence(body: NewSilenceInput, *, now_ms: int) -> NewSilence:
    """Return a new silence. Raises `Refused` (invalid), naming the field."""
    starts_ms = now_ms if body.starts_at is None else ms_from_iso(body.starts_at, field="startsAt")
    ends_ms = ms_from_iso(body.ends_at, field="endsAt")
    if ends_ms <= now_ms:
        raise invalid("endsAt", "is over already")
    return NewSilence(_matchers(body.matchers), _comment(body.comment), *_span(starts_ms, ends_ms, now_ms))


def check_silence_change(silence: Silence, body: SilenceChange, *, now_ms: int) -> NewSilence:
    """Return a silence after a change. Raises `Refused` (invalid), naming the field."""
    starts_ms = silence.starts_ms if body.starts_at is UNSET else ms_from_iso(body.starts_at, field="startsAt")
    ends_ms = silence.ends_ms if body.ends_at is UNSET else ms_from_iso(body.ends_at, field="endsAt")
    return NewSilence(
        silence.matchers if body.matchers is UNSET else _matchers(body.matchers),
        silence.comment if body.comment is UNSET else _comment(body.comment),
        *_span(starts_ms, ends_ms, now_ms),
    )


def _span(starts_ms: int, ends_ms: int, now_ms: int) -> tuple[int, int]:
    if ends_ms <= starts_ms:
        raise invalid("endsAt", "must be after startsAt")
    if ends_ms - starts_ms > MAX_SILENCE_MS:
        raise invalid("endsAt", "must be at most 90 days after startsAt")
    if starts_ms > now_ms + MAX_SILENCE_MS:
        raise invalid("startsAt", "must be within 90 days")
    return starts_ms, ends_ms


def _comment(text: str) -> str:
    comment = check_note(text, field="comment")
    if not comment:
        raise invalid("comment", "say why, for colleagues")
    return comment


def _matchers(body: MatchersInput) -> Matchers:
    selector = Selector(
        site_ids=sorted_ids(body.site_ids),
        device_ids=sorted_ids(body.device_ids),
        roles=check_roles(body.roles),
        tags=check_tags(body.tags),
        names=check_patterns("matchers.names", body.names),
    )
    matchers = Matchers(check_patterns("matchers.rules", body.rules), body.severity, selector)
    if matchers.is_empty():
        known = "rules, severity, siteIds, deviceIds, roles, tags, names"
        raise invalid("matchers", f"say which alerts: at least one of {known}")
    return matchers
