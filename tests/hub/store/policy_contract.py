"""What policies, steps by the clock and messages of groups of any backend must do; part of `contract`."""

from dataclasses import replace

import msgspec
import pytest
from noctule_hub.core.alerting.rules import SEEDED, NewRule
from noctule_hub.core.commit import Commit
from noctule_hub.core.notifying.channels import Channel
from noctule_hub.core.notifying.deliveries import (
    ChannelHealth,
    ChannelState,
    DeliveryKind,
    DeliveryState,
    Gathering,
    Group,
    NewDelivery,
    Outcome,
    Pace,
)
from noctule_hub.core.notifying.escalation import Escalation
from noctule_hub.core.notifying.policies import DEFAULT_FIELDS, DEFAULT_ID, Policy, Step
from noctule_hub.core.notifying.routing import Decided, Situation
from noctule_hub.store.protocol import Store
from noctule_shared.alerts import IncidentRef
from noctule_shared.errors import ErrorCode, Refused
from noctule_shared.events import AlertState
from noctule_shared.silences import SilenceRef

from tests.hub.store.channel_contract import ALERT, BY, FAILED, TAKEN, add, all_of, refused
from tests.hub.store.samples import NOW_MS, alert

CORE = replace(DEFAULT_FIELDS, name="core", steps=(Step(0, (1,)), Step(900, None)), repeat_s=3600)
RUNG = Escalation(ALERT, 1, NOW_MS, 0, NOW_MS, 1, NOW_MS + 10)
GROUP = Group("1:site:2", 10, 60)


def of(rule: str, policy_id: int) -> NewRule:
    seeded = next(one for one in SEEDED if one.name == rule)
    return NewRule(seeded.name, seeded.condition, seeded.severity, seeded.for_ms, policy_id=policy_id)


async def decide(store: Store, decided: Decided, *, now_ms: int = NOW_MS) -> Situation:
    seen: list[Situation] = []

    def route(situation: Situation) -> Decided:
        seen.append(situation)
        return decided

    await store.queue_alerts(route, (1, 2), up_to_seq=1, now_ms=now_ms)
    return seen[0]


async def due(store: Store, now_ms: int, after: Escalation | None = None) -> dict[int, Escalation]:
    seen: dict[int, Escalation] = {}

    def route(situation: Situation) -> Decided:
        seen.update(situation.escalations)
        return Decided([], dict.fromkeys(situation.escalations, after))

    await store.queue_due(route, now_ms=now_ms)
    return seen


async def queue(store: Store, *alert_ids: int, kind: DeliveryKind = DeliveryKind.NEW, now_ms: int = NOW_MS) -> None:
    new = [
        NewDelivery(1, now_ms % 10**6, kind, msgspec.structs.replace(ALERT, id=one), DEFAULT_ID, one, GROUP)
        for one in alert_ids
    ]
    await decide(store, Decided(new, {}), now_ms=now_ms)


