"""The next query sees what was written, whichever process answers it, and whatever is slow."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
from time import perf_counter
from typing import Any

import bson

from domain.boards import BoardRecord
from domain.pins import PinRecord
from domain.users import UserRecord
from storage import keys
from storage.embedded import EmbeddedStores
from storage.mongo import Mongo
from storage.redis import Redis
from storage.storage import Storage
from tests.client import Client
from tests.mutations.conftest import Servers
from tests.mutations.servers import SlowLink, server_process
from tests.mutations.wire import gid
from tests.storage.processes import following
from tests.world import World

WRITES = 100
LATE_READS = 300
PATIENT = {
    "PINERY_READ_DEADLINE_MS": "30000",
    "PINERY_REQUEST_DEADLINE_MS": "30000",
    "PINERY_MUTATION_DEADLINE_MS": "30000",
}
PATIENCE_S = 30

SAVE = """
mutation($input: SavePinInput!) {
  savePin(input: $input) { pinEdge { node { entityId } } userErrors { message } }
}
"""
UPDATE = """
mutation($input: UpdatePinInput!) {
  updatePin(input: $input) { pin { title } userErrors { message } }
}
"""
LOOK = """
query($pin: ID!, $board: ID!) {
  pin(id: $pin) { saveCount }
  board(by: {id: $board}) { pinCount pins(first: 1) { nodes { entityId } } }
  node(id: $board) { ... on Board { pinCount } }
}
"""
TITLES = """
query($pin: ID!, $board: ID!) {
  pin(id: $pin) { title }
  node(id: $pin) { ... on Pin { title } }
  board(by: {id: $board}) { pins { nodes { title } } }
}
"""
TITLE = "query($pin: ID!) { pin(id: $pin) { title } }"


async def save(client: Client, viewer: UserRecord, **input: Any) -> str:
    """Saves a pin; the id of the copy."""
    data = await client.data(SAVE, viewer, input={"allowDuplicate": True, **input})
    assert data["savePin"]["userErrors"] == []
    copy_id: str = data["savePin"]["pinEdge"]["node"]["entityId"]
    return copy_id


async def entitle(client: Client, viewer: UserRecord, pin: PinRecord, title: str) -> None:
    """Gives a pin another title."""
    data = await client.data(UPDATE, viewer, input={"id": gid(pin), "title": title})
    assert data == {"updatePin": {"pin": {"title": title}, "userErrors": []}}


async def titles(client: Client, pin: PinRecord, board: BoardRecord) -> set[str]:
    """What a pin that is alone on its board is called, by id and in lists."""
    data = await client.data(TITLES, pin=gid(pin), board=gid(board))
    shown = [data["pin"], data["node"], *data["board"]["pins"]["nodes"]]
    assert len(shown) == 3
    return {each["title"] for each in shown}


async def test_a_save_shows_at_once_in_both_processes(world: World, two_servers: Servers) -> None:
    """By id, in counts and in lists, with the old records in the cache, whoever has written."""
    ana, ben = await world.user("ana"), await world.user("ben")
    pin = await world.pin(await world.board(ana))
    board = await world.board(ben, "Saved")
    asked = {"pin": gid(pin), "board": gid(board)}
    for number in range(1, WRITES + 1):
        copy_id = await save(two_servers[number % 2], ben, pinId=gid(pin), boardId=gid(board))
        for client in (two_servers[1 - number % 2], two_servers[number % 2]):
            seen = await client.data(LOOK, ben, **asked)
            assert seen == {
                "pin": {"saveCount": number},
                "board": {"pinCount": number, "pins": {"nodes": [{"entityId": copy_id}]}},
                "node": {"pinCount": number},
            }


async def test_a_change_shows_at_once_in_both_processes(world: World, two_servers: Servers) -> None:
    ana = await world.user("ana")
    board = await world.board(ana)
    pin = await world.pin(board, "Tea")
    for number in range(WRITES):
        await entitle(two_servers[number % 2], ana, pin, f"Tea {number}")
        looks = (titles(client, pin, board) for client in two_servers)
        assert await asyncio.gather(*looks) == [{f"Tea {number}"}] * 2


async def test_a_change_is_seen_by_a_process_that_has_the_old_record_at_hand(
    world: World, two_servers: Servers, stores: EmbeddedStores
) -> None:
    """Written in one process and read in the other at once; a third says when it had the news."""
    ana = await world.user("ana")
    pin = await world.pin(await world.board(ana), "Tea")
    async with AsyncExitStack() as stack:
        third = Redis(stores.redis_url, deadline_ms=1000, local_records_mb=1)
        stack.push_async_callback(third.close)
        await stack.enter_async_context(following(third))
        pins = Storage(world.storage.mongo, third).pins
        looks_before = await looks(third)
        delays_ms: list[float] = []
        for number in range(LATE_READS):
            for _ in range(3):
                await two_servers.there.data(TITLE, pin=gid(pin))
                await pins.get_many([pin.id])
            await entitle(two_servers.here, ana, pin, f"Tea {number}")
            written_at = perf_counter()
            seen = await two_servers.there.data(TITLE, pin=gid(pin))
            assert seen == {"pin": {"title": f"Tea {number}"}}
            while third.local.kind("pins").find([pin.id])[0]:
                await asyncio.sleep(0)
                delays_ms.append((perf_counter() - written_at) * 1000)
        made = await looks(third) - looks_before
    late = sorted(delays_ms)[-1:] or [0.0]
    print(f"\n{LATE_READS} writes: {len(delays_ms)} late news, {late[0]:.2f} ms; {made} MGETs")


async def looks(redis: Redis) -> int:
    """How often Redis was asked for records, by anybody."""
    stats = await redis.client.info("commandstats")
    return int(stats.get("cmdstat_mget", {"calls": 0})["calls"])


async def test_a_read_that_began_before_a_write_elsewhere_does_not_outlive_it(
    world: World, two_servers: Servers, stores: EmbeddedStores, tmp_path: Path
) -> None:
    """A process has read the old record, and MongoDB's answer arrives only after the write."""
    ana = await world.user("ana")
    async with (
        SlowLink(stores.mongo.socket, tmp_path / "link.sock").open() as link,
        server_process(stores, PINERY_MONGO_URL=link.url, **PATIENT) as slow,
    ):
        for number, is_read_meanwhile in enumerate((False, True), 1):
            board = await world.board(ana, f"Board {number}")
            pin = await world.pin(board, "Tea")
            link.hold(find_in("pins"))
            early = asyncio.create_task(slow.data(TITLE, pin=gid(pin)))
            await link.answered.reach(number)
            await entitle(two_servers.here, ana, pin, "Coffee")
            if is_read_meanwhile:
                assert await titles(slow, pin, board) == {"Coffee"}
            link.let_go()
            assert await early == {"pin": {"title": "Tea"}}
            for client in (*two_servers, slow):
                assert await titles(client, pin, board) == {"Coffee"}


