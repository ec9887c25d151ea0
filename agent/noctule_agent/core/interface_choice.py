"""Which interfaces are polled: a device's filter, made ready to be asked for every row of a walk.

Pure. What the filter's fields mean is `noctule_shared.interface_filter`.
"""

import re
from collections.abc import Iterable, Sequence
from fnmatch import translate

from noctule_shared.interface_filter import InterfaceFilter


class InterfaceChoice:
    """A filter with its patterns compiled."""

    def __init__(self, chosen: InterfaceFilter) -> None:
        self._skip_types = frozenset(chosen.skip_types)
        self._skipped = _matcher(chosen.skip_names)
        self._only = _matcher(chosen.only_names)

    def takes(self, if_type: int | None, names: Iterable[str]) -> bool:
        """Return whether an interface is polled; `if_type` None: unknown, no reason to skip it.

        `names` are its ifName, ifDescr and ifAlias as shown; those that are empty match nothing.
        """
        if if_type in self._skip_types:
            return False
        known = [name for name in names if name]
        if self._skipped is not None and any(map(self._skipped.match, known)):
            return False
        return self._only is None or any(map(self._only.match, known))


def _matcher(patterns: Sequence[str]) -> re.Pattern[str] | None:
    """Return one expression for all globs, None without any; `translate` makes them free of backtracking."""
    return re.compile("|".join(map(translate, patterns)), re.IGNORECASE) if patterns else None
