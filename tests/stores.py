"""Real stores for tests: a pytest plugin, named in `tests/conftest.py`.

Each pytest-xdist worker has a MongoDB and a Redis of its own, started once. Tests share them, so a
test keeps to a database of its own name and to keys of its own. A test that pauses or kills a store
takes `own_stores`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

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


@contextmanager
def throwaway_stores(data_dir: Path) -> Iterator[EmbeddedStores]:
    """Stores whose data nobody will miss: they are killed, for stopping MongoDB takes a second."""
    stores = EmbeddedStores(data_dir)
    stores.start()
    try:
        yield stores
    finally:
        stores.kill()
