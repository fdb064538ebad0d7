"""What every client has at hand: the guide's app, a small world, and servers of several settings.

A module runs its clients once, in one process, and its tests look at what was recorded. So the
world is made for a module, not for a test.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest

from domain.ids import to_global_id
from server import create_app
from storage.embedded import EmbeddedStores
from storage.storage import Storage
from tests.client import Client, serving, settings_of
from tests.clients import guide, node
from tests.world import World

TITLES: Final = ("Bread", "Soup", "Tea", "Rice", "Figs")
"""The pins of the world as their topic shows them, the newest first."""

PERSIST_KEY: Final = "a key of the tests, and only of them"

SETTINGS: Final[dict[str, dict[str, Any]]] = {
    # As a server is without being told anything: APQ, trusted documents beside texts, a rate limit;
    # and who has the key may publish.
    "open": {"rate_limit_points": 2_000, "mutation_bursts": True, "persist_key": PERSIST_KEY},
    "withoutApq": {"automatic_persisted_queries": False, "trusted_documents": "off"},
    "only": {"trusted_documents": "only"},
    "cheap": {"max_cost": 5},
    # Points for one long page, and then for none in this test, or for another after a second.
    "spent": {"rate_limit_points": 75, "rate_limit_refill_per_s": 1},
    "slow": {"rate_limit_points": 75, "rate_limit_refill_per_s": 100},
}
"""The servers, by what is special about them."""


class Servers(msgspec.Struct):
    """Servers over one small world, by their names in `SETTINGS`.

    `token` is that of a viewer, who may save the pin to the board; `poor_tokens` are those of
    others, who are to spend all points.
    """

    stores: EmbeddedStores
    urls: dict[str, str]
    token: str
    poor_tokens: list[str]
    pin_id: str
    board_id: str


class Scene(msgspec.Struct):
    """The guide's app, and servers for it."""

    app: Path
    servers: Servers

    async def play(self, script: str) -> Any:
        """Runs a script of `tests/clients/scripts` in the app; what it printed, as JSON."""
        servers = self.servers
        told = {
            "urls": servers.urls,
            "token": servers.token,
            "poorTokens": servers.poor_tokens,
            "pinId": servers.pin_id,
            "boardId": servers.board_id,
        }
        return await node.run_script(self.app / script, told)

    async def shell(self, script: str) -> str:
        """Runs a shell script of the guide as its reader would, against the stores of this test."""
        environment = {
            "PYTHONPATH": str(guide.ROOT),
            "PINERY_MONGO_URL": self.servers.stores.mongo_url,
            "PINERY_REDIS_URL": self.servers.stores.redis_url,
            "PINERY_MONGO_DATABASE": "tests",
            "PINERY_DATA_DIR": str(self.app / ".pinery"),
        }
        return await node.run(["sh", "-e", script], self.app, environment)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The guide's app, as a reader has it who copied every block into its file."""
    node.require_packages()
    folder = tmp_path_factory.mktemp("app")
    guide.lay_out(folder)
    return folder


@pytest.fixture(scope="module")
async def servers(stores: EmbeddedStores, prepared: Storage) -> AsyncIterator[Servers]:
    """A world of five pins about cooking, whose maker the viewer follows, and its servers."""
    database = prepared.mongo.database
    for name in await database.list_collection_names():
        await database[name].delete_many({})
    await prepared.redis.client.flushdb()
    world = World(prepared)
    viewer, maker = await world.user("ana"), await world.user("ben")
    poor = [await world.user(name) for name in ("cem", "dora")]
    topic, board = await world.topic("Cooking"), await world.board(maker)
    for title in reversed(TITLES):
        pin = await world.pin(board, title, topics=(topic,))
    saved = await world.board(viewer, "Saved")
    await world.follow(viewer, maker)
    async with AsyncExitStack() as running:
        urls = {}
        for name, changes in SETTINGS.items():
            app = create_app(settings_of(stores, **changes), prepared)
            urls[name] = f"{await running.enter_async_context(serving(app))}/graphql"
        client = Client(urls["open"], settings_of(stores))
        tokens = [client.token(each) for each in (viewer, *poor)]
        await client.http.aclose()
        pin_id, board_id = to_global_id("Pin", pin.id), to_global_id("Board", saved.id)
        yield Servers(stores, urls, tokens[0], tokens[1:], pin_id, board_id)


@pytest.fixture(scope="module")
def scene(app: Path, servers: Servers) -> Scene:
    """The app beside its servers."""
    return Scene(app, servers)
