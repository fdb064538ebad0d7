"""The people of a board: invited, joined, changed, removed, gone (INV-10)."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.boards import BoardPrivacy, BoardRecord, BoardRole, Collaborator, InviteStatus
from domain.members import INVITED_FOR
from domain.users import UserRecord
from tests.client import Client
from tests.mutations.wire import assert_consistent, gid, snapshot
from tests.world import World

PEOPLE = "collaborators { edges { role status canInvite node { username } } }"
INVITE = f"""
mutation($input: InviteCollaboratorsInput!) {{
  inviteCollaborators(input: $input) {{
    invited {{ username }} board {{ {PEOPLE} }} userErrors {{ code message field }}
  }}
}}
"""
RESPOND = f"""
mutation($input: RespondToInviteInput!) {{
  respondToInvite(input: $input) {{
    accepted board {{ name viewerRole {PEOPLE} }} userErrors {{ code message field }}
  }}
}}
"""
UPDATE = f"""
mutation($input: UpdateCollaboratorInput!) {{
  updateCollaborator(input: $input) {{ board {{ {PEOPLE} }} userErrors {{ code field }} }}
}}
"""
REMOVE = f"""
mutation($input: RemoveCollaboratorInput!) {{
  removeCollaborator(input: $input) {{
    removedUserId board {{ pinCount {PEOPLE} }} userErrors {{ code field }}
  }}
}}
"""
LEAVE = """
mutation($input: LeaveBoardInput!) {
  leaveBoard(input: $input) { leftBoardId board { pinCount } userErrors { code message field } }
}
"""
INVITES = """
{ viewer { boardInvites { boardId boardName role owner { username } invitedBy { username } } } }
"""


async def _invite(
    client: Client, viewer: UserRecord, board: BoardRecord, *people: UserRecord
) -> Any:
    asked = {"boardId": gid(board), "userIds": [gid(each) for each in people]}
    return (await client.data(INVITE, viewer, input=asked))["inviteCollaborators"]


async def _respond(client: Client, viewer: UserRecord, board: BoardRecord, accept: bool) -> Any:
    asked = {"boardId": gid(board), "accept": accept}
    return (await client.data(RESPOND, viewer, input=asked))["respondToInvite"]


def _edge(username: str, status: str, role: str = "EDITOR", can_invite: bool = False) -> Any:
    return {
        "role": role,
        "status": status,
        "canInvite": can_invite,
        "node": {"username": username},
    }


@pytest.mark.parametrize("privacy", [BoardPrivacy.PUBLIC, BoardPrivacy.SECRET])
async def test_an_invitation_is_accepted(
    world: World, client: Client, privacy: BoardPrivacy
) -> None:
    """INV-6: a secret board is seen by who accepted, and not by who is only invited."""
    ana, ben = await world.user("ana"), await world.user("ben")
    board = await world.board(ana, "Surprise", privacy=privacy)
    look = "query($id: ID!) { board(by: {id: $id}) { name } }"
    shown = privacy is BoardPrivacy.PUBLIC

    invited = await _invite(client, ana, board, ben)
    before = await client.data(look, ben, id=gid(board))
    invites = await client.data(INVITES, ben)
    accepted = await _respond(client, ben, board, True)
    after = await client.data(look, ben, id=gid(board))
    none_left = await client.data(INVITES, ben)

    assert invited == {
        "invited": [{"username": "ben"}],
        "board": {"collaborators": {"edges": [_edge("ben", "PENDING")]}},
        "userErrors": [],
    }
    assert before == {"board": {"name": "Surprise"} if shown else None}
    assert invites["viewer"]["boardInvites"] == [
        {
            "boardId": gid(board),
            "boardName": "Surprise" if shown else None,
            "role": "EDITOR",
            "owner": {"username": "ana"},
            "invitedBy": {"username": "ana"},
        }
    ]
    assert accepted == {
        "accepted": True,
        "board": {
            "name": "Surprise",
            "viewerRole": "EDITOR",
            "collaborators": {"edges": [_edge("ben", "ACCEPTED")]},
        },
        "userErrors": [],
    }
    assert after == {"board": {"name": "Surprise"}}
    assert none_left["viewer"]["boardInvites"] == []


async def test_an_invitation_is_declined(world: World, client: Client) -> None:
    ana, ben = await world.user("ana"), await world.user("ben")
    board = await world.board(ana, privacy=BoardPrivacy.SECRET)
    await _invite(client, ana, board, ben)

    declined = await _respond(client, ben, board, False)
    again = await _respond(client, ben, board, True)

    assert declined == {"accepted": False, "board": None, "userErrors": []}
    assert again["userErrors"] == [
        {
            "code": "NOT_FOUND",
            "message": "There is no such board.",
            "field": ["input", "boardId"],
        }
    ]


async def test_an_old_invitation_has_expired(world: World, client: Client) -> None:
    ana, ben = await world.user("ana"), await world.user("ben")
    long_ago = datetime.now(UTC) - INVITED_FOR - timedelta(minutes=1)
    invitation = Collaborator(
        user_id=ben.id, status=InviteStatus.PENDING, invited_by_id=ana.id, invited_at=long_ago
    )
    board = await world.board(ana, collaborators=(invitation,))
    before = await snapshot(world)

    answer = await _respond(client, ben, board, True)
    invites = await client.data(INVITES, ben)

    assert answer["userErrors"] == [
        {
            "code": "INVALID",
            "message": "The invitation has expired.",
            "field": ["input", "boardId"],
        }
    ]
    assert invites["viewer"]["boardInvites"] == []
    assert await snapshot(world) == before


async def test_who_may_invite(world: World, client: Client) -> None:
    """INV-10: the owner controls who invites."""
    ana, ben, eve, kim = [await world.user(name) for name in ("ana", "ben", "eve", "kim")]
    board = await world.board(
        ana,
        collaborators=(
            Collaborator(user_id=ben.id),
            Collaborator(user_id=eve.id, can_invite=True),
        ),
    )
    before = await snapshot(world)

    editor = await _invite(client, ben, board, kim)
    stranger = await _invite(client, kim, board, kim)
    asked = {"boardId": gid(board), "userIds": [gid(kim)], "canInvite": True}
    beyond = (await client.data(INVITE, eve, input=asked))["inviteCollaborators"]
    assert [each["userErrors"][0]["code"] for each in (editor, stranger, beyond)] == [
        "NOT_ALLOWED",
        "NOT_ALLOWED",
        "NOT_ALLOWED",
    ]
    assert await snapshot(world) == before

    trusted = await _invite(client, eve, board, kim)

    assert trusted["invited"] == [{"username": "kim"}]


async def test_all_that_is_wrong_with_an_invitation(world: World, client: Client) -> None:
    ana, ben, eve = [await world.user(name) for name in ("ana", "ben", "eve")]
    await world.block(eve, ana)
    board = await world.board(ana)
    before = await snapshot(world)

    answer = await _invite(client, ana, board, ben, ana, eve)
    owner = {"boardId": gid(board), "userIds": ["?"] * 21, "role": "OWNER"}
    shape = (await client.data(INVITE, ana, input=owner))["inviteCollaborators"]

    assert [(e["code"], e["field"][1:]) for e in answer["userErrors"]] == [
        ("INVALID", ["userIds", "1"]),
        ("NOT_FOUND", ["userIds", "2"]),
    ]
    assert [(e["code"], e["field"][1:]) for e in shape["userErrors"]] == [
        ("LIMIT_EXCEEDED", ["userIds"]),
        ("INVALID", ["role"]),
    ]
    assert await snapshot(world) == before


async def test_a_board_has_room_for_a_hundred(world: World, client: Client) -> None:
    ana = await world.user("ana")
    people = [await world.user(f"user{number}") for number in range(101)]
    declined = Collaborator(user_id=people[0].id, status=InviteStatus.DECLINED)
    members = (declined, *(Collaborator(user_id=each.id) for each in people[1:99]))
    board = await world.board(ana, collaborators=members)

    full = await _invite(client, ana, board, people[99], people[100])
    before = await snapshot(world)
    beyond = await _invite(client, ana, board, people[0])

    assert full["userErrors"] == []
    assert beyond["userErrors"][0]["code"] == "LIMIT_EXCEEDED"
    assert await snapshot(world) == before


async def test_the_owner_changes_a_member(world: World, client: Client) -> None:
    ana, ben = await world.user("ana"), await world.user("ben")
    board = await world.board(ana, collaborators=(Collaborator(user_id=ben.id),))
    asked = {"boardId": gid(board), "userId": gid(ben), "role": "VIEWER", "canInvite": True}
    before = await snapshot(world)
    refused = await client.data(UPDATE, ben, input=asked)
    assert await snapshot(world) == before

    changed = await client.data(UPDATE, ana, input=asked)
    kept = await client.data(
        UPDATE, ana, input={"boardId": gid(board), "userId": gid(ben), "canInvite": False}
    )

    assert refused["updateCollaborator"]["userErrors"][0]["code"] == "NOT_ALLOWED"
    people = [each["updateCollaborator"]["board"]["collaborators"] for each in (changed, kept)]
    assert people == [
        {"edges": [_edge("ben", "ACCEPTED", "VIEWER", True)]},
        {"edges": [_edge("ben", "ACCEPTED", "VIEWER", False)]},
    ]


async def test_a_removed_member_s_pins_stay(world: World, client: Client) -> None:
    """INV-10; a secret board is not followed by who may not see it (INV-8)."""
    ana, ben = await world.user("ana"), await world.user("ben")
    board = await world.board(
        ana,
        privacy=BoardPrivacy.SECRET,
        collaborators=(Collaborator(user_id=ben.id),),
        pin_count=1,
    )
    pin = await world.pin(board, owner=ben)
    follow = "mutation($id: ID!) { followBoard(input: {boardId: $id}) { board { followerCount } } }"
    await client.data(follow, ben, id=gid(board))
    asked = {"boardId": gid(board), "userId": gid(ben)}

    removed = (await client.data(REMOVE, ana, input=asked))["removeCollaborator"]
    again = (await client.data(REMOVE, ana, input=asked))["removeCollaborator"]

    assert removed == {
        "removedUserId": gid(ben),
        "board": {"pinCount": 1, "collaborators": {"edges": []}},
        "userErrors": [],
    }
    assert again["userErrors"] == [{"code": "NOT_FOUND", "field": ["input", "userId"]}]
    look = "query($id: ID!) { node(id: $id) { id } }"
    assert await client.data(look, ben, id=gid(pin)) == {"node": None}
    assert await client.data(look, ana, id=gid(pin)) == {"node": {"id": gid(pin)}}
    assert await world.storage.mongo.collection("follows").count_documents({}) == 0
    await assert_consistent(world, "users.follow", "boards.follow")


async def test_a_member_leaves_and_the_owner_cannot(world: World, client: Client) -> None:
    """INV-10."""
    ana, ben, eve = [await world.user(name) for name in ("ana", "ben", "eve")]
    board = await world.board(ana, collaborators=(Collaborator(user_id=ben.id),))
    before = await snapshot(world)

    owner = await client.data(LEAVE, ana, input={"boardId": gid(board)})
    stranger = await client.data(LEAVE, eve, input={"boardId": gid(board)})
    assert await snapshot(world) == before
    member = await client.data(LEAVE, ben, input={"boardId": gid(board)})

    assert owner["leaveBoard"]["userErrors"] == [
        {
            "code": "NOT_ALLOWED",
            "message": "You may not do this: OWNER_CANNOT_LEAVE.",
            "field": ["input", "boardId"],
        }
    ]
    assert stranger["leaveBoard"]["userErrors"][0]["code"] == "NOT_ALLOWED"
    assert member["leaveBoard"] == {
        "leftBoardId": gid(board),
        "board": {"pinCount": 0},
        "userErrors": [],
    }


async def test_twenty_answers_at_once_are_all_kept(world: World, client: Client) -> None:
    """Members are stored in the board: nobody's answer may overwrite another's."""
    ana = await world.user("ana")
    people = [await world.user(f"user{number}") for number in range(20)]
    board = await world.board(ana)
    await _invite(client, ana, board, *people)

    await asyncio.gather(*(_respond(client, each, board, True) for each in people))

    stored = (await world.storage.boards.get_many([board.id]))[board.id]
    assert {each.status for each in stored.collaborators} == {InviteStatus.ACCEPTED}
    assert {each.role for each in stored.collaborators} == {BoardRole.EDITOR}
    assert len(stored.collaborators) == 20
