"""Times cross the wire without losing a millisecond."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from noctule_shared.errors import Refused
from noctule_shared.times import iso_from_ms, ms_from_iso


@given(st.integers(0, 4_102_444_800_000))
def test_milliseconds_survive_the_way_to_a_browser_and_back(ts_ms: int) -> None:
    assert ms_from_iso(iso_from_ms(ts_ms)) == ts_ms


def test_form_is_iso_8601_utc_with_milliseconds() -> None:
    assert iso_from_ms(1_795_000_000_007) == "2026-11-18T11:06:40.007Z"


@pytest.mark.parametrize("text", ["", "yesterday", "2026-11-22", "2026-11-22T03:12:00"])
def test_text_that_is_no_moment_is_refused_with_the_field(text: str) -> None:
    with pytest.raises(Refused) as caught:
        ms_from_iso(text, field="from")
    assert caught.value.body().field == "from"
