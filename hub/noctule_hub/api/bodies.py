"""Requests read and answers written: JSON into checked structs with the field named, queries, cursors and pages."""

import asyncio
import difflib
from collections.abc import Callable, Sequence
from typing import Annotated, Final, TypeVar

import msgspec
from aiohttp import web
from noctule_shared.errors import ErrorCode, Refused, invalid
from noctule_shared.times import ms_from_iso

from noctule_hub.api.misfits import misfit
from noctule_hub.core.timezones import MAX_CHARS, find_zone

# 1 MB over the slowest line that can be worked with; who takes longer only holds on to a connection.
BODY_WITHIN_S: Final = 30.0
DEFAULT_LIMIT: Final = 200
MAX_LIMIT: Final = 1000
MAX_NAME_CHARS: Final = 100
HOUR_MS: Final = 3_600_000

Decoded = TypeVar("Decoded", bound=msgspec.Struct)
Item = TypeVar("Item")

# Ids are positive 64-bit integers.
Id = Annotated[int, msgspec.Meta(ge=1, le=2**63 - 1)]


# A cursor is the last key of the page before; negative where a list goes down.
Cursor = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
Time = Annotated[str, msgspec.Meta(max_length=40, description="ISO 8601 with a zone, such as 2026-11-26T08:00:00Z")]
ZoneName = Annotated[str, msgspec.Meta(max_length=MAX_CHARS, description="A time zone of the IANA database")]
Limit = Annotated[int, msgspec.Meta(ge=1, le=MAX_LIMIT)]


class PageQuery(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Query of every list: `limit` items after `cursor`, which is a `nextCursor` of an earlier answer."""

    limit: Limit = DEFAULT_LIMIT
    cursor: Cursor | None = None


class RangeQuery(msgspec.Struct, frozen=True, rename={"from_": "from"}, forbid_unknown_fields=True):
    """Query of what has a time: from `from` on and before `to`, both ISO 8601; the last hour when absent."""

    from_: Time | None = None
    to: Time | None = None


class Page(msgspec.Struct, frozen=True, rename="camel"):
    """One page of a list. `next_cursor` None: this was the last."""

    items: list[msgspec.Raw]
    next_cursor: str | None


async def read_body(request: web.Request, kind: type[Decoded]) -> Decoded:
    """Return the request's JSON body. Raises `Refused` naming the field, or aiohttp's 413 over 1 MB."""
    if request.content_type != "application/json":
        raise invalid("Content-Type", "send the body as application/json")
    try:
        async with asyncio.timeout(BODY_WITHIN_S):
            body = await request.read()
    except TimeoutError:
        raise Refused(ErrorCode.INVALID, f"the body did not arrive within {BODY_WITHIN_S:.0f} s") from None
    return decode(body, kind)


def decode(body: bytes, kind: type[Decoded]) -> Decoded:
    """Return JSON as a struct. Raises `Refused` (invalid), naming the field by its path, `snmp.port`."""
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        raise misfit(str(error), kind) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refused(ErrorCode.INVALID, f"the body is not valid JSON: {str(error)[:200]}") from None


def read_query(request: web.Request, kind: type[Decoded]) -> Decoded:
    """Return the request's query as a struct of numbers, texts, flags and words of an enumeration.

    Raises `Refused` (invalid), naming the parameter: one that is unknown, given twice, or not what it must be.
    """
    given: dict[str, str] = {}
    for name, value in request.query.items():
        if name in given:
            raise invalid(name[:40], "give this parameter once")
        given[name] = value
    known = {field.encode_name for field in msgspec.structs.fields(kind)}
    for name in given:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(sorted(known)) or 'none'}"
            raise invalid(name[:40], f"there is no such parameter here; {hint}")
    try:
        query = msgspec.convert(given, type=kind, strict=False)
    except msgspec.ValidationError as error:
        raise misfit(str(error), kind) from None
    for field in msgspec.structs.fields(kind):
        # The text null is read as None, which stands for what is not given.
        if field.encode_name in given and getattr(query, field.name) is None:
            raise invalid(field.encode_name, "null is no value here; leave the parameter out instead")
    return query


def json_response(answer: msgspec.Struct | dict[str, object], *, status: int = 200) -> web.Response:
    """Return an answer as JSON; NaN and infinities become null."""
    return web.Response(body=msgspec.json.encode(answer), status=status, content_type="application/json")


def path_id(request: web.Request, name: str = "id") -> int:
    """Return an id from the path; what is no id has no route (`endpoints.ID_PATTERN`)."""
    return int(request.match_info[name])


def not_found(message: str) -> Refused:
    """Return a refusal because what the path names does not exist."""
    return Refused(ErrorCode.NOT_FOUND, message)


def range_ms(query: RangeQuery, *, now_ms: int, max_range_ms: int) -> tuple[int, int]:
    """Return `?from=&to=` (ISO 8601) as `[from_ms, to_ms)`, the last hour when absent. Raises `Refused` (invalid)."""
    to_ms = ms_from_iso(query.to, field="to") if query.to is not None else now_ms + 1
    from_ms = ms_from_iso(query.from_, field="from") if query.from_ is not None else to_ms - HOUR_MS
    if from_ms >= to_ms:
        raise invalid("from", "must be before to")
    if to_ms - from_ms > max_range_ms:
        raise invalid("from", f"at most {max_range_ms // 86_400_000} days at once; ask in parts")
    return from_ms, to_ms


def page(query: PageQuery, items: Sequence[Item], key: Callable[[Item], int]) -> tuple[list[Item], str | None]:
    """Return the page that `query` asks for, of items sorted by a rising `key`, and the next cursor.

    The cursor is the last key seen, so that nothing is skipped or doubled when items come and go between pages.
    """
    after = query.cursor
    rest = [item for item in items if after is None or key(item) > after]
    chosen = rest[: query.limit]
    return chosen, str(key(chosen[-1])) if len(rest) > query.limit else None


def page_response(items: Sequence[msgspec.Struct], next_cursor: str | None) -> web.Response:
    """Return one page of a list as JSON."""
    raw = [msgspec.Raw(msgspec.json.encode(item)) for item in items]
    return json_response(Page(raw, next_cursor))


def check_timezone(field: str, text: str) -> str:
    """Return the IANA name of a time zone that this machine knows. Raises `Refused` (invalid)."""
    if find_zone(text) is None:
        raise invalid(field, "is no time zone that this hub knows; use one such as Europe/Zurich, or UTC")
    return text


def check_name(field: str, text: str, *, max_chars: int = MAX_NAME_CHARS) -> str:
    """Return a name without blanks around it. Raises `Refused` (invalid) unless it is printable and not empty."""
    name = text.strip()
    if not 1 <= len(name) <= max_chars:
        raise invalid(field, f"must have 1 to {max_chars} characters")
    if not name.isprintable():
        raise invalid(field, "must hold no control characters, line ends or marks that turn the writing direction")
    return name
