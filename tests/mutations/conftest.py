"""Two servers over the same stores, for what must hold between processes."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import NamedTuple

import pytest

from storage.embedded import EmbeddedStores
from storage.storage import Storage
from tests.client import Client
from tests.mutations.servers import server_process


class Servers(NamedTuple):
    """Clients of two server processes; tokens made by one are good for both."""

    here: Client
    there: Client


@pytest.fixture(scope="module")
async def running_servers(stores: EmbeddedStores, prepared: Storage) -> AsyncIterator[Servers]:
    """Two processes over the stores of this worker, for a module: they have work of their own."""
    async with AsyncExitStack() as stack:
        yield Servers(
            await stack.enter_async_context(server_process(stores)),
            await stack.enter_async_context(server_process(stores)),
        )


@pytest.fixture
def two_servers(running_servers: Servers, storage: Storage) -> Servers:
    """Two server processes over the stores of `world`, which are empty at first."""
    return running_servers
