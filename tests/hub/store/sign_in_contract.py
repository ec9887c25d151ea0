"""What any backend of the store must do with users, sessions, programs' tokens and refusals."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from noctule_hub.core.accounts import Backoff, RefreshToken, SessionEnd, Use, User
from noctule_hub.core.audit import Authorship, local
from noctule_hub.core.principal import Role
from noctule_hub.store.protocol import Store
from noctule_shared.errors import ErrorCode, Refused

from tests.hub.store.resources_contract import Reopen
from tests.hub.store.samples import NOW_MS

BY = local(NOW_MS)


def refused(code: ErrorCode, field: str | None = None) -> Callable[[Refused], bool]:
    return lambda error: error.code == code and error.field == field


def at(ms: int) -> Authorship:
    return Authorship("user:1", "root", "192.0.2.1", NOW_MS + ms)


async def add(store: Store, name: str = "Ada", role: Role = Role.CUSTOMER) -> User:
    customer_id = 4 if role is Role.CUSTOMER else None
    return await store.add_user(username=name, password_hash="$argon2id$x", role=role, customer_id=customer_id, by=BY)


async def start(store: Store, user_id: int, secret_hash: str, *, by: Authorship = BY) -> RefreshToken:
    return await store.start_session(
        user_id, secret_hash=secret_hash, expires_ms=by.at_ms + 100, client="curl", clear_backoff=True, by=by
    )


async def audited(store: Store) -> list[tuple[str, str, str]]:
    entries = await store.audit_entries(before_id=None, kind=None, object_id=None, subject=None, limit=100)
    assert "argon2id" not in repr(entries)
    return [(entry.action.value, entry.kind, entry.name) for entry in reversed(entries)]


class UserContract:
    async def test_a_user_is_found_by_name_in_any_case(self, store: Store) -> None:
        user = await add(store)
        found = (await store.sign_in_state("aDA")).user
        assert found == user
        assert (user.username, user.role, user.customer_id, user.disabled) == ("Ada", Role.CUSTOMER, 4, False)
        assert (user.min_issued_ms, user.password_hash) == (0, "$argon2id$x")
        assert (await store.sign_in_state("eve")).user is None
        assert await store.users() == [user]
        assert (await store.user(user.id), await store.user(user.id + 1)) == (user, None)

    async def test_a_taken_username_is_refused(self, store: Store) -> None:
        await add(store)
        with pytest.raises(Refused, check=refused(ErrorCode.INVALID, "username")):
            await add(store, "ADA")

    async def test_a_change_needs_the_newest_revision_and_is_audited(self, store: Store) -> None:
        user = await add(store)
        values = {"role": Role.VIEWER, "customer_id": None, "disabled": False}
        changed = await store.change_user(user.id, revision=1, by=at(1), **values)  # type: ignore[arg-type]
        assert changed == replace(user, role=Role.VIEWER, customer_id=None, revision=2)
        assert await store.user(user.id) == changed
        with pytest.raises(Refused, check=refused(ErrorCode.INVALID, "revision")):
            await store.change_user(user.id, revision=1, by=BY, **values)  # type: ignore[arg-type]
        assert await store.change_user(user.id, revision=2, by=BY, **values) == changed  # type: ignore[arg-type]
        with pytest.raises(Refused, check=refused(ErrorCode.NOT_FOUND)):
            await store.change_user(99, revision=1, by=BY, **values)  # type: ignore[arg-type]
        assert await audited(store) == [("added", "user", "Ada"), ("changed", "user", "Ada")]

    async def test_a_disabled_user_has_no_sessions_also_when_it_is_enabled_again(self, store: Store) -> None:
        user = await add(store)
        token = await start(store, user.id, "h1")
        off = await store.change_user(user.id, revision=1, role=user.role, customer_id=4, disabled=True, by=at(5))
        assert off.min_issued_ms == NOW_MS + 6
        on = await store.change_user(user.id, revision=2, role=user.role, customer_id=4, disabled=False, by=at(6))
        assert (on.disabled, on.min_issued_ms) == (False, NOW_MS + 6)
        assert await store.user_in_session(user.id, token.session_id) is None
        ended = await store.refresh_token("h1")
        assert ended is not None
        assert ended.ended_ms == NOW_MS + 5

    async def test_the_last_administrator_cannot_be_removed_demoted_or_disabled(self, store: Store) -> None:
        root = await add(store, "root", Role.ADMIN)
        second = await add(store, "second", Role.ADMIN)
        await store.change_user(second.id, revision=1, role=Role.ADMIN, customer_id=None, disabled=True, by=BY)
        for field, role, disabled in (("role", Role.VIEWER, False), ("disabled", Role.ADMIN, True)):
            with pytest.raises(Refused, check=refused(ErrorCode.INVALID, field)):
                await store.change_user(root.id, revision=1, role=role, customer_id=None, disabled=disabled, by=BY)
        with pytest.raises(Refused, check=refused(ErrorCode.INVALID, "id")):
            await store.remove_user(root.id, by=BY)
        await store.change_user(second.id, revision=2, role=Role.ADMIN, customer_id=None, disabled=False, by=BY)
        await store.remove_user(root.id, by=BY)
        with pytest.raises(Refused, check=refused(ErrorCode.INVALID, "id")):
            await store.remove_user(second.id, by=BY)

    async def test_a_removed_user_is_gone_with_its_sessions_and_its_id_is_not_used_again(self, store: Store) -> None:
        user = await add(store)
        await start(store, user.id, "h1")
        await store.keep_backoff(user.id, Backoff(6, NOW_MS, NOW_MS + 1), by=BY)
        await store.remove_user(user.id, by=at(1))
        assert (await store.users(), await store.refresh_token("h1")) == ([], None)
        assert (await add(store)).id > user.id
        with pytest.raises(Refused, check=refused(ErrorCode.NOT_FOUND)):
            await store.remove_user(user.id, by=BY)

    async def test_a_new_password_ends_all_sessions_and_makes_tokens_of_before_worthless(self, store: Store) -> None:
        user = await add(store)
        token = await start(store, user.id, "h1")
        changed = await store.set_password(user.id, password_hash="$argon2id$y", by=at(7))
        assert (changed.password_hash, changed.min_issued_ms, changed.revision) == ("$argon2id$y", NOW_MS + 8, 2)
        assert await store.sessions(user.id, now_ms=NOW_MS) == []
        assert await store.user_in_session(user.id, token.session_id) is None
        again = await store.set_password(user.id, password_hash="$argon2id$z", by=at(7))
        assert again.min_issued_ms == NOW_MS + 9

    async def test_a_rehash_does_not_undo_a_new_password(self, store: Store) -> None:
        user = await add(store)
        await store.rehash_password(user.id, former_hash="$argon2id$x", password_hash="$argon2id$x2")
        kept = await store.user(user.id)
        assert kept == replace(user, password_hash="$argon2id$x2")
        await store.rehash_password(user.id, former_hash="$argon2id$x", password_hash="$argon2id$x3")
        assert await store.user(user.id) == kept


class SessionContract:
    async def test_a_rotation_is_marked_used_once_and_has_its_successor_in_the_session(self, store: Store) -> None:
        user = await add(store)
        first = await start(store, user.id, "h1")
        second = await store.rotate_refresh_token(
            first.id, secret_hash="h2", issued_ms=NOW_MS + 1, expires_ms=NOW_MS + 101
        )
        await store.rotate_refresh_token(first.id, secret_hash="h3", issued_ms=NOW_MS + 2, expires_ms=NOW_MS + 102)
        assert await store.refresh_token("h1") == replace(first, used_ms=NOW_MS + 1)
        assert (second.session_id, second.user_id, second.used_ms) == (first.session_id, user.id, None)
        assert await store.refresh_token("h2") == second
        assert await store.refresh_token("h9") is None
        (session,) = await store.sessions(user.id, now_ms=NOW_MS)
        assert (session.created_ms, session.seen_ms, session.expires_ms) == (NOW_MS, NOW_MS + 2, NOW_MS + 102)

    async def test_an_ended_session_cannot_be_rotated(self, store: Store) -> None:
        user = await add(store)
        first = await start(store, user.id, "h1")
        ended = await store.end_session(first.session_id, SessionEnd.ENDED, user_id=user.id, by=at(1))
        assert (ended.ended_ms, ended.end_reason) == (NOW_MS + 1, SessionEnd.ENDED)
        with pytest.raises(Refused, check=refused(ErrorCode.UNAUTHORISED)):
            await store.rotate_refresh_token(first.id, secret_hash="h2", issued_ms=NOW_MS, expires_ms=NOW_MS)
        assert await store.refresh_token("h1") == replace(first, ended_ms=NOW_MS + 1)
        again = await store.end_session(first.session_id, SessionEnd.SIGNED_OUT, user_id=None, by=at(2))
        assert again == ended
        assert await audited(store) == [
            ("added", "user", "Ada"), ("signed-in", "session", "Ada"), ("ended", "session", "Ada"),
        ]  # fmt: skip

    async def test_a_session_is_ended_by_its_own_user_alone(self, store: Store) -> None:
        user, other = await add(store), await add(store, "Eve")
        token = await start(store, user.id, "h1")
        for session_id in (token.session_id, token.session_id + 1):
            with pytest.raises(Refused, check=refused(ErrorCode.NOT_FOUND)):
                await store.end_session(session_id, SessionEnd.ENDED, user_id=other.id, by=BY)
        assert await store.user_in_session(user.id, token.session_id) == user
        assert await store.user_in_session(other.id, token.session_id) is None
        assert await store.user_in_session(user.id, None) == user

    async def test_a_user_has_fifty_sessions_and_the_one_longest_unused_makes_room(self, store: Store) -> None:
        user = await add(store)
        tokens = [await start(store, user.id, f"h{number}", by=at(number)) for number in range(50)]
        await store.rotate_refresh_token(tokens[0].id, secret_hash="r", issued_ms=NOW_MS + 60, expires_ms=NOW_MS + 900)
        await start(store, user.id, "h50", by=at(61))
        left = {session.id for session in await store.sessions(user.id, now_ms=NOW_MS)}
        assert len(left) == 50
        assert tokens[1].session_id not in left
        assert tokens[0].session_id in left

    async def test_who_is_gone_or_disabled_starts_no_session(self, store: Store) -> None:
        user = await add(store)
        await store.change_user(user.id, revision=1, role=user.role, customer_id=4, disabled=True, by=BY)
        for user_id in (user.id, 99):
            with pytest.raises(Refused, check=refused(ErrorCode.UNAUTHORISED)):
                await start(store, user_id, "h1")

    async def test_expired_sessions_are_not_listed_and_later_forgotten(self, store: Store) -> None:
        user = await add(store)
        await start(store, user.id, "h1")
        assert await store.sessions(user.id, now_ms=NOW_MS + 100) == []
        assert await store.refresh_token("h1") is not None
        await start(store, user.id, "h2", by=at(8 * 86_400_000))
        assert await store.refresh_token("h1") is None

    async def test_failed_sign_ins_outlast_a_restart_until_one_succeeds(
        self, store: Store, reopen: Callable[[], object]
    ) -> None:
        user = await add(store)
        backoff = Backoff(7, NOW_MS, NOW_MS + 4000)
        await store.keep_backoff(user.id, backoff, by=BY)
        await store.keep_backoff(99, backoff, by=BY)
        again: Store = await reopen()  # type: ignore[misc]
        assert (await again.sign_in_state("ada")).backoff == backoff
        await start(again, user.id, "h1", by=at(1))
        state = await again.sign_in_state("ada")
        assert (state.backoff, state.addresses) == (None, ("192.0.2.1",))
        assert ("sign-in-blocked", "user", "Ada") in await audited(again)

    async def test_a_session_that_lives_for_years_keeps_no_rotations_of_long_ago(self, store: Store) -> None:
        user = await add(store)
        token = await start(store, user.id, "h0")
        for week in range(1, 4):
            now_ms = NOW_MS + week * 7 * 86_400_000
            token = await store.rotate_refresh_token(
                token.id, secret_hash=f"h{week}", issued_ms=now_ms, expires_ms=now_ms + 100
            )
        assert [await store.refresh_token(f"h{week}") is not None for week in range(4)] == [False, False, True, True]


class ProgramContract:
    async def test_a_long_lived_token_is_revoked_but_stays_listed(self, store: Store) -> None:
        token = await store.add_api_token(name="grafana", role=Role.VIEWER, expires_ms=NOW_MS + 9, by=BY)
        with pytest.raises(Refused, check=refused(ErrorCode.INVALID, "name")):
            await store.add_api_token(name="Grafana", role=Role.VIEWER, expires_ms=NOW_MS + 9, by=BY)
        await store.revoke_api_token(token.id, by=at(1))
        await store.revoke_api_token(token.id, by=at(2))
        revoked = replace(token, revoked_ms=NOW_MS + 1)
        assert await store.api_tokens() == [revoked]
        assert (await store.api_token(token.id), await store.api_token(99)) == (revoked, None)
        with pytest.raises(Refused, check=refused(ErrorCode.NOT_FOUND)):
            await store.revoke_api_token(token.id + 1, by=BY)
        with pytest.raises(Refused, check=refused(ErrorCode.INVALID, "id")):
            await store.rotate_api_token(token.id, expires_ms=NOW_MS, former_until_ms=NOW_MS, by=BY)
        assert await audited(store) == [("added", "token", "grafana"), ("revoked", "token", "grafana")]

    async def test_the_last_use_of_a_token_is_kept_and_only_moves_on(self, store: Store, reopen: Reopen) -> None:
        token = await store.add_api_token(name="grafana", role=Role.VIEWER, expires_ms=NOW_MS + 900, by=BY)
        assert token.used is None
        await store.note_token_uses({token.id: Use(NOW_MS + 5, "192.0.2.9"), 99: Use(NOW_MS, None)})
        await store.note_token_uses({token.id: Use(NOW_MS + 4, "192.0.2.1")})
        again = await (await reopen()).api_token(token.id)
        assert again is not None
        assert again.used == Use(NOW_MS + 5, "192.0.2.9")

    async def test_a_rotated_token_keeps_its_name_and_the_one_before_its_grace(self, store: Store) -> None:
        token = await store.add_api_token(name="grafana", role=Role.VIEWER, expires_ms=NOW_MS + 900, by=BY)
        rotated = await store.rotate_api_token(token.id, expires_ms=NOW_MS + 2000, former_until_ms=NOW_MS + 500, by=BY)
        assert (rotated.id, rotated.name, rotated.issued_ms) == (token.id, "grafana", NOW_MS + 1)
        assert rotated.good_until_ms(NOW_MS + 1) == NOW_MS + 2000
        assert rotated.good_until_ms(NOW_MS) == NOW_MS + 500
        third = await store.rotate_api_token(
            token.id, expires_ms=NOW_MS + 3000, former_until_ms=NOW_MS + 9999, by=at(50)
        )
        assert third.good_until_ms(NOW_MS) is None
        assert third.good_until_ms(NOW_MS + 1) == NOW_MS + 2000

    async def test_a_refusal_covers_its_subject_or_all_of_an_issuer(self, store: Store) -> None:
        one = await store.add_refusal(subject="ext:portal:7", before_ms=None, reason="left", by=BY)
        whole = await store.add_refusal(subject="ext:portal", before_ms=NOW_MS, reason="", by=BY)
        assert await store.refusals_of("ext:portal:7") == [one, whole]
        assert await store.refusals_of("ext:portal:77") == [whole]
        assert await store.refusals_of("ext:other:7") == []
        assert one.covers("ext:portal:7", NOW_MS)
        assert not one.covers("ext:portal:77", NOW_MS)
        assert whole.covers("ext:portal:77", NOW_MS - 1)
        assert not whole.covers("ext:portal:77", NOW_MS)
        assert not whole.covers("ext:portals:7", 0)

    async def test_a_second_refusal_of_a_subject_replaces_the_first(self, store: Store) -> None:
        await store.add_refusal(subject="ext:portal:7", before_ms=None, reason="", by=BY)
        second = await store.add_refusal(subject="ext:portal:7", before_ms=NOW_MS, reason="", by=BY)
        assert await store.refusals() == [second]
        await store.remove_refusal(second.id, by=BY)
        assert await store.refusals() == []
        with pytest.raises(Refused, check=refused(ErrorCode.NOT_FOUND)):
            await store.remove_refusal(second.id, by=BY)


class SignInContract(UserContract, SessionContract, ProgramContract):
    """All that the store knows of who may come in."""
