"""Reads that are part of a write wait as long as it does: an election may take longer than a read.

A database that stands still for a second stands for the election (RELIABILITY G2).
"""

import asyncio
from collections.abc import Awaitable

import pytest

from domain.errors import StoreTimeout
from storage.embedded import EmbeddedStores
from storage.mongo import Driver, Mongo, reads_are_patient
from tests.client import PAUSE_MS

READ_MS = 300
STANDS_STILL_S = 1.0


@pytest.mark.parametrize("driver", ["pymongo", "motor"])
async def test_only_the_reads_of_a_write_outlast_the_deadline_of_a_read(
    own_stores: EmbeddedStores, driver: Driver
) -> None:
    mongo = Mongo(
        own_stores.mongo_url,
        database="tests",
        driver=driver,
        deadline_ms=READ_MS,
        write_deadline_ms=20_000,
        connect_timeout_ms=PAUSE_MS,
    )
    await mongo.collection("things").insert_one({"_id": 1})

    async def find() -> list[object]:
        return list(await mongo.find("test", "things", {}))

    async def count() -> list[object]:
        return list(await mongo.aggregate("test", "things", [{"$count": "n"}]))

    async def patiently(read: Awaitable[list[object]]) -> list[object]:
        reads_are_patient.set(True)
        return await read

    own_stores.mongo.pause()
    hasty = [asyncio.create_task(read()) for read in (find, count)]
    patient = [asyncio.create_task(patiently(read())) for read in (find, count)]
    await asyncio.sleep(STANDS_STILL_S)
    own_stores.mongo.resume()

    for each in hasty:
        with pytest.raises(StoreTimeout):
            await each
    assert [await each for each in patient] == [[{"_id": 1}], [{"n": 1}]]
    assert not reads_are_patient.get()
    await mongo.close()