class PolicyContract:
    """Policies, and what they queue."""

    async def test_a_new_store_has_the_default_policy_which_stays(self, store: Store) -> None:
        assert await store.policies() == [Policy(DEFAULT_ID, DEFAULT_FIELDS, 0, 1)]
        with pytest.raises(Refused, check=refused(ErrorCode.INVALID, "id")):
            await store.remove_policy(DEFAULT_ID, by=BY)
        changed = await store.update_policy(DEFAULT_ID, replace(DEFAULT_FIELDS, recovery=False), revision=1, by=BY)
        assert (changed.fields.recovery, changed.revision) == (False, 2)

    async def test_a_policy_is_kept_whole_and_names_only_channels_that_are_there(self, store: Store) -> None:
        with pytest.raises(Refused, check=refused(ErrorCode.INVALID, "steps[0].channelIds")):
            await store.add_policy(CORE, by=BY)
        await add(store)
        policy = await store.add_policy(CORE, by=BY)
        assert policy == await store.policy(policy.id) == Policy(policy.id, CORE, NOW_MS, 1)
        with pytest.raises(Refused, check=refused(ErrorCode.INVALID, "name")):
            await store.add_policy(replace(CORE, name="CORE"), by=BY)
        with pytest.raises(Refused, check=refused(ErrorCode.INVALID, "revision")):
            await store.update_policy(policy.id, CORE, revision=7, by=BY)
        with pytest.raises(Refused, check=refused(ErrorCode.INVALID, "id")):
            await store.remove_channel(1, by=BY)
        await store.remove_policy(policy.id, by=BY)
        for missing in (store.policy(policy.id), store.remove_policy(policy.id, by=BY)):
            with pytest.raises(Refused, check=refused(ErrorCode.NOT_FOUND)):
                await missing
        await store.remove_channel(1, by=BY)

    async def test_rules_name_policies_that_are_there_and_keep_them(self, store: Store) -> None:
        await add(store)
        policy = await store.add_policy(CORE, by=BY)
        with pytest.raises(Refused, check=refused(ErrorCode.INVALID, "policyId")):
            await store.update_rule(1, of("device-offline", 77), revision=1, by=BY)
        named = await store.update_rule(1, of("device-offline", policy.id), revision=1, by=BY)
        assert named.policy_id == policy.id
        with pytest.raises(Refused, check=refused(ErrorCode.INVALID, "id")):
            await store.remove_policy(policy.id, by=BY)
        situation = await decide(store, Decided([], {}))
        assert situation.policy_ids == {"device-offline": policy.id}
        assert situation.policy_of(ALERT).id == policy.id

    async def test_how_far_an_alert_has_come_is_kept_and_forgotten(self, store: Store) -> None:
        await decide(store, Decided([], {1: RUNG, 2: None}))
        assert (await decide(store, Decided([], {}))).escalations == {1: RUNG}
        assert await store.next_step_ms() == NOW_MS + 10
        assert await due(store, NOW_MS + 9, RUNG) == {}
        later = replace(RUNG, taken_s=900, next_ms=None)
        assert await due(store, NOW_MS + 10, later) == {1: RUNG}
        assert (await decide(store, Decided([], {1: None}))).escalations == {1: later}
        assert (await decide(store, Decided([], {}))).escalations == {}
        assert await store.next_step_ms() is None

    async def test_a_step_is_decided_by_the_alert_as_it_is_committed(self, store: Store) -> None:
        kept = alert(1)
        await decide(store, Decided([], {kept.id: replace(RUNG, alert=msgspec.structs.replace(ALERT, id=kept.id))}))
        taken = replace(kept, state=AlertState.FIRING, acknowledged_by="ada", silenced_by=SilenceRef(3, "works"))
        await store.commit(Commit(now_ms=NOW_MS, alerts=[taken]))
        # Nobody has looked at the log since: the hub was killed between both.
        found = (await due(store, NOW_MS + 10, RUNG))[kept.id].alert
        assert (found.acknowledged_by, found.silenced_by) == ("ada", SilenceRef(3, "works"))

    async def test_the_first_channel_that_is_enabled_again_hears_nothing_of_before(self, store: Store) -> None:
        channel = await add(store)
        await decide(store, Decided([], {1: RUNG}))
        off = await store.update_channel(
            channel.id, replace(channel.fields, enabled=False), revision=1, seal=None, by=BY
        )
        assert await store.next_step_ms() == RUNG.next_ms
        await store.update_channel(channel.id, channel.fields, revision=off.revision, seal=None, by=BY)
        assert await store.next_step_ms() is None

    async def test_a_changed_policy_lets_all_that_rings_be_looked_at(self, store: Store) -> None:
        await decide(store, Decided([], {1: replace(RUNG, next_ms=None), 2: replace(RUNG, rang_ms=None, next_ms=None)}))
        assert await store.next_step_ms() is None
        await store.update_policy(DEFAULT_ID, replace(DEFAULT_FIELDS, repeat_s=600), revision=1, by=BY)
        assert await store.next_step_ms() == NOW_MS

    async def test_a_group_is_one_message_until_it_is_taken(self, store: Store) -> None:
        await add(store)
        await queue(store, 1, 2)
        assert [one.due for one in await store.waiting(NOW_MS + 9)] == [0]
        assert [one.due for one in await store.waiting(NOW_MS + 10)] == [1]
        # Joined late, it does not put the message off.
        await queue(store, 3, now_ms=NOW_MS + 5)
        parcel = await store.take_parcel(1, bundle=False, now_ms=NOW_MS + 10)
        assert parcel is not None
        assert (parcel.count, parcel.gathering) == (3, Gathering.GROUP)
        await queue(store, 4, now_ms=NOW_MS + 11)
        assert await store.take_parcel(1, bundle=False, now_ms=NOW_MS + 11) == parcel
        await store.settle_parcel(parcel.public_id, TAKEN, next_ms=None, now_ms=NOW_MS + 11)
        assert [one.next_ms for one in await store.waiting(NOW_MS + 11)] == [NOW_MS + 71]
        later = await store.take_parcel(1, bundle=False, now_ms=NOW_MS + 71)
        assert later is not None
        assert (later.count, later.gathering) == (1, Gathering.FOLLOW_UP)

    async def test_a_message_that_may_have_been_sent_says_the_same_when_it_goes_again(self, store: Store) -> None:
        await add(store)
        await queue(store, 1)
        told = msgspec.structs.replace(ALERT, id=1)

        async def incident(number: int) -> None:
            grown = msgspec.structs.replace(told, incident=IncidentRef(number, f"fallen: {number}", 0))
            await decide(store, Decided([], {1: replace(RUNG, alert=grown)}))

        await incident(1)
        await incident(2)
        first = await store.take_parcel(1, bundle=False, now_ms=NOW_MS + 10)
        assert first is not None
        assert first.items[0].alert.incident == IncidentRef(2, "fallen: 2", 0)
        # The hub dies here, between the receiver's answer and its own note.
        await incident(3)
        assert await store.take_parcel(1, bundle=False, now_ms=NOW_MS + 11) == first

    async def test_a_summary_takes_groups_that_were_not_sent_yet_with_it(self, store: Store) -> None:
        await add(store)
        await queue(store, 1, 2)
        alone = NewDelivery(1, 9, DeliveryKind.NEW, msgspec.structs.replace(ALERT, id=9), DEFAULT_ID)
        await decide(store, Decided([alone], {}), now_ms=NOW_MS + 10)
        assert [one.due for one in await store.waiting(NOW_MS + 10)] == [2]
        summary = await store.take_parcel(1, bundle=True, now_ms=NOW_MS + 10)
        assert summary is not None
        assert (summary.count, summary.gathering) == (3, Gathering.SUMMARY)

    async def test_a_reminder_is_the_problem_where_that_is_not_known_and_goes_when_it_is_late(
        self, store: Store
    ) -> None:
        await add(store)
        await queue(store, 1, kind=DeliveryKind.REMINDER)
        (problem,) = await all_of(store)
        assert problem.kind is DeliveryKind.NEW
        # Beside one that waits, nothing more is said.
        await queue(store, 1, kind=DeliveryKind.REMINDER, now_ms=NOW_MS + 1)
        assert len(await all_of(store)) == 1
        await store.settle_parcel(problem.public_id, TAKEN, next_ms=None, now_ms=NOW_MS + 2)
        await queue(store, 1, kind=DeliveryKind.REMINDER, now_ms=NOW_MS + 3)
        reminder = (await all_of(store))[1]
        assert reminder.kind is DeliveryKind.REMINDER
        await store.settle_parcel(reminder.public_id, FAILED, next_ms=NOW_MS + 9, now_ms=NOW_MS + 4)
        held = replace(RUNG, alert=msgspec.structs.replace(ALERT, acknowledged_by="ada"))
        await decide(store, Decided([], {1: held}))
        assert [one.kind for one in await all_of(store)] == [DeliveryKind.NEW]

    async def test_how_a_channel_does_is_known_by_its_newest_attempt(self, store: Store) -> None:
        channel: Channel = await add(store)
        assert await store.channel_states() == {channel.id: ChannelState()}
        await queue(store, 1)
        (one,) = await all_of(store)
        refusal = Outcome(delivered=False, text="answered 404", permanent=True)
        for number, outcome in enumerate((FAILED, refusal)):
            await store.settle_parcel(one.public_id, outcome, next_ms=NOW_MS, now_ms=NOW_MS + number)
        parcel = await store.take_parcel(1, bundle=False, now_ms=NOW_MS)
        assert parcel is not None
        assert (parcel.attempts, parcel.refusals) == (2, 1)
        state = (await store.channel_states())[1]
        assert state == ChannelState(1, 0, NOW_MS + 1, "answered 404", NOW_MS)
        assert state.health is ChannelHealth.FAILING
        await store.settle_parcel(one.public_id, TAKEN, next_ms=None, now_ms=NOW_MS + 2)
        assert (await store.channel_states())[1].health is ChannelHealth.WORKS
        assert (await all_of(store))[0].state is DeliveryState.DELIVERED

    async def test_a_test_message_is_the_newest_attempt_of_its_channel_and_delays_no_delivery(
        self, store: Store
    ) -> None:
        await add(store)
        await store.note_trial(1, TAKEN, now_ms=NOW_MS)
        assert (await store.channel_states())[1] == ChannelState(0, 0, NOW_MS, TAKEN.text)
        await store.note_trial(1, replace(FAILED, retry_after_ms=60_000), now_ms=NOW_MS + 1)
        state = (await store.channel_states())[1]
        assert (state.health, state.failing_since_ms) == (ChannelHealth.FAILING, NOW_MS + 1)
        await queue(store, 1, now_ms=NOW_MS)
        (waiting,) = await store.waiting(NOW_MS)
        assert waiting.pace == Pace()
        await store.note_trial(77, TAKEN, now_ms=NOW_MS)
        assert list(await store.channel_states()) == [1]
