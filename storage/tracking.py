"""Redis tells of every cached record that changes: the connection on which it does.

It is a connection of its own that speaks RESP3 (Redis 6 and later), with `CLIENT TRACKING ON BCAST`
for the keys of records. redis-py reads such news only when somebody reads an answer. Here they are
taken in by the event loop itself as soon as they arrive, before any request that arrived with them
or after them.

Several times a second Redis is asked whether it is there. Its answer comes behind all news from
before, and renews the lease of what is at hand (`storage.local_records`). Without one the
connection is given up, everything at hand is dropped, and another connection tried.

A cluster would have to be followed node by node while slots move; there nothing is kept at hand.
"""

import asyncio
from time import monotonic
from typing import Any, Final, cast

import hiredis
import structlog
from prometheus_client import Gauge
from redis.asyncio.cluster import RedisCluster
from redis.asyncio.connection import SSLConnection, UnixDomainSocketConnection

from domain.record import Id
from storage import keys
from storage.evictions import Evictions
from storage.local_records import LEASE_S, LocalRecords

log = structlog.get_logger()

_PING_S: Final = 0.1
_GLANCES: Final = 3
"""How often an answer is looked for, a third of its time apart.

A loop that stood still itself for so long thus reads what has arrived before it gives up.
"""
_CONNECT_S: Final = 1.0
_SHORTEST_PAUSE_S: Final = 0.25
_LONGEST_PAUSE_S: Final = 2.0

_NOT_YET: Final = object()
_ENDED: Final = "Redis has ended the connection."

tracking_up = Gauge("pinery_tracking_up", "Whether Redis tells this process of changes")


class Tracking:
    """Follows what changes in Redis for as long as `run` runs."""

    def __init__(self, client: Any, local: LocalRecords, evictions: Evictions) -> None:
        """`client` is redis-py's, which knows where Redis is."""
        self._client = client
        self._local = local
        self._evictions = evictions
        self._answered_at: float | None = None
        self._is_lost = False

    async def run(self) -> None:
        """Follows Redis, and finds it again when it was lost. Returns if nothing may be kept."""
        if not self._local.most_bytes:
            return
        if isinstance(self._client, RedisCluster):
            log.info("local_records_off", reason="Redis is a cluster.")
            return
        pause_s = _SHORTEST_PAUSE_S
        while True:
            began_at = monotonic()
            await self._follow()
            is_brief = monotonic() - began_at < _LONGEST_PAUSE_S
            pause_s = min(pause_s * 2, _LONGEST_PAUSE_S) if is_brief else _SHORTEST_PAUSE_S
            await asyncio.sleep(pause_s)

    async def _follow(self) -> None:
        """Returns when Redis was lost, or could not be found."""
        connection = _Connection(self._local)
        try:
            await connection.open(self._client)
            asked_at = monotonic()
            prefixes = ("PREFIX", keys.RECORDS, "PREFIX", keys.RELATED)
            await connection.ask("CLIENT", "TRACKING", "ON", "BCAST", *prefixes)
            self._local.open(asked_at)
            self._found(asked_at)
            while True:
                await asyncio.sleep(_PING_S)
                asked_at = monotonic()
                await connection.ask("PING")
                self._answered_at = asked_at
                self._local.renew(asked_at)
                self._local.tidy()
        except (OSError, TimeoutError, hiredis.HiredisError) as error:
            self._lost(error)
        except Exception:
            log.exception("tracking_failed")
        finally:
            connection.end()
            self._local.tidy()
            tracking_up.set(0)

    def _found(self, asked_at: float) -> None:
        if self._answered_at is not None and asked_at - self._answered_at > LEASE_S:
            self._evictions.doubt()
        self._answered_at = asked_at
        self._is_lost = False
        tracking_up.set(1)
        log.info("tracking_found")

    def _lost(self, error: Exception) -> None:
        """Says so once, however often Redis is looked for in vain."""
        if not self._is_lost:
            self._is_lost = True
            log.warning("tracking_lost", reason=str(error) or type(error).__name__)


class _Connection(asyncio.Protocol):
    """One connection: it drops what it is told of, and answers one question at a time."""

    def __init__(self, local: LocalRecords) -> None:
        self._local = local
        self._reader = hiredis.Reader(notEnoughData=_NOT_YET)
        self._transport: asyncio.WriteTransport | None = None
        self._answer: asyncio.Future[object] | None = None
        self._has_ended = False

    async def open(self, client: Any) -> None:
        """Connects to where a redis-py client does, and says who it is."""
        plan = client.connection_pool.make_connection()
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(_CONNECT_S):
            if isinstance(plan, UnixDomainSocketConnection):
                await loop.create_unix_connection(lambda: self, plan.path)
            else:
                tls = plan.ssl_context.get() if isinstance(plan, SSLConnection) else None
                await loop.create_connection(lambda: self, plan.host, int(plan.port), ssl=tls)
        known_as = ("AUTH", plan.username or "default", plan.password) if plan.password else ()
        await self.ask("HELLO", "3", *known_as, "SETNAME", "pinery-tracking")

    async def ask(self, *command: str) -> object:
        """What Redis answers.

        Raises `ConnectionError` when the connection is lost, `TimeoutError` when there is no answer
        for as long as a lease, and `hiredis.HiredisError` when Redis refuses.
        """
        if self._transport is None or self._has_ended:
            raise ConnectionError(_ENDED)
        self._answer = answer = asyncio.get_running_loop().create_future()
        self._transport.write(hiredis.pack_command(command))  # type: ignore[arg-type]
        try:
            for _ in range(_GLANCES):
                await asyncio.wait((answer,), timeout=LEASE_S / _GLANCES)
                if answer.done():
                    return answer.result()
        finally:
            self._answer = None
        raise TimeoutError("Redis does not answer.")

    def end(self) -> None:
        """Ends the connection: from now on nothing is at hand."""
        if not self._has_ended:
            self._has_ended = True
            self._local.close()
            if self._transport is not None:
                self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection is there."""
        self._transport = cast("asyncio.WriteTransport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """Redis has ended the connection, or `end` has."""
        self.end()
        self._settle(ConnectionError(_ENDED))

    def data_received(self, data: bytes) -> None:
        """Takes in news, and the answer to what was asked."""
        if self._has_ended:
            return
        try:
            self._reader.feed(data)
            while (message := self._reader.gets()) is not _NOT_YET:
                if isinstance(message, hiredis.PushNotification):
                    self._take(message)
                else:
                    self._settle(message)
        except hiredis.ProtocolError as error:
            self.end()
            self._settle(error)

    def _take(self, news: "hiredis.PushNotification") -> None:
        """Drops the records whose keys have changed, or all when Redis was emptied or cleared."""
        if news[0] != b"invalidate":
            return
        if news[1] is None:
            self._local.flushed()
            return
        for key in news[1]:
            kind, entity_id = keys.record_of(key.decode())
            if kind == keys.EVERYTHING_KIND:
                self._local.flushed()
            self._local.changed(kind, Id(entity_id))

    def _settle(self, answer: object) -> None:
        if self._answer is None or self._answer.done():
            return
        if isinstance(answer, Exception):
            self._answer.set_exception(answer)
        else:
            self._answer.set_result(answer)
