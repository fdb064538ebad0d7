"""MongoDB through PyMongo's async API or through Motor: the differences end here (DESIGN 7).

PyMongo's `aggregate` must be awaited before its cursor can be read, Motor's must not; PyMongo's
`close` is awaited, Motor's is not. Stores see `Mongo` and its lists of documents only.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from contextvars import ContextVar
from inspect import isawaitable
from time import monotonic
from typing import Any, Literal, TypeAlias

import pymongo
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import AsyncMongoClient, IndexModel
from pymongo.errors import AutoReconnect, NetworkTimeout

from domain.errors import StoreError, StoreTimeout, StoreUnavailable
from storage.breaker import Breaker
from storage.calls import StoreCalls
from storage.codec import CODEC, Document

Driver: TypeAlias = Literal["pymongo", "motor"]
Pipeline: TypeAlias = Sequence[Mapping[str, Any]]
Collection: TypeAlias = Any
"""A driver's collection. The two drivers share no type, so this is where typing pauses."""

reads_are_patient: ContextVar[bool] = ContextVar("reads_are_patient", default=False)
"""Whether reads may take as long as writes: those of a mutation wait with it for a new primary."""

_MOST_READS = 100
"""Reads of one process at a time, each on a connection of its own."""

_INDEX_DEADLINE_S = 3_600
_START_DEADLINE_S = 6.0
_START_PAUSE_S = 0.5

_DRIVER_SHARE = 0.9


def driver_patience_s(deadline_ms: int) -> float:
    """How long the driver may try, in seconds, for a call with some deadline.

    It gives up a little before our own deadline does, so that its errors name the cause.
    """
    return deadline_ms / 1000 * _DRIVER_SHARE


