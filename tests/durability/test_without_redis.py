"""Redis dies, or hangs, in the middle of writes: none fails, none is doubled, nothing old is shown.

Two server processes share the stores. Every write is sent to both at once, and what one of them
wrote is read from the other (RELIABILITY G6, G14).
"""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from domain.boards import BoardRecord
from domain.pins import PinRecord
from domain.record import Record
from domain.users import UserRecord
from storage.codec import records
from storage.collections import COLLECTIONS
from storage.embedded import EmbeddedRedis, EmbeddedStores
from tests.client import Client
from tests.durability.servers import ServerProcess, running
from tests.durability.writes import WRITES, Plan, Writers, assert_done_once, until
from tests.mutations.wire import gid
from tests.world import World

SENT_TWICE = WRITES // 5

RENAME = """
mutation Rename($id: ID!, $title: String!, $key: String!) {
  updatePin(input: {id: $id, title: $title}) @idempotent(key: $key) { pin { title } }
}
"""
READ = "query Read($id: ID!) { pin(id: $id) { title } }"

Harm = Callable[[EmbeddedRedis], Awaitable[None]]


async def killed(redis: EmbeddedRedis) -> None:
    """It dies at once."""
    await asyncio.to_thread(redis.kill)


async def restarted(redis: EmbeddedRedis) -> None:
    """It is there again, with nothing in it."""
    await asyncio.to_thread(redis.start)


async def frozen(redis: EmbeddedRedis) -> None:
    """Its connections stay open, and it does not answer."""
    await asyncio.to_thread(redis.pause)


async def thawed(redis: EmbeddedRedis) -> None:
    """It goes on with all that it held, which is old by now."""
    redis.resume()


@pytest.mark.parametrize(("harm", "repair"), [(killed, restarted), (frozen, thawed)])
async def test_writes_go_on_without_redis(
    own_stores: EmbeddedStores, own_world: World, tmp_path: Path, harm: Harm, repair: Harm
) -> None:
    """A third of the writes are made before, a third meanwhile, and a third after."""
    redis = own_stores.redis
    servers = [ServerProcess(own_stores.mongo_url, redis.url, tmp_path) for _ in range(2)]
    async with running(*servers), servers[0].client() as one, servers[1].client() as other:
        ana = await own_world.user("ana")
        renames = _Renames(ana, await own_world.pin(await own_world.board(ana)), one, other)
        writes = await Plan(own_world).make(SENT_TWICE)
        first, second = Writers(one, other), Writers(other, one)

        async def harm_and_repair() -> None:
            await until(lambda: len(first.log.answers) >= SENT_TWICE // 3)
            await harm(redis)
            await until(lambda: len(first.log.answers) >= SENT_TWICE * 2 // 3)
            await repair(redis)

        async with asyncio.TaskGroup() as all_at_once:
            all_at_once.create_task(renames.go_on())
            async with asyncio.TaskGroup() as until_written:
                until_written.create_task(first.write_all(writes, clients=4))
                until_written.create_task(second.write_all(writes, clients=4))
                until_written.create_task(harm_and_repair())
            await renames.end()
        print(f"\n{harm.__name__}: {first.log}; {renames.count} renamed and read")

        for log in (first.log, second.log):
            assert set(log.errors) <= {"IDEMPOTENCY_IN_PROGRESS"}
        assert second.log.answers == first.log.answers
        await assert_done_once(own_world, writes)
        for kind in (PinRecord, BoardRecord, UserRecord):
            await _assert_nothing_old_is_cached(own_world, kind)


async def test_what_a_killed_server_could_not_forget_is_forgotten_by_who_is_asked_again(
    own_stores: EmbeddedStores, own_world: World, tmp_path: Path
) -> None:
    """It wrote, Redis did not answer it, and it died: its client asks another server."""
    ana = await own_world.user("ana")
    pin = await own_world.pin(await own_world.board(ana), "Old")
    nowhere = f"unix://{tmp_path}/nowhere.sock"
    dying = ServerProcess(own_stores.mongo_url, nowhere, tmp_path)
    staying = ServerProcess(own_stores.mongo_url, own_stores.redis_url, tmp_path)
    async with running(dying, staying), dying.client() as first, staying.client() as second:
        assert await second.data(READ, ana, id=gid(pin)) == {"pin": {"title": "Old"}}
        asked = {"id": gid(pin), "title": "New", "key": "rename"}
        answer = await first.data(RENAME, ana, **asked)
        await dying.kill()

        assert await second.data(RENAME, ana, **asked) == answer
        assert await second.data(READ, ana, id=gid(pin)) == {"pin": {"title": "New"}}


class _Renames:
    """Renames a pin at one server and reads it at the other, in turns, without a pause."""

    def __init__(self, owner: UserRecord, pin: PinRecord, *clients: Client) -> None:
        self.count = 0
        self._owner = owner
        self._id = gid(pin)
        self._clients = clients
        self._is_ending = False

    async def go_on(self) -> None:
        """Returns once it is to end. What was just written is read everywhere."""
        while not self._is_ending:
            self.count += 1
            title = f"Title {self.count}"
            writer, reader = self._clients[:: 1 if self.count % 2 else -1]
            asked = {"id": self._id, "title": title, "key": title.replace(" ", "-")}
            written = await writer.data(RENAME, self._owner, **asked)
            assert written == {"updatePin": {"pin": {"title": title}}}
            for each in (reader, writer):
                read = await each.data(READ, self._owner, id=self._id)
                assert read == {"pin": {"title": title}}

    async def end(self) -> None:
        """Goes on for a few more, then ends."""
        last = self.count + 3
        await until(lambda: self.count >= last)
        self._is_ending = True


async def _assert_nothing_old_is_cached(world: World, kind: type[Record]) -> None:
    """What a process gives out that begins now is what MongoDB has."""
    storage = world.storage
    stored: list[Any] = records(await storage.mongo.find("test", COLLECTIONS[kind], {}), kind)
    cached = await getattr(storage, COLLECTIONS[kind]).get_many([each.id for each in stored])
    assert [each.id for each in stored if cached[each.id] != each] == []
