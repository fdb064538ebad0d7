"""Buckets of points: what they give, what they refuse, and when they are full again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.rate_limits import ACTION, BURSTS, Bucket, BucketPolicy, Burst, BurstPolicy, Draw

SMALL = BucketPolicy(capacity=10, refill_per_s=4)

policies = st.builds(BucketPolicy, st.integers(0, 100), st.integers(1, 50))
attempts = st.lists(st.tuples(st.integers(0, 3_000), st.integers(0, 120)), max_size=30)
"""Milliseconds since the last attempt, and points."""


def test_the_default_is_that_of_one_caller() -> None:
    assert BucketPolicy() == BucketPolicy(capacity=2_000, refill_per_s=100)


def test_a_new_bucket_gives_all_it_has_and_no_more() -> None:
    bucket, draw = Bucket().draw(10, SMALL, 0)
    assert draw == Draw(granted=True, remaining=0, retry_after_ms=0, reset_ms=2_500)
    bucket, draw = bucket.draw(1, SMALL, 0)
    assert draw == Draw(granted=False, remaining=0, retry_after_ms=250, reset_ms=2_500)


def test_points_come_back_with_time() -> None:
    bucket, _ = Bucket().draw(10, SMALL, 1_000)
    assert bucket == Bucket(level=10_000, at_ms=1_000)
    bucket, draw = bucket.draw(2, SMALL, 1_499)
    assert draw == Draw(granted=False, remaining=1, retry_after_ms=1, reset_ms=2_001)
    bucket, draw = bucket.draw(2, SMALL, 1_500)
    assert draw == Draw(granted=True, remaining=0, retry_after_ms=0, reset_ms=2_500)


def test_a_full_bucket_gets_no_fuller() -> None:
    bucket, _ = Bucket().draw(3, SMALL, 0)
    _, draw = bucket.draw(0, SMALL, 3_600_000)
    assert draw == Draw(granted=True, remaining=10, retry_after_ms=0, reset_ms=0)


def test_a_look_takes_nothing() -> None:
    bucket, _ = Bucket().draw(4, SMALL, 0)
    looked, draw = bucket.draw(0, SMALL, 0)
    assert draw == Draw(granted=True, remaining=6, retry_after_ms=0, reset_ms=1_000)
    assert looked == bucket


def test_a_third_of_a_point_is_no_point() -> None:
    slow = BucketPolicy(capacity=10, refill_per_s=3)
    bucket, draw = Bucket().draw(10, slow, 0)
    assert draw.reset_ms == 3_334
    assert [bucket.draw(0, slow, ms)[1].remaining for ms in (333, 334, 3_333, 3_334)] == [
        0,
        1,
        9,
        10,
    ]


def test_a_draw_beyond_the_capacity_is_never_granted() -> None:
    bucket, draw = Bucket().draw(11, SMALL, 0)
    assert draw == Draw(granted=False, remaining=10, retry_after_ms=0, reset_ms=0)
    bucket, _ = bucket.draw(4, SMALL, 0)
    _, draw = bucket.draw(11, SMALL, 0)
    assert draw == Draw(granted=False, remaining=6, retry_after_ms=1_000, reset_ms=1_000)


def test_a_bucket_that_was_larger_once_owes_what_it_gave() -> None:
    bucket, _ = Bucket().draw(20, BucketPolicy(capacity=20, refill_per_s=4), 0)
    _, draw = bucket.draw(1, SMALL, 0)
    assert draw == Draw(granted=False, remaining=0, retry_after_ms=2_750, reset_ms=5_000)


def test_a_clock_that_is_set_back_refills_nothing_and_then_goes_on() -> None:
    bucket, _ = Bucket().draw(10, SMALL, 1_000_000)
    bucket, draw = bucket.draw(0, SMALL, 0)
    assert draw.remaining == 0
    assert bucket.draw(0, SMALL, 500)[1].remaining == 2


@pytest.mark.parametrize(("capacity", "refill"), [(-1, 1), (1, 0), (1, -1)])
def test_a_bucket_that_cannot_be_is_refused(capacity: int, refill: int) -> None:
    with pytest.raises(ValueError, match=f"not {capacity} and {refill}"):
        BucketPolicy(capacity, refill)


def test_less_than_nothing_is_not_drawn() -> None:
    with pytest.raises(ValueError, match="not -1"):
        Bucket().draw(-1, SMALL, 0)


@given(policies, attempts)
def test_never_more_than_the_capacity_and_what_came_back(
    policy: BucketPolicy, attempts: list[tuple[int, int]]
) -> None:
    bucket, now = Bucket(), 0
    granted: list[tuple[int, int]] = []
    for pause, points in attempts:
        now += pause
        bucket, draw = bucket.draw(points, policy, now)
        if draw.granted:
            granted.append((now, points))
    # In every stretch of time, not only in the whole.
    for first, (since, _) in enumerate(granted):
        used = 0
        for until, points in granted[first:]:
            used += points
            assert used * 1000 <= policy.capacity * 1000 + policy.refill_per_s * (until - since)


@given(policies, attempts, st.integers(0, 200))
def test_a_refused_draw_changes_nothing_for_the_next(
    policy: BucketPolicy, attempts: list[tuple[int, int]], points: int
) -> None:
    bucket, now = Bucket(), 0
    for pause, each in attempts:
        now += pause
        bucket, _ = bucket.draw(each, policy, now)
    after, draw = bucket.draw(points, policy, now)
    if not draw.granted:
        for later in (0, 1, 777):
            assert after.draw(1, policy, now + later)[1] == bucket.draw(1, policy, now + later)[1]


@given(policies, attempts, st.integers(1, 100))
def test_what_is_promised_for_later_is_kept_and_comes_no_sooner(
    policy: BucketPolicy, attempts: list[tuple[int, int]], points: int
) -> None:
    bucket, now = Bucket(), 0
    for pause, each in attempts:
        now += pause
        bucket, _ = bucket.draw(each, policy, now)
    after, draw = bucket.draw(points, policy, now)
    if points > policy.capacity:
        assert not draw.granted
    elif not draw.granted:
        assert bucket.draw(points, policy, now + draw.retry_after_ms)[1].granted
        assert not bucket.draw(points, policy, now + draw.retry_after_ms - 1)[1].granted
    reset = now + draw.reset_ms
    assert after.draw(0, policy, reset)[1] == Draw(True, policy.capacity, 0, 0)
    if draw.reset_ms:
        assert after.draw(0, policy, reset - 1)[1].reset_ms == 1


@given(policies, attempts)
def test_a_draw_is_granted_exactly_when_so_much_remains(
    policy: BucketPolicy, attempts: list[tuple[int, int]]
) -> None:
    bucket, now = Bucket(), 0
    for pause, points in attempts:
        now += pause
        remaining = bucket.draw(0, policy, now)[1].remaining
        bucket, draw = bucket.draw(points, policy, now)
        assert draw.granted == (points <= remaining)
        assert draw.remaining == remaining - (points if draw.granted else 0)


@given(st.integers(1, 100), st.integers(1, 120))
def test_actions_come_back_so_many_a_minute(at_once: int, per_minute: int) -> None:
    policy = BurstPolicy(at_once, per_minute).bucket
    bucket, draw = Bucket().draw(at_once * ACTION, policy, 0)
    assert draw.granted
    _, draw = bucket.draw(ACTION, policy, 0)
    assert (draw.granted, draw.retry_after_ms) == (False, -(-60_000 // per_minute))
    # What fits in a bucket comes back in the minute; a smaller one is full before.
    _, draw = bucket.draw(min(at_once, per_minute) * ACTION, policy, 60_000)
    assert draw.granted
    _, draw = bucket.draw(0, policy, 60_000)
    assert draw.remaining == min(at_once, per_minute) * ACTION


def test_every_burst_has_a_limit() -> None:
    assert set(BURSTS) == set(Burst)
