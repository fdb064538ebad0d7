"""`transferBoard`: ownership changes hands, explicitly (INV-10, INV-11)."""

from typing import Any

from domain.boards import BoardRecord, BoardRole, Collaborator
from domain.users import UserRecord
from storage.counters import recount_all
from tests.client import Client
from tests.mutations.wire import assert_consistent, gid, snapshot
from tests.world import World

TRANSFER = """
mutation($input: TransferBoardInput!) {
  transferBoard(input: $input) {
    board {
      slug viewerRole owner { username }
      collaborators { edges { role canInvite node { username } } }
    }
    owner { boardCount }
    previousOwner { boardCount }
    userErrors { code message field }
  }
}
"""
FOLLOW = "mutation($id: ID!) { followBoard(input: {boardId: $id}) { userErrors { code } } }"
FOLLOWING = (
    "query($name: String!) { user(by: {username: $name}) { following { nodes { username } } } }"
)


async def _transfer(client: Client, viewer: UserRecord, board: BoardRecord, to: UserRecord) -> Any:
    asked = {"boardId": gid(board), "userId": gid(to)}
    return (await client.data(TRANSFER, viewer, input=asked))["transferBoard"]


async def test_a_board_changes_hands(world: World, client: Client) -> None:
    """INV-10; and INV-11: who follows the board follows its new owner implicitly."""
    ana, ben, eve, kim = [await world.user(name) for name in ("ana", "ben", "eve", "kim")]
    members = (Collaborator(user_id=ben.id), Collaborator(user_id=eve.id))
    board = await world.board(ana, "Kitchen", collaborators=members)
    await world.board(ben, "Kitchen")
    pin = await world.pin(board)
    await recount_all(world.storage.mongo)
    for follower in (kim, ben):
        await client.data(FOLLOW, follower, id=gid(board))

    answer = await _transfer(client, ana, board, ben)
    following = await client.data(FOLLOWING, name="kim")
    edit = (
        'mutation($id: ID!) { updateBoard(input: {id: $id, name: "Mine"}) { userErrors { code } } }'
    )
    former = await client.data(edit, ana, id=gid(board))

    assert answer == {
        "board": {
            "slug": "kitchen-2",
            "viewerRole": "EDITOR",
            "owner": {"username": "ben"},
            "collaborators": {
                "edges": [
                    {"role": "EDITOR", "canInvite": False, "node": {"username": "eve"}},
                    {"role": "EDITOR", "canInvite": True, "node": {"username": "ana"}},
                ]
            },
        },
        "owner": {"boardCount": 2},
        "previousOwner": {"boardCount": 0},
        "userErrors": [],
    }
    assert following["user"]["following"]["nodes"] == [{"username": "ben"}]
    assert former["updateBoard"]["userErrors"] == [{"code": "NOT_ALLOWED"}]
    stored = await snapshot(world)
    assert [each["owner_id"] for each in stored["pins"]] == [pin.owner_id]
    assert [each["follower_id"] for each in stored["follows"]] == [kim.id, kim.id]
    await assert_consistent(world)


async def test_only_to_an_editor_and_by_the_owner(world: World, client: Client) -> None:
    ana, ben, eve = [await world.user(name) for name in ("ana", "ben", "eve")]
    guest = Collaborator(user_id=eve.id, role=BoardRole.VIEWER)
    board = await world.board(ana, collaborators=(Collaborator(user_id=ben.id), guest))
    kim = await world.user("kim")
    before = await snapshot(world)

    to_a_guest = await _transfer(client, ana, board, eve)
    to_a_stranger = await _transfer(client, ana, board, kim)
    by_an_editor = await _transfer(client, ben, board, ben)

    assert [each["userErrors"][0]["code"] for each in (to_a_guest, to_a_stranger)] == [
        "INVALID",
        "INVALID",
    ]
    assert by_an_editor["userErrors"][0]["code"] == "NOT_ALLOWED"
    assert await snapshot(world) == before
