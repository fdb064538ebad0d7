"""Buckets of points, shared by all processes through Redis (RELIABILITY, limits).

A draw is one script on one key, by Redis's own clock: however many processes draw at once, no
bucket gives more than it has. A bucket that nobody draws on is forgotten when it is full again.

Without Redis each process keeps buckets of its own, by the same arithmetic, so that limits hold for
each process until it is back.
"""

from time import monotonic
from typing import Final

from cachetools import LRUCache

from domain.rate_limits import THOUSANDTHS, Bucket, BucketPolicy, Draw, check_points, outcome
from storage import keys
from storage.redis import Client, Redis
from storage.scripts import Script

_MOST_OWN_BUCKETS: Final = 10_000

# The steps of `domain.rate_limits.Bucket.draw`. A time in milliseconds times a leak, and a level in
# thousandths, stay far below 2^53, where Lua's numbers are no longer whole.
_DRAW: Final = Script(
    """
    local points, capacity, leak = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
    local time = redis.call('TIME')
    local now = time[1] * 1000 + math.floor(time[2] / 1000)
    local level = 0
    local stored, at = string.match(redis.call('GET', KEYS[1]) or '', '^(%d+) (%d+)$')
    if stored then
      level = math.max(0, stored - math.max(0, now - at) * leak)
    end
    local filled = level + points
    if filled > capacity then
      return {0, level}
    end
    if points > 0 then
      local bucket = string.format('%d %d', filled, now)
      redis.call('SET', KEYS[1], bucket, 'PX', math.ceil(filled / leak))
    end
    return {1, filled}
    """
)


class RateLimitStore:
    """Buckets by name. Names may be of any length, and Redis sees only their hash."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._own: LRUCache[str, Bucket] = LRUCache(_MOST_OWN_BUCKETS)

    async def draw(self, name: str, points: int, policy: BucketPolicy) -> Draw:
        """Takes points from a bucket, or nothing if it has less; 0 points only look.

        Never fails. Raises `ValueError` for less than 0 points.
        """
        check_points(points)
        key = keys.rate_limit(name)
        drawn = await self._draw_shared(key, points, policy)
        return self._draw_own(key, points, policy) if drawn is None else drawn

    async def _draw_shared(self, key: str, points: int, policy: BucketPolicy) -> Draw | None:
        """A draw on the bucket of all processes; None when Redis does not answer."""

        async def draw(client: Client) -> Draw:
            arguments = (points * THOUSANDTHS, policy.capacity * THOUSANDTHS, policy.refill_per_s)
            granted, level = await _DRAW.run(client, [key], arguments)
            return outcome(points, policy, level=level, granted=granted == 1)

        nothing: Draw | None = None
        return await self._redis.attempt("rate_limits.draw", draw, fallback=nothing)

    def _draw_own(self, key: str, points: int, policy: BucketPolicy) -> Draw:
        """A draw on the bucket of this process."""
        bucket = self._own.get(key, Bucket())
        after, drawn = bucket.draw(points, policy, int(monotonic() * 1000))
        if drawn.granted and points > 0:
            self._own[key] = after
        return drawn
