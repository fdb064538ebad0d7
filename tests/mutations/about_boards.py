"""What tests of boards ask of the stores, and errors as clients see them."""

from typing import Any

from domain.follows import FollowKind
from domain.users import UserRecord
from storage.embedded import EmbeddedStores
from storage.mongo import Mongo
from storage.redis import Redis
from storage.storage import Storage
from tests.client import PAUSE_MS
from tests.world import World

BOARDS = """
query ($username: String!) {
  user(by: {username: $username}) { boards { nodes { name } } }
}
"""


def process_of(stores: EmbeddedStores) -> Storage:
    """The stores of another process."""
    mongo = Mongo(
        stores.mongo_url,
        database="tests",
        connect_timeout_ms=PAUSE_MS,
        write_deadline_ms=PAUSE_MS,  # a slow machine must not lose a step of 500 documents
    )
    return Storage(mongo, Redis(stores.redis_url, deadline_ms=1000))


async def edges_of(world: World, follower: UserRecord) -> set[tuple[FollowKind, str]]:
    """What a user follows, and what they unfollowed."""
    found = (await world.storage.tastes.of_user(follower.id, 100)).follows
    return {(edge.kind, edge.target_id) for edge in found}


async def pin_privacies(world: World) -> list[str]:
    """Each privacy that any pin is stamped with."""
    found = await world.storage.mongo.collection("pins").distinct("privacy")
    return sorted(found)


async def stored(world: World, *collections: str) -> tuple[int, ...]:
    """How many documents some collections hold."""
    mongo = world.storage.mongo
    return tuple([await mongo.collection(name).count_documents({}) for name in collections])


def error(code: str, message: str, *field: str) -> dict[str, Any]:
    """A user error at a field of the input."""
    return {"code": code, "message": message, "field": ["input", *field]}


def plain(error: dict[str, Any]) -> dict[str, Any]:
    """What every user error says, of whatever type."""
    return {name: error[name] for name in ("code", "message", "field")}
