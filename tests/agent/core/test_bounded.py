"""A table that forgets what was not used for the longest time."""

from noctule_agent.core.bounded import Bounded


def test_entry_least_recently_used_makes_room() -> None:
    table: Bounded[str, int] = Bounded(2)
    table.put("a", 1)
    table.put("b", 2)
    assert table.get("a") == 1
    table.put("c", 3)
    assert (table.get("a"), table.get("b"), table.get("c"), len(table)) == (1, None, 3, 2)


def test_forgotten_entry_is_gone_and_an_unknown_one_is_no_error() -> None:
    table: Bounded[str, int] = Bounded(2)
    table.put("a", 1)
    table.forget("a")
    table.forget("a")
    assert table.get("a") is None
