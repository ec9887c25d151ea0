"""Throttling as pure decisions: who waits, how long, and that the tables stay bounded."""

import pytest
from noctule_hub.auth.throttle import (
    FORGET_MS,
    FREE_TRIES_ADDRESS,
    FREE_TRIES_PAIR,
    FREE_TRIES_USER,
    MAX_WAIT_MS,
    AddressLimit,
    LoginThrottle,
    address_key,
    is_known,
)
from noctule_hub.core.accounts import Backoff

NOW_MS = 1_795_000_000_000


def fail(throttle: LoginThrottle, times: int, *, user: str = "ada", address: str = "192.0.2.1") -> list[float | None]:
    return [throttle.admit(user, address, NOW_MS) for _ in range(times)]


def test_the_first_tries_are_free_then_one_waits() -> None:
    waits = fail(LoginThrottle(), FREE_TRIES_PAIR + 1)
    assert waits[:-1] == [None] * FREE_TRIES_PAIR
    assert waits[-1] == pytest.approx(1.0)


def test_each_further_failure_doubles_the_wait_up_to_the_maximum() -> None:
    throttle, now_ms, waits = LoginThrottle(), NOW_MS, []
    fail(throttle, FREE_TRIES_PAIR)
    for _ in range(12):
        wait_s = throttle.admit("ada", "192.0.2.1", now_ms)
        assert wait_s is not None
        waits.append(wait_s)
        now_ms += round(wait_s * 1000)
        assert throttle.admit("ada", "192.0.2.1", now_ms) is None
    assert waits[:4] == [1, 2, 4, 8]
    assert max(waits) == MAX_WAIT_MS / 1000


def test_tries_in_parallel_count_before_they_are_answered() -> None:
    assert fail(LoginThrottle(), 50).count(None) == FREE_TRIES_PAIR


def test_an_attacker_elsewhere_does_not_lock_a_user_out() -> None:
    throttle = LoginThrottle()
    fail(throttle, 50, address="198.51.100.9")
    assert throttle.admit("ada", "192.0.2.1", NOW_MS) is None


def test_one_address_may_not_try_all_users() -> None:
    throttle = LoginThrottle()
    admitted = [throttle.admit(f"user{number}", "192.0.2.1", NOW_MS) for number in range(100)]
    assert admitted.count(None) == FREE_TRIES_ADDRESS


def test_success_forgets_a_users_failures_but_not_the_others_at_that_address() -> None:
    throttle = LoginThrottle()
    for number in range(FREE_TRIES_ADDRESS - 1):
        throttle.admit(f"user{number}", "192.0.2.1", NOW_MS)
    assert throttle.admit("ada", "192.0.2.1", NOW_MS) is None
    throttle.succeeded("ada", "192.0.2.1")
    assert throttle.admit("ada", "192.0.2.1", NOW_MS) is None
    assert throttle.admit("eve", "192.0.2.1", NOW_MS) is not None


def test_the_case_of_a_name_makes_no_new_user() -> None:
    throttle = LoginThrottle()
    fail(throttle, FREE_TRIES_PAIR, user="ada")
    assert throttle.admit("ADA", "192.0.2.1", NOW_MS) is not None


def test_failures_are_forgotten_after_a_quiet_time() -> None:
    throttle = LoginThrottle()
    fail(throttle, FREE_TRIES_PAIR)
    assert throttle.admit("ada", "192.0.2.1", NOW_MS + FORGET_MS + 1) is None
    assert throttle.admit("ada", "192.0.2.1", NOW_MS + FORGET_MS + 1) is None


def test_the_table_stays_bounded_and_counts_what_it_dropped() -> None:
    throttle = LoginThrottle(max_entries=10)
    for number in range(50):
        throttle.admit(f"user{number}", f"192.0.2.{number}", NOW_MS)
    assert len(throttle) == 10
    assert throttle.evicted == 140


def strangers(throttle: LoginThrottle, count: int, now_ms: int = NOW_MS) -> list[float | None]:
    return [throttle.admit("ada", f"198.51.{number // 250}.{number % 250}", now_ms) for number in range(count)]


def test_many_addresses_together_wait_for_one_user() -> None:
    throttle = LoginThrottle()
    assert strangers(throttle, 200).count(None) == FREE_TRIES_USER
    assert throttle.admit("eve", "198.51.0.1", NOW_MS) is None


