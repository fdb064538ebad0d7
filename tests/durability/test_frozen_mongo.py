"""MongoDB hangs for three seconds in the middle of writes, as a paused virtual machine does.

How long the slowest request took is printed, and nothing about it is asserted (RELIABILITY G16).
"""

import asyncio
from pathlib import Path

from storage.embedded import EmbeddedStores
from tests.durability.servers import ServerProcess, running
from tests.durability.writes import (
    NO_ANSWER,
    WRITES,
    Plan,
    Writers,
    assert_answered_alike,
    assert_done_once,
    until,
)
from tests.world import World

FROZEN_S = 3.0
MADE = WRITES // 5


async def test_writes_that_meet_a_frozen_database_are_answered_and_done_once(
    own_stores: EmbeddedStores, own_world: World, tmp_path: Path
) -> None:
    """Clients get what they asked for, or a code that says to ask again: never a 5xx (G1, G16)."""
    writes = await Plan(own_world).make(MADE)
    server = ServerProcess(own_stores.mongo_url, own_stores.redis_url, tmp_path)
    async with running(server), server.client() as client:
        writers = Writers(client)

        async def freeze() -> None:
            await until(lambda: len(writers.log.answers) >= MADE // 2)
            await asyncio.to_thread(own_stores.mongo.pause)
            await asyncio.sleep(FROZEN_S)
            own_stores.mongo.resume()

        await asyncio.gather(writers.write_all(writes), freeze())
        print(f"\nfrozen: {writers.log}")
        assert len(writers.log.answers) == MADE
        assert set(writers.log.statuses) == {200}
        assert NO_ANSWER not in writers.log.errors
        await assert_done_once(own_world, writes)
        await assert_answered_alike(own_world, writers, writes)
