"""The following feed: what followed users and boards added, strictly newest first."""

from typing import Any

import pytest

from domain.boards import BoardPrivacy, Collaborator
from domain.follows import FollowKind
from domain.pins import Engagement
from domain.users import UserRecord, UserStatus
from resolvers.nodes import global_id
from tests.client import Client
from tests.world import World

FOLLOWING = """
query ($first: Int, $after: String) {
  viewer {
    followingFeed(first: $first, after: $after) {
      edges { cursor node { id title } }
      nodes { id title }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      totalCount
      totalCountIsExact
    }
  }
}
"""


async def page(client: Client, viewer: UserRecord, **arguments: Any) -> Any:
    """A page, which agrees with itself."""
    data = await client.data(FOLLOWING, viewer, **arguments)
    found = data["viewer"]["followingFeed"]
    cursors = [edge["cursor"] for edge in found["edges"]]
    assert found["nodes"] == [edge["node"] for edge in found["edges"]]
    assert found["pageInfo"]["startCursor"] == (cursors[0] if cursors else None)
    assert found["pageInfo"]["endCursor"] == (cursors[-1] if cursors else None)
    assert (found["totalCount"], found["totalCountIsExact"]) == (None, False)
    return found


def titles(found: Any) -> list[str]:
    """The titles of a page."""
    return [node["title"] for node in found["nodes"]]


@pytest.fixture
async def viewer(world: World) -> UserRecord:
    """The viewer."""
    return await world.user("viewer")


async def test_the_newest_comes_first_whatever_it_is(
    client: Client, world: World, viewer: UserRecord
) -> None:
    ana, ben, stranger = [await world.user(name) for name in ("ana", "ben", "stranger")]
    anas, bens = await world.board(ana), await world.board(ben, "Ben's")
    await world.follow(viewer, ana)
    await world.follow(viewer, bens)
    others = await world.board(stranger)
    root = await world.pin(others, "a stranger's")
    await world.pin(anas, "1", engagement=Engagement(saves=1000))
    await world.pin(bens, "2")
    await world.save(root, anas, title="3, a copy")
    await world.pin(bens, "4, by ana", owner=ana)
    await world.pin(await world.board(ben, "Other"), "of no followed board")
    last = await world.pin(anas, "5")
    found = await page(client, viewer)
    assert titles(found) == ["5", "4, by ana", "3, a copy", "2", "1"]
    assert found["nodes"][0] == {"id": global_id(last), "title": "5"}


async def test_what_was_followed_only_in_part(
    client: Client, world: World, viewer: UserRecord
) -> None:
    ana, ben = await world.user("ana"), await world.user("ben")
    kept, left = await world.board(ana, "Kept"), await world.board(ana, "Left")
    followed, other = await world.board(ben, "Followed"), await world.board(ben, "Other")
    await world.follow(viewer, ana)
    await world.follow(viewer, left, kind=FollowKind.UNFOLLOWED_BOARD)
    await world.follow(viewer, followed)
    await world.follow(viewer, ben, is_explicit=False)
    food = await world.topic("Food")
    await world.follow(viewer, food)
    for board in (kept, left, followed, other):
        await world.pin(board, board.name, topics=(food,))
    assert titles(await page(client, viewer)) == ["Followed", "Kept"]


async def test_a_board_is_followed_although_its_owner_was_left(
    client: Client, world: World, viewer: UserRecord
) -> None:
    ana = await world.user("ana")
    board = await world.board(ana)
    await world.follow(viewer, board)
    await world.follow(viewer, ana)
    await world.follow(viewer, board, kind=FollowKind.UNFOLLOWED_BOARD)
    await world.pin(board, "once")
    assert titles(await page(client, viewer)) == ["once"]


async def test_pages_meet(client: Client, world: World, viewer: UserRecord) -> None:
    ana, ben = await world.user("ana"), await world.user("ben")
    boards = [await world.board(ana), await world.board(ben)]
    await world.follow(viewer, ana)
    await world.follow(viewer, boards[1])
    pins = [await world.pin(boards[i % 2], f"{i}") for i in range(5)]
    whole = await page(client, viewer)
    assert titles(whole) == ["4", "3", "2", "1", "0"]
    for size in (1, 2, 5):
        edges, after = [], None
        for start in range(0, 5, size):
            found = await page(client, viewer, first=size, after=after)
            info = found["pageInfo"]
            assert info["hasPreviousPage"] is (start > 0)
            assert info["hasNextPage"] is (start + size < 5)
            edges += found["edges"]
            after = info["endCursor"]
        assert edges == whole["edges"]
    first = await page(client, viewer, first=2)
    await world.pin(boards[0], "new")
    second = await page(client, viewer, first=2, after=first["pageInfo"]["endCursor"])
    assert titles(second) == ["2", "1"]
    assert titles(await page(client, viewer, first=2)) == ["new", "4"]
    nothing = await page(client, viewer, first=0)
    assert (nothing["edges"], nothing["pageInfo"]["hasNextPage"]) == ([], True)
    assert [node["id"] for node in whole["nodes"]] == [global_id(pin) for pin in reversed(pins)]


async def test_hidden_pins_are_left_out(client: Client, world: World, viewer: UserRecord) -> None:
    ana, blocker = await world.user("ana"), await world.user("blocker")
    gone = await world.user("gone", status=UserStatus.DEACTIVATED)
    member = (Collaborator(user_id=viewer.id),)
    secret = await world.board(ana, "Secret", privacy=BoardPrivacy.SECRET, collaborators=member)
    shared = await world.board(ana, "Shared")
    for target in (ana, secret, shared, gone, blocker):
        await world.follow(viewer, target)
    await world.pin(shared, "shown")
    await world.pin(secret, "secret")
    await world.pin(shared, "of a blocker", owner=blocker)
    await world.pin(shared, "of a deactivated user", owner=gone)
    await world.block(blocker, viewer)
    assert titles(await page(client, viewer)) == ["shown"]


async def test_without_follows_it_is_empty(
    client: Client, world: World, viewer: UserRecord, calls: list[str]
) -> None:
    await world.pin(await world.board(await world.user("ana")))
    calls.clear()
    assert (await page(client, viewer))["edges"] == []
    assert "timelines.newest" not in calls
    assert await client.data(FOLLOWING) == {"viewer": None}


async def test_bad_arguments_are_field_errors(
    client: Client, world: World, viewer: UserRecord
) -> None:
    ana = await world.user("ana")
    await world.follow(viewer, ana)
    await world.pin(await world.board(ana))
    for arguments, code in (
        ({"first": 101}, "BAD_USER_INPUT"),
        ({"first": -1}, "BAD_USER_INPUT"),
        ({"after": "garbage"}, "INVALID_CURSOR"),
        ({"after": ""}, "INVALID_CURSOR"),
    ):
        variables: dict[str, Any] = dict(arguments)
        answer = await client.execute(FOLLOWING, viewer, **variables)
        assert answer.data == {"viewer": {"followingFeed": None}}
        assert answer.codes == [code]