def find_in(collection: str) -> bytes:
    """How a command to find something begins, as it is sent."""
    return bson.encode({"find": collection})[4:-1]


async def test_a_write_without_redis_shows_at_once_and_when_redis_is_back(
    own_stores: EmbeddedStores,
) -> None:
    """Redis hangs and goes on with what it had, and is killed and starts with nothing."""
    async with AsyncExitStack() as stack:
        mongo, redis = Mongo(own_stores.mongo_url, database="tests"), Redis(own_stores.redis_url)
        storage = Storage(mongo, redis)
        stack.push_async_callback(storage.close)
        await storage.prepare()
        world = World(storage)
        ana = await world.user("ana")
        board = await world.board(ana)
        pin = await world.pin(board, "Tea")
        here = await stack.enter_async_context(server_process(own_stores))
        there = await stack.enter_async_context(server_process(own_stores))

        async def write(title: str) -> None:
            await entitle(here, ana, pin, title)
            for client in (there, here):
                assert await titles(client, pin, board) == {title}

        for number in range(3):
            await write(f"Before {number}")
            own_stores.redis.pause()
            for more in range(4):
                await write(f"Meanwhile {number}.{more}")
            own_stores.redis.resume()
            await dropped(storage, pin, f"Before {number}")
            assert await titles(there, pin, board) == {f"Meanwhile {number}.3"}
            await write(f"After {number}")

            own_stores.redis.kill()
            await write(f"Without {number}")
            own_stores.redis.start()
            assert await titles(there, pin, board) == {f"Without {number}"}
            await write(f"Again {number}")


async def dropped(storage: Storage, pin: PinRecord, title: str) -> None:
    """Returns when Redis has no longer the pin with this title."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            entry = await storage.redis.client.get(keys.record("pins", pin.id))
            if entry is None or title.encode() not in entry:
                return
            await asyncio.sleep(0.01)
