"""Write the TypeScript client's types and checks of what a hub sends: `python tools/client_types.py`.

The structs of `noctule_shared` say what there is, `noctule_hub.core.projection` what every audience gets of it, and
`noctule_hub.api.live_history` what a history is made of. Control messages and acks have no structs; they are written by
hand in `hub/web/client/src/control.ts`.
"""

import re
import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Final, get_args, get_origin, get_type_hints

import msgspec
from noctule_hub.answers.series import BandwidthColumns, GapView, LatencyColumns
from noctule_hub.api.live_history import VALUES
from noctule_hub.core.projection import VIEWS
from noctule_hub.core.resolution import Resolution
from noctule_hub.core.rooms import Audience
from noctule_shared import errors, events, updates
from noctule_shared.events import EVENT_CLASSES, EventClass, EventName

FOLDER: Final = Path(__file__).parents[1] / "hub" / "web" / "client" / "src" / "generated"
HEAD: Final = "// Written by tools/client_types.py from noctule_shared; change it there.\n"
STRUCTS: Final[dict[EventName, type[msgspec.Struct]]] = {
    EventName.DEVICE_STATUS: events.DeviceStatusEvent,
    EventName.INTERFACE_STATUS: events.InterfaceStatusEvent,
    EventName.ALERT_NEW: events.AlertEvent,
    EventName.ALERT_UPDATE: events.AlertEvent,
    EventName.NETWORK_LOG: events.NetworkLogEvent,
    EventName.PAYMENT_UPDATE: events.PaymentUpdateEvent,
    EventName.CUSTOMER_UPDATE: events.CustomerUpdateEvent,
    EventName.AGENT_STATUS: events.AgentStatusEvent,
    EventName.LATENCY_UPDATE: updates.LatencyUpdate,
    EventName.BANDWIDTH_UPDATE: updates.BandwidthUpdate,
    EventName.STATS_UPDATE: updates.StatsUpdate,
}
# Who sees so little of an event that it is another one, and the fields that this one always has: of a device's status
# the public is told what became of components of the status page, and of no device.
FRAGMENTS: Final[dict[tuple[EventName, Audience], frozenset[str]]] = {
    (EventName.DEVICE_STATUS, Audience.PUBLIC): frozenset({"timestamp", "components"}),
}
LOGGED: Final = """\
/** What every logged event carries. `late`: it tells of the past and changes nothing that is shown as now. */
export interface Logged {
  seq?: number;
  committedAt?: string;
  late?: boolean;
}
"""


def files() -> dict[Path, str]:
    """Return what every generated file holds."""
    return {
        FOLDER / "events.ts": _types(),
        FOLDER / "payloads.ts": _payloads(),
        FOLDER / "checks.ts": _checks(),
        FOLDER / "columns.ts": _histories(),
    }


def _types() -> str:
    about = (
        "// Events and measurements as a hub sends them, by name. Times are ISO 8601 UTC, rates bits per second,\n"
        "// delays seconds, ratios 0..1; null means lost or unknown, never zero. Optional is what is left out when\n"
        "// there is none, and what not every audience is shown.\n"
    )
    named = list(dict.fromkeys([*_found(), events.LogPosition, errors.ErrorBody, *STRUCTS.values()]))
    enums = [one for one in named if issubclass(one, StrEnum)]
    structs = [one for one in named if issubclass(one, msgspec.Struct)]
    parts = [HEAD + about, "\n".join(_enum(one) for one in enums), LOGGED]
    parts += [_interface(one) for one in structs]
    return "\n".join(parts)


def _payloads() -> str:
    fragments = "\n".join(_fragment_interface(event, audience) for event, audience in FRAGMENTS)
    table = "\n".join(f'  "{name.value}": {_payload_type(name)};' for name in STRUCTS)
    about = "/** Every event and measurement of a hub with its payload. */\n"
    text = f"{fragments}\n{about}export interface HubPayloads {{\n{table}\n}}\n"
    code = re.sub(r"/\*.*?\*/", "", text)
    used = set(re.findall(r"(?<=[ |])([A-Z]\w+)(?=[\[\]; {])", code))
    names = sorted(used - set(re.findall(r"interface (\w+)", code)))
    imports = "".join(f"  {name},\n" for name in names)
    return f'{HEAD}\nimport type {{\n{imports}}} from "./events.js";\n\n{text}'


