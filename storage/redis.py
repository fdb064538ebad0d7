"""Redis, which may vanish at any moment: every call has a deadline and a fallback.

redis-py's defaults let one call on a hung server take over a minute, and its cluster client raises
bare `AttributeError`s while slots move (RELIABILITY, traps 3 and 4). So timeouts are short, it
retries nothing, and any exception at all is a miss.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, TypeAlias, TypeVar

import structlog
from redis.asyncio import Redis as RedisClient
from redis.asyncio.cluster import RedisCluster
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from domain.errors import StoreError, StoreUnavailable
from storage import keys
from storage.breaker import Breaker
from storage.calls import StoreCalls
from storage.evictions import Evictions
from storage.local_records import LocalRecords
from storage.tracking import Tracking

T = TypeVar("T")
Client: TypeAlias = Any
"""`redis.asyncio.Redis` or its cluster twin, whose stubs promise `Awaitable | value` everywhere."""

log = structlog.get_logger()

_VIEW_TTL_MS: Final = 100


class Redis:
    """A Redis server or cluster.

    `evictions.run` and `tracking.run` are to run beside those who use it: the first pays what could
    not be dropped, and without the second no records are kept at hand.
    """

    def __init__(self, url: str, *, deadline_ms: int = 100, local_records_mb: int = 0) -> None:
        """`local_records_mb`: the most memory for records at hand, in MB; 0: there are none."""
        self.client: Client = _client(url, deadline_ms / 1000)
        self.calls = StoreCalls("Redis", deadline_ms, Breaker())
        self.evictions = Evictions(self._unlink, self.calls)
        self.local = LocalRecords(local_records_mb * 1_048_576)
        self.tracking = Tracking(self.client, self.local, self.evictions)

    async def attempt(
        self,
        name: str,
        operation: Callable[[Client], Awaitable[T]],
        *,
        fallback: T,
        keys: int = 1,
        insists: bool = False,
    ) -> T:
        """The operation's result, or `fallback` when Redis does not answer in time.

        Only one that `insists` is tried while Redis is left alone for having failed.
        """
        try:
            async with self.calls.call(name, keys, insists=insists):
                try:
                    return await operation(self.client)
                except (StoreError, TimeoutError, asyncio.CancelledError):
                    raise
                except Exception as error:
                    raise StoreUnavailable(f"Redis: {type(error).__name__}.") from error
        except StoreError as error:
            if not self.calls.breaker.is_open:
                log.warning("redis_failed", call=name, reason=str(error))
            return fallback

    async def clear(self, patterns: tuple[str, ...]) -> int:
        """Deletes the keys of some patterns, and all that processes have at hand; how many keys.

        For after an import. Raises what redis-py raises.
        """
        count = 0
        for pattern in patterns:
            async for key in self.client.scan_iter(match=pattern, count=1000):
                count += await self.client.unlink(key)
        # Redis has no keys of views, so no news of them come from that.
        await self.client.set(keys.EVERYTHING, b"")
        await self.client.unlink(keys.EVERYTHING)
        return count

    async def close(self) -> None:
        """Ends all connections, after a last try to pay the evictions that are owed."""
        await self.evictions.end()
        await self.client.aclose()

    async def _unlink(self, names: Sequence[str], *, insists: bool) -> bool:
        views = [name for name in names if keys.is_view(name)]

        async def tell(client: Client) -> bool:
            if not views:
                await client.unlink(*names)
                return True
            pipeline = client.pipeline(transaction=False)
            pipeline.unlink(*names)
            for name in views:
                pipeline.set(name, b"", px=_VIEW_TTL_MS)  # only what changes is told of
            await pipeline.execute()
            return True

        return await self.attempt(
            "cache.forget", tell, fallback=False, keys=len(names), insists=insists
        )


def _client(url: str, timeout_s: float) -> Client:
    options: dict[str, Any] = {
        "socket_timeout": timeout_s,
        "socket_connect_timeout": timeout_s,
        "retry": Retry(NoBackoff(), 0),
    }
    if url.startswith("redis+cluster://"):
        return RedisCluster.from_url(url.replace("redis+cluster://", "redis://", 1), **options)
    if url.startswith("unix://"):
        # A connection over a unix socket has no handshake to bound.
        del options["socket_connect_timeout"]
    return RedisClient.from_url(url, **options)
