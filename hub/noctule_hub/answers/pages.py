"""What a page of any list looks like."""

from functools import cache
from typing import Any

import msgspec


@cache
def page_of(kind: type[msgspec.Struct]) -> Any:  # noqa: ANN401  a type that is made here; for documents, not for values
    """Return the type of a page of such items: `items`, and `nextCursor`, null on the last page."""
    return msgspec.defstruct(
        f"{kind.__name__.removesuffix('View')}Page",
        [("items", list[kind]), ("next_cursor", str | None)],  # type: ignore[valid-type]
        frozen=True,
        rename="camel",
    )
