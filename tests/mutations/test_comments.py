"""`addComment`, `editComment` and `deleteComment`."""

from typing import Any

from domain.boards import BoardPrivacy
from domain.record import Record
from domain.users import UserRecord
from tests.client import Client
from tests.mutations.wire import assert_consistent, gid, snapshot
from tests.world import World

ADD = """
mutation($input: AddCommentInput!) {
  addComment(input: $input) {
    commentEdge { node { id text author { username } } }
    pin { commentCount }
    parent { replyCount }
    userErrors { code message field }
  }
}
"""
EDIT = """
mutation($input: EditCommentInput!) {
  editComment(input: $input) { comment { text editedAt } userErrors { code field } }
}
"""
DELETE = """
mutation($input: DeleteCommentInput!) {
  deleteComment(input: $input) {
    deletedCommentId
    undoToken
    pin { commentCount comments { nodes { text } } }
    parent { replyCount }
    userErrors { code field }
  }
}
"""


async def _add(client: Client, viewer: UserRecord, pin: Record, text: str, **more: str) -> Any:
    data = await client.data(ADD, viewer, input={"pinId": gid(pin), "text": text, **more})
    return data["addComment"]


async def test_a_comment_and_a_reply(world: World, client: Client) -> None:
    ana, ben = await world.user("ana"), await world.user("ben")
    pin = await world.pin(await world.board(ana))

    comment = await _add(client, ben, pin, "  So good 👩🏽‍🍳\nReally ")
    parent = comment["commentEdge"]["node"]["id"]
    reply = await _add(client, ana, pin, "Thank you", parentId=parent)
    deeper = await _add(client, ben, pin, "Any time", parentId=reply["commentEdge"]["node"]["id"])

    assert comment["commentEdge"]["node"]["text"] == "So good 👩🏽‍🍳\nReally"
    assert comment["pin"] == {"commentCount": 1}
    assert comment["parent"] is None
    assert reply["parent"] == {"replyCount": 1}
    assert deeper["parent"] == {"replyCount": 2}
    assert deeper["pin"] == {"commentCount": 3}
    await assert_consistent(world, "pins.comment_count", "comments.reply_count")


async def test_what_is_wrong_with_a_comment(world: World, client: Client) -> None:
    ana = await world.user("ana")
    board = await world.board(ana)
    pin, other = await world.pin(board), await world.pin(board)
    elsewhere = await world.comment(other, ana)
    before = await snapshot(world)

    blank = await _add(client, ana, pin, " \n ")
    long = await _add(client, ana, pin, "é" * 501)
    bell = await _add(client, ana, pin, "ding\a")
    astray = await _add(client, ana, pin, "Hm", parentId=gid(elsewhere))

    codes = [each["userErrors"][0]["code"] for each in (blank, long, bell, astray)]
    assert codes == ["BLANK", "TOO_LONG", "INVALID", "NOT_FOUND"]
    assert astray["userErrors"][0]["field"] == ["input", "parentId"]
    assert await snapshot(world) == before


async def test_only_its_author_edits_a_comment(world: World, client: Client) -> None:
    ana, ben = await world.user("ana"), await world.user("ben")
    comment = await world.comment(await world.pin(await world.board(ana)), ben, "Yum")
    before = await snapshot(world)

    refused = await client.data(EDIT, ana, input={"id": gid(comment), "text": "Yuck"})
    same = await client.data(EDIT, ben, input={"id": gid(comment), "text": " Yum "})
    assert await snapshot(world) == before
    edited = await client.data(EDIT, ben, input={"id": gid(comment), "text": "Yummy"})

    error = {"code": "NOT_ALLOWED", "field": ["input", "id"]}
    assert refused == {"editComment": {"comment": None, "userErrors": [error]}}
    assert same["editComment"]["comment"] == {"text": "Yum", "editedAt": None}
    assert edited["editComment"]["comment"]["text"] == "Yummy"
    assert edited["editComment"]["comment"]["editedAt"].endswith("Z")


async def test_a_comment_goes_with_its_replies(world: World, client: Client) -> None:
    ana, ben, eve = [await world.user(name) for name in ("ana", "ben", "eve")]
    pin = await world.pin(await world.board(ana))
    await _add(client, eve, pin, "First")
    comment = (await _add(client, ben, pin, "Second"))["commentEdge"]["node"]["id"]
    await _add(client, eve, pin, "Reply", parentId=comment)
    before = await snapshot(world)

    refused = await client.data(DELETE, eve, input={"id": comment})
    assert await snapshot(world) == before
    deleted = (await client.data(DELETE, ana, input={"id": comment}))["deleteComment"]
    again = await client.data(DELETE, ana, input={"id": comment})

    assert refused["deleteComment"]["userErrors"] == [
        {"code": "NOT_ALLOWED", "field": ["input", "id"]}
    ]
    assert len(deleted.pop("undoToken")) > 20
    assert deleted == {
        "deletedCommentId": comment,
        "pin": {"commentCount": 1, "comments": {"nodes": [{"text": "First"}]}},
        "parent": None,
        "userErrors": [],
    }
    assert again["deleteComment"]["userErrors"] == [{"code": "NOT_FOUND", "field": ["input", "id"]}]
    await assert_consistent(world, "pins.comment_count", "comments.reply_count")


async def test_a_deleted_reply_leaves_its_comment(world: World, client: Client) -> None:
    ana = await world.user("ana")
    pin = await world.pin(await world.board(ana))
    comment = (await _add(client, ana, pin, "Comment"))["commentEdge"]["node"]["id"]
    reply = (await _add(client, ana, pin, "Reply", parentId=comment))["commentEdge"]["node"]["id"]

    deleted = await client.data(DELETE, ana, input={"id": reply})

    assert deleted["deleteComment"]["parent"] == {"replyCount": 0}
    assert deleted["deleteComment"]["pin"]["commentCount"] == 1


async def test_a_secret_pin_takes_no_comments(world: World, client: Client) -> None:
    """INV-7: a comment on what cannot be seen does not exist either."""
    ana, ben = await world.user("ana"), await world.user("ben")
    pin = await world.pin(await world.board(ana, privacy=BoardPrivacy.SECRET))
    comment = await world.comment(pin, ben)
    before = await snapshot(world)

    added = await _add(client, ben, pin, "Hello?")
    edited = await client.data(EDIT, ben, input={"id": gid(comment), "text": "Hello?"})
    deleted = await client.data(DELETE, ben, input={"id": gid(comment)})

    assert added["userErrors"][0]["code"] == "NOT_FOUND"
    assert edited["editComment"]["userErrors"][0]["code"] == "NOT_FOUND"
    assert deleted["deleteComment"]["userErrors"][0]["code"] == "NOT_FOUND"
    assert await snapshot(world) == before