class Mongo:
    """A database. Create it inside the running loop, after any fork.

    `deadline_ms` is the longest read, `write_deadline_ms` the longest write or transaction: it may
    have to wait for a new primary to be elected. So may the reads of a mutation, which are part of
    a write: see `reads_are_patient`.

    `connect_timeout_ms` is also how long a server may take to answer the driver's own checks before
    all connections to it are given up: an event loop that stands still for longer looks the same.
    """

    def __init__(
        self,
        url: str,
        *,
        database: str,
        driver: Driver = "pymongo",
        deadline_ms: int = 2000,
        write_deadline_ms: int = 6000,
        connect_timeout_ms: int = 500,
        event_listeners: Sequence[Any] = (),
    ) -> None:
        options: dict[str, Any] = {
            "w": "majority",
            "readConcernLevel": "majority",
            "retryWrites": True,
            "tz_aware": True,
            "appname": "pinery",
            "heartbeatFrequencyMS": 500,
            "connectTimeoutMS": connect_timeout_ms,
            "serverSelectionTimeoutMS": int(driver_patience_s(deadline_ms) * 1000),
            "timeoutMS": int(driver_patience_s(deadline_ms) * 1000),
            "event_listeners": list(event_listeners),
            # A call that waits for a connection and is cancelled twice, by its own deadline and by
            # its request's, leaves the pool of PyMongo 4.20 locked for good. So calls wait for each
            # other here, and never in the driver.
            "maxPoolSize": 0,
            "maxConnecting": _MOST_READS,
        }
        self._places = asyncio.Semaphore(_MOST_READS)
        client_type: Any = AsyncMongoClient if driver == "pymongo" else AsyncIOMotorClient
        self.driver = driver
        self.write_deadline_ms = write_deadline_ms
        self.client = client_type(url, **options)
        self.database = self.client.get_database(database, codec_options=CODEC)
        self.calls = StoreCalls("MongoDB", deadline_ms, Breaker(), self._diagnose)

    def collection(self, name: str) -> Collection:
        """The driver's own collection, for bulk work; it decodes with `CODEC`."""
        return self.database[name]

    async def ping(self) -> bool:
        """Whether the database answers. Goes around the breaker: it is how readiness is known."""
        await self.database.command("ping")
        return True

    async def find(
        self,
        name: str,
        collection: str,
        query: Mapping[str, Any],
        *,
        projection: Mapping[str, Any] | None = None,
        sort: Sequence[tuple[str, int]] = (),
        limit: int = 0,
        keys: int = 1,
    ) -> list[Document]:
        """The documents of one query, as one store call called `name`."""
        deadline_ms = self._read_deadline_ms
        async with self.calls.call(name, keys, deadline_ms=deadline_ms), self._places:
            cursor = self.database[collection].find(
                query, projection, sort=list(sort) or None, limit=limit, batch_size=limit or 1000
            )
            with _driver_waits(deadline_ms):
                documents: list[Document] = await cursor.to_list(None)
            return documents

    async def aggregate(
        self, name: str, collection: str | None, pipeline: Pipeline, *, keys: int = 1
    ) -> list[Document]:
        """The documents of one pipeline; over the database itself when `collection` is None."""
        deadline_ms = self._read_deadline_ms
        async with self.calls.call(name, keys, deadline_ms=deadline_ms), self._places:
            target = self.database if collection is None else self.database[collection]
            with _driver_waits(deadline_ms):
                cursor = target.aggregate(list(pipeline), batchSize=1000)
                if isawaitable(cursor):
                    cursor = await cursor
                documents: list[Document] = await cursor.to_list(None)
            return documents

    @asynccontextmanager
    async def writing(self, name: str, keys: int = 1) -> AsyncIterator[None]:
        """One store call called `name` that writes, with the deadline of writes."""
        deadline_ms = self.write_deadline_ms
        async with self.calls.call(name, keys, deadline_ms=deadline_ms):
            with pymongo.timeout(driver_patience_s(deadline_ms)):
                yield

    async def wait(self) -> None:
        """Returns once the database answers; raises `StoreUnavailable` when it does not in time."""
        deadline = monotonic() + _START_DEADLINE_S
        while True:
            try:
                with pymongo.timeout(_START_DEADLINE_S):
                    await self.database.command("ping")
            except AutoReconnect as error:
                if monotonic() > deadline:
                    raise StoreUnavailable("MongoDB is not available.") from error
                await asyncio.sleep(_START_PAUSE_S)
            else:
                return

    async def create_indexes(self, collection: str, indexes: Sequence[IndexModel]) -> None:
        """Makes the indexes that are missing, which on a large collection takes a while.

        The driver does not repeat it, as it repeats writes, when a connection is lost or a primary
        changes; it may be repeated, so a process starts all the same.
        """
        for is_last in (False, False, True):
            try:
                with pymongo.timeout(_INDEX_DEADLINE_S):
                    await self.database[collection].create_indexes(list(indexes))
            except AutoReconnect:
                if is_last:
                    raise
                await asyncio.sleep(_START_PAUSE_S)
            else:
                return

    async def drop(self) -> None:
        """Drops the whole database: for tests, and for starting a world anew."""
        await self.client.drop_database(self.database.name)

    async def close(self) -> None:
        """Ends all connections."""
        closing = self.client.close()
        if isawaitable(closing):
            await closing

    @property
    def _read_deadline_ms(self) -> int | None:
        """How long a read may take, where it is not as long as any."""
        return self.write_deadline_ms if reads_are_patient.get() else None

    def _diagnose(self) -> type[StoreError] | None:
        """What the driver's own checks found, twice a second: a server that hangs, or none at all.

        Without either there may be an election, and the driver is right to wait.
        """
        servers = self.client.topology_description.server_descriptions().values()
        errors = [server.error for server in servers]
        if any(isinstance(error, NetworkTimeout) for error in errors):
            return StoreTimeout
        return StoreUnavailable if errors and all(errors) else None


def _driver_waits(deadline_ms: int | None) -> AbstractContextManager[None]:
    """Lets the driver try for as long as a call may take, or for as long as it does anyhow."""
    return nullcontext() if deadline_ms is None else pymongo.timeout(driver_patience_s(deadline_ms))
