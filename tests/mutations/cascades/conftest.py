"""A server that leaves its jobs to others, so that a test does them one step at a time."""

from collections.abc import AsyncIterator
from typing import NamedTuple

import pytest

from server import create_app
from storage.embedded import EmbeddedStores
from storage.storage import Storage
from tests.client import PAUSE_MS, Client, serving, settings_of
from tests.mutations.about_boards import process_of
from tests.world import World


class Idle(NamedTuple):
    """A process that leaves cascades to others: its stores, and a client of it."""

    storage: Storage
    client: Client


@pytest.fixture(scope="module")
async def idle_process(stores: EmbeddedStores, prepared: Storage) -> AsyncIterator[Idle]:
    """Stores of their own, so that no other server of these tests hears of their jobs."""
    storage = process_of(stores)
    settings = settings_of(stores, cascade_pause_s=0, mutation_deadline_ms=PAUSE_MS)
    async with serving(create_app(settings, storage)) as url:
        client = Client(url, settings)
        yield Idle(storage, client)
        await client.http.aclose()
    await storage.close()


@pytest.fixture
def idle(idle_process: Idle, storage: Storage) -> Idle:
    """The same, over stores that are empty."""
    return idle_process


@pytest.fixture
def world(idle: Idle) -> World:
    """A world in the stores of the idle process."""
    return World(idle.storage)


@pytest.fixture
def client(idle: Idle) -> Client:
    """A client of the idle process."""
    return idle.client
