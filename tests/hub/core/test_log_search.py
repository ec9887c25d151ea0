import pytest
from hypothesis import given
from hypothesis import strategies as st
from noctule_hub.core.log_search import MAX_TERMS, MAX_TEXT_CHARS, Term, parse_terms
from noctule_shared.errors import ErrorCode, Refused


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("link down", [Term("link"), Term("down")]),
        ('"hold timer" bgp', [Term("hold timer"), Term("bgp")]),
        ("neigh*", [Term("neigh", prefix=True)]),
        ('"hold ti"*', [Term("hold ti", prefix=True)]),
        ("Gi0/1", [Term("Gi0/1")]),
        ("東京", [Term("東京")]),
        ("a - * ( b", [Term("a"), Term("b")]),
        ('not "closed', [Term("not"), Term("closed")]),
        ('a"b"c', [Term("a"), Term("b"), Term("c")]),
        ("a\0b", [Term("a b")]),
    ],
)
def test_text_is_words_phrases_and_beginnings(text: str, terms: list[Term]) -> None:
    assert list(parse_terms(text)) == terms


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no word"),
        ("***", "no word"),
        ('"" - ()', "no word"),
        ("x" * (MAX_TEXT_CHARS + 1), "characters"),
        ("a " * (MAX_TERMS + 1), "words and phrases"),
    ],
)
def test_text_without_words_or_with_too_many_is_refused(text: str, message: str) -> None:
    with pytest.raises(Refused, match=message) as refused:
        parse_terms(text)
    assert (refused.value.code, refused.value.field) == (ErrorCode.INVALID, "text")


@given(st.text(max_size=80))
def test_any_text_becomes_words_or_is_refused(text: str) -> None:
    try:
        terms = parse_terms(text)
    except Refused:
        return
    assert 1 <= len(terms) <= MAX_TERMS
    assert all('"' not in term.words and "\0" not in term.words for term in terms)
