"""Feed sessions in Redis: the snapshot, and what was decided for its ad gaps (DOMAIN e.4).

Both live for as long as somebody pages through them. Losing them loses nothing but sameness: a
cursor carries enough to take the snapshot anew.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from domain.ad_slots import AdSlot
from domain.feed import FeedSession
from storage import keys
from storage.redis import Redis

Decisions = dict[int, AdSlot | None]
"""What each gap that was delivered holds: an ad or none."""

_encode = msgspec.msgpack.Encoder().encode
_decode_session = msgspec.msgpack.Decoder(FeedSession).decode
_decode_slot = msgspec.msgpack.Decoder(AdSlot | None).decode


class FeedStore:
    """Keeps sessions for `ttl_s` seconds after they were last read."""

    def __init__(self, redis: Redis, ttl_s: int) -> None:
        self._redis = redis
        self._ttl_s = ttl_s

    async def current(self, viewer_key: str) -> str | None:
        """The id of the viewer's latest session."""
        found: bytes | None = await self._redis.attempt(
            "feeds.current",
            lambda client: client.getex(keys.feed_current(viewer_key), ex=self._ttl_s),
            fallback=None,
        )
        return None if found is None else found.decode()

    async def get(self, session_id: str) -> tuple[FeedSession | None, Decisions]:
        """A session and its decisions; None and none when it is gone. Keeps both alive."""

        async def read(client: Any) -> list[Any]:
            pipeline = client.pipeline(transaction=False)
            pipeline.getex(keys.feed_session(session_id), ex=self._ttl_s)
            pipeline.hgetall(keys.feed_slots(session_id))
            pipeline.expire(keys.feed_slots(session_id), self._ttl_s)
            replies: list[Any] = await pipeline.execute()
            return replies

        nothing: list[Any] = [None, {}, 0]
        stored, slots, _ = await self._redis.attempt("feeds.get", read, fallback=nothing)
        try:
            session = None if stored is None else _decode_session(stored)
            return session, _decisions(slots)
        except msgspec.DecodeError:  # written by another version
            return None, {}

    async def put(self, session: FeedSession) -> None:
        """Keeps a session, and makes it its viewer's latest."""

        async def write(client: Any) -> None:
            await client.set(keys.feed_session(session.id), _encode(session), ex=self._ttl_s)
            await client.set(keys.feed_current(session.viewer_key), session.id, ex=self._ttl_s)

        await self._redis.attempt("feeds.put", write, fallback=None)

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
