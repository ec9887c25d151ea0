"""What pages are answered in Indonesian: all that they can be refused, all advice of agents, all kinds of changes."""

import ast
import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Annotated, Final

import msgspec
import noctule_hub
import noctule_shared
import pytest
from noctule_agent.probes.snmp.port_probe import PortState
from noctule_agent.probes.snmp.session import Reason, Refusal
from noctule_agent.probes.snmp.v3_refusal import V3Refusal
from noctule_agent.reports import IcmpReport
from noctule_hub.api.bodies import decode
from noctule_hub.core.languages.indonesian_refusals import CHANGED
from noctule_hub.core.languages.indonesian_stories import INDONESIAN
from noctule_shared.errors import Refused
from noctule_shared.link import AuthProtocol, SnmpCredentials

from tests.agent.test_advice import ECHOES, FORBIDDEN, LOST, UNROUTED, said

HUB: Final = Path(noctule_hub.__file__).parent
TEXTS: Final = HUB.parent / "web" / "dashboard" / "src" / "texts"
# All that refuses what people ask for on a page; what decoders say is put together in `misfits`, and tested below.
REFUSING: Final = tuple(
    path
    for path in (*HUB.rglob("*.py"), *Path(noctule_shared.__file__).parent.rglob("*.py"))
    if not {"cli", "realtime", "languages"} & set(path.parts[-3:])
    and path.name not in {"doctor.py", "inventory_changes.py", "session.py", "live_history.py", "misfits.py"}
)
# What is answered to agents and programs alone, or about an address that no page asks for.
PROGRAMS: Final = (
    *("Authorization", "join token", "the keys are not signed", "hex digits", "too many agents connect"),
    *("requests from this address", "send a header", "send the header", "printable ASCII", "application/json"),
    *("valid JSON", "the body did not arrive", "no proper HTTP", "is not possible here", "declares no permission"),
    *("no such parameter", "give this parameter once", "null is no value", "idempotency keys", "this key was used"),
    *("EPOCH:SEQ", "this position is no longer kept", "is not logged", "add Z for UTC"),
    *("is not a month", "has not begun yet", "this service is a whole device", "ext:NAME"),
    *("refusals at most", "there is no refusal", "rows are over", "ask for a shorter range", "does not agree with ids"),
    *("nothing was removed", "name the agent once", "name the site", "a deviceId", "must be a device of this agent"),
    *("between 1970 and 2200", "devices at once", "public status page here", "have no sessions", "unknown event"),
    *("two of them have the same id", "give once or recurring, not both", "say what changes", "of the kind"),
    *("add another one instead", "give one of webhook", "give webhook, smtp or apprise", "control characters or line"),
)


def test_what_a_page_can_be_refused_is_said_in_indonesian() -> None:
    refused = [(path.name, text) for path in REFUSING for text in _refusals(path)]
    assert len(refused) > 220
    english = [one for one in refused if INDONESIAN(one[1]) == one[1]]
    missing = [one for one in english if not any(word in one[1] for word in PROGRAMS)]
    assert missing == [], "say it in core/languages/indonesian_refusals.py or _inputs.py"
    assert [word for word in PROGRAMS if not any(word in text for _, text in english)] == []


@pytest.mark.parametrize("reason", Reason)
def test_each_reason_of_an_agent_has_its_word(reason: Reason) -> None:
    assert INDONESIAN(reason) != reason


@pytest.mark.parametrize("icmp", [ECHOES, LOST, UNROUTED, FORBIDDEN])
@pytest.mark.parametrize("reason", Reason)
@pytest.mark.parametrize("port", PortState)
def test_all_advice_of_an_agent_is_said_in_indonesian(icmp: IcmpReport, reason: Reason, port: PortState) -> None:
    told = said(icmp, reason, port, detail="UDP port 161 is closed")
    for refusal, fits in product(Refusal, (None, AuthProtocol.MD5)):
        for auth, priv in ((None, None), ("x" * 8, None), ("x" * 8, "x" * 8)):
            user = SnmpCredentials(user="author", auth_secret=auth, priv_secret=priv)
            told += said(icmp, reason, port, V3Refusal(refusal, fits), user, detail="the UDP port is closed")
    for sentence in told:
        indonesian = INDONESIAN(sentence)
        assert indonesian != sentence
        assert not re.search(r"\b(?:the|is|of|there|without|closed)\b", indonesian, re.IGNORECASE)


