"""Words for levels and qualities are the field's own."""

import pytest
from noctule_shared.axes import IF_STATUS_BY_NUMBER, IfStatus, Quality


@pytest.mark.parametrize(
    ("number", "name"),
    [(1, "up"), (2, "down"), (3, "testing"), (4, "unknown"), (5, "dormant"), (6, "notPresent"), (7, "lowerLayerDown")],
)
def test_if_status_numbers_are_those_of_rfc_2863(number: int, name: str) -> None:
    assert IF_STATUS_BY_NUMBER[number] == IfStatus(name)


def test_quality_words_name_every_flag_or_ok() -> None:
    assert Quality.OK.words() == ["ok"]
    assert (Quality.WRAP | Quality.CLOCK).words() == ["wrap", "clock"]
