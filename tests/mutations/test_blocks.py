"""`blockUser` and `unblockUser` (DOMAIN a.5, INV-10, INV-11)."""

import asyncio
from typing import Any

from domain.boards import BoardRecord, Collaborator
from domain.cascades import STEP
from domain.users import UserRecord
from storage.codec import document, object_id
from storage.counters import recount_all
from tests.client import Client
from tests.mutations.wire import assert_consistent, gid, snapshot
from tests.world import World

BLOCK = """
mutation($id: ID!) {
  blockUser(input: {userId: $id}) {
    user { username viewerHasBlocked viewerFollows followerCount }
    blocker { followingCount followerCount }
    userErrors { code field }
  }
}
"""
UNBLOCK = """
mutation($id: ID!) {
  unblockUser(input: {userId: $id}) { user { username } userErrors { code field } }
}
"""
BLOCKED = """
{ viewer { blockedUsers { nodes { username } edges { blockedAt } totalCount } } }
"""
LOOK = "query($name: String!) { user(by: {username: $name}) { username } }"


async def _block(client: Client, viewer: UserRecord, user: UserRecord) -> Any:
    return (await client.data(BLOCK, viewer, id=gid(user)))["blockUser"]


async def test_a_block_ends_all_that_was_between_two(world: World, client: Client) -> None:
    """DOMAIN a.5: follows both ways, of users and of boards; shares; what they were told."""
    ana, ben = await world.user("ana"), await world.user("ben")
    mine = await world.board(ana, "Mine", collaborators=(Collaborator(user_id=ben.id),))
    theirs = await world.board(ben, "Theirs", collaborators=(Collaborator(user_id=ana.id),))
    await recount_all(world.storage.mongo)
    follow = """mutation($user: ID!, $board: ID!) {
      a: followUser(input: {userId: $user}) { userErrors { code } }
      b: followBoard(input: {boardId: $board}) { userErrors { code } }
    }"""
    await client.data(follow, ana, user=gid(ben), board=gid(theirs))
    await client.data(follow, ben, user=gid(ana), board=gid(mine))

    blocked = await _block(client, ana, ben)
    again = await _block(client, ana, ben)

    assert blocked == {
        "user": {
            "username": "ben",
            "viewerHasBlocked": True,
            "viewerFollows": False,
            "followerCount": 0,
        },
        "blocker": {"followingCount": 0, "followerCount": 0},
        "userErrors": [],
    }
    assert again == blocked
    assert await client.data(LOOK, ana, name="ben") == {"user": None}
    assert await client.data(LOOK, ben, name="ana") == {"user": None}
    left = await snapshot(world)
    assert "follows" not in left
    assert "notifications" not in left
    assert len(left["blocks"]) == 1
    assert [board["collaborators"] for board in left["boards"]] == [[], []]
    await assert_consistent(world)


async def test_their_pins_leave_the_viewer_s_boards(world: World, client: Client) -> None:
    """INV-10: blocking the user removes their pins; those elsewhere stay, and copies too."""
    ana, ben, eve = [await world.user(name) for name in ("ana", "ben", "eve")]
    mine = await world.board(ana, "Mine")
    pin = await world.pin(mine, "Ben's", owner=ben)
    await world.pin(mine, "Eve's", owner=eve)
    await world.pin(await world.board(ben), "At home")
    await world.save(pin, await world.board(eve))
    await recount_all(world.storage.mongo)

    await _block(client, ana, ben)

    pins = (await snapshot(world))["pins"]
    assert sorted(each["title"] for each in pins) == ["At home", "Ben's", "Eve's"]
    assert [each["is_repin"] for each in pins if each["title"] == "Ben's"] == [True]
    await assert_consistent(world)


async def test_of_many_pins_the_last_go_later(world: World, client: Client) -> None:
    ana, ben = await world.user("ana"), await world.user("ben")
    boards = [await world.board(ana, "One"), await world.board(ana, "Two")]
    for board in boards:
        await _fill(world, board, ben, STEP)
    await recount_all(world.storage.mongo)

    await _block(client, ana, ben)
    async with asyncio.timeout(60):
        while "cascades" in await snapshot(world):  # noqa: ASYNC110  # it is the server that works
            await asyncio.sleep(0.1)

    assert "pins" not in await snapshot(world)

    await assert_consistent(world)


async def test_a_block_is_taken_back(world: World, client: Client) -> None:
    ana, ben = await world.user("ana"), await world.user("ben")
    await _block(client, ana, ben)
    listed = (await client.data(BLOCKED, ana))["viewer"]["blockedUsers"]

    unblocked = await client.data(UNBLOCK, ana, id=gid(ben))
    again = await client.data(UNBLOCK, ana, id=gid(ben))
    none = (await client.data(BLOCKED, ana))["viewer"]["blockedUsers"]

    assert listed["nodes"] == [{"username": "ben"}]
    assert listed["edges"][0]["blockedAt"].endswith("Z")
    assert unblocked == {"unblockUser": {"user": {"username": "ben"}, "userErrors": []}}
    assert again == unblocked
    assert none["nodes"] == []
    assert await client.data(LOOK, ben, name="ana") == {"user": {"username": "ana"}}


async def test_a_blocked_user_does_not_learn_of_it(world: World, client: Client) -> None:
    """Who is blocked finds nobody there: neither to block, nor in a list."""
    ana, ben = await world.user("ana"), await world.user("ben")
    await _block(client, ana, ben)
    before = await snapshot(world)

    back = await _block(client, ben, ana)
    unblock = await client.data(UNBLOCK, ben, id=gid(ana))
    listed = (await client.data(BLOCKED, ben))["viewer"]["blockedUsers"]

    assert back["userErrors"] == [{"code": "NOT_FOUND", "field": ["input", "userId"]}]
    assert unblock["unblockUser"]["userErrors"] == back["userErrors"]
    assert listed["nodes"] == []
    assert await snapshot(world) == before


async def test_nobody_blocks_themselves(world: World, client: Client) -> None:
    ana = await world.user("ana")
    before = await snapshot(world)

    answer = await _block(client, ana, ana)

    assert answer["userErrors"] == [{"code": "INVALID", "field": ["input", "userId"]}]
    assert await snapshot(world) == before


async def test_no_follow_outlives_a_block(world: World, client: Client) -> None:
    """INV-11: whoever follows at the moment of a block does not follow afterwards."""
    ana = await world.user("ana")
    people = [await world.user(f"user{number}") for number in range(15)]
    board = await world.board(ana)
    await recount_all(world.storage.mongo)
    follow = """mutation($user: ID!, $board: ID!) {
      a: followUser(input: {userId: $user}) { userErrors { code } }
      b: followBoard(input: {boardId: $board}) { userErrors { code } }
    }"""

    await asyncio.gather(
        *(
            request
            for person in people
            for request in (
                client.data(follow, person, user=gid(ana), board=gid(board)),
                _block(client, ana, person),
            )
        )
    )

    left = await snapshot(world)
    assert len(left["blocks"]) == len(people)
    assert "follows" not in left
    await assert_consistent(world)


async def _fill(world: World, board: BoardRecord, owner: UserRecord, count: int) -> None:
    pin = await world.pin(board, owner=owner)
    rows = []
    for _ in range(count - 1):
        row = document(pin)
        row["_id"] = row["root_id"] = object_id(world.new_id())
        rows.append(row)
    await world.storage.mongo.collection("pins").insert_many(rows)
