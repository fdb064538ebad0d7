"""SIGTERM in the middle of writes: all that were accepted are answered (RELIABILITY G7)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from domain.pins import PinRecord
from storage.codec import object_id
from storage.counters import recount_all
from storage.embedded import EmbeddedStores
from storage.storage import Storage
from tests.durability.servers import ServerProcess, running
from tests.durability.writes import KeyedWrite, Writers, assert_done_once
from tests.mutations.wire import gid
from tests.world import World

IN_FLIGHT = 50
ARRIVING_S = 0.5
PATIENT = {"PINERY_MAX_WAIT_MS": "30000"}
"""What was accepted may have to wait for its turn: a slow machine runs few at once."""


async def test_a_server_that_is_asked_to_end_answers_what_it_accepted(
    stores: EmbeddedStores, world: World, tmp_path: Path
) -> None:
    """Fifty comments wait for one pin when the signal comes."""
    ana = await world.user("ana")
    pin = await world.pin(await world.board(ana))
    await recount_all(world.storage.mongo)
    writes = [
        KeyedWrite("addComment", f"key-{n}", ana, {"pinId": gid(pin), "text": f"{n}"}, (f"{n}",))
        for n in range(IN_FLIGHT)
    ]
    server = ServerProcess(stores.mongo_url, stores.redis_url, tmp_path, **PATIENT)
    async with running(server), server.client() as client:
        writers = Writers(client)
        async with _held(world.storage, pin):
            sending = asyncio.gather(*(writers.attempt(each) for each in writes))
            await asyncio.sleep(ARRIVING_S)
            # What came before this has been read by the server when it is answered.
            assert (await client.http.get("/healthz")).status_code == 200
            assert writers.log.answers == {}
            server.terminate()
        await sending
        assert await server.exit_code() == 0

    print(f"\ndrained: {writers.log}")
    assert not writers.log.errors
    assert len(writers.log.answers) == IN_FLIGHT
    await assert_done_once(world, writes)


@asynccontextmanager
async def _held(storage: Storage, pin: PinRecord) -> AsyncIterator[None]:
    """Within the block nobody else can write a pin."""
    client = storage.mongo.client
    async with client.start_session() as session, await session.start_transaction():
        pins = storage.mongo.collection("pins")
        await pins.update_one({"_id": object_id(pin.id)}, {"$inc": {"guard": 1}}, session=session)
        yield
        await session.abort_transaction()
