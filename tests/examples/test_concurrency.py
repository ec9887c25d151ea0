import asyncio

import pytest
from demo.concurrency import first_of, together


async def value(result: int) -> int:
    return result


async def failing() -> int:
    raise LookupError("the reason")


async def for_ever(ended: asyncio.Event) -> int:
    try:
        await asyncio.Event().wait()
    finally:
        ended.set()
    return 0


async def test_together_returns_results_in_order() -> None:
    assert await together(value(1), value(2), value(3)) == [1, 2, 3]


async def test_together_raises_the_error_itself_when_the_others_have_ended() -> None:
    ended = asyncio.Event()
    with pytest.raises(LookupError, match="the reason"):
        await together(for_ever(ended), failing())
    assert ended.is_set()


async def test_first_of_ends_the_others() -> None:
    ended = asyncio.Event()
    await first_of(for_ever(ended), value(1))
    assert ended.is_set()


async def test_first_of_prefers_the_error_that_is_named_first() -> None:
    async def later() -> None:
        raise ValueError("a consequence")

    with pytest.raises(LookupError):
        await first_of(failing(), later())


async def test_first_of_ends_all_when_it_is_cancelled() -> None:
    ended = asyncio.Event()
    racing = asyncio.create_task(first_of(for_ever(ended)))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    racing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await racing
    assert ended.is_set()
