"""The scene, made once a process and put back before each test; and a server to crawl on."""

import pytest

from storage.storage import Storage
from tests.authorisation.scenes import Scene, build, put_back
from tests.schema.conftest import server
from tests.world import World

__all__ = ["scene", "server"]

_made: list[Scene] = []


@pytest.fixture
async def scene(world: World, storage: Storage) -> Scene:
    """One of everything, in stores that hold nothing else."""
    if not _made:
        _made.append(await build(world))
    else:
        await put_back(world, _made[0], {})
    await storage.ads.refresh()
    return _made[0]
