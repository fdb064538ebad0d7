"""How much a caller may use: a bucket in points that leaks (DOMAIN b.5, rate-limit categories).

What is used fills the bucket, and leaks out of it at a steady rate; what does not fit any more is
refused. So a caller who was quiet may use the whole capacity at once, and then goes on at the rate
of the leak. All arithmetic is in whole numbers: points are kept in thousandths, so that in each
millisecond exactly `refill_per_s` of them leak.

A `Burst` is a kind of thing that people do by hand, and scripts do by the thousand. What a viewer
does of each kind has a bucket of its own.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

import msgspec

THOUSANDTHS: Final = 1000
"""Of a point. Also the milliseconds of a second, which is why they were chosen."""


class BucketPolicy(msgspec.Struct, frozen=True):
    """How many points fit in a bucket, and how many come back each second."""

    capacity: int = 2_000
    refill_per_s: int = 100

    def __post_init__(self) -> None:
        """Raises `ValueError` for a bucket that has no size, or never recovers."""
        if self.capacity < 0 or self.refill_per_s < 1:
            raise ValueError(
                "A bucket holds at least 0 points and gets back at least 1 a second, "
                f"not {self.capacity} and {self.refill_per_s}."
            )


class Draw(msgspec.Struct, frozen=True):
    """What became of an attempt to use points.

    `remaining` is how many whole points may be used now. `retry_after_ms` is how long to wait until
    the same draw is granted, 0 for one that was; of a draw beyond the capacity, which never is, it
    is how long until the bucket can help no further. `reset_ms` is how long until nothing is used.
    """

    granted: bool
    remaining: int
    retry_after_ms: int
    reset_ms: int


class Bucket(msgspec.Struct, frozen=True):
    """How full a bucket was at some moment: `level` in thousandths of a point.

    `at_ms` is of any clock that counts milliseconds; one that is set back costs nobody anything
    but the time that it lost.
    """

    level: int = 0
    at_ms: int = 0

    def draw(self, points: int, policy: BucketPolicy, now_ms: int) -> tuple["Bucket", Draw]:
        """The bucket afterwards, and what became of the draw.

        A draw that does not fit takes nothing, and one of 0 points only looks.
        Raises `ValueError` for less than 0 points.
        """
        check_points(points)
        level = max(0, self.level - max(0, now_ms - self.at_ms) * policy.refill_per_s)
        filled = level + points * THOUSANDTHS
        granted = filled <= policy.capacity * THOUSANDTHS
        after = Bucket(filled if granted else level, now_ms)
        return after, outcome(points, policy, level=after.level, granted=granted)


def outcome(points: int, policy: BucketPolicy, *, level: int, granted: bool) -> Draw:
    """What became of a draw, when it left the bucket at `level` thousandths."""
    capacity = policy.capacity * THOUSANDTHS
    goal = max(0, capacity - points * THOUSANDTHS)
    return Draw(
        granted=granted,
        remaining=max(0, capacity - level) // THOUSANDTHS,
        retry_after_ms=0 if granted else _leaks_in_ms(level - goal, policy),
        reset_ms=_leaks_in_ms(level, policy),
    )


def check_points(points: int) -> None:
    """Raises `ValueError` for less than 0 points, which no draw takes."""
    if points < 0:
        raise ValueError(f"A draw takes at least 0 points, not {points}.")


def _leaks_in_ms(thousandths: int, policy: BucketPolicy) -> int:
    """How long so much takes to leak, in whole milliseconds, never less."""
    return max(0, -(-thousandths // policy.refill_per_s))


class Burst(StrEnum):
    """What is limited by its number, whatever it costs (PHELP, rate limits and blocks)."""

    FOLLOW = "FOLLOW"
    COMMENT = "COMMENT"
    SAVE = "SAVE"
    CREATE = "CREATE"
    REACT = "REACT"
    INVITE = "INVITE"
    UPLOAD = "UPLOAD"
    REPORT = "REPORT"


class BurstPolicy(msgspec.Struct, frozen=True):
    """How many actions of a kind a viewer may do at once, and how many more each minute."""

    at_once: int
    per_minute: int

    @property
    def bucket(self) -> BucketPolicy:
        """The bucket of such actions, each of `ACTION` points."""
        return BucketPolicy(self.at_once * ACTION, self.per_minute)


ACTION: Final = 60
"""The points of one action: as many come back each second as actions each minute."""

BURSTS: Final[Mapping[Burst, BurstPolicy]] = MappingProxyType(
    {
        Burst.FOLLOW: BurstPolicy(at_once=60, per_minute=60),
        Burst.COMMENT: BurstPolicy(at_once=20, per_minute=12),
        Burst.SAVE: BurstPolicy(at_once=100, per_minute=120),
        Burst.CREATE: BurstPolicy(at_once=60, per_minute=30),
        Burst.REACT: BurstPolicy(at_once=100, per_minute=120),
        Burst.INVITE: BurstPolicy(at_once=20, per_minute=6),
        Burst.UPLOAD: BurstPolicy(at_once=60, per_minute=30),
        Burst.REPORT: BurstPolicy(at_once=10, per_minute=2),
    }
)
"""How much of each kind a person does who is quick [ours]; no script gets far with it."""
