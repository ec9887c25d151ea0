"""Which of a device's interfaces are polled for their counters, as people say it and as agents are told."""

from typing import Annotated, Final

import msgspec

MAX_PATTERNS: Final = 32
MAX_PATTERN_CHARS: Final = 64
MAX_TYPES: Final = 64
MAX_IF_TYPE: Final = 2**31 - 1
# IANAifType of rows that carry no traffic anybody asks about: softwareLoopback; rs232 and para (consoles); ds0 and
# ds0Bundle (single voice channels); voiceEM, voiceFXO, voiceFXS, voiceEncap, voiceOverIp. VLANs, tunnels and `other`
# stay: some devices call every port one of those.
DEFAULT_SKIP_TYPES: Final = (24, 33, 34, 81, 82, 100, 101, 102, 103, 104)

Pattern = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_PATTERN_CHARS)]
Patterns = Annotated[tuple[Pattern, ...], msgspec.Meta(max_length=MAX_PATTERNS)]
IfTypes = Annotated[tuple[Annotated[int, msgspec.Meta(ge=1, le=MAX_IF_TYPE)], ...], msgspec.Meta(max_length=MAX_TYPES)]


class InterfaceFilter(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """An interface is polled unless its ifType is in `skip_types` or a name of it matches one of `skip_names`.

    With `only_names` it must match one of them too. Patterns are shell globs (`*`, `?`, `[1-4]`, `[!a]`), compared
    without regard to case with the whole ifName, ifDescr or ifAlias. An interface that is not polled is listed with
    its status all the same. Globs, not regular expressions: no pattern can keep an agent busy.
    """

    skip_types: IfTypes = DEFAULT_SKIP_TYPES
    skip_names: Patterns = ()
    only_names: Patterns = ()


DEFAULT_FILTER: Final = InterfaceFilter()
