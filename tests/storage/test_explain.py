"""Every read of every store, explained: an index serves it, and its work is that of its answer.

What a store method sends to MongoDB is recorded, and explained against a world in which the planner
has a choice: no collection is scanned, nothing is sorted in memory, and no more keys and documents
are read than there are rows in the answer. Exceptions stand beside their case, with the reason.
"""

from collections.abc import AsyncIterator
from inspect import getmembers, iscoroutinefunction

import pytest
from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase

from storage.codec import Document
from storage.embedded import EmbeddedStores
from storage.storage import Storage
from tests.storage.conftest import Crowded
from tests.storage.plans import Plan, explain
from tests.storage.reading import Read
from tests.storage.reads import READS, WRITES

REDIS_ONLY = {"automatic_documents", "feeds", "rate_limits"}
"""Stores that never ask MongoDB."""


@pytest.fixture(scope="module")
async def database(
    stores: EmbeddedStores, crowded: Crowded
) -> AsyncIterator[AsyncDatabase[Document]]:
    """The crowd's database, through a driver that decodes ids as they are."""
    async with AsyncMongoClient[Document](stores.mongo_url) as client:
        yield client[crowded.storage.mongo.database.name]


def objections(read: Read, plan: Plan) -> list[str]:
    """What is wrong with a plan."""
    found = [f"{stage} in {plan.what}" for stage in plan.stages & {"COLLSCAN"}]
    if plan.collection_scans:
        found.append(f"{plan.collection_scans} collection scans in {plan.what}")
    if not read.sorts:
        found += [f"{stage} in {plan.what}" for stage in plan.stages & {"SORT", "$sort"}]
    if not read.walks:
        if plan.keys > plan.returned + read.ahead * plan.scans:
            found.append(f"{plan.keys} keys for {plan.returned} rows in {plan.what}")
        if plan.documents > plan.returned + plan.scans:
            found.append(f"{plan.documents} documents for {plan.returned} rows in {plan.what}")
    return found


@pytest.mark.parametrize("read", READS, ids=str)
async def test_an_index_serves_it(
    crowded: Crowded, database: AsyncDatabase[Document], read: Read
) -> None:
    await crowded.storage.redis.client.flushdb()
    crowded.recorder.commands.clear()
    await read.call(crowded.storage, crowded.crowd)
    commands = list(crowded.recorder.commands)
    assert commands
    plans = [plan for command in commands for plan in await explain(database, command)]
    assert [wrong for plan in plans for wrong in objections(read, plan)] == []


async def test_every_read_has_a_case(storage: Storage) -> None:
    stores = {
        name: store
        for name, store in vars(storage).items()
        if type(store).__name__.endswith("Store")
    }
    methods = {
        f"{name}.{method}"
        for name, store in stores.items()
        if name not in REDIS_ONLY
        for method, _ in getmembers(type(store), iscoroutinefunction)
        if not method.startswith("_")
    }
    assert stores.keys() > REDIS_ONLY
    assert {read.method for read in READS} == methods - WRITES
    assert methods > WRITES
