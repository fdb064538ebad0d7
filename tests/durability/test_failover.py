"""A change of primary in the middle of writes: none is lost, none doubled, clients hardly notice.

How long writes stood still is printed, and nothing about it is asserted (RELIABILITY G2, G3).
"""

import asyncio
from pathlib import Path

from storage.embedded import EmbeddedRedis
from tests.durability.conftest import world_in
from tests.durability.replica_set import ReplicaSet, replica_set
from tests.durability.servers import ServerProcess, running
from tests.durability.writes import (
    WRITES,
    Plan,
    Writers,
    assert_answered_alike,
    assert_done_once,
    until,
)

MADE = WRITES // 2
HASTY_READS = {"PINERY_READ_DEADLINE_MS": "500"}
"""Shorter than an election, as two seconds are for a slower set: it is no matter for writes."""


async def test_no_acknowledged_write_is_lost_when_the_primary_changes(tmp_path: Path) -> None:
    """First the primary steps down, then the next one is killed with -9 (G1, G2, G3)."""
    with replica_set(tmp_path / "set") as members, EmbeddedRedis(tmp_path / "redis") as redis:
        server = ServerProcess(members.url, redis.url, tmp_path, **HASTY_READS)
        async with (
            world_in(members.url, redis.url) as world,
            running(server),
            server.client() as client,
        ):
            writes = await Plan(world).make(MADE)
            writers = Writers(client)
            await asyncio.gather(writers.write_all(writes), _change_primaries(members, writers))
            print(f"\nfailover: {writers.log}")
            assert len(writers.log.answers) == MADE
            assert max(writers.log.tries.values()) <= 2  # once more at the most
            await assert_done_once(world, writes)
            await assert_answered_alike(world, writers, writes)


async def _change_primaries(members: ReplicaSet, writers: Writers) -> None:
    """A third of the writes before each change, and a third after both."""
    log = writers.log
    await until(lambda: len(log.answers) >= MADE // 3)
    await asyncio.to_thread(members.step_down)
    await until(lambda: len(log.answers) >= MADE * 2 // 3)
    print(f"\nafter step-down: {log}")
    await asyncio.to_thread(members.kill_primary)
