"""The same key at two server processes at once: done once, and both answer alike (DOMAIN b.3)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from domain.record import Id
from resolvers.replays import Replays
from storage.embedded import EmbeddedStores
from storage.storage import Storage
from storage.transactions import Transaction
from tests.client import Client
from tests.durability.servers import ServerProcess, running
from tests.durability.writes import Plan, Writers, assert_done_once
from tests.mutations.wire import gid, snapshot
from tests.world import World

KEYS = 50
KEY = "8f14e45f-ceea-467f-a9d5-6f1c2a1b0c11"
SAVE = """
mutation Save($input: SavePinInput!, $key: String!) {
  savePin(input: $input) @idempotent(key: $key) { savedPin { saveCount } userErrors { code } }
}
"""


@pytest.fixture(scope="module")
async def two_servers(
    stores: EmbeddedStores, prepared: Storage, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[Client, Client]]:
    """Clients of two server processes over the stores of `world`."""
    directory = tmp_path_factory.mktemp("servers")
    servers = [ServerProcess(stores.mongo_url, stores.redis_url, directory) for _ in range(2)]
    async with running(*servers), servers[0].client() as one, servers[1].client() as other:
        yield one, other


async def test_fifty_keys_sent_to_both_at_once_are_done_once_each(
    world: World, two_servers: tuple[Client, Client]
) -> None:
    """Of every kind of write; both servers give the answer of whichever was first."""
    writes = await Plan(world).make(KEYS)
    one, other = (Writers(each) for each in two_servers)

    await asyncio.gather(one.write_all(writes), other.write_all(writes))

    assert one.log.answers == other.log.answers
    assert len(one.log.answers) == KEYS
    assert set(one.log.errors + other.log.errors) <= {"IDEMPOTENCY_IN_PROGRESS"}
    await assert_done_once(world, writes)


async def test_who_holds_a_key_for_long_is_not_waited_for(
    world: World, two_servers: tuple[Client, Client]
) -> None:
    """The other one is told when to ask again; then it does what was not done."""
    ana, asked = await _asked(world)
    before = await snapshot(world)
    for client in two_servers:
        async with _claimed(world.storage, ana.id):
            answer = await client.execute(SAVE, ana, input=asked, key=KEY)
        assert answer.data == {"savePin": None}
        [error] = answer.errors
        assert error["extensions"]["code"] == "IDEMPOTENCY_IN_PROGRESS"
        assert error["extensions"]["retryAfterMs"] == 1000
        assert await snapshot(world) == before

    for client in two_servers:
        answer = await client.execute(SAVE, ana, input=asked, key=KEY)
        assert answer.data["savePin"] == {"savedPin": {"saveCount": 1}, "userErrors": []}


async def test_who_holds_a_key_shortly_is_waited_for(
    world: World, two_servers: tuple[Client, Client]
) -> None:
    """The first request failed after all, so the one that waited does it."""
    ana, asked = await _asked(world)
    async with _claimed(world.storage, ana.id):
        waiting = [
            asyncio.create_task(client.execute(SAVE, ana, input=asked, key=KEY))
            for client in two_servers
        ]
        await asyncio.sleep(0.3)
        assert not any(each.done() for each in waiting)

    for answer in await asyncio.gather(*waiting):
        assert answer.errors == []
        assert answer.data["savePin"] == {"savedPin": {"saveCount": 1}, "userErrors": []}


async def _asked(world: World) -> tuple[Any, dict[str, Any]]:
    ana = await world.user("ana")
    pin = await world.pin(await world.board(ana, "Pies"))
    return ana, {"pinId": gid(pin), "boardId": gid(await world.board(ana, "Cakes"))}


class _Failed(Exception):
    """What happens to the first request."""


@asynccontextmanager
async def _claimed(storage: Storage, viewer_id: Id) -> AsyncIterator[None]:
    """Within the block somebody else is doing the save with that key; in the end they fail."""
    key, request = Replays(storage).identify(viewer_id, "savePin", KEY, {})
    assert key is not None
    is_claimed, is_over = asyncio.Event(), asyncio.Event()

    async def hold(tx: Transaction) -> None:
        await storage.idempotency.claim(tx, key, request)
        is_claimed.set()
        await is_over.wait()
        raise _Failed

    holding = asyncio.create_task(storage.transactions.run("test.hold", hold))
    await is_claimed.wait()
    try:
        yield
    finally:
        is_over.set()
        with pytest.raises(_Failed):
            await holding
