"""The record cache: records by id, read through Redis.

It holds only what does not depend on the viewer. A missing record is remembered too, for a shorter
time. Concurrent misses of one id in one process become one read (single flight). Whoever writes a
record calls `forget` in the same breath; from then on no process gives an older one out.

What was read from MongoDB before a write must not come into Redis after it, however slow its reader
is. So who finds nothing leaves a claim, a value of its own, and then reads; what it read takes the
place of that claim and of nothing else. `forget` drops whatever stands there. One after the other:

- The claim came before `forget`: it is gone, and a claim is never made twice, so what was read is
  not kept. Another claim may stand there, or what another reader read after the write; both stay.
- The claim came after `forget`: its reader reads after the write, and keeps what is new.
- Who finds a claim of somebody else shares it: that it still stands says the same for both. So two
  readers fill one entry alike, and a claim whose owner died is of use to the next.
- A claim that ends, and a Redis that loses it, freezes or comes back late, only keep less.
- What is remembered as missing is an entry like any other, and so dropped when it is inserted.

The same holds between readers in one process: a read that is under way is joined only by those who
came before it began, and by those who find its claim still standing.

What Redis had is kept at hand for a minute, decoded, and then costs no call and no waiting.
Redis tells of every change: see `storage.local_records`, where the bound of what may be old is.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from math import inf
from random import uniform
from secrets import token_bytes
from time import monotonic
from typing import Any, Final, Generic, Protocol, TypeVar

import msgspec

from domain.record import Id, Record
from storage import keys
from storage.local_records import LocalKind
from storage.redis import Client, Redis
from storage.scripts import Script

R = TypeVar("R", bound=Record)
Load = Callable[[Sequence[Id]], Awaitable[dict[Id, R]]]

_ABSENT: Final = b""
_ABSENT_TTL_S: Final = 30
_JITTER: Final = 0.1

_CLAIM: Final = b"\xc1"
"""What claims begin with, and nothing in MessagePack does."""

_CLAIM_BYTES: Final = 12

_CLAIM_TTL_S: Final = 10
"""Longer than a read may take, or nothing would be kept; otherwise it does not matter."""

_LEAVE_CLAIMS: Final = Script(
    """
    local standing = {}
    for place, key in ipairs(KEYS) do
      standing[place] = redis.call('GET', key)
      if not standing[place] then
        redis.call('SET', key, ARGV[1], 'PX', ARGV[2])
        standing[place] = ARGV[1]
      end
    end
    return standing
    """
)
_FILL: Final = Script(
    """
    for place, key in ipairs(KEYS) do
      if redis.call('GET', key) == ARGV[3 * place - 2] then
        redis.call('SET', key, ARGV[3 * place - 1], 'PX', ARGV[3 * place])
      end
    end
    """
)


class _Flight(Generic[R]):
    """One load that is under way, and the claims that were found or left before it began."""

    task: asyncio.Task[dict[Id, R]]

    def __init__(self, claims: Mapping[Id, bytes | None]) -> None:
        self.claims = claims
        self.began_at = inf
        self.waiting = 0


class RecordCache(Generic[R]):
    """The cache of one kind of record in front of one store.

    `ttl_s` seconds, varied by a tenth so that entries made together do not end together.
    """

    def __init__(self, redis: Redis, record_type: type[R], kind: str, ttl_s: int) -> None:
        self.record_type = record_type
        self._redis = redis
        self._kind = kind
        self._ttl_s = ttl_s
        self._encode = msgspec.msgpack.Encoder().encode
        self._decode = msgspec.msgpack.Decoder(record_type).decode
        self._local: LocalKind[R] = redis.local.kind(kind)
        self._flights: dict[Id, _Flight[R]] = {}

    @property
    def longest_s(self) -> float:
        """How long an entry may still be there, or come, that nobody drops."""
        return max(self._ttl_s, _ABSENT_TTL_S) * (1 + _JITTER) + _CLAIM_TTL_S

    def names(self, ids: Iterable[Id]) -> list[str]:
        """The keys of records in Redis, in order."""
        return keys.records(self._kind, ids)

    async def get_many(self, ids: Iterable[Id], load: Load[R]) -> dict[Id, R]:
        """The records that exist, by id: those at hand, from Redis, and the rest through `load`."""
        if self._redis.evictions.are_doubtful:
            return await self._read(list(dict.fromkeys(ids)), load)
        found, unknown = self._local.find(ids)
        return found | await self._read(unknown, load) if unknown else found

    def at_hand(self, ids: Iterable[Id]) -> dict[Id, R] | None:
        """The records that exist, by id, if none has to be read; else None."""
        if self._redis.evictions.are_doubtful:
            return None
        found, unknown = self._local.find(ids)
        return None if unknown else found

    async def forget(self, ids: Collection[Id]) -> None:
        """Drops entries after a write: a read that began before it is neither joined nor kept."""
        with self.dropping(ids):
            await self._redis.evictions.evict(self.names(ids), longest_s=self.longest_s)

    def dropping(self, ids: Collection[Id]) -> AbstractContextManager[None]:
        """Nothing is at hand of these ids from before the body ends, in which Redis is told."""
        return self._local.dropping(ids)

    async def _read(self, wanted: list[Id], load: Load[R]) -> dict[Id, R]:
        """The records that exist, by id: from Redis, and what it lacks through `load`."""
        if not wanted:
            return {}
        arrived_at = monotonic()
        marks = self._local.mark(wanted)
        try:
            held = await self._held(wanted)
            found, missing = self._decoded(wanted, held, marks)
        finally:
            self._local.unmark(marks)
        if missing:
            found |= await self._fly(missing, load, arrived_at)
        return found

    async def _held(self, ids: list[Id]) -> list[bytes | None]:
        """What Redis has, and may be believed about, in order."""
        names = self.names(ids)
        owed = self._redis.evictions.owed(names)
        nothing: list[bytes | None] = [None] * len(names)
        held = await self._redis.attempt(
            f"cache.{self._kind}",
            lambda client: _look(client, names),
            fallback=nothing,
            keys=len(ids),
        )
        if self._redis.evictions.are_doubtful:
            return nothing
        if owed:
            pairs = zip(names, held, strict=True)
            return [None if name in owed else value for name, value in pairs]
        return held

    def _decoded(
        self, ids: list[Id], held: Sequence[bytes | None], marks: Mapping[Id, object]
    ) -> tuple[dict[Id, R], dict[Id, bytes | None]]:
        """The records among what Redis has, and the ids that are to be loaded, with their claims.

        What Redis knows is kept at hand, also that there is no such record.
        What has no claim is not kept: Redis does not answer or is not believed, or another version
        of the record stands there until it ends.
        """
        found: dict[Id, R] = {}
        missing: dict[Id, bytes | None] = {}
        for entity_id, value in zip(ids, held, strict=True):
            if value is None or value.startswith(_CLAIM):
                missing[entity_id] = value
            elif value == _ABSENT:
                self._local.keep(marks, entity_id, None, len(value))
            else:
                try:
                    found[entity_id] = record = self._decode(value)
                except msgspec.DecodeError:
                    missing[entity_id] = None
                else:
                    self._local.keep(marks, entity_id, record, len(value))
        return found, missing

    async def _fly(
        self, missing: Mapping[Id, bytes | None], load: Load[R], arrived_at: float
    ) -> dict[Id, R]:
        """Loads records, each in one flight however many callers want it at a time.

        A flight is a task of its own: a caller who is cancelled takes nobody along, and the last
        one who waits takes the flight.
        """
        mine = {
            entity_id: claim
            for entity_id, claim in missing.items()
            if not self._may_board(entity_id, claim, arrived_at)
        }
        if mine:
            flight: _Flight[R] = _Flight(mine)
            flight.task = asyncio.create_task(self._load(flight, load))
            flight.task.add_done_callback(retrieve_failure)
            self._flights |= dict.fromkeys(mine, flight)
        boarded = {entity_id: self._flights[entity_id] for entity_id in missing}
        flights = list(dict.fromkeys(boarded.values()))
        for flight in flights:
            flight.waiting += 1
        try:
            landed = await asyncio.gather(*(asyncio.shield(flight.task) for flight in flights))
        finally:
            for flight in flights:
                self._leave(flight)
        # A flight may have others on board, whom this caller has from a later one.
        loaded = dict(zip(flights, landed, strict=True))
        return {i: loaded[flight][i] for i, flight in boarded.items() if i in loaded[flight]}

    def _may_board(self, entity_id: Id, claim: bytes | None, arrived_at: float) -> bool:
        """Whether a flight brings what is no older than its new passenger."""
        flight = self._flights.get(entity_id)
        if flight is None:
            return False
        is_claimed = claim is not None and flight.claims[entity_id] == claim
        return is_claimed or flight.began_at >= arrived_at

    def _leave(self, flight: "_Flight[R]") -> None:
        """One waits no longer. Nobody may board a flight that ends before it lands."""
        flight.waiting -= 1
        if not flight.waiting and not flight.task.done():
            flight.task.cancel()
            self._remove(flight)

    async def _load(self, flight: "_Flight[R]", load: Load[R]) -> dict[Id, R]:
        flight.began_at = monotonic()
        try:
            loaded = await load(list(flight.claims))
            await self._fill(flight.claims, loaded)
            return loaded
        finally:
            self._remove(flight)

    def _remove(self, flight: "_Flight[R]") -> None:
        for entity_id in flight.claims:
            if self._flights.get(entity_id) is flight:
                del self._flights[entity_id]

    async def _fill(self, claims: Mapping[Id, bytes | None], loaded: Mapping[Id, R]) -> None:
        """Puts what was loaded in the place of claims that still stand."""
        claimed = {entity_id: claim for entity_id, claim in claims.items() if claim is not None}
        if not claimed:
            return

        arguments: list[int | bytes] = []
        for entity_id, claim in claimed.items():
            value = loaded.get(entity_id)
            entry = _ABSENT if value is None else self._encode(value)
            ttl_s = _ABSENT_TTL_S if value is None else self._ttl_s
            px = int(ttl_s * 1000 * uniform(1 - _JITTER, 1 + _JITTER))  # noqa: S311  # jitter
            arguments += claim, entry, px
        await self._redis.attempt(
            f"cache.fill_{self._kind}",
            lambda client: _FILL.run(client, self.names(claimed), arguments),
            fallback=None,
            keys=len(claimed),
        )


class Forgetful(Protocol):
    """What is to be told of a write: a cache of records, or views that are made from them."""

    @property
    def record_type(self) -> type[msgspec.Struct]:
        """What it has, and is told of."""

    @property
    def longest_s(self) -> float:
        """How long an entry may still be there that nobody drops."""

    def names(self, ids: Iterable[Id]) -> list[str]:
        """The keys in Redis, in order."""

    def dropping(self, ids: Collection[Id]) -> AbstractContextManager[None]:
        """Nothing is at hand of these ids from before the body ends, in which Redis is told."""


class RecordCaches:
    """Caches of several kinds, to be told of a write together."""

    def __init__(self, redis: Redis, *caches: Forgetful) -> None:
        self._redis = redis
        self._by_type = {cache.record_type: cache for cache in caches}

    async def forget(self, touched: Mapping[type[msgspec.Struct], Collection[Id]]) -> None:
        """As `RecordCache.forget`, in one round trip; kinds that have no cache are passed over."""
        cached = [
            (self._by_type[kind], ids) for kind, ids in touched.items() if kind in self._by_type
        ]
        names = [name for cache, ids in cached for name in cache.names(ids)]
        longest_s = max((cache.longest_s for cache, _ in cached), default=0.0)
        with ExitStack() as stack:
            for cache, ids in cached:
                stack.enter_context(cache.dropping(ids))
            await self._redis.evictions.evict(names, longest_s=longest_s)


async def _look(client: Client, names: Sequence[str]) -> list[bytes | None]:
    """What Redis has under some keys, after a claim was left where there was nothing."""
    held: list[bytes | None] = await client.mget(names)
    empty = [place for place, value in enumerate(held) if value is None]
    if empty:
        claimed = await _claim(client, [names[place] for place in empty])
        for place, value in zip(empty, claimed, strict=True):
            held[place] = value
    return held


async def _claim(client: Client, names: Sequence[str]) -> list[bytes]:
    """Leaves a claim under each key, unless something has come there; what stands there then."""
    claim = _CLAIM + token_bytes(_CLAIM_BYTES)
    arguments = (claim, _CLAIM_TTL_S * 1000)
    standing: list[bytes] = await _LEAVE_CLAIMS.run(client, names, arguments)
    return standing


def retrieve_failure(work: "asyncio.Future[Any]") -> None:
    """Looks at a failure, which is no warning when all who waited for the work were cancelled."""
    if not work.cancelled():
        work.exception()
