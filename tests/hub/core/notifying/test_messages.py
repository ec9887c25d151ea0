"""Messages in words: the probable cause first, policies' own words, and the built-in ones where those fail."""

from dataclasses import asdict
from string import Formatter

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from noctule_hub.core.languages.spoken import Language
from noctule_hub.core.notifying.deliveries import DeliveryKind, Gathering, Item, Parcel
from noctule_hub.core.notifying.message_words import WORDS, MessageWords
from noctule_hub.core.notifying.messages import as_trial, message_of, trial
from noctule_hub.core.notifying.policies import Template
from noctule_hub.core.notifying.templates import (
    FACTS,
    MAX_FILLED_CHARS,
    MAX_TEMPLATE_CHARS,
    TemplateError,
    check_template,
    fill_text,
    fill_title,
)
from noctule_shared.alerts import IncidentRef
from noctule_shared.events import AlertEvent, Severity

from tests.hub.core.notifying.samples import ALERT

CRITICAL = msgspec.structs.replace(ALERT, id=9, severity=Severity.CRITICAL, device_name="core9")


def parcel(
    *alerts: AlertEvent,
    kind: DeliveryKind = DeliveryKind.NEW,
    count: int | None = None,
    gathering: Gathering | None = None,
    template: Template | None = None,
) -> Parcel:
    items = tuple(Item(kind, alert) for alert in alerts)
    return Parcel(1, "ab", items, count or len(items), gathering, 0, 0, 0, template or Template())


@pytest.mark.parametrize(
    ("parcel", "event", "title"),
    [
        (parcel(ALERT), "alert.new", "[warning] core1: offline"),
        (parcel(ALERT, kind=DeliveryKind.REMINDER), "alert.reminder", "[still warning] core1: offline"),
        (parcel(ALERT, kind=DeliveryKind.RESOLVED), "alert.resolved", "[resolved] core1: offline"),
        (
            parcel(ALERT, CRITICAL, count=200, gathering=Gathering.GROUP),
            "alert.new",
            "[critical] core9: offline (+199 more)",
        ),
        (
            parcel(ALERT, CRITICAL, gathering=Gathering.FOLLOW_UP),
            "alert.new",
            "[critical] 2 more: core9: offline (+1 more)",
        ),
        (parcel(ALERT, CRITICAL, gathering=Gathering.SUMMARY), "alert.summary", "2 more alerts: core1: offline, ..."),
        (
            parcel(
                msgspec.structs.replace(ALERT, incident=IncidentRef(7, "core1 is offline", unreachable=200)),
                gathering=Gathering.GROUP,
            ),
            "alert.new",
            "[warning] core1 is offline (+200 unreachable)",
        ),
    ],
)
def test_a_title_names_the_probable_cause_first(parcel: Parcel, event: str, title: str) -> None:
    message = message_of(parcel, url=None)
    assert (message.event, message.title) == (event, title)


def test_a_message_of_a_group_lists_its_alerts_and_counts_the_rest() -> None:
    message = message_of(parcel(ALERT, CRITICAL, count=5, gathering=Gathering.GROUP), url="https://noc.example.net")
    assert message.text.splitlines() == [
        "- critical: core9: offline",
        "- warning: core1: offline",
        "and 3 more",
        "",
        "https://noc.example.net",
    ]
    assert ([alert.id for alert in message.alerts], message.more) == ([9, 1], 3)


def test_a_policys_own_words_are_filled_in() -> None:
    template = Template("{severity} at {device}: {title}", "{reason} since {started}\nnote: {note}\n\n{{ {url} }}")
    message = message_of(parcel(ALERT, template=template), url="https://noc.example.net")
    assert message.title == "warning at core1: offline"
    # The line of the note, which there is none of, is left out.
    assert message.text == "no answer since 2026-11-26T08:00:00.000Z\n\n{ https://noc.example.net }"
    assert message.fault is None


