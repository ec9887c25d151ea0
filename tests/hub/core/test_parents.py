"""Devices stand behind others, never in a circle."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from noctule_hub.core.parents import circle


@pytest.mark.parametrize(
    ("parents", "others", "expected"),
    [
        ((), {}, None),
        ((1,), {}, [1]),
        ((2,), {}, None),
        ((2,), {2: (1,)}, [1, 2]),
        ((2, 3), {2: (4,), 3: (4,)}, None),
        ((2, 3), {3: (4,), 4: (5,), 5: (1,)}, [1, 3, 4, 5]),
        # What the device had before does not count: it is being replaced.
        ((2,), {1: (2,), 2: (3,)}, None),
    ],
)
def test_a_circle_is_named_from_the_device_on(
    parents: tuple[int, ...], others: dict[int, tuple[int, ...]], expected: list[int] | None
) -> None:
    assert circle(1, parents, others) == expected


@given(st.lists(st.tuples(st.integers(1, 8), st.integers(1, 8)), max_size=40))
def test_what_is_accepted_one_after_the_other_never_holds_a_circle(edges: list[tuple[int, int]]) -> None:
    accepted: dict[int, tuple[int, ...]] = {}
    for device_id, parent_id in edges:
        wanted = (*accepted.get(device_id, ()), parent_id)
        if circle(device_id, wanted, accepted) is None:
            accepted[device_id] = wanted
    order: list[int] = []
    waiting = dict(accepted)
    while waiting:
        free = [device for device, parents in waiting.items() if not any(parent in waiting for parent in parents)]
        assert free, f"a circle within {waiting}"
        order.extend(free)
        waiting = {device: parents for device, parents in waiting.items() if device not in free}
