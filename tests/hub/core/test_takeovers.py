"""One link in the place of another is an agent that came back; three in ten minutes are two agents."""

from noctule_hub.core.takeovers import WINDOW_MS, Takeovers

NOW_MS = 1_795_000_000_000


def take(takeovers: Takeovers, turn: int, now_ms: int, agent_id: int = 1) -> bool:
    """Let one of two programs take the other's place."""
    return takeovers.count(agent_id, now_ms, displaced=turn % 2, instance=(turn + 1) % 2)


def test_third_takeover_in_ten_minutes_keeps_everybody_out_for_ten_more() -> None:
    takeovers = Takeovers()
    counted = [take(takeovers, turn, NOW_MS + after_ms) for turn, after_ms in enumerate((0, 1_000, WINDOW_MS))]
    assert counted == [False, False, True]
    assert takeovers.refused_for_ms(1, NOW_MS + WINDOW_MS) == WINDOW_MS
    assert takeovers.refused_for_ms(1, NOW_MS + 2 * WINDOW_MS) == 0
    assert takeovers.refused_for_ms(2, NOW_MS + WINDOW_MS) == 0


def test_takeovers_further_apart_are_an_agent_that_comes_back_now_and_then() -> None:
    takeovers = Takeovers()
    assert not any(take(takeovers, turn, NOW_MS + turn * (WINDOW_MS // 2 + 1)) for turn in range(20))


def test_agent_that_is_started_again_and_again_is_one_agent() -> None:
    takeovers = Takeovers()
    assert not any(takeovers.count(1, NOW_MS + turn, displaced=turn, instance=turn + 1) for turn in range(20))


def test_after_the_quarrel_it_takes_three_again() -> None:
    takeovers = Takeovers()
    assert [take(takeovers, turn, NOW_MS + turn) for turn in range(6)] == [False, False, True, False, False, True]
