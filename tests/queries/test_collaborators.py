"""Who shares a board."""

from typing import Any

from domain.boards import BoardPrivacy, BoardRole, Collaborator, InviteStatus
from domain.users import UserStatus
from resolvers.nodes import global_id
from tests.client import Client
from tests.queries.wire import moment
from tests.world import World

EVERY_FIELD = """
query ($id: ID!) {
  board(by: {id: $id}) {
    collaboratorCount
    collaborators {
      edges {
        role status canInvite joinedAt invitedBy { username } node { username }
      }
      nodes { username }
      totalCount
      totalCountIsExact
    }
  }
}
"""


async def test_every_field(client: Client, world: World) -> None:
    names = ("ana", "ben", "cleo", "dan")
    ana, ben, cleo, dan = [await world.user(name) for name in names]
    board = await world.board(
        ana,
        privacy=BoardPrivacy.SECRET,
        collaborators=(
            Collaborator(
                user_id=cleo.id,
                role=BoardRole.VIEWER,
                invited_by_id=ben.id,
                joined_at=cleo.created_at,
            ),
            Collaborator(user_id=dan.id, status=InviteStatus.PENDING, invited_by_id=cleo.id),
            Collaborator(user_id=ben.id, can_invite=True, joined_at=ben.created_at),
        ),
    )
    expected = {
        "board": {
            "collaboratorCount": 2,
            "collaborators": {
                "edges": [
                    {
                        "role": "EDITOR",
                        "status": "ACCEPTED",
                        "canInvite": True,
                        "joinedAt": moment(ben.created_at),
                        "invitedBy": None,
                        "node": {"username": "ben"},
                    },
                    {
                        "role": "VIEWER",
                        "status": "ACCEPTED",
                        "canInvite": False,
                        "joinedAt": moment(cleo.created_at),
                        "invitedBy": {"username": "ben"},
                        "node": {"username": "cleo"},
                    },
                    {
                        "role": "EDITOR",
                        "status": "PENDING",
                        "canInvite": False,
                        "joinedAt": None,
                        "invitedBy": {"username": "cleo"},
                        "node": {"username": "dan"},
                    },
                ],
                "nodes": [{"username": "ben"}, {"username": "cleo"}, {"username": "dan"}],
                "totalCount": None,
                "totalCountIsExact": False,
            },
        }
    }
    for member in (ana, ben, cleo):
        assert await client.data(EVERY_FIELD, member, id=global_id(board)) == expected
    assert await client.data(EVERY_FIELD, dan, id=global_id(board)) == {"board": None}


async def test_invitations_are_the_members_own_business(client: Client, world: World) -> None:
    names = ("ana", "ben", "invited", "declined", "stranger")
    ana, ben, invited, declined, stranger = [await world.user(name) for name in names]
    board = await world.board(
        ana,
        collaborators=(
            Collaborator(user_id=ben.id),
            Collaborator(user_id=invited.id, status=InviteStatus.PENDING),
            Collaborator(user_id=declined.id, status=InviteStatus.DECLINED),
        ),
    )
    document = """
    query ($id: ID!) {
      board(by: {id: $id}) { collaborators { nodes { username } } collaboratorCount }
    }
    """
    accepted, everybody = ("ben",), ("ben", "invited", "declined")
    for viewer, expected in (
        (ana, everybody),
        (ben, everybody),
        (invited, accepted),
        (stranger, accepted),
        (None, accepted),
    ):
        data = await client.data(document, viewer, id=global_id(board))
        nodes = data["board"]["collaborators"]["nodes"]
        assert [node["username"] for node in nodes] == list(expected)
        assert data["board"]["collaboratorCount"] == 1


async def test_hidden_people_are_left_out(client: Client, world: World) -> None:
    names = ("ana", "ben", "cleo")
    ana, ben, cleo = [await world.user(name) for name in names]
    gone = await world.user("gone", status=UserStatus.DEACTIVATED)
    share = tuple(Collaborator(user_id=u.id, invited_by_id=gone.id) for u in (ben, gone, cleo))
    board = await world.board(ana, collaborators=share)
    await world.block(cleo, ben)
    document = """
    query ($id: ID!) {
      board(by: {id: $id}) {
        collaborators { edges { node { username } invitedBy { username } } }
      }
    }
    """
    for viewer, expected in (
        (None, ["ben", "cleo"]),
        (ana, ["ben", "cleo"]),
        (ben, ["ben"]),
        (cleo, ["cleo"]),
    ):
        data = await client.data(document, viewer, id=global_id(board))
        assert data["board"]["collaborators"]["edges"] == [
            {"node": {"username": name}, "invitedBy": None} for name in expected
        ]


async def test_pages_follow_the_time_of_joining(client: Client, world: World) -> None:
    ana = await world.user("ana")
    people = [await world.user(f"person{i}") for i in range(3)]
    share = tuple(Collaborator(user_id=u.id, joined_at=u.created_at) for u in reversed(people))
    board = await world.board(ana, collaborators=share)
    document = """
    query ($id: ID!, $first: Int, $after: String, $last: Int, $before: String) {
      board(by: {id: $id}) {
        collaborators(first: $first, after: $after, last: $last, before: $before) {
          nodes { username }
          pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        }
      }
    }
    """

    async def page(**variables: Any) -> tuple[list[str], bool, bool, dict[str, str]]:
        data = await client.data(document, id=global_id(board), **variables)
        found = data["board"]["collaborators"]
        names = [node["username"] for node in found["nodes"]]
        info = found["pageInfo"]
        return names, info["hasPreviousPage"], info["hasNextPage"], info

    first = await page(first=2)
    assert first[:3] == (["person0", "person1"], False, True)
    second = await page(first=2, after=first[3]["endCursor"])
    assert second[:3] == (["person2"], True, False)
    back = await page(last=1, before=second[3]["startCursor"])
    assert back[:3] == (["person1"], True, True)
