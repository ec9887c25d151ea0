"""Write what the dashboard knows of the hub by heart: `python tools/dashboard_tables.py`.

The kinds of conditions with their figures' defaults and bounds, so that the editor of rules says the hub's own; and
the hub's sentences are in Indonesian, with examples by which the page's translation is compared with the hub's. For
the page's tests also the fields that the audit log may name.
"""

import json
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Annotated, Any, Final, get_args, get_origin, get_type_hints

import msgspec
from noctule_hub.core.accounts import ApiToken, Backoff, JoinTokenRow, Refusal, Session, User
from noctule_hub.core.alerting.conditions import KINDS, Condition, ConditionKind, Delay, Ratio, Times, tag_of
from noctule_hub.core.alerting.rules import Rule
from noctule_hub.core.alerting.silences import Silence
from noctule_hub.core.customers import Customer, Service
from noctule_hub.core.languages.indonesian_stories import INDONESIAN, SENTENCES, UNITS
from noctule_hub.core.languages.translation import fields_of, literal_of, pattern_of
from noctule_hub.core.maintenance import MaintenanceWindow
from noctule_hub.core.notifying.channels import Channel
from noctule_hub.core.notifying.deliveries import Delivery
from noctule_hub.core.notifying.policies import Policy
from noctule_hub.core.records import Agent, Alert, Device, Site
from noctule_hub.core.settings import Settings
from noctule_hub.core.status_page import StatusPage
from noctule_hub.core.topology import Layout

DASHBOARD: Final = Path(__file__).parents[1] / "hub" / "web" / "dashboard"
FOLDER: Final = DASHBOARD / "src" / "generated"
HEAD: Final = "// Written by tools/dashboard_tables.py from {source}; change it there.\n"
# Sentences in sentences, and what no template knows.
EXAMPLES: Final = (
    "core1 is offline (critical): does not answer ICMP: loss 100% over 3 s.",
    "core1 ge-0/0/1 (uplink): 12 % of packets lost (3 of 20); alerts from 10 %",
    "Measured: rtt was 120 ms, usually it is 3 ms, the threshold is 60 ms, it is over past 20 ms.",
    "It rings nobody, because behind core1 (offline), core2 (unreachable), 3 more.",
    "alert 5 is pending: does not answer ICMP; it fires in 30 s if that holds on",
    "<img src=x onerror=alert(1)> is offline",
    "$& {device} $1 is offline",
    "a text that nobody knows",
    ": ; , " * 300,
)
_FILLINGS: Final = {
    "number": "7",
    "span": "2 h 5 min",
    "figure": "3 ms",
    "severity": "warning",
    "status": "offline",
    "said": "packets are lost",
    "list": "packets are lost, Jakarta",
    "text": "Jakarta",
}
# Whose fields the audit log names.
AUDITED: Final = (
    *(User, Session, Backoff, ApiToken, Refusal, JoinTokenRow, Agent, Site, Device, Customer, Service, Settings),
    *(Rule, Alert, Silence, MaintenanceWindow, Channel, Policy, Delivery, StatusPage, Layout),
)
# The least that is written of what must lie above zero.
SMALLEST: Final = 1e-6
# In what people write a figure of such a type; of others their names tell.
_UNITS: Final = ((Ratio, "percent"), (Times, "times"), (Delay, "ms"))


def files() -> dict[Path, str]:
    """Return what every generated file holds."""
    return {
        FOLDER / "conditions.ts": _conditions(),
        FOLDER / "indonesian.ts": _indonesian(),
        DASHBOARD / "test" / "sayings.ts": _examples(),
        DASHBOARD / "test" / "auditFields.ts": _audit_fields(),
    }


def _conditions() -> str:
    about = (
        "// Every kind of condition, in the hub's order, with its figures: in what they are written, the hub's\n"
        "// default and bounds in the hub's own unit (shares from 0 to 1, times in seconds).\n\n"
        'import type { Kind } from "../model/rules";\n'
    )
    kinds = ",\n".join(f"  {_kind(kind)}" for kind in KINDS)
    head = HEAD.format(source="core/alerting/conditions.py") + about
    return f"{head}\nexport const KINDS: readonly Kind[] = [\n{kinds},\n];\n"


