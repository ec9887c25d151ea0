"""The hub's sentences in Indonesian: all that the hub says is there, and nothing that it says no more."""

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import noctule_agent
import noctule_hub
import noctule_shared
import pytest
from hypothesis import given
from hypothesis import strategies as st
from noctule_hub.core.languages.indonesian import OBJECTS, WORDS
from noctule_hub.core.languages.indonesian_advice import ADVICE, TELLING
from noctule_hub.core.languages.indonesian_agents import COMMANDS, FAILURES, SYSTEM
from noctule_hub.core.languages.indonesian_inputs import DECODER, INPUTS
from noctule_hub.core.languages.indonesian_links import LINKS, PAGES
from noctule_hub.core.languages.indonesian_refusals import CHANGED, REFUSALS
from noctule_hub.core.languages.indonesian_stories import INDONESIAN, SENTENCES, UNITS
from noctule_hub.core.languages.translation import MAX_CHARS, fields_of, pattern_of, translator

HUB: Final = Path(noctule_hub.__file__).parent / "core"
AGENT: Final = Path(noctule_agent.__file__).parent / "core"
SHARED: Final = Path(noctule_shared.__file__).parent
CLIENT: Final = HUB.parents[1] / "web" / "client" / "src"
# Where the sentences of alerts and states are made.
MODULES: Final = (
    *(
        HUB / "alerting" / f"{name}.py"
        for name in ("explain", "why", "words", "steps", "level_words", "level_findings", "findings", "flap_watch")
    ),
    *(HUB / "alerting" / f"{name}.py" for name in ("flapping", "holds", "incidents", "inhibition", "subjects")),
    *(HUB / f"{name}.py" for name in ("clocks", "commitments", "judgement", "link_changes", "presence", "reboots")),
    *(HUB / f"{name}.py" for name in ("status", "storage_space", "tenancy")),
    AGENT.parent / "advice.py",
)
# What agents say comes as text, and changes of interfaces have no alert of their own; these say other things too.
AGENTS: Final = (
    AGENT / "reachability.py",
    AGENT / "snmp_reachability.py",
    AGENT.parent / "device_watch.py",
    AGENT.parent / "probes" / "snmp" / "poller.py",
    AGENT.parent / "probes" / "trace.py",
    HUB / "inventory.py",
)
# Where messages are sent and what becomes of them is decided; what is theirs alone is not said in Indonesian.
SENDING: Final = (
    *(HUB.parent / "notify" / f"{name}.py" for name in ("apprise_child", "apprise_process", "destinations", "mail")),
    *(HUB.parent / "notify" / f"{name}.py" for name in ("senders", "webhook")),
    *(HUB.parent / "store" / "sqlite" / f"{name}.py" for name in ("channels", "deliveries", "parcels")),
    HUB / "notifying" / "messages.py",
)
# Where the code puts sentences together out of parts, and where fields are.
SEAMS: Final = re.compile(
    r"\{\}|\(|\b(?:in|out|at|since|until|above|from|ahead of|behind|be|and was over|but ends of lines)\b"
)
FILLINGS: Final = {"number": "7", "span": "2 h 5 min", "figure": "3 ms", "severity": "warning", "status": "offline"}
# What is no sentence about an alert: gaps of an agent's data, times, errors of programming.
ELSEWHERE: Final = (
    "the agent began its outbox anew",
    "what it had not delivered is lost",
    "its outbox was removed",
    "%Y-%m-%d %H:%M:%S",
    "UTC",
)


def test_all_that_the_hub_says_of_alerts_is_said_in_indonesian() -> None:
    known = " | ".join(_literals(english) for english, _ in SENTENCES)
    said = [(path.name, piece) for path in MODULES for piece in _pieces(path)]
    assert len(said) > 150
    missing = [one for one in said if one[1] not in known and not any(one[1] in other for other in ELSEWHERE)]
    assert missing == [], "say it in core/languages/indonesian*.py, then: python tools/dashboard_tables.py"


def test_nothing_is_translated_that_nobody_says_any_more() -> None:
    others = {*ADVICE, *TELLING, *COMMANDS, *FAILURES, *SYSTEM, *INPUTS, *REFUSALS, *LINKS, *OBJECTS}
    alerts = [one for one in SENTENCES if one not in others and one not in WORDS]
    assert list(_gone(alerts, (*MODULES, *AGENTS, *SENDING))) == []
    told = [one for one in SENTENCES if one in others and one not in {*CHANGED, *DECODER, *SYSTEM, *PAGES}]
    everything = (path for package in (HUB.parent, AGENT.parent, SHARED) for path in package.rglob("*.py"))
    assert list(_gone(told, [path for path in everything if path.parent.name != "languages"])) == []
    client = "".join((CLIENT / name).read_text(encoding="utf-8") for name in ("hubLink.ts", "link.ts"))
    assert [english for english, _ in PAGES if f'"{english}"' not in client] == []


