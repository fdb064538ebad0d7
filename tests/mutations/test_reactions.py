"""`addReaction` and `removeReaction` (decision 3)."""

import asyncio
from typing import Any

from domain.boards import BoardPrivacy
from domain.users import UserRecord
from tests.client import Client
from tests.mutations.wire import assert_consistent, gid, snapshot
from tests.world import World

PIN = "pin { viewerReaction reactionCount reactions { type count } } userErrors { code field }"
ADD = f"mutation($input: AddReactionInput!) {{ addReaction(input: $input) {{ {PIN} }} }}"
REMOVE = f"mutation($input: RemoveReactionInput!) {{ removeReaction(input: $input) {{ {PIN} }} }}"


async def _add(client: Client, viewer: UserRecord, pin: str, type: str) -> Any:
    data = await client.data(ADD, viewer, input={"pinId": pin, "type": type})
    return data["addReaction"]


async def test_a_new_reaction_replaces_the_old_one(world: World, client: Client) -> None:
    ana, ben = await world.user("ana"), await world.user("ben")
    pin = await world.pin(await world.board(ana))
    await _add(client, ana, gid(pin), "WOW")
    await _add(client, ben, gid(pin), "LOVE")

    answer = await _add(client, ben, gid(pin), "WOW")

    assert answer == {
        "pin": {
            "viewerReaction": "WOW",
            "reactionCount": 2,
            "reactions": [{"type": "WOW", "count": 2}],
        },
        "userErrors": [],
    }
    await _consistent(world)


async def test_a_reaction_is_taken_back_once(world: World, client: Client) -> None:
    ana, ben = await world.user("ana"), await world.user("ben")
    pin = await world.pin(await world.board(ana))
    await _add(client, ben, gid(pin), "HAHA")

    first = await client.data(REMOVE, ben, input={"pinId": gid(pin)})
    again = await client.data(REMOVE, ben, input={"pinId": gid(pin)})

    nothing: dict[str, Any] = {"viewerReaction": None, "reactionCount": 0, "reactions": []}
    assert first["removeReaction"] == {"pin": nothing, "userErrors": []}
    assert again == first
    assert await _stored(world, "reactions") == 0
    assert await _stored(world, "notifications") == 0
    await _consistent(world)


async def test_reacting_many_times_at_once_is_one_reaction(world: World, client: Client) -> None:
    ana, ben = await world.user("ana"), await world.user("ben")
    pin = await world.pin(await world.board(ana))
    kinds = ["LOVE", "WOW", "THANKS"] * 7

    await asyncio.gather(*(_add(client, ben, gid(pin), kind) for kind in kinds))

    assert await _stored(world, "reactions") == 1
    assert await _stored(world, "notifications") == 1
    await _consistent(world)


async def test_nobody_reacts_to_a_pin_they_may_not_see(world: World, client: Client) -> None:
    ana, ben = await world.user("ana"), await world.user("ben")
    pin = await world.pin(await world.board(ana, privacy=BoardPrivacy.SECRET))
    before = await snapshot(world)

    added = await _add(client, ben, gid(pin), "LOVE")
    removed = await client.data(REMOVE, ben, input={"pinId": gid(pin)})

    refused = {"pin": None, "userErrors": [{"code": "NOT_FOUND", "field": ["input", "pinId"]}]}
    assert added == refused
    assert removed == {"removeReaction": refused}
    assert await snapshot(world) == before


async def _stored(world: World, collection: str) -> int:
    count: int = await world.storage.mongo.collection(collection).count_documents({})
    return count


async def _consistent(world: World) -> None:
    await assert_consistent(world, "pins.reaction_counts")