def test_what_a_device_says_is_never_a_template_and_stays_one_line() -> None:
    hostile = msgspec.structs.replace(ALERT, device_name="{url}\r\nBcc: all@example.net", reason="{severity}")
    message = message_of(parcel(hostile, template=Template("{device}", "{reason}")), url="https://noc.example.net")
    assert (message.title, message.text) == ("{url} Bcc: all@example.net", "{severity}")


@pytest.mark.parametrize(
    ("template", "fault"),
    [
        (Template("{incident}", None), "the title is empty"),
        (Template(None, "{note}"), "the text is empty"),
        (Template("{of a newer hub}", None), "{of a newer hub} is not known"),
    ],
)
def test_a_template_that_fails_is_replaced_by_the_built_in_words_and_told(template: Template, fault: str) -> None:
    built_in = message_of(parcel(ALERT), url=None)
    message = message_of(parcel(ALERT, template=template), url=None)
    assert (message.title, message.text) == (built_in.title, built_in.text)
    assert message.fault is not None
    assert fault in message.fault


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{devcie}", "{devcie} is not known; did you mean {device}?"),
        ("{device.__class__}", "is not known"),
        ("{}", "{} is not known; use one of alert, count"),
        ("100 { percent", "{ at character 5 stands alone"),
        ("{a\nb}", "{ at character 1 stands alone"),
        ("}", "} at character 1 stands alone"),
    ],
)
def test_errors_name_what_is_wrong_and_what_may_be_written(template: str, expected: str) -> None:
    with pytest.raises(TemplateError) as error:
        check_template(template)
    assert expected in str(error.value)


@given(st.text(st.sampled_from("{}ab\n ") | st.characters(), max_size=200))
def test_any_text_is_filled_in_or_refused_and_never_more_than_the_limit(text: str) -> None:
    facts = dict.fromkeys(FACTS, "x" * 500)
    for fill in (fill_title, fill_text):
        try:
            assert 0 < len(fill(text, facts)) <= MAX_FILLED_CHARS
        except TemplateError:
            continue


