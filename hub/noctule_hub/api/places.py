"""A number of places for costly work: who comes when all are taken is told to come back."""

import contextlib
from collections.abc import Iterator

from noctule_shared.errors import ErrorCode, Refused


class Places:
    """At most `most` at once."""

    def __init__(self, what: str, most: int, *, retry_after_s: float) -> None:
        self.taken = 0
        self.refused = 0
        self._what = what
        self._most = most
        self._retry_after_s = retry_after_s

    @contextlib.contextmanager
    def place(self) -> Iterator[None]:
        """Hold a place. Raises `Refused` (too-many) when there is none."""
        if self.taken >= self._most:
            self.refused += 1
            raise Refused(
                ErrorCode.TOO_MANY,
                f"{self._most} {self._what} run already; try again",
                retry_after_s=self._retry_after_s,
            )
        self.taken += 1
        try:
            yield
        finally:
            self.taken -= 1
