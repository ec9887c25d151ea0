"""The hub's sentences in Indonesian: all that the hub says is there, and nothing that it says no more."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import noctule_agent
import noctule_hub
import pytest
from hypothesis import given
from hypothesis import strategies as st
from noctule_hub.core.languages.indonesian import WORDS
from noctule_hub.core.languages.indonesian_stories import INDONESIAN, SENTENCES, UNITS
from noctule_hub.core.languages.translation import MAX_CHARS, fields_of, translator

HUB: Final = Path(noctule_hub.__file__).parent / "core"
AGENT: Final = Path(noctule_agent.__file__).parent / "core"
# Where the sentences of alerts and states are made.
MODULES: Final = (
    *(
        HUB / "alerting" / f"{name}.py"
        for name in ("explain", "why", "words", "steps", "level_words", "level_findings", "findings", "flap_watch")
    ),
    *(HUB / "alerting" / f"{name}.py" for name in ("flapping", "holds", "incidents", "inhibition", "subjects")),
    *(HUB / f"{name}.py" for name in ("clocks", "commitments", "judgement", "link_changes", "presence", "reboots")),
    *(HUB / f"{name}.py" for name in ("status", "storage_space", "tenancy")),
)
# What agents say comes as text, and changes of interfaces have no alert of their own; these say other things too.
AGENTS: Final = (AGENT / "reachability.py", AGENT.parent / "probes" / "snmp" / "poller.py", HUB / "inventory.py")
# Where messages are sent and what becomes of them is decided; what is theirs alone is not said in Indonesian.
SENDING: Final = (
    *(HUB.parent / "notify" / f"{name}.py" for name in ("apprise_child", "apprise_process", "destinations", "mail")),
    *(HUB.parent / "notify" / f"{name}.py" for name in ("senders", "webhook")),
    *(HUB.parent / "store" / "sqlite" / f"{name}.py" for name in ("channels", "deliveries", "parcels")),
    HUB / "notifying" / "messages.py",
)
# Where the code puts sentences together out of parts, and where fields are.
SEAMS: Final = re.compile(r"\{\}|\(|\b(?:in|out|at|since|until|above|from|ahead of|behind|be|and was over)\b")
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


def test_nothing_is_translated_that_the_hub_says_no_more() -> None:
    said = " | ".join(piece for path in (*MODULES, *AGENTS, *SENDING) for piece in _strings(path))
    gone = [
        (english, piece)
        for english, _ in SENTENCES
        if (english, _) not in WORDS
        for piece in (one.strip(" .,:;()“”") for one in SEAMS.split(_literals(english)))
        if piece not in said
    ]
    assert gone == []


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
