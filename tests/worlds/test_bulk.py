"""Bulk inserts and indexes that are built at the end."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from pymongo import IndexModel
from pymongo.errors import AutoReconnect, BulkWriteError

from storage.bulk import BATCH_DOCUMENTS, BulkInsert, bulk_call, is_empty, without_indexes
from storage.embedded import EmbeddedStores
from storage.mongo import Mongo
from tests.worlds.contents import Contents

Look = Callable[[Mongo], Contents]
UNIQUE_NAME = IndexModel([("name", 1)], unique=True, name="one_name")


async def test_documents_of_several_collections(mongo: Mongo, contents: Look) -> None:
    count = 2 * BATCH_DOCUMENTS + 1
    async with BulkInsert[None](mongo) as bulk:
        for number in range(count):
            await bulk.add("odd" if number % 2 else "even", {"_id": number})

    assert bulk.inserted == {"even": count // 2 + 1, "odd": count // 2}
    assert contents(mongo).all("odd") == [{"_id": number} for number in range(1, count, 2)]


async def test_what_is_there_stays_as_it_is(mongo: Mongo, contents: Look) -> None:
    contents(mongo).database.things.insert_many([{"_id": 1, "name": "old"}])
    async with BulkInsert[None](mongo) as bulk:
        await bulk.add("things", {"_id": 1, "name": "new"})
        await bulk.add("things", {"_id": 2, "name": "new"})

    assert (bulk.inserted, bulk.present) == ({"things": 1}, {"things": 1})
    assert contents(mongo).all("things") == [{"_id": 1, "name": "old"}, {"_id": 2, "name": "new"}]


async def test_twice_in_one_batch_counts_once(mongo: Mongo, contents: Look) -> None:
    async with BulkInsert[None](mongo) as bulk:
        for _ in range(3):
            await bulk.add("things", {"_id": 1})

    assert (bulk.inserted, bulk.present) == ({"things": 1}, {"things": 2})


async def test_what_another_index_refuses_is_told(mongo: Mongo, contents: Look) -> None:
    await mongo.create_indexes("things", [UNIQUE_NAME])
    contents(mongo).database.things.insert_one({"_id": 1, "name": "taken"})
    refused: list[tuple[str, str]] = []

    async with BulkInsert[str](mongo, on_conflict=lambda *what: refused.append(what)) as bulk:
        await bulk.add("things", {"_id": 2, "name": "taken"}, "the second")
        await bulk.add("things", {"_id": 3, "name": "free"}, "the third")

    assert refused == [("things", "the second")]
    assert (bulk.inserted, bulk.present) == ({"things": 1}, {"things": 0})


async def test_a_refusal_that_nobody_asked_for_is_an_error(mongo: Mongo) -> None:
    await mongo.create_indexes("things", [UNIQUE_NAME])
    bulk = BulkInsert[None](mongo)
    await bulk.add("things", {"_id": 1, "name": "same"})
    await bulk.add("things", {"_id": 2, "name": "same"})
    with pytest.raises(BulkWriteError):
        await bulk.flush()


async def test_an_error_in_the_body_leaves_no_task_behind(mongo: Mongo) -> None:
    async def fail() -> None:
        async with BulkInsert[None](mongo) as bulk:
            for number in range(BATCH_DOCUMENTS):
                await bulk.add("things", {"_id": number})
            raise LookupError

    with pytest.raises(LookupError):
        await fail()


async def test_a_cancellation_that_a_driver_lost_is_found() -> None:
    async def lose_a_cancellation() -> None:
        task = asyncio.current_task()
        assert task is not None
        task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(0)

    with pytest.raises(asyncio.CancelledError):
        await asyncio.create_task(bulk_call(lose_a_cancellation))


async def test_a_call_is_made_anew_while_the_server_is_away() -> None:
    answers = iter([AutoReconnect("gone"), AutoReconnect("still gone"), None])

    async def call() -> str:
        if (error := next(answers)) is not None:
            raise error
        return "back"

    assert await bulk_call(call) == "back"


async def test_bulk_work_outlives_an_election(own_stores: EmbeddedStores) -> None:
    mongo = Mongo(own_stores.mongo_url, database="election")
    admin = mongo.client.admin
    async with BulkInsert[None](mongo) as bulk:
        for number in range(3 * BATCH_DOCUMENTS):
            await bulk.add("things", {"_id": number})
            if number == BATCH_DOCUMENTS:
                await admin.command({"replSetStepDown": 2, "force": True})

    found = await bulk_call(lambda: mongo.collection("things").count_documents({}))
    assert found == 3 * BATCH_DOCUMENTS
    await mongo.close()


async def test_indexes_of_an_empty_collection_come_back(mongo: Mongo, contents: Look) -> None:
    text = IndexModel([("title", "text"), ("name", "text")], weights={"title": 3}, name="search")
    partial = IndexModel([("age", -1)], partialFilterExpression={"age": {"$gt": 3}})
    await mongo.create_indexes("things", [UNIQUE_NAME, text, partial])
    things = contents(mongo).database.things
    before = things.index_information()

    async with without_indexes(mongo, ["things", "never_made"]):
        assert set(things.index_information()) == {"_id_"}
        things.insert_one({"name": "x"})

    assert things.index_information() == before


async def test_indexes_come_back_after_an_error(mongo: Mongo, contents: Look) -> None:
    await mongo.create_indexes("things", [UNIQUE_NAME])

    async def fail() -> None:
        async with without_indexes(mongo, ["things"]):
            raise LookupError

    with pytest.raises(LookupError):
        await fail()
    assert "one_name" in contents(mongo).database.things.index_information()


async def test_indexes_of_a_full_collection_stay(mongo: Mongo, contents: Look) -> None:
    await mongo.create_indexes("things", [UNIQUE_NAME])
    things = contents(mongo).database.things
    things.insert_one({"name": "x"})

    async with without_indexes(mongo, ["things"]):
        assert "one_name" in things.index_information()


@pytest.mark.parametrize(("documents", "empty"), [([], True), ([{"a": 1}], False)])
async def test_is_empty(
    mongo: Mongo, contents: Look, documents: list[dict[str, Any]], empty: bool
) -> None:
    if documents:
        contents(mongo).database.things.insert_many(documents)
    assert await is_empty(mongo, "things") is empty
