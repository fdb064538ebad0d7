"""The follow graph, written: users, boards and topics (INV-11)."""

import asyncio
from typing import Any

import pytest

from domain.boards import BoardPrivacy
from domain.record import Record
from domain.users import UserRecord
from tests.client import Client
from tests.mutations.wire import assert_consistent, gid, snapshot
from tests.world import World

ERRORS = "userErrors { code message field }"
USER = "user { viewerFollows followerCount } follower { followingCount }"
BOARD = "board { viewerFollows followerCount } owner { viewerFollows followerCount }"
TOPIC = "topic { viewerFollows followerCount }"
FIELDS = {"User": USER, "Board": BOARD, "Topic": TOPIC}


async def _send(client: Client, viewer: UserRecord, verb: str, target: Record) -> Any:
    kind = type(target).__name__.removesuffix("Record")
    document = f"""
    mutation($id: ID!) {{
      answer: {verb}{kind}(input: {{{kind.lower()}Id: $id}}) {{ {FIELDS[kind]} {ERRORS} }}
    }}
    """
    return (await client.data(document, viewer, id=gid(target)))["answer"]


async def _feed(client: Client, viewer: UserRecord) -> list[str]:
    """The titles in the viewer's following feed."""
    feed = await client.data("{ viewer { followingFeed { nodes { title } } } }", viewer)
    return [node["title"] for node in feed["viewer"]["followingFeed"]["nodes"]]


@pytest.mark.parametrize("times", [1, 2])
async def test_following_a_user_is_idempotent(world: World, client: Client, times: int) -> None:
    ana, ben = await world.user("ana"), await world.user("ben")

    for _ in range(times):
        answer = await _send(client, ben, "follow", ana)
    notices = await client.data("{ viewer { notifications { nodes { type } } } }", ana)

    assert answer == {
        "user": {"viewerFollows": True, "followerCount": 1},
        "follower": {"followingCount": 1},
        "userErrors": [],
    }
    assert notices["viewer"]["notifications"]["nodes"] == [{"type": "FOLLOW"}]
    for _ in range(times):
        answer = await _send(client, ben, "unfollow", ana)
    assert answer["user"] == {"viewerFollows": False, "followerCount": 0}
    assert answer["follower"] == {"followingCount": 0}
    await assert_consistent(world, "users.follow")


async def test_nobody_follows_themselves(world: World, client: Client) -> None:
    """INV-11: a self-follow is an error."""
    ana = await world.user("ana")
    board = await world.board(ana)
    before = await snapshot(world)

    user = await _send(client, ana, "follow", ana)
    own = await _send(client, ana, "follow", board)

    assert user["userErrors"] == [
        {
            "code": "INVALID",
            "message": "Nobody follows themselves.",
            "field": ["input", "userId"],
        }
    ]
    assert own["userErrors"][0]["code"] == "INVALID"
    assert await snapshot(world) == before


async def test_a_followed_user_brings_all_their_boards(world: World, client: Client) -> None:
    """INV-11: present and future ones; an unfollowed board is left out until the user is
    followed anew."""
    ana, ben = await world.user("ana"), await world.user("ben")
    cakes, pies = await world.board(ana, "Cakes"), await world.board(ana, "Pies")
    await world.pin(cakes, "Cake")
    await world.pin(pies, "Pie")
    await _send(client, ben, "follow", ana)
    await world.pin(await world.board(ana, "Soups"), "Soup")
    assert await _feed(client, ben) == ["Soup", "Pie", "Cake"]

    unfollowed = await _send(client, ben, "unfollow", pies)
    again = await _send(client, ben, "unfollow", pies)

    assert unfollowed["board"] == {"viewerFollows": False, "followerCount": 0}
    assert unfollowed["owner"] == {"viewerFollows": True, "followerCount": 1}
    assert again == unfollowed
    assert await _feed(client, ben) == ["Soup", "Cake"]

    await _send(client, ben, "follow", ana)

    assert await _feed(client, ben) == ["Soup", "Pie", "Cake"]
    await assert_consistent(world, "users.follow", "boards.follow")


