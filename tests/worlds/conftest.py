"""A database of its own for each test of worlds."""

from collections.abc import AsyncIterator, Callable, Iterator
from itertools import count
from typing import Any

import pytest
from pymongo import MongoClient

from storage.embedded import EmbeddedStores
from storage.mongo import Driver, Mongo
from tests.worlds.contents import Contents

_numbers = count()

OpenDatabase = Callable[..., Mongo]


@pytest.fixture
def client(stores: EmbeddedStores) -> Iterator[MongoClient[dict[str, Any]]]:
    """The plain driver, around our own code."""
    with MongoClient[dict[str, Any]](stores.mongo_url) as client:
        yield client


@pytest.fixture
async def open_database(
    stores: EmbeddedStores, client: MongoClient[dict[str, Any]]
) -> AsyncIterator[OpenDatabase]:
    """Opens fresh databases, which are dropped after the test."""
    opened: list[Mongo] = []

    def open_one(driver: Driver = "pymongo") -> Mongo:
        name = f"worlds_{next(_numbers)}"
        opened.append(Mongo(stores.mongo_url, database=name, driver=driver))
        return opened[-1]

    yield open_one
    for mongo in opened:
        await mongo.close()
        client.drop_database(mongo.database.name)


@pytest.fixture
def mongo(open_database: OpenDatabase) -> Mongo:
    """An empty database."""
    return open_database()


@pytest.fixture
def contents(client: MongoClient[dict[str, Any]]) -> Callable[[Mongo], Contents]:
    """Reads databases as they are stored."""
    return lambda mongo: Contents(client, mongo.database.name)