def test_where_a_user_signed_in_before_it_is_not_locked_out_by_strangers() -> None:
    throttle = LoginThrottle()
    strangers(throttle, 200)
    assert throttle.admit("ada", "192.0.2.1", NOW_MS) is not None
    assert throttle.admit("ada", "192.0.2.1", NOW_MS, known=True) is None
    throttle.succeeded("ada", "192.0.2.1", known=True)
    assert throttle.admit("ada", "203.0.113.7", NOW_MS) is not None


def test_success_from_a_strange_address_forgets_what_strangers_did() -> None:
    throttle = LoginThrottle()
    strangers(throttle, FREE_TRIES_USER)
    assert throttle.admit("ada", "203.0.113.7", NOW_MS + 1001) is None
    throttle.succeeded("ada", "203.0.113.7")
    assert throttle.admit("ada", "203.0.113.8", NOW_MS + 1001) is None


def test_what_was_kept_over_a_restart_goes_on_where_it_was() -> None:
    before = LoginThrottle()
    strangers(before, FREE_TRIES_USER)
    kept = before.backoff("ada", "198.51.0.19", NOW_MS)
    assert kept == Backoff(FREE_TRIES_USER, NOW_MS, NOW_MS + 1000)
    after = LoginThrottle()
    assert after.admit("ada", "203.0.113.7", NOW_MS, kept=kept) == 1.0
    assert after.admit("ada", "203.0.113.7", NOW_MS + 1001, kept=kept) is None
    assert after.admit("ada", "203.0.113.8", NOW_MS + 1001, kept=kept) == 2.0


def test_nothing_is_kept_before_a_wait_begins() -> None:
    throttle = LoginThrottle()
    fail(throttle, FREE_TRIES_PAIR - 1)
    assert throttle.backoff("ada", "192.0.2.1", NOW_MS) is None
    fail(throttle, 1)
    assert throttle.backoff("ada", "192.0.2.1", NOW_MS) == Backoff(FREE_TRIES_PAIR, NOW_MS, NOW_MS + 1000)


def test_a_clock_that_was_set_back_makes_no_wait_longer_than_the_longest() -> None:
    kept = Backoff(50, NOW_MS + 10**9, NOW_MS + 10**9)
    assert LoginThrottle().admit("ada", "192.0.2.1", NOW_MS, kept=kept) == MAX_WAIT_MS / 1000


def test_a_try_that_came_to_no_verdict_is_taken_back() -> None:
    throttle = LoginThrottle()
    for _ in range(50):
        assert throttle.admit("ada", "192.0.2.1", NOW_MS) is None
        throttle.take_back("ada", "192.0.2.1")
    fail(throttle, FREE_TRIES_PAIR - 1)
    assert throttle.admit("ada", "192.0.2.1", NOW_MS) is None
    throttle.take_back("ada", "192.0.2.1")
    assert throttle.admit("ada", "192.0.2.1", NOW_MS) is None


def test_an_address_is_known_by_its_network_where_one_host_has_all_of_it() -> None:
    assert is_known("2001:db8::1", ["2001:db8::77"])
    assert not is_known("192.0.2.1", ["192.0.2.2"])


def test_a_bucket_gives_its_burst_and_then_refills() -> None:
    limit = AddressLimit(burst=3, refill_ms=1000)
    assert [limit.admit("192.0.2.1", NOW_MS) for _ in range(4)] == [None, None, None, 1.0]
    assert limit.admit("192.0.2.2", NOW_MS) is None
    assert limit.admit("192.0.2.1", NOW_MS + 1000) is None
    assert limit.refused == 1


def test_a_clock_that_steps_back_gives_nothing_and_breaks_nothing() -> None:
    limit = AddressLimit(burst=1, refill_ms=1000)
    assert limit.admit("192.0.2.1", NOW_MS) is None
    wait_s = limit.admit("192.0.2.1", NOW_MS - 60_000)
    assert wait_s == 1.0


def test_buckets_stay_bounded() -> None:
    limit = AddressLimit(burst=1, refill_ms=1000, max_entries=5)
    for number in range(20):
        limit.admit(f"192.0.2.{number}", NOW_MS)
    assert limit.evicted == 15


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8::1", "2001:db8::/64"),
        ("2001:db8::ffff:1", "2001:db8::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
    ],
)
def test_what_an_address_counts_as(address: str, key: str) -> None:
    assert address_key(address) == key