def _histories() -> str:
    about = (
        "// Histories as `history` reads them: columns of one length, numbers as `events.ts` has them. NaN: unknown.\n"
        "// `n` rows are in a step, of which `bad` have no value that counts.\n"
    )
    parts = [HEAD + about, _enum(Resolution), _interface(GapView)]
    for struct, name in ((LatencyColumns, "LatencyHistory"), (BandwidthColumns, "BandwidthHistory")):
        lines = [f"  readonly {_camel(value)}: Float32Array;" for value in VALUES[struct]]
        head = f"export interface {name} {{\n  /** Epoch milliseconds. */\n  readonly tsMs: Float64Array;\n"
        parts.append(head + "\n".join(lines) + "\n}\n")
    return "\n".join(parts)


def _checks() -> str:
    about = "// What must be true of a payload before a handler sees it; `shape.ts` applies it.\n"
    imports = (
        "import { absent, flag, listOf, number, numbers, object, oneOf, optional, orNull, text, time, type Fields } "
        'from "../check.js";\n'
        'import type { HubPayloads } from "./payloads.js";\n'
    )
    inner = [one for one in _found() if issubclass(one, msgspec.Struct)]
    parts = [HEAD + about, imports]
    parts += [f"const {_constant(one)}: Fields = {{\n{_rules(one)}\n}};\n" for one in inner]
    table = "\n".join(f'  "{name.value}": {{\n{_rules(struct, "    ")}\n  }},' for name, struct in STRUCTS.items())
    parts.append(f"export const CHECKS: Readonly<Record<keyof HubPayloads, Fields>> = {{\n{table}\n}};\n")
    table = "\n".join(
        f'  "{event.value}": {{\n{_fragment_rules(event, audience, "    ")}\n  }},' for event, audience in FRAGMENTS
    )
    parts.append(
        "/** The same of what an event is to who sees too little of it for a whole one. */\n"
        f"export const FRAGMENT_CHECKS: Readonly<Partial<Record<keyof HubPayloads, Fields>>> = {{\n{table}\n}};\n"
    )
    return "\n".join(parts)


def _found() -> list[type]:
    """Return the enums and structs inside of the payloads, those first that others need."""
    found: dict[type, None] = {}

    def look(kind: Any) -> None:  # noqa: ANN401  an annotation of any form
        for part in get_args(kind):
            look(part)
        if not isinstance(kind, type) or get_origin(kind) is not None:
            return
        if issubclass(kind, msgspec.Struct):
            for inner in get_type_hints(kind).values():
                look(inner)
        if issubclass(kind, StrEnum) or (issubclass(kind, msgspec.Struct) and kind not in STRUCTS.values()):
            found.setdefault(kind, None)

    for struct in (*STRUCTS.values(), errors.ErrorBody):
        look(struct)
    return [one for one in found if one is not errors.ErrorBody]


def _fields(struct: type[msgspec.Struct]) -> Iterator[tuple[str, str, Any, bool]]:
    """Yield each field's Python name, its name on the wire, its annotation and whether every payload has it."""
    names = [name for name, one in STRUCTS.items() if one is struct]
    hints = get_type_hints(struct)
    defaults = dict(zip(reversed(struct.__struct_fields__), reversed(struct.__struct_defaults__), strict=False))
    for name, wire in zip(struct.__struct_fields__, struct.__struct_encode_fields__, strict=True):
        has_default = defaults.get(name, msgspec.NODEFAULT) is not msgspec.NODEFAULT
        everywhere = all(wire in shown for event in names for shown in _shown(event))
        # A field with a default is left out, or came later: rows of before it are in the log too.
        yield name, wire, hints[name], everywhere and not has_default
    if names and EVENT_CLASSES[names[0]] is EventClass.MEASUREMENT:
        yield "test", "test", bool, False


def _fragment_fields(event: EventName, audience: Audience) -> Iterator[tuple[str, str, Any, bool | None]]:
    """Yield what `_fields` does of a fragment; None in the place of whether a field is there: it never is."""
    shown = VIEWS[event][audience].shown
    for name, wire, kind, _needed in _fields(STRUCTS[event]):
        needed = wire in FRAGMENTS[event, audience]
        # What is always there is never null.
        kept = next(one for one in get_args(kind) if one is not NoneType) if needed and _is_union(kind) else kind
        yield name, wire, kept, needed if wire in shown else None


def _is_union(kind: Any) -> bool:  # noqa: ANN401  an annotation of any form
    return get_origin(kind) is UnionType


def _shown(event: EventName) -> Iterator[frozenset[str]]:
    return (view.shown for audience, view in VIEWS[event].items() if (event, audience) not in FRAGMENTS)


