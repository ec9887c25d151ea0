"""Parents are suggested from links: nearer to the agent, with reasons, and never in a circle."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from noctule_hub.core.parent_suggestions import roots, suggest
from noctule_hub.core.parents import circle
from noctule_hub.core.records import Device
from noctule_hub.core.topology import End, Link

from tests.hub.core.conftest import device


def link(a: int, b: int, *, confirmed: bool = True) -> Link:
    return Link(End(a, None, None, f"to{b}"), End(b, None, None, f"to{a}"), confirmed=confirmed)


def network(size: int, parents: dict[int, tuple[int, ...]] | None = None) -> list[Device]:
    return [replace(device(number), parents=(parents or {}).get(number, ())) for number in range(1, size + 1)]


def found(devices: list[Device], links: list[Link], *root_ids: int) -> dict[int, list[int]]:
    return {one.device_id: [row.device_id for row in one.parents] for one in suggest(devices, links, root_ids)}


def test_who_is_nearer_to_the_root_is_the_parent() -> None:
    links = [link(3, 2), link(1, 2), link(3, 4)]
    assert found(network(5), links, 1) == {2: [1], 3: [2], 4: [3]}
    assert found(network(5), links, 3) == {2: [3], 4: [3], 1: [2]}


def test_two_ways_of_one_length_are_both_suggested_and_a_longer_one_is_not() -> None:
    ring = [link(1, 2), link(1, 3), link(2, 4), link(3, 4), link(2, 3)]
    assert found(network(4), ring, 1) == {2: [1], 3: [1], 4: [2, 3]}


def test_the_reason_names_port_and_certainty() -> None:
    links = [link(1, 2), link(1, 3, confirmed=False)]
    reasons = [one.parents[0].reason for one in suggest(network(3), links, [1])]
    assert reasons == [
        "linked with core1 on to1 (both tell of the link), which is one link nearer to the agent",
        "linked with core1 on to1 (one of them tells of the link), which is one link nearer to the agent",
    ]


def test_what_is_configured_stays_and_leads_further() -> None:
    devices = network(4, {2: (1,)})
    assert roots(devices) == [1]
    # 2 stands behind 1 without a link that is known.
    assert found(devices, [link(2, 3), link(2, 4)], *roots(devices)) == {3: [2], 4: [2]}


def test_another_agents_devices_are_reached_its_own_way() -> None:
    devices = [replace(one, agent_id=2) if one.id == 3 else one for one in network(4)]
    assert found(devices, [link(1, 2), link(2, 3), link(3, 4)], 1) == {2: [1]}


def test_without_a_root_or_with_one_that_is_gone_nothing_is_suggested() -> None:
    assert roots(network(3)) == []
    assert found(network(3), [link(1, 2)]) == {}
    assert found(network(3), [link(1, 2)], 9) == {}


NUMBERS = st.integers(1, 8)


@given(
    st.lists(st.tuples(NUMBERS, NUMBERS).filter(lambda pair: pair[0] != pair[1]), max_size=20),
    st.lists(st.tuples(NUMBERS, NUMBERS), max_size=12),
    st.sets(NUMBERS, min_size=1, max_size=2),
)
def test_no_suggestion_closes_a_circle_or_changes_what_somebody_set(
    links: list[tuple[int, int]], configured: list[tuple[int, int]], root_ids: set[int]
) -> None:
    parents: dict[int, tuple[int, ...]] = {}
    for child, parent in configured:
        wanted = tuple(sorted({*parents.get(child, ()), parent}))
        if circle(child, wanted, parents) is None:
            parents[child] = wanted
    suggested = found(network(8, parents), [link(a, b) for a, b in links], *sorted(root_ids))
    assert not suggested.keys() & (parents.keys() | root_ids)
    for child, wanted_ids in suggested.items():
        assert circle(child, tuple(wanted_ids), parents) is None
        parents[child] = tuple(wanted_ids)