def test_whatever_was_changed_meanwhile_has_its_word() -> None:
    kinds = {
        str(call.args[0].value)
        for path in (HUB / "store").rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "check_revision"
        if isinstance(call.args[0], ast.Constant)
    }
    assert {f"the {kind}" for kind in kinds} == {english for english, _ in CHANGED}
    for kind in kinds:
        told = f"the {kind} was changed meanwhile (revision 3); read it again first"
        assert INDONESIAN(told).endswith(" sudah diubah orang lain (revisi 3); baca ulang dulu")
        assert not INDONESIAN(told).startswith("the ")


def test_each_kind_of_the_audit_log_has_its_word_on_the_page() -> None:
    kinds = set()
    for path in (*(HUB / "store").rglob("*.py"), HUB / "core" / "alerting" / "care.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        constants = {
            ast.unparse(node.target if isinstance(node, ast.AnnAssign) else node.targets[0]): node.value.value
            for node in tree.body
            if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Constant)
        }
        for node in ast.walk(tree):
            match node:
                case ast.Call(func=ast.Name(id="record"), args=[_, _, _, ast.Constant(value=kind), *_]):
                    kinds.add(kind)
                case ast.Call(func=ast.Name(id="record"), args=[_, _, _, ast.Name(id=name), *_]):
                    kinds.add(constants.get(name, name))
                case ast.Call(func=ast.Name(id="AuditedChange"), args=[_, _, ast.Name(id=name), *_]):
                    kinds.add(constants.get(name, name))
    (words,) = re.findall(r"kinds: \{(.*)\} as", (TEXTS / "en" / "admin.ts").read_text(encoding="utf-8"))
    assert kinds == set(re.findall(r'"?([a-z-]+)"?: "', words))


class _Form(msgspec.Struct):
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=3)] = "a"
    tags: Annotated[list[str], msgspec.Meta(min_length=1, max_length=1)] = []
    count: Annotated[int, msgspec.Meta(ge=1, le=9)] = 1
    share: Annotated[float, msgspec.Meta(gt=0, lt=1)] = 0.5
    delay: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.5
    slug: Annotated[str, msgspec.Meta(pattern="^[a-z]+$")] = "a"


@pytest.mark.parametrize(
    "body",
    [
        *({"name": ""}, {"name": "abcd"}, {"tags": []}, {"tags": ["a", "b"]}, {"count": 0}, {"count": 10}),
        *({"share": 0.0}, {"share": 1.0}, {"delay": -1.0}, {"delay": 2.0}, {"slug": "A"}, {"name": 7}),
    ],
)
def test_what_a_decoder_finds_wrong_is_said_in_indonesian(body: object) -> None:
    with pytest.raises(Refused) as refused:
        decode(msgspec.json.encode(body), _Form)
    assert "Expected" not in INDONESIAN(refused.value.message)


def _refusals(path: Path) -> Iterator[str]:
    """Yield what a module refuses with, or with a `message` that it makes for that; each field is a 7."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Call(func=ast.Name(id="Refused" | "invalid"), args=[_, *told]):
                pass
            case ast.Call(func=ast.Name(id="not_found"), args=told):
                pass
            case ast.Assign(targets=[ast.Name(id="message")], value=value):
                told = [value]
            case _:
                continue
        for text in told:
            match text:
                case ast.Constant(value=str(words)):
                    yield words
                case ast.JoinedStr(values=parts) if any(isinstance(part, ast.Constant) for part in parts):
                    yield "".join(str(part.value) if isinstance(part, ast.Constant) else "7" for part in parts)
                case ast.IfExp(body=ast.Constant(value=str(one)), orelse=ast.Constant(value=str(other))):
                    yield from (one, other)
