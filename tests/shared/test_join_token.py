"""A join token is read as it was printed, and never repeated in an error."""

import pytest
from noctule_shared.errors import Refused
from noctule_shared.join_token import JoinToken, parse_join_token

TOKEN = JoinToken(7, "A" * 32, "0123456789abcdef" * 2)


def test_token_comes_back_with_blanks_around_it() -> None:
    assert parse_join_token(f"  {TOKEN.text()}\n") == TOKEN


def test_secret_is_not_in_the_repr() -> None:
    assert TOKEN.secret not in repr(TOKEN)


@pytest.mark.parametrize(
    "text", ["", "nct_7", "nct_7_short_00", TOKEN.text() + "x", TOKEN.text().replace("nct", "abc")]
)
def test_other_text_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(Refused) as caught:
        parse_join_token(text)
    assert caught.value.field == "token"
    assert not text or text not in str(caught.value)
