"""Calls that are given up midway, as those of a request are when its time is up."""

import asyncio
import random

from storage.embedded import EmbeddedStores
from storage.mongo import Mongo

FOREVER_S = 30


async def test_calls_that_are_cancelled_again_and_again_leave_the_driver_whole(
    own_stores: EmbeddedStores,
) -> None:
    mongo = Mongo(own_stores.mongo_url, database="own")
    await mongo.collection("things").insert_one({"_id": 1})
    chance = random.Random(1)  # noqa: S311  # repeatable, not secret

    async def give_up() -> None:
        call = asyncio.ensure_future(mongo.find("things.find", "things", {}))
        await asyncio.sleep(chance.random() / 50)
        for _ in range(2):  # once by the deadline of the call, once by that of the request
            call.cancel()
            for _ in range(chance.randrange(3)):
                await asyncio.sleep(0)
        await asyncio.wait([call])

    for _ in range(10):
        async with asyncio.timeout(FOREVER_S):
            await asyncio.gather(*(give_up() for _ in range(200)))
            assert await mongo.find("things.find", "things", {}) == [{"_id": 1}]
    await mongo.close()