async def test_a_followed_board_brings_its_owner_implicitly(world: World, client: Client) -> None:
    """INV-11: an edge that shows in lists, and brings no other board."""
    ana, ben = await world.user("ana"), await world.user("ben")
    cakes, pies = await world.board(ana, "Cakes"), await world.board(ana, "Pies")
    await world.pin(cakes, "Cake")
    await world.pin(pies, "Pie")

    first = await _send(client, ben, "follow", cakes)
    again = await _send(client, ben, "follow", cakes)

    assert first == again
    assert first["board"] == {"viewerFollows": True, "followerCount": 1}
    assert first["owner"] == {"viewerFollows": False, "followerCount": 1}
    assert await _feed(client, ben) == ["Cake"]

    await _send(client, ben, "follow", pies)
    kept = await _send(client, ben, "unfollow", cakes)
    gone = await _send(client, ben, "unfollow", pies)

    assert kept["owner"] == {"viewerFollows": False, "followerCount": 1}
    assert gone["owner"] == {"viewerFollows": False, "followerCount": 0}
    assert await world.storage.mongo.collection("follows").count_documents({}) == 0
    await assert_consistent(world, "users.follow", "boards.follow")


async def test_an_unfollowed_user_stays_for_followed_boards(world: World, client: Client) -> None:
    ana, ben = await world.user("ana"), await world.user("ben")
    cakes = await world.board(ana, "Cakes")
    await world.pin(cakes, "Cake")
    await world.pin(await world.board(ana, "Pies"), "Pie")
    await _send(client, ben, "follow", cakes)
    await _send(client, ben, "follow", ana)

    unfollowed = await _send(client, ben, "unfollow", ana)

    assert unfollowed["user"] == {"viewerFollows": False, "followerCount": 1}
    assert await _feed(client, ben) == ["Cake"]


async def test_a_topic_is_followed(world: World, client: Client) -> None:
    ben, topic = await world.user("ben"), await world.topic("Baking")

    followed = [await _send(client, ben, "follow", topic) for _ in range(2)]
    unfollowed = [await _send(client, ben, "unfollow", topic) for _ in range(2)]

    yes, no = {"viewerFollows": True, "followerCount": 1}, {"viewerFollows": False}
    assert [each["topic"] for each in followed] == [yes, yes]
    assert [each["topic"] for each in unfollowed] == [no | {"followerCount": 0}] * 2


async def test_what_is_hidden_is_not_to_be_followed(world: World, client: Client) -> None:
    ana, ben, eve = [await world.user(name) for name in ("ana", "ben", "eve")]
    secret = await world.board(ana, "Secret", privacy=BoardPrivacy.SECRET)
    await world.block(eve, ben)
    before = await snapshot(world)

    answers = [
        await _send(client, ben, verb, target)
        for verb in ("follow", "unfollow")
        for target in (secret, eve)
    ]

    assert [answer["userErrors"][0]["code"] for answer in answers] == ["NOT_FOUND"] * 4
    assert await snapshot(world) == before


async def test_following_at_once_from_all_sides(world: World, client: Client) -> None:
    ana = await world.user("ana")
    board = await world.board(ana)
    people = [await world.user(f"user{number}") for number in range(12)]

    await asyncio.gather(
        *(
            _send(client, person, verb, target)
            for person in people
            for verb, target in (("follow", ana), ("follow", board), ("follow", board))
        )
    )
    await assert_consistent(world, "users.follow", "boards.follow")

    await asyncio.gather(
        *(
            _send(client, person, verb, target)
            for person in people
            for verb, target in (("unfollow", board), ("unfollow", ana), ("follow", board))
        )
    )
    await assert_consistent(world, "users.follow", "boards.follow")
