"""Real stores for tests: a pytest plugin, named in `tests/conftest.py`.

Each pytest-xdist worker has a MongoDB and a Redis of its own, started once. Tests share them, so a
test keeps to a database of its own name and to keys of its own. A test that pauses or kills a store
takes `brittle_stores`, and one that configures them `own_stores`, which cost it most of a second.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient
from redis import Redis

from storage.embedded import EmbeddedStores
from tests.memory import throwaway_directory


@pytest.fixture(scope="session")
def stores() -> Iterator[EmbeddedStores]:
    """The stores of this worker. Leave them running."""
    with throwaway_directory() as directory, throwaway_stores(directory) as shared:
        yield shared


@pytest.fixture
def own_stores() -> Iterator[EmbeddedStores]:
    """Fresh stores for one test, which may do to them what it likes."""
    with throwaway_directory() as directory, throwaway_stores(directory) as own:
        yield own


@pytest.fixture(scope="session")
def _brittle() -> Iterator[EmbeddedStores]:
    with throwaway_directory() as directory, throwaway_stores(directory) as shared:
        yield shared


@pytest.fixture
def brittle_stores(_brittle: EmbeddedStores) -> EmbeddedStores:
    """Stores that a test may pause and kill, empty at first: they are mended for the next one."""
    for server in (_brittle.mongo, _brittle.redis):
        if server.is_running:
            server.resume()
    _brittle.start()
    with MongoClient[dict[str, Any]](_brittle.mongo_url) as mongo:
        for name in set(mongo.list_database_names()) - {"admin", "config", "local"}:
            mongo.drop_database(name)
    with Redis.from_url(_brittle.redis_url) as redis:
        redis.flushall()
    return _brittle


@contextmanager
def throwaway_stores(data_dir: Path) -> Iterator[EmbeddedStores]:
    """Stores whose data nobody will miss: they are killed, for stopping MongoDB takes a second."""
    stores = EmbeddedStores(data_dir)
    stores.start()
    try:
        yield stores
    finally:
        stores.kill()
