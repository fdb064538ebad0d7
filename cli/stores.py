"""The stores that a command works on: those of the settings, or embedded ones."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Final

from config import Settings
from server import open_storage
from storage.embedded import EmbeddedStores
from storage.storage import Storage

MONGO_CACHE_GB: Final = 1.0

PATIENCE: Final = {"read_deadline_ms": 60_000, "write_deadline_ms": 60_000}
"""Settings of commands that nobody waits for as for a request."""


@contextmanager
def running_stores(settings: Settings, *, shared: bool = True) -> Iterator[Settings]:
    """The settings with the URLs of stores that run: those given, or embedded ones.

    Unless `shared` is False, embedded stores that a running server has started are used as they
    are. They end with that server, so a second server must not.
    """
    if not settings.embedded:
        yield settings
        return
    stores = EmbeddedStores(settings.data_dir, mongo_cache_gb=MONGO_CACHE_GB)
    serving = settings.model_copy(
        update={"mongo_url": stores.mongo_url, "redis_url": stores.redis_url}
    )
    if shared and stores.is_serving:
        yield serving
        return
    with stores:
        yield serving


@asynccontextmanager
async def open_stores(settings: Settings) -> AsyncIterator[Storage]:
    """The stores of the settings, ready to be used, and closed at the end."""
    storage = open_storage(settings)
    try:
        await storage.prepare()
        yield storage
    finally:
        await storage.close()
