"""Reactions: how many there are, and the viewer's own."""

from domain.pins import ReactionType
from resolvers.nodes import global_id
from tests.client import Client
from tests.world import World


async def test_counts_come_most_often_first_and_without_zeros(client: Client, world: World) -> None:
    board = await world.board(await world.user("ana"))
    counts = {
        ReactionType.WOW: 1,
        ReactionType.LOVE: 0,
        ReactionType.HAHA: 1,
        ReactionType.THANKS: 12,
        ReactionType.GOOD_IDEA: 3,
    }
    pin = await world.pin(board, reaction_counts=counts)
    document = "query ($id: ID!) { pin(id: $id) { reactionCount reactions { type count } } }"
    assert await client.data(document, id=global_id(pin)) == {
        "pin": {
            "reactionCount": 17,
            "reactions": [
                {"type": "THANKS", "count": 12},
                {"type": "GOOD_IDEA", "count": 3},
                {"type": "HAHA", "count": 1},
                {"type": "WOW", "count": 1},
            ],
        }
    }


async def test_the_viewers_reactions_are_one_query(
    client: Client, world: World, calls: list[str]
) -> None:
    ana, ben = await world.user("ana"), await world.user("ben")
    board = await world.board(ana)
    pins = [await world.pin(board) for _ in ReactionType]
    for pin, reaction in zip(pins, ReactionType, strict=True):
        await world.reaction(pin, ana, reaction)
    await world.reaction(pins[0], ben, ReactionType.HAHA)
    document = "query ($ids: [ID!]!) { pins(ids: $ids) { viewerReaction } }"
    ids = [global_id(pin) for pin in pins]
    nothing = [None] * 5
    for viewer, expected in (
        (ana, ["GOOD_IDEA", "LOVE", "THANKS", "WOW", "HAHA"]),
        (ben, ["HAHA", *nothing[1:]]),
        (None, nothing),
    ):
        calls.clear()
        data = await client.data(document, viewer, ids=ids)
        assert [pin["viewerReaction"] for pin in data["pins"]] == expected
        assert calls.count("reactions.of_user") == (viewer is not None)