def _gone(pairs: Iterable[tuple[str, str]], modules: Iterable[Path]) -> Iterator[tuple[str, str]]:
    """Yield the sentences of which a piece stands nowhere in the strings of modules, with that piece."""
    said = " | ".join(piece for path in modules for piece in _strings(path)).lower()
    for english, _ in pairs:
        for piece in (one.strip(" .,:;()“”") for one in SEAMS.split(_literals(english))):
            if piece.lower() not in said:
                yield english, piece


def test_every_sentence_is_found_by_its_own_pattern() -> None:
    """No sentence reads as a part of an earlier one: each of its own words is translated."""
    patterns = [re.compile(pattern_of(english)) for english, _ in SENTENCES]
    for place, (english, _) in enumerate(SENTENCES):
        example = re.sub(r"\{(\w+)(?::(\w+))?\}", lambda found: FILLINGS.get(found[2] or "text", "Jakarta"), english)
        first = next(index for index, pattern in enumerate(patterns) if pattern.match(example))
        assert first == place, (example, SENTENCES[first][0])


def test_a_translation_has_the_fields_of_its_sentence() -> None:
    for english, indonesian in SENTENCES:
        fields = sorted(name for name, _ in fields_of(english))
        assert sorted(name for name, _ in fields_of(indonesian)) == fields, english


@pytest.mark.parametrize(
    ("english", "indonesian"),
    [
        ("core1 is offline", "core1 offline"),
        (
            "h answered 200; the policy's template failed (the title is empty); the built-in words were sent",
            "h menjawab 200; templat kebijakannya gagal (the title is empty); yang dikirim kata-kata bawaan",
        ),
        ("hooks.example.net did not answer within 15 s", "hooks.example.net tidak menjawab dalam 15 dtk"),
        ("does not answer ICMP: 3 fast retries lost", "tidak menjawab ICMP: 3 percobaan ulang cepat hilang"),
        (
            "core1 is offline (critical): does not answer SNMP: 3 polls failed: timeout; held 15 s for word of agg2.",
            (
                "core1 offline (kritis): tidak menjawab SNMP: 3 polling gagal: tidak ada jawaban; "
                "ditahan 15 dtk menunggu kabar agg2."
            ),
        ),
        ("answers: 2 good rounds", "menjawab: 2 putaran baik"),
        ("answers: first reply", "menjawab: balasan pertama"),
        ("does not answer SNMP: 3 polls failed: timeout", "tidak menjawab SNMP: 3 polling gagal: tidak ada jawaban"),
        ("Its flap score was 30.", "Skor flapping-nya 30."),
        ("the service took longer than 15 s", "layanannya perlu lebih dari 15 dtk"),
        ("the agent says: core1 is not polled by SNMP", "agen menjawab: core1 tidak dipantau lewat SNMP"),
        ("does not answer ICMP: loss 100% over 3 s", "tidak menjawab ICMP: loss 100% selama 3 dtk"),
        ("behind core1 (offline), 3 more", "di balik core1 (offline), 3 lagi"),
        ("core1: round-trip delay 120 ms, usually 3 ms", "core1: waktu pulang-pergi 120 ms, biasanya 3 ms"),
        ("It ends when the device answers again.", "Berakhir bila perangkatnya menjawab lagi."),
        (
            "“core1 is offline” (critical) is over: answers: answered again.",
            "“core1 offline” (kritis) sudah selesai: menjawab: menjawab lagi.",
        ),
        (
            "4 changes in 3 min 5 s: score 30, flapping above 25",
            "4 perubahan dalam 3 mnt 5 dtk: skor 30, flapping di atas 25",
        ),
        ("what a newer hub says", "what a newer hub says"),
    ],
)
def test_sentences_in_sentences_are_translated_too(english: str, indonesian: str) -> None:
    assert INDONESIAN(english) == indonesian


@given(st.text(max_size=60))
def test_a_name_is_kept_as_it_is(name: str) -> None:
    # A line's end is nothing that a title has; and what reads as two sentences is read as two.
    translated = translator([("{device} is offline", "{device} offline")], UNITS)
    line = " ".join(name.split()) or "x"
    assert translated(f"{line} is offline") == f"{line} offline"


@given(st.text(max_size=2 * MAX_CHARS))
def test_any_text_has_a_translation(text: str) -> None:
    assert isinstance(INDONESIAN(text), str)


def _literals(template: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", template)


def _pieces(path: Path) -> Iterator[str]:
    """Yield the words of a module that could be read by people: two or more, beside those in fields."""
    for text in _strings(path):
        piece = text.strip(" .,:;()“”\n")
        if re.fullmatch(r"[^_{}`]*[a-z]+ [^_{}`]*[a-z][^_{}`]*", piece):
            yield piece


def _strings(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documentation = {
        node.body[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in documentation:
            yield node.value
