"""What a receiver's answer means for the next attempt."""

import pytest
from noctule_hub.core.notifying.answers import is_mail_refusal, is_refusal, retry_after_s

NOW_MS = 1_795_000_000_000


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 410, 413, 422, 451])
def test_refusals_that_would_be_repeated_are_permanent(status: int) -> None:
    assert is_refusal(status)


@pytest.mark.parametrize("status", [200, 302, 408, 409, 421, 423, 425, 429, 500, 502, 503, 504])
def test_other_answers_may_be_different_later(status: int) -> None:
    assert not is_refusal(status)


def test_a_mail_server_refuses_for_good_by_5xx_only() -> None:
    assert [code for code in (250, 421, 450, 550, 554) if is_mail_refusal(code)] == [550, 554]


@pytest.mark.parametrize(
    ("status", "header", "expected_s"),
    [
        (429, "120", 120.0),
        (503, " 5 ", 5.0),
        (429, "Wed, 18 Nov 2026 11:07:40 GMT", 1_795_000_060.0 - NOW_MS / 1000),
        (429, "Wed, 01 Jan 2020 00:00:00 GMT", 0.0),
        (429, "9" * 400, 999_999_999.0),
        (429, "soon", None),
        (429, "-5", None),
        (429, None, None),
        (404, "120", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(status: int, header: str | None, expected_s: float | None) -> None:
    assert retry_after_s(status, header, now_ms=NOW_MS) == expected_s