def _indonesian() -> str:
    head = HEAD.format(source="core/languages/indonesian.py") + (
        "// What the hub says, and how it is said in Indonesian: with fields, as a regular expression too.\n\n"
        'import type { Pair } from "../model/saying";\n'
    )
    pairs = "\n".join(f"  {_text(_pair(one, other))}," for one, other in SENTENCES)
    units = f"export const UNITS: Readonly<Record<string, string>> = {_text(UNITS)};\n"
    return f"{head}\n{units}\nexport const PAIRS: readonly Pair[] = [\n{pairs}\n];\n"


def _pair(one: str, other: str) -> list[object]:
    found = fields_of(one)
    return [literal_of(one), other, pattern_of(one), found] if found else [one, other]


def _examples() -> str:
    head = HEAD.format(source="core/languages") + "// Sentences of the hub, and what it makes of them in Indonesian.\n"
    rows = "\n".join(
        f"  {_text([one, INDONESIAN(one)])}," for one in (*EXAMPLES, *(_example(one) for one, _ in SENTENCES))
    )
    return f"{head}\nexport const SAYINGS: readonly (readonly [string, string])[] = [\n{rows}\n];\n"


def _audit_fields() -> str:
    head = (
        HEAD.format(source="core")
        + "// Every field of what the audit log tells of, as it names it in a record of its own.\n"
    )
    names = "\n".join(f"  {_text(name)}," for name in sorted(set(_names(AUDITED, set()))))
    return f"{head}\nexport const AUDIT_FIELDS: readonly string[] = [\n{names}\n];\n"


def _names(kinds: Iterable[Any], seen: set[Any]) -> Iterator[str]:
    """Yield the fields of records, and of those in them; a secret, which `repr` hides, is not told."""
    for kind in kinds:
        yield from _names(get_args(kind), seen)
        if kind in seen or not isinstance(kind, type):
            continue
        seen.add(kind)
        if is_dataclass(kind):
            told = {field.name: field.name for field in fields(kind) if field.repr}
        elif issubclass(kind, msgspec.Struct):
            told = dict(zip(kind.__struct_fields__, kind.__struct_encode_fields__, strict=True))
        else:
            continue
        hints = get_type_hints(kind, include_extras=True)
        yield from told.values()
        yield from _names((hints[name] for name in told), seen)


def _example(template: str) -> str:
    """Return a sentence of a template, each of its fields filled with something of its form."""
    return re.sub(r"\{(\w+)(?::(\w+))?\}", lambda found: _FILLINGS.get(found[2] or "text", "x"), template)


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _kind(kind: ConditionKind) -> str:
    parameters = list(_parameters(kind))
    inner = "[]" if not parameters else "[\n" + "".join(f"    {one},\n" for one in parameters) + "  ]"
    return f'{{ kind: "{tag_of(kind)}", about: "{kind.about}", parameters: {inner} }}'


def _parameters(kind: ConditionKind) -> Iterator[str]:
    hints = get_type_hints(kind, include_extras=True)
    defaults: Condition = kind()
    for name, wire in zip(kind.__struct_fields__, kind.__struct_encode_fields__, strict=True):
        annotated, optional = _bounded(hints[name])
        base, meta = get_args(annotated)
        figure: dict[str, Any] = {"key": wire, "unit": _unit(name, annotated), "fallback": getattr(defaults, name)}
        figure |= {"least": meta.ge if meta.gt is None else meta.gt + SMALLEST, "most": meta.le}
        figure |= {"whole": True} if base is int else {}
        figure |= {"optional": True} if optional else {}
        figure |= {"clears": True} if name.startswith("clear") else {}
        yield "{ " + ", ".join(f"{key}: {_number(value)}" for key, value in figure.items()) + " }"


def _bounded(hint: Any) -> tuple[Any, bool]:  # noqa: ANN401  an annotation of any form
    """Return the annotated type of a figure, and whether it may be left out."""
    if get_origin(hint) is Annotated:
        return hint, False
    (inner,) = (one for one in get_args(hint) if get_origin(one) is Annotated)
    return inner, True


def _unit(name: str, annotated: Any) -> str:  # noqa: ANN401  an annotation of any form
    for known, unit in _UNITS:
        if annotated == known:
            return unit
    if name.endswith("_s"):
        return "s"
    return "count" if get_args(annotated)[0] is int else "percent"


def _number(value: object) -> str:
    if isinstance(value, float):
        # As JavaScript writes it, without a fraction where there is none.
        return json.dumps(int(value) if value.is_integer() else value).replace("1e-06", "1e-6")
    return json.dumps(value)


def main() -> int:
    """Write the files."""
    FOLDER.mkdir(exist_ok=True)
    for path, text in files().items():
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
