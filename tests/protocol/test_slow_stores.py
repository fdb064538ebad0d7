"""A database that keeps everybody waiting: deadlines cancel its calls, and load is shed.

MongoDB itself is told to hold its answers back, for longer than anything here would wait.
"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from pymongo.monitoring import (
    ConnectionCheckedInEvent,
    ConnectionCheckedOutEvent,
    ConnectionCheckOutFailedEvent,
    ConnectionCheckOutStartedEvent,
    ConnectionClosedEvent,
    ConnectionCreatedEvent,
    ConnectionPoolListener,
    ConnectionReadyEvent,
    PoolClearedEvent,
    PoolClosedEvent,
    PoolCreatedEvent,
    PoolReadyEvent,
)

from storage.calls import StoreCall
from storage.embedded import EmbeddedMongo, EmbeddedStores
from storage.mongo import Mongo
from storage.redis import Redis
from storage.storage import Storage
from tests.protocol.product import Product, product
from tests.protocol.wire import GRAPHQL_RESPONSE, MEDIA_TYPES, PATIENCE_S, answered, refused
from tests.stores import throwaway_stores
from tests.world import World

HELD_MS = 60_000
SLOW = '{ user(by: {username: "ana"}) { username boards { nodes { name } } } }'
QUICK = "{ __typename }"


class ObedientMongo(EmbeddedMongo):
    """A mongod that fails when it is told to."""

    def _command(self) -> list[str]:
        return [*super()._command(), "--setParameter=enableTestCommands=1"]


class Pool(ConnectionPoolListener):
    """Counts the connections that are in use."""

    def __init__(self) -> None:
        self.in_use = 0

    def connection_checked_out(self, event: ConnectionCheckedOutEvent) -> None:
        """One more."""
        self.in_use += 1

    def connection_checked_in(self, event: ConnectionCheckedInEvent) -> None:
        """One less."""
        self.in_use -= 1

    def pool_created(self, event: PoolCreatedEvent) -> None:
        """Nothing to count."""

    def pool_ready(self, event: PoolReadyEvent) -> None:
        """Nothing to count."""

    def pool_cleared(self, event: PoolClearedEvent) -> None:
        """Nothing to count."""

    def pool_closed(self, event: PoolClosedEvent) -> None:
        """Nothing to count."""

    def connection_created(self, event: ConnectionCreatedEvent) -> None:
        """Nothing to count."""

    def connection_ready(self, event: ConnectionReadyEvent) -> None:
        """Nothing to count."""

    def connection_closed(self, event: ConnectionClosedEvent) -> None:
        """Nothing to count."""

    def connection_check_out_started(self, event: ConnectionCheckOutStartedEvent) -> None:
        """Nothing to count."""

    def connection_check_out_failed(self, event: ConnectionCheckOutFailedEvent) -> None:
        """Nothing to count."""


class Place:
    """Stores of which one can be made slow, and what is known of calls to it."""

    def __init__(self, stores: EmbeddedStores, storage: Storage, pool: Pool) -> None:
        self.stores, self.storage, self.pool = stores, storage, pool
        self.calls: list[StoreCall] = []
        storage.mongo.calls.observers.append(self.calls.append)

    async def begin(self, server: Product) -> None:
        """Returns when a server has read what it reads at its start, which nothing shall hold."""
        answered(await server.post(query=SLOW))
        async with asyncio.timeout(PATIENCE_S):
            while self.pool.in_use:  # noqa: ASYNC110  # the driver has no event for it
                await asyncio.sleep(0.01)

    async def hold_answers(self, count: int) -> None:
        """MongoDB holds back its answers to the next `count` commands that read."""
        await self.storage.mongo.client.admin.command(
            {
                "configureFailPoint": "failCommand",
                "mode": {"times": count},
                "data": {
                    "failCommands": ["find", "aggregate"],
                    "blockConnection": True,
                    "blockTimeMS": HELD_MS,
                },
            }
        )
        self.calls.clear()

    async def settle(self, running: set[str]) -> None:
        """Waits until no connection is in use and nothing runs that did not before.

        What was cancelled ends in a moment. Were it not, it would go on for as long as the answers
        are held back, which is longer than this waits.
        """
        async with asyncio.timeout(PATIENCE_S):
            while self.pool.in_use or tasks() != running:  # noqa: ASYNC110  # no event for either
                await asyncio.sleep(0.01)


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    """Stores of this test, with somebody in them."""
    with throwaway_stores(tmp_path / "unused") as stores:
        stores.mongo.kill()
        stores.mongo = ObedientMongo(tmp_path / "obedient")
        with stores.mongo:
            pool = Pool()
            mongo = Mongo(
                stores.mongo_url, database="tests", deadline_ms=HELD_MS, event_listeners=[pool]
            )
            storage = Storage(mongo, Redis(stores.redis_url, deadline_ms=1_000))
            await storage.prepare()
            ana = await World(storage).user("ana")
            await World(storage).board(ana)
            yield Place(stores, storage, pool)
            await storage.close()
            stores.mongo.kill()


def tasks() -> set[str]:
    """What runs in this event loop, but for this test and the connections that stay open."""
    return {
        str(task.get_coro())
        for task in asyncio.all_tasks()
        if any(name in repr(task.get_coro()) for name in ("run_asgi", "watch", "load", "resolve"))
    }


@pytest.mark.row("T13")
@pytest.mark.parametrize("media_type", MEDIA_TYPES)
async def test_at_the_deadline_the_calls_to_the_stores_end_too(
    place: Place, media_type: str
) -> None:
    settings: dict[str, Any] = {"request_deadline_ms": 400, "read_deadline_ms": 400}
    async with product(place.stores, place.storage, **settings) as server:
        whole = answered(await server.post(query=SLOW))
        assert whole == {"user": {"username": "ana", "boards": {"nodes": [{"name": "Kitchen"}]}}}
        before = tasks()
        await place.hold_answers(1)
        response = await server.post(query=SLOW, accept=media_type)
        assert response.status_code == 200
        body = response.json()
        assert body["data"] is None
        assert [error["extensions"]["code"] for error in body["errors"]] == ["TIMEOUT"]
        await place.settle(before)
        assert place.calls
        assert not any(call.ok for call in place.calls)
        assert await server.is_alive()
        assert answered(await server.post(query=SLOW)) == whole


@pytest.mark.row("T13")
async def test_a_client_that_leaves_ends_its_calls_too(place: Place) -> None:
    async with product(place.stores, place.storage) as server:
        await place.begin(server)
        before = tasks()
        await place.hold_answers(1)
        leaving = asyncio.create_task(server.post(query=SLOW))
        async with asyncio.timeout(PATIENCE_S):
            while not place.pool.in_use:  # noqa: ASYNC110  # the driver has no event for it
                await asyncio.sleep(0.01)
        leaving.cancel()
        await asyncio.gather(leaving, return_exceptions=True)
        await place.settle(before)
        assert [call.ok for call in place.calls] == [False]
        assert await server.is_alive()


@pytest.mark.row("S13")
@pytest.mark.parametrize("media_type", MEDIA_TYPES)
async def test_beyond_what_can_run_and_wait_is_503(place: Place, media_type: str) -> None:
    settings: dict[str, Any] = {"max_running": 2, "max_waiting": 1, "max_wait_ms": 200}
    deadlines = {"request_deadline_ms": 4_000, "read_deadline_ms": 4_000}
    async with product(place.stores, place.storage, **settings, **deadlines) as server:
        await place.begin(server)
        before = tasks()
        await place.hold_answers(2)
        sent = (server.post(query=SLOW, accept=media_type) for _ in range(8))
        responses = await asyncio.gather(*sent)
        assert sorted(each.status_code for each in responses) == [200] * 2 + [503] * 6
        for response in responses:
            if response.status_code == 503:
                refused(response, 503, "UNAVAILABLE", media_type)
                assert int(response.headers["retry-after"]) >= 1
        await place.settle(before)
        # Health is no operation, and what was refused has left nothing behind.
        assert (await server.http.get("/healthz")).status_code == 200
        assert answered(await server.post(query=QUICK)) == {"__typename": "Query"}
        answered(await server.post(query=SLOW, accept=GRAPHQL_RESPONSE), GRAPHQL_RESPONSE)