def test_the_longest_template_comes_out_cut() -> None:
    template = "{list}" * (MAX_TEMPLATE_CHARS // 6)
    assert len(fill_text(template, dict.fromkeys(FACTS, "x" * 4_000))) == MAX_FILLED_CHARS


def test_a_test_says_that_it_is_one() -> None:
    message = as_trial(message_of(parcel(CRITICAL), url=None))
    assert (message.event, message.title) == ("test", "[test] [critical] core9: offline")
    assert message.text.startswith("This is a test.")


OFFLINE = msgspec.structs.replace(
    ALERT,
    title="core1 is offline",
    reason="does not answer ICMP: loss 100% over 3 s",
    severity=Severity.CRITICAL,
    resolved_at="2026-11-26T09:00:00.000Z",
)
BEHIND = msgspec.structs.replace(
    ALERT,
    id=2,
    device_name="ap7",
    title="ap7 is unreachable",
    incident=IncidentRef(7, "core1 is offline", unreachable=200),
)


@pytest.mark.parametrize(
    ("parcel", "title", "lines"),
    [
        (
            parcel(OFFLINE),
            "[kritis] core1 offline",
            [
                "core1 offline",
                "",
                "Perangkat: core1",
                "Tingkat: kritis",
                "Alasan: tidak menjawab ICMP: loss 100% selama 3 dtk",
                "Sejak: 2026-11-26T08:00:00.000Z",
                "Alert: 1",
            ],
        ),
        (
            parcel(OFFLINE, kind=DeliveryKind.REMINDER),
            "[masih kritis] core1 offline",
            [
                "core1 offline",
                "",
                "Perangkat: core1",
                "Tingkat: kritis",
                "Alasan: tidak menjawab ICMP: loss 100% selama 3 dtk",
                "Sejak: 2026-11-26T08:00:00.000Z",
                "Belum ada yang menanganinya.",
                "Alert: 1",
            ],
        ),
        (
            parcel(OFFLINE, kind=DeliveryKind.RESOLVED),
            "[pulih] core1 offline",
            [
                "core1 offline",
                "",
                "Perangkat: core1",
                "Tingkat: kritis",
                "Alasan: tidak menjawab ICMP: loss 100% selama 3 dtk",
                "Sejak: 2026-11-26T08:00:00.000Z",
                "Pulih: 2026-11-26T09:00:00.000Z",
                "Alert: 1",
            ],
        ),
        (
            parcel(OFFLINE, BEHIND, count=5, gathering=Gathering.FOLLOW_UP),
            "[kritis] 5 lagi: core1 offline (+4 lagi)",
            ["- kritis: core1 offline", "- peringatan: ap7 tak terjangkau", "dan 3 lagi"],
        ),
        (
            parcel(BEHIND, gathering=Gathering.GROUP),
            "[peringatan] core1 offline (+200 tak terjangkau)",
            [
                "ap7 tak terjangkau",
                "",
                "Perangkat: ap7",
                "Tingkat: peringatan",
                "Alasan: tidak ada jawaban",
                "Sejak: 2026-11-26T08:00:00.000Z",
                "Alert: 2",
            ],
        ),
        (
            parcel(OFFLINE, BEHIND, count=37, gathering=Gathering.SUMMARY),
            "37 alert lagi: core1 offline, ...",
            ["- kritis: core1 offline", "- peringatan: ap7 tak terjangkau", "dan 35 lagi"],
        ),
        (
            parcel(
                msgspec.structs.replace(OFFLINE, note="core1 is offline", acknowledged_by="ada"),
                kind=DeliveryKind.RESOLVED,
                template=Template("{severity} di {device}", "{title}; {reason}\n{note}\n{topic}\n{list}"),
            ),
            "pulih di core1",
            [
                "core1 offline; tidak menjawab ICMP: loss 100% selama 3 dtk",
                "core1 is offline",
                "[pulih] core1 offline",
                "- pulih: core1 offline",
            ],
        ),
    ],
)
def test_a_message_is_said_in_indonesian_but_for_what_people_wrote(
    parcel: Parcel, title: str, lines: list[str]
) -> None:
    message = message_of(parcel, url=None, language=Language.INDONESIAN)
    assert (message.title, message.text.splitlines()) == (title, lines)


@pytest.mark.parametrize("gathering", [None, Gathering.GROUP, Gathering.SUMMARY])
def test_what_programs_read_is_the_same_in_every_language(gathering: Gathering | None) -> None:
    given = parcel(OFFLINE, BEHIND, gathering=gathering)
    english, indonesian = (message_of(given, url=None, language=language) for language in Language)
    assert english.alerts == indonesian.alerts
    assert (english.event, english.more) == (indonesian.event, indonesian.more)
    assert english.title != indonesian.title


def test_tests_say_in_indonesian_that_they_are_tests() -> None:
    tried = trial("ab", "malam {fact}", url=None, language=Language.INDONESIAN)
    assert tried.title == "[uji coba] Kanal Noctule malam {fact}"
    assert tried.text == "Ini uji coba kanal notifikasi malam {fact}. Tidak ada yang salah."
    message = as_trial(message_of(parcel(OFFLINE), url=None, language=Language.INDONESIAN))
    assert message.title == "[uji coba] [kritis] core1 offline"
    assert message.text.startswith("Ini uji coba. Tidak ada gangguan baru.\n\ncore1 offline")


def test_each_language_has_words_with_the_same_places_to_fill_in() -> None:
    def places(words: MessageWords) -> dict[str, list[str]]:
        return {
            name: sorted(part[1] for part in Formatter().parse(text) if part[1]) for name, text in asdict(words).items()
        }

    assert set(WORDS) == set(Language)
    for language in Language:
        assert places(WORDS[language]) == places(WORDS[Language.ENGLISH]), language