def _enum(kind: type[StrEnum]) -> str:
    values = " | ".join(f'"{one.value}"' for one in kind)
    return f"{_comment(kind)}export type {kind.__name__} = {values};\n"


def _interface(struct: type[msgspec.Struct]) -> str:
    names = [name for name, one in STRUCTS.items() if one is struct]
    logged = bool(names) and EVENT_CLASSES[names[0]] is EventClass.EVENT
    lines = [f"  {wire}{'' if needed else '?'}: {_type(kind)};" for _name, wire, kind, needed in _fields(struct)]
    extends = " extends Logged" if logged else ""
    return f"{_comment(struct)}export interface {struct.__name__}{extends} {{\n" + "\n".join(lines) + "\n}\n"


def _fragment_name(event: EventName, audience: Audience) -> str:
    return f"{audience.value.capitalize()}{STRUCTS[event].__name__}"


def _payload_type(event: EventName) -> str:
    parts = [_fragment_name(*fragment) for fragment in FRAGMENTS if fragment[0] is event]
    return " | ".join((STRUCTS[event].__name__, *parts))


def _fragment_interface(event: EventName, audience: Audience) -> str:
    lines = [
        f"  {wire}?: undefined;" if needed is None else f"  {wire}{'' if needed else '?'}: {_type(kind)};"
        for _name, wire, kind, needed in _fragment_fields(event, audience)
    ]
    comment = f"/** `{event.value}` as it is to whom it reaches through the status page alone. */\n"
    name = _fragment_name(event, audience)
    return f"{comment}export interface {name} extends Logged {{\n" + "\n".join(lines) + "\n}\n"


def _fragment_rules(event: EventName, audience: Audience, indent: str) -> str:
    return "\n".join(
        f"{indent}{wire}: absent,"
        if needed is None
        else f"{indent}{wire}: {_rule(name, kind) if needed else f'optional({_rule(name, kind)})'},"
        for name, wire, kind, needed in _fragment_fields(event, audience)
    )


def _type(kind: Any) -> str:  # noqa: ANN401  an annotation of any form
    origin = get_origin(kind)
    if origin is UnionType:
        return " | ".join(_type(one) for one in get_args(kind))
    if origin is list:
        inner = _type(get_args(kind)[0])
        return f"({inner})[]" if " " in inner else f"{inner}[]"
    if origin is dict:
        return f"Record<{', '.join(_type(one) for one in get_args(kind))}>"
    plain = {str: "string", int: "number", float: "number", bool: "boolean", NoneType: "null"}
    return plain.get(kind) or str(kind.__name__)


def _rules(struct: type[msgspec.Struct], indent: str = "  ") -> str:
    return "\n".join(
        f"{indent}{wire}: {_rule(name, kind) if needed else f'optional({_rule(name, kind)})'},"
        for name, wire, kind, needed in _fields(struct)
    )


def _rule(name: str, kind: Any) -> str:  # noqa: ANN401  an annotation of any form
    origin = get_origin(kind)
    rule = {str: "text", int: "number", float: "number", bool: "flag"}.get(kind, "numbers")
    if kind is str and (name == "timestamp" or name.endswith(("_at", "_until"))):
        rule = "time"
    elif origin is UnionType:
        (inner,) = (one for one in get_args(kind) if one is not NoneType)
        rule = f"orNull({_rule(name, inner)})"
    elif origin is list:
        rule = f"listOf({_rule(name, get_args(kind)[0])})"
    elif origin is None and issubclass(kind, StrEnum):
        rule = "oneOf(" + ", ".join(f'"{one.value}"' for one in kind) + ")"
    elif origin is None and issubclass(kind, msgspec.Struct):
        rule = f"object({_constant(kind)})"
    return rule


def _constant(struct: type) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", struct.__name__).upper()


def _comment(kind: type) -> str:
    """Return a docstring as a comment, with names as they are on the wire."""
    text = re.sub(r"`([a-z]+(?:_[a-z0-9]+)+)`", lambda found: f"`{_camel(found[1])}`", (kind.__doc__ or "").strip())
    lines = [line.strip() for line in text.replace("None", "null").splitlines()]
    if len(lines) == 1:
        return f"/** {lines[0]} */\n"
    return "/**\n" + "\n".join(f" * {line}".rstrip() for line in lines) + "\n */\n"


def _camel(name: str) -> str:
    return re.sub(r"_([a-z0-9])", lambda found: found[1].upper(), name)


def main() -> int:
    """Write the files."""
    FOLDER.mkdir(exist_ok=True)
    for path, text in files().items():
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
