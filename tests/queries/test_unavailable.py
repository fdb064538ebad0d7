"""Stores that are slow or down: fields are null with a code, in time, and the rest is there."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, NamedTuple

import pytest

from domain.boards import BoardRecord
from domain.pins import PinRecord
from domain.users import UserRecord
from resolvers.nodes import global_id
from server import create_app
from storage.embedded import EmbeddedStores
from storage.mongo import Mongo
from storage.redis import Redis
from storage.storage import Storage
from tests.client import Answer, Client, serving, settings_of
from tests.world import World

READ_DEADLINE_MS = 800
REDIS_DEADLINE_MS = 500
"""Short, for a frozen store is waited for; and long enough for one that is only busy."""

PATIENCE_S = 20
"""Far beyond every deadline: an answer that takes longer is a hang."""


class Place(NamedTuple):
    """A server over stores that may be broken, and a small world in them."""

    stores: EmbeddedStores
    client: Client
    ana: UserRecord
    board: BoardRecord
    pin: PinRecord

    async def ask(self, document: str, viewer: UserRecord | None = None) -> Answer:
        """Asks, and does not wait for ever."""
        ids: dict[str, Any] = {
            "user": global_id(self.ana),
            "board": global_id(self.board),
            "pin": global_id(self.pin),
        }
        declared = ", ".join(f"${name}: ID!" for name in ids)
        used = ", ".join(f"${name}" for name in ids)
        document = f"query ({declared}) {{ {document} ids: nodes(ids: [{used}]) {{ id }} }}"
        async with asyncio.timeout(PATIENCE_S):
            return await self.client.execute(document, viewer, **ids)


@pytest.fixture
async def place(own_stores: EmbeddedStores) -> AsyncIterator[Place]:
    """The place, with its records in the cache."""
    storage = Storage(
        Mongo(own_stores.mongo_url, database="tests", deadline_ms=READ_DEADLINE_MS),
        Redis(own_stores.redis_url, deadline_ms=REDIS_DEADLINE_MS),
    )
    settings = settings_of(own_stores)
    world = World(storage)
    async with serving(create_app(settings, storage)) as url:
        client = Client(url, settings)
        ana = await world.user("ana")
        board = await world.board(ana)
        pin = await world.pin(board, "A pin")
        await world.comment(pin, ana)
        here = Place(own_stores, client, ana, board, pin)
        warm = await here.ask(EVERYTHING)
        assert warm.errors == []
        assert warm.data == ANSWER | {"ids": warm.data["ids"]}
        yield here
        await client.http.aclose()
        own_stores.mongo.kill()
    await storage.close()


EVERYTHING = """
pin(id: $pin) { title board { name owner { username } } comments { nodes { text } totalCount } }
board(by: {id: $board}) { name pins { nodes { title } } }
user(by: {username: "ana"}) { username }
"""
ANSWER: dict[str, Any] = {
    "pin": {
        "title": "A pin",
        "board": {"name": "Kitchen", "owner": {"username": "ana"}},
        "comments": {"nodes": [{"text": "Lovely"}], "totalCount": 1},
    },
    "board": {"name": "Kitchen", "pins": {"nodes": [{"title": "A pin"}]}},
    "user": {"username": "ana"},
}
CACHED = {
    "pin": ANSWER["pin"] | {"comments": None},
    "board": {"name": "Kitchen", "pins": None},
    "user": None,
}
"""What the cache alone can answer."""


def check(answer: Answer, codes: set[str]) -> None:
    """Errors say what is the matter with a code, and nothing of the inside."""
    assert {*answer.codes} <= codes
    paths = {tuple(error["path"][:2]) for error in answer.errors}
    assert paths == {("pin", "comments"), ("board", "pins"), ("user",)}
    for error in answer.errors:
        assert set(error) == {"message", "locations", "path", "extensions"}
        assert set(error["extensions"]) == {"code"}
    text = str(answer.errors)
    for inside in ("Traceback", "pymongo", "redis", ".sock", "mongodb://", "Error("):
        assert inside not in text


async def test_mongodb_frozen(place: Place) -> None:
    place.stores.mongo.pause()
    answer = await place.ask(EVERYTHING)
    assert answer.data == CACHED | {"ids": answer.data["ids"]}
    assert all(answer.data["ids"])
    check(answer, {"TIMEOUT", "UNAVAILABLE"})
    place.stores.mongo.resume()
    await recovers(place)


async def test_mongodb_killed(place: Place) -> None:
    place.stores.mongo.kill()
    for _ in range(3):
        answer = await place.ask(EVERYTHING)
        assert answer.data == CACHED | {"ids": answer.data["ids"]}
        check(answer, {"TIMEOUT", "UNAVAILABLE"})
    place.stores.mongo.start()
    await recovers(place)


async def recovers(place: Place) -> None:
    """The whole answer comes back: within seconds, since a breaker may be open."""
    async with asyncio.timeout(PATIENCE_S):
        answer = await place.ask(EVERYTHING)
        while answer.errors:
            await asyncio.sleep(0.1)
            answer = await place.ask(EVERYTHING)
    assert answer.data == ANSWER | {"ids": answer.data["ids"]}


async def test_who_is_blocked_cannot_be_known_so_nothing_is_shown(place: Place) -> None:
    """A signed-in viewer's blocks are in MongoDB alone: without them everybody is hidden."""
    place.stores.mongo.pause()
    answer = await place.ask("viewer { user { username } homeFeed { nodes { __typename } } }")
    assert answer.data["viewer"] is None
    answer = await place.ask(
        "viewer { user { username } homeFeed { nodes { __typename } } }", place.ana
    )
    assert answer.data == {"viewer": {"user": None, "homeFeed": None}, "ids": [None, None, None]}
    assert {*answer.codes} <= {"TIMEOUT", "UNAVAILABLE"}


async def test_a_search_without_mongodb(place: Place) -> None:
    place.stores.mongo.kill()
    answer = await place.ask('search(query: "pin") { nodes { __typename } }')
    assert (answer.data["search"], {*answer.codes}) == (None, {"UNAVAILABLE"})
    assert all(answer.data["ids"])


async def test_redis_frozen_or_killed_changes_no_answer(place: Place) -> None:
    whole = await place.ask(EVERYTHING)
    for disturb in (place.stores.redis.pause, place.stores.redis.kill):
        disturb()
        answer = await place.ask(EVERYTHING)
        assert (answer.data, answer.errors) == (whole.data, [])
    place.stores.redis.start()
    await recovers(place)


async def test_both_down(place: Place) -> None:
    place.stores.kill()
    answer = await place.ask(EVERYTHING)
    assert answer.data == {"pin": None, "board": None, "user": None, "ids": [None, None, None]}
    assert {*answer.codes} <= {"TIMEOUT", "UNAVAILABLE"}
    place.stores.start()
    await recovers(place)
