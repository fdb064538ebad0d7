"""A server that is killed in the middle of writes loses and doubles none that it acknowledged.

What it had begun and not committed holds its documents until MongoDB gives it up, which it does
after `transactionLifetimeLimitSeconds`: a minute unless it is told otherwise, eight seconds in
embedded stores, and two here. Clients that ask for these are told to ask again until then.
"""

import asyncio
from pathlib import Path

from storage.embedded import EmbeddedStores
from tests.durability.servers import ServerProcess, running
from tests.durability.writes import (
    WRITES,
    Plan,
    Writers,
    assert_answered_alike,
    assert_done_once,
    until,
)
from tests.world import World

EACH = 1000
"""Writes for each time that the server is killed."""


async def test_no_acknowledged_write_is_lost_or_doubled(
    own_stores: EmbeddedStores, own_world: World, tmp_path: Path
) -> None:
    """Eight clients write, the server is killed with -9 and another starts at its port (G1)."""
    mongo = own_world.storage.mongo
    await mongo.client.admin.command("setParameter", 1, transactionLifetimeLimitSeconds=2)
    writes = await Plan(own_world).make(WRITES)
    server = ServerProcess(own_stores.mongo_url, own_stores.redis_url, tmp_path)
    async with running(server), server.client() as client:
        writers = Writers(client)

        async def kill_again_and_again() -> None:
            for number in range(max(1, WRITES // EACH)):
                middle = number * EACH + min(EACH, WRITES) // 2
                await until(lambda: len(writers.log.answers) >= middle)  # noqa: B023
                await server.kill()
                await server.start()

        await asyncio.gather(writers.write_all(writes), kill_again_and_again())
        print(f"\nkilled server: {writers.log}")
        assert len(writers.log.answers) == WRITES
        await assert_done_once(own_world, writes)
        await assert_answered_alike(own_world, writers, writes)
