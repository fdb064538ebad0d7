"""Comments and replies."""

from typing import Any

from domain.boards import BoardPrivacy
from domain.users import UserStatus
from resolvers.nodes import global_id
from tests.client import Client
from tests.queries.wire import moment
from tests.world import World

EVERY_FIELD = """
query ($id: ID!) {
  node(id: $id) {
    ... on Comment {
      id entityId text createdAt editedAt replyCount reactionCount viewerCanDelete
      author { username }
      pin { title }
      replies { nodes { text } totalCount }
    }
  }
}
"""


async def test_every_field(client: Client, world: World) -> None:
    ana, ben, cleo = [await world.user(name) for name in ("ana", "ben", "cleo")]
    pin = await world.pin(await world.board(ana), "A pin")
    comment = await world.comment(
        pin,
        ben,
        "زيتون 🫒",
        edited_at=cleo.created_at,
        reply_count=2,
        reaction_count=3,
    )
    await world.comment(pin, cleo, "first", parent_id=comment.id)
    reply = await world.comment(pin, ana, "second", parent_id=comment.id)
    expected = {
        "id": global_id(comment),
        "entityId": comment.id,
        "text": "زيتون 🫒",
        "createdAt": moment(comment.created_at),
        "editedAt": moment(cleo.created_at),
        "replyCount": 2,
        "reactionCount": 3,
        "viewerCanDelete": False,
        "author": {"username": "ben"},
        "pin": {"title": "A pin"},
        "replies": {"nodes": [{"text": "first"}, {"text": "second"}], "totalCount": 2},
    }
    for viewer, may_delete in ((None, False), (ana, True), (ben, True), (cleo, False)):
        data = await client.data(EVERY_FIELD, viewer, id=global_id(comment))
        assert data == {"node": expected | {"viewerCanDelete": may_delete}}
    assert await client.data(EVERY_FIELD, id=global_id(reply)) == {
        "node": {
            "id": global_id(reply),
            "entityId": reply.id,
            "text": "second",
            "createdAt": moment(reply.created_at),
            "editedAt": None,
            "replyCount": 0,
            "reactionCount": 0,
            "viewerCanDelete": False,
            "author": {"username": "ana"},
            "pin": {"title": "A pin"},
            "replies": {"nodes": [], "totalCount": 0},
        }
    }


async def test_a_pins_comments_in_each_order_without_replies(client: Client, world: World) -> None:
    ana = await world.user("ana")
    board = await world.board(ana)
    pin, other = await world.pin(board), await world.pin(board)
    first = await world.comment(pin, ana, "a")
    await world.comment(pin, ana, "reply", parent_id=first.id)
    for text in "bc":
        await world.comment(pin, ana, text)
    await world.comment(other, ana, "elsewhere")
    document = """
    query ($id: ID!, $orderBy: CommentOrder) {
      pin(id: $id) {
        comments(orderBy: $orderBy) { edges { node { text } } totalCount totalCountIsExact }
      }
    }
    """
    for order, expected in (
        (None, "cba"),
        ({"field": "CREATED_AT"}, "cba"),
        ({"field": "CREATED_AT", "direction": "DESC"}, "cba"),
        ({"field": "CREATED_AT", "direction": "ASC"}, "abc"),
    ):
        comments = (await client.data(document, id=global_id(pin), orderBy=order))["pin"][
            "comments"
        ]
        assert "".join(edge["node"]["text"] for edge in comments["edges"]) == expected
        assert comments["totalCount"] == 3
        assert comments["totalCountIsExact"] is True


async def test_comments_of_many_pins_are_one_query(
    client: Client, world: World, calls: list[str]
) -> None:
    ana = await world.user("ana")
    board = await world.board(ana)
    pins = [await world.pin(board, f"pin {i}") for i in range(3)]
    for pin in pins:
        comment = await world.comment(pin, ana, f"on {pin.title}")
        await world.comment(pin, ana, f"reply on {pin.title}", parent_id=comment.id)
    calls.clear()
    data = await client.data(
        """
        query ($ids: [ID!]!) {
          pins(ids: $ids) {
            comments { totalCount nodes { text replies(first: 5) { nodes { text } } } }
          }
        }
        """,
        ids=[global_id(pin) for pin in pins],
    )
    assert data == {
        "pins": [
            {
                "comments": {
                    "totalCount": 1,
                    "nodes": [
                        {
                            "text": f"on pin {i}",
                            "replies": {"nodes": [{"text": f"reply on pin {i}"}]},
                        }
                    ],
                }
            }
            for i in range(3)
        ]
    }
    assert sorted(name for name in calls if name.startswith("comments.")) == [
        *("comments.counts_by_pin", "comments.pages_by_pin", "comments.pages_of_replies")
    ]


async def test_comments_of_hidden_authors_are_left_out(client: Client, world: World) -> None:
    ana, ben, cleo = [await world.user(name) for name in ("ana", "ben", "cleo")]
    gone = await world.user("gone", status=UserStatus.DEACTIVATED)
    pin = await world.pin(await world.board(ana))
    comments = {}
    for author in (ben, cleo, gone):
        comments[author.username] = await world.comment(pin, author, f"by {author.username}")
    await world.comment(pin, ben, "reply", parent_id=comments["cleo"].id)
    await world.block(cleo, ben)
    document = """
    query ($id: ID!) {
      pin(id: $id) { comments { nodes { text replies { nodes { text } } } } }
    }
    """

    def seen(*texts: str, replies: tuple[str, ...] = ()) -> dict[str, Any]:
        nodes = [
            {
                "text": text,
                "replies": {"nodes": [{"text": each} for each in replies if text == "by cleo"]},
            }
            for text in texts
        ]
        return {"pin": {"comments": {"nodes": nodes}}}

    for viewer, expected in (
        (None, seen("by cleo", "by ben", replies=("reply",))),
        (ana, seen("by cleo", "by ben", replies=("reply",))),
        (ben, seen("by ben")),
        (cleo, seen("by cleo")),
    ):
        assert await client.data(document, viewer, id=global_id(pin)) == expected
    node = "query ($id: ID!) { node(id: $id) { ... on Comment { text } } }"
    assert await client.data(node, ben, id=global_id(comments["cleo"])) == {"node": None}
    assert await client.data(node, id=global_id(comments["gone"])) == {"node": None}


async def test_a_comment_is_seen_by_whoever_sees_its_pin(client: Client, world: World) -> None:
    ana, ben = await world.user("ana"), await world.user("ben")
    secret = await world.board(ana, privacy=BoardPrivacy.SECRET)
    comment = await world.comment(await world.pin(secret), ben, "hidden")
    node = "query ($id: ID!) { node(id: $id) { ... on Comment { text } } }"
    assert await client.data(node, ana, id=global_id(comment)) == {"node": {"text": "hidden"}}
    assert await client.data(node, ben, id=global_id(comment)) == {"node": None}
    assert await client.data(node, id=global_id(comment)) == {"node": None}
