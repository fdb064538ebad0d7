"""Feed sessions in Redis: the snapshot, and what was decided for its ad gaps (DOMAIN e.4).

Both live for as long as somebody pages through them. Losing them loses nothing but sameness: a
cursor carries enough to take the snapshot anew.
"""

from collections.abc import Mapping, Sequence
from time import monotonic
from typing import Any, Final, NamedTuple

import msgspec
from cachetools import LRUCache

from domain.ad_slots import AdSlot
from domain.feed import FeedSession
from storage import keys
from storage.redis import Redis

Decisions = dict[int, AdSlot | None]
"""What each gap that was delivered holds: an ad or none."""

_encode = msgspec.msgpack.Encoder().encode
_decode_session = msgspec.msgpack.Decoder(FeedSession).decode
_decode_slot = msgspec.msgpack.Decoder(AdSlot | None).decode

_MOST_ITEMS: Final = 50_000
"""Items of the sessions that a process has at hand: some 20 MB."""

_MOST_VIEWERS: Final = 10_000
"""Viewers of whom a process remembers which session was their latest."""


_RENEWALS: Final = 100
"""How often in its life a session that is read all the time is told to live on."""


class _Held(NamedTuple):
    """A session at hand, which need not be renewed until `fresh_until`, a time of `monotonic`."""

    session: FeedSession
    fresh_until: float


class FeedStore:
    """Keeps sessions for `ttl_s` seconds after they were last read, less a hundredth.

    A session never changes, so a process that has read one need not read it again, only ask whether
    it is still the viewer's latest, or still there: Redis decides alone which sessions there are.
    """

    def __init__(self, redis: Redis, ttl_s: int) -> None:
        self._redis = redis
        self._ttl_s = ttl_s
        self._at_hand: LRUCache[str, _Held] = LRUCache(
            _MOST_ITEMS, getsizeof=lambda held: len(held.session.items) + 1
        )
        self._latest: LRUCache[str, str] = LRUCache(_MOST_VIEWERS)

    async def latest(
        self, viewer_key: str, *, with_decisions: bool = True
    ) -> tuple[FeedSession | None, Decisions]:
        """The viewer's latest session, as `get` has it; decisions only where they are asked for.

        One round trip if it is the one that this process saw last.
        """
        guess = self._latest.get(viewer_key)
        held = None if guess is None else self._at_hand.get(guess)
        if held is not None and monotonic() < held.fresh_until:
            return await self._if_latest(viewer_key, held.session, with_decisions=with_decisions)

        async def read(client: Any) -> list[Any]:
            pipeline = client.pipeline(transaction=False)
            pipeline.getex(keys.feed_current(viewer_key), ex=self._ttl_s)
            if guess is not None:
                self._ask(pipeline, guess, held)
            replies: list[Any] = await pipeline.execute()
            return replies

        nothing: list[Any] = [None]
        current, *replies = await self._redis.attempt("feeds.current", read, fallback=nothing)
        if current is None:
            return None, {}
        session_id = self._latest[viewer_key] = current.decode()
        if session_id != guess:
            return await self.get(session_id)
        return self._found(session_id, held, replies)

    async def get(self, session_id: str) -> tuple[FeedSession | None, Decisions]:
        """A session and its decisions; None and none when it is gone. Keeps both alive."""
        held = self._at_hand.get(session_id)

        async def read(client: Any) -> list[Any]:
            pipeline = client.pipeline(transaction=False)
            self._ask(pipeline, session_id, held)
            replies: list[Any] = await pipeline.execute()
            return replies

        nothing: list[Any] = [None, {}, 0]
        replies = await self._redis.attempt("feeds.get", read, fallback=nothing)
        return self._found(session_id, held, replies)

    async def put(self, session: FeedSession) -> None:
        """Keeps a session, and makes it its viewer's latest."""

        async def write(client: Any) -> None:
            pipeline = client.pipeline(transaction=False)
            pipeline.set(keys.feed_session(session.id), _encode(session), ex=self._ttl_s)
            pipeline.set(keys.feed_current(session.viewer_key), session.id, ex=self._ttl_s)
            await pipeline.execute()

        await self._redis.attempt("feeds.put", write, fallback=None)
        self._latest[session.viewer_key] = session.id
        self._keep(session)

    async def _if_latest(
        self, viewer_key: str, session: FeedSession, *, with_decisions: bool
    ) -> tuple[FeedSession | None, Decisions]:
        """A session that Redis was told of a moment ago, unless the viewer has another by now."""

        async def read(client: Any) -> list[Any]:
            if not with_decisions:
                return [await client.get(keys.feed_current(viewer_key)), {}]
            pipeline = client.pipeline(transaction=False)
            pipeline.get(keys.feed_current(viewer_key))
            pipeline.hgetall(keys.feed_slots(session.id))
            replies: list[Any] = await pipeline.execute()
            return replies

        nothing: list[Any] = [None, {}]
        current, slots = await self._redis.attempt("feeds.current", read, fallback=nothing)
        if current is None:
            return None, {}
        session_id = self._latest[viewer_key] = current.decode()
        if session_id != session.id:
            return await self.get(session_id)
        try:
            return session, _decisions(slots)
        except msgspec.DecodeError:  # written by another version
            return None, {}

    def _ask(self, pipeline: Any, session_id: str, held: _Held | None) -> None:
        """Asks for a session, or, where it is at hand, whether it is still there."""
        name = keys.feed_session(session_id)
        if held is None:
            pipeline.getex(name, ex=self._ttl_s)
        else:
            pipeline.expire(name, self._ttl_s)
        pipeline.hgetall(keys.feed_slots(session_id))
        pipeline.expire(keys.feed_slots(session_id), self._ttl_s)

    def _found(
        self, session_id: str, held: _Held | None, replies: Sequence[Any]
    ) -> tuple[FeedSession | None, Decisions]:
        """What Redis replied to `_ask`."""
        stored, slots, _ = replies
        try:
            if not stored:
                self._at_hand.pop(session_id, None)
                return None, _decisions(slots)
            session = _decode_session(stored) if held is None else held.session
            self._keep(session)
            return session, _decisions(slots)
        except msgspec.DecodeError:  # written by another version
            return None, {}

    def _keep(self, session: FeedSession) -> None:
        if len(session.items) < _MOST_ITEMS:
            fresh_until = monotonic() + self._ttl_s / _RENEWALS
            self._at_hand[session.id] = _Held(session, fresh_until)

    async def decide(self, session_id: str, decisions: Mapping[int, AdSlot | None]) -> Decisions:
        """Stores decisions for gaps that have none yet, and gives all that stand.

        Of two requests that decide one gap, the first wins, and both see its decision.
        """

        async def write(client: Any) -> dict[bytes, bytes]:
            name = keys.feed_slots(session_id)
            pipeline = client.pipeline(transaction=True)
            for gap, slot in decisions.items():
                pipeline.hsetnx(name, str(gap), _encode(slot))
            pipeline.expire(name, self._ttl_s)
            pipeline.hgetall(name)
            standing: dict[bytes, bytes] = (await pipeline.execute())[-1]
            return standing

        mine = {str(gap).encode(): _encode(slot) for gap, slot in decisions.items()}
        return _decisions(
            await self._redis.attempt("feeds.decide", write, fallback=mine, keys=len(mine))
        )


def _decisions(slots: Mapping[bytes, bytes]) -> Decisions:
    return {int(gap): _decode_slot(slot) for gap, slot in slots.items()}
