"""The record cache: records by id, read through Redis.

It holds only what does not depend on the viewer. A missing record is remembered too, for a shorter
time. Concurrent misses of one id in one process become one read (single flight). Whoever writes a
record calls `forget` in the same breath.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from random import uniform
from typing import Any, Generic, TypeVar

import msgspec

from domain.record import Id, Record
from storage import keys
from storage.redis import Redis

R = TypeVar("R", bound=Record)
Load = Callable[[Sequence[Id]], Awaitable[dict[Id, R]]]

_ABSENT = b""
_ABSENT_TTL_S = 30
_JITTER = 0.1


class RecordCache(Generic[R]):
    """The cache of one kind of record in front of one store.

    `ttl_s` seconds, varied by a tenth so that entries made together do not end together.
    """

    def __init__(self, redis: Redis, record_type: type[R], kind: str, ttl_s: int) -> None:
        self._redis = redis
        self._kind = kind
        self._ttl_s = ttl_s
        self._encode = msgspec.msgpack.Encoder().encode
        self._decode = msgspec.msgpack.Decoder(record_type).decode
        self._flights: dict[Id, asyncio.Task[dict[Id, R]]] = {}
        self._waiting: Counter[asyncio.Task[dict[Id, R]]] = Counter()

    async def get_many(self, ids: Iterable[Id], load: Load[R]) -> dict[Id, R]:
        """The records that exist, by id: from Redis, and what it lacks through `load`."""
        wanted = list(dict.fromkeys(ids))
        if not wanted:
            return {}
        names = keys.records(self._kind, wanted)
        nothing: list[bytes | None] | None = None
        cached = await self._redis.attempt(
            f"cache.{self._kind}",
            lambda client: client.mget(names),
            fallback=nothing,
            keys=len(wanted),
        )
        if cached is None:
            # Redis does not answer: asking it to keep what was loaded would only take longer.
            return await self._fly(wanted, load, keep=False)
        found, missing = self._decoded(wanted, cached)
        if missing:
            found |= await self._fly(missing, load, keep=True)
        return found

    async def forget(self, ids: Sequence[Id]) -> None:
        """Drops entries after a write. A load that began before it is neither joined nor kept."""
        for entity_id in ids:
            self._flights.pop(entity_id, None)
        names = keys.records(self._kind, ids)
        await self._redis.attempt(
            f"cache.forget_{self._kind}",
            lambda client: client.unlink(*names),
            fallback=0,
            keys=len(names),
        )

    def _decoded(
        self, ids: list[Id], cached: Sequence[bytes | None]
    ) -> tuple[dict[Id, R], list[Id]]:
        """The records among what Redis has, and the ids that it has nothing about."""
        found: dict[Id, R] = {}
        missing: list[Id] = []
        for entity_id, value in zip(ids, cached, strict=True):
            if value is None:
                missing.append(entity_id)
            elif value != _ABSENT:
                try:
                    found[entity_id] = self._decode(value)
                except msgspec.DecodeError:  # written by another version of the record
                    missing.append(entity_id)
        return found, missing

    async def _fly(self, ids: list[Id], load: Load[R], *, keep: bool) -> dict[Id, R]:
        """Loads records, each in one flight however many callers want it at a time.

        A flight is a task of its own: a caller who is cancelled takes nobody along, and the last
        one who waits takes the flight.
        """
        mine = [entity_id for entity_id in ids if entity_id not in self._flights]
        if mine:
            flight = asyncio.create_task(self._load(mine, load, keep))
            flight.add_done_callback(retrieve_failure)
            self._flights |= dict.fromkeys(mine, flight)
        flights = list(dict.fromkeys(self._flights[entity_id] for entity_id in ids))
        self._waiting.update(flights)
        try:
            landed = await asyncio.gather(*map(asyncio.shield, flights))
        finally:
            for flight in flights:
                self._leave(flight)
        return {i: loaded[i] for loaded in landed for i in ids if i in loaded}

    def _leave(self, flight: "asyncio.Task[dict[Id, R]]") -> None:
        """One waits no longer. Nobody may board a flight that ends before it lands."""
        self._waiting[flight] -= 1
        if self._waiting[flight]:
            return
        del self._waiting[flight]
        if not flight.done():
            flight.cancel()
            self._flights = {i: other for i, other in self._flights.items() if other is not flight}

    async def _load(self, ids: list[Id], load: Load[R], keep: bool) -> dict[Id, R]:
        flight = asyncio.current_task()
        try:
            loaded = await load(ids)
            current = [i for i in ids if self._flights.get(i) is flight] if keep else []
            if current:
                await self._write(current, loaded)
            return loaded
        finally:
            for entity_id in ids:
                if self._flights.get(entity_id) is flight:
                    del self._flights[entity_id]

    async def _write(self, ids: list[Id], loaded: dict[Id, R]) -> None:
        async def fill(client: "object") -> None:
            pipeline = client.pipeline(transaction=False)  # type: ignore[attr-defined]  # see Client
            for entity_id in ids:
                value = loaded.get(entity_id)
                ttl = self._ttl_s if value is not None else _ABSENT_TTL_S
                pipeline.set(
                    keys.record(self._kind, entity_id),
                    _ABSENT if value is None else self._encode(value),
                    px=int(ttl * 1000 * uniform(1 - _JITTER, 1 + _JITTER)),  # noqa: S311  # jitter
                )
            await pipeline.execute()

        await self._redis.attempt(f"cache.fill_{self._kind}", fill, fallback=None, keys=len(ids))


def retrieve_failure(work: "asyncio.Future[Any]") -> None:
    """Looks at a failure, which is no warning when all who waited for the work were cancelled."""
    if not work.cancelled():
        work.exception()
