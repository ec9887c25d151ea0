"""What may be asked of the network logs, checked once here: filters of lists and exports."""

from typing import Annotated, Final

import msgspec
from noctule_shared.errors import invalid
from noctule_shared.times import ms_from_iso

from noctule_hub.answers.logs import ExportFormat, LogOrder, SeverityWord
from noctule_hub.api.bodies import DEFAULT_LIMIT, Cursor, Id, Limit
from noctule_hub.core.log_search import MAX_TEXT_CHARS, LogFilter, parse_terms

MAX_WORD_CHARS: Final = 64

Word = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_WORD_CHARS)]
SearchText = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_TEXT_CHARS)]


class FilterQuery(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """`severity` finds what is at least as severe; `text` words, "phrases" and prefix*, all of which must be there.

    `from` and `to` are ISO 8601 times of receipt, the first included.
    """

    device: Id | None = None
    site: Id | None = None
    severity: SeverityWord | None = None
    source: Word | None = None
    facility: Word | None = None
    text: SearchText | None = None
    from_: str | None = msgspec.field(default=None, name="from")
    to: str | None = None
    order: LogOrder = LogOrder.NEWEST


class LogQuery(FilterQuery, frozen=True, rename="camel", forbid_unknown_fields=True):
    """One page of what meets a filter, as in `PageQuery`."""

    limit: Limit = DEFAULT_LIMIT
    cursor: Cursor | None = None


class ExportQuery(FilterQuery, frozen=True, rename="camel", forbid_unknown_fields=True):
    """All that meets a filter, after `cursor`, up to what an export may hold."""

    format: ExportFormat = ExportFormat.NDJSON
    cursor: Cursor | None = None


def filter_of(query: FilterQuery) -> LogFilter:
    """Return the query as a filter. Raises `Refused` (invalid, naming the parameter)."""
    from_ms, to_ms = times_of(query.from_, query.to)
    return LogFilter(
        device_id=query.device,
        site_id=query.site,
        max_severity=None if query.severity is None else query.severity.number,
        source=query.source,
        facility=query.facility,
        terms=() if query.text is None else parse_terms(query.text),
        from_ms=from_ms,
        to_ms=to_ms,
    )


def times_of(from_text: str | None, to_text: str | None) -> tuple[int | None, int | None]:
    """Return `[from_ms, to_ms)`, None: open. Raises `Refused` (invalid, naming the parameter)."""
    from_ms = None if from_text is None else ms_from_iso(from_text, field="from")
    to_ms = None if to_text is None else ms_from_iso(to_text, field="to")
    if from_ms is not None and to_ms is not None and from_ms >= to_ms:
        raise invalid("from", "must be before to")
    return from_ms, to_ms
