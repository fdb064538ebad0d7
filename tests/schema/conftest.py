"""A server for tests that walk the whole schema, which asks for more than any client may."""

from collections.abc import AsyncIterator

import pytest

from server import create_app
from storage.embedded import EmbeddedStores
from storage.storage import Storage
from tests.client import Client, serving, settings_of


@pytest.fixture(scope="session")
async def server(stores: EmbeddedStores, prepared: Storage) -> AsyncIterator[Client]:
    """A server that says in its log what it would refuse, and a client of it."""
    settings = settings_of(
        stores,
        query_limits="warn",
        # Nobody asks for so much at once, and a busy machine takes its time.
        request_deadline_ms=30_000,
        mutation_deadline_ms=30_000,
    )
    async with serving(create_app(settings, prepared)) as url:
        client = Client(url, settings)
        yield client
        await client.http.aclose()
