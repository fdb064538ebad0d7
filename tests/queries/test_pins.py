"""Pins: every field, the save tree, notes, and what the viewer may do."""

from typing import Any

import pytest

from domain.boards import BoardPrivacy, BoardRole, Collaborator, InviteStatus
from domain.media import CreativeType
from domain.pins import ReactionType
from domain.users import UserStatus
from resolvers.nodes import global_id
from tests.client import Client
from tests.queries.wire import moment
from tests.world import World

EVERY_FIELD = """
query ($id: ID!) {
  pin(id: $id) {
    id entityId title description altText link domain dominantColor createdAt isRepin creativeType
    note saveCount commentCount reactionCount aggregatedSaveCount hasBeenPromoted
    creator { username }
    owner { username }
    board { name }
    section { title }
    parent { title }
    root { title }
    media { __typename }
    reactions { type count }
    topics { name }
    viewerReaction viewerHasSaved viewerIsOwner viewerCanEdit viewerCannotEditReasons
    viewerCanDelete viewerCannotDeleteReasons
    viewerSavedTo { board { name } }
  }
}
"""


async def test_every_field_of_a_copy(client: Client, world: World) -> None:
    ana, ben = await world.user("ana"), await world.user("ben")
    bens, board = await world.board(ben, "Ben's"), await world.board(ana)
    section = await world.section(board, "Soups")
    food, art = await world.topic("Food"), await world.topic("Art")
    root = await world.pin(bens, "root", aggregated_save_count=9)
    parent = await world.save(root, bens, title="parent")
    pin = await world.save(
        parent,
        board,
        title="Zupa 🍲 שלום",
        description="line one\nline two",
        alt_text="A bowl",
        link="https://soup.example/recipe?a=1",
        domain="soup.example",
        dominant_color="#ff8800",
        section_id=section.id,
        creative_type=CreativeType.SHOPPING,
        note="for Sunday",
        save_count=1,
        comment_count=2,
        reaction_counts={ReactionType.LOVE: 2, ReactionType.WOW: 5, ReactionType.HAHA: 0},
        topic_ids=(art.id, food.id),
        has_been_promoted=True,
        aggregated_save_count=77,
    )
    await world.reaction(pin, ana, ReactionType.WOW)
    assert await client.data(EVERY_FIELD, ana, id=global_id(pin)) == {
        "pin": {
            "id": global_id(pin),
            "entityId": pin.id,
            "title": "Zupa 🍲 שלום",
            "description": "line one\nline two",
            "altText": "A bowl",
            "link": "https://soup.example/recipe?a=1",
            "domain": "soup.example",
            "dominantColor": "#ff8800",
            "createdAt": moment(pin.created_at),
            "isRepin": True,
            "creativeType": "SHOPPING",
            "note": "for Sunday",
            "saveCount": 1,
            "commentCount": 2,
            "reactionCount": 7,
            "aggregatedSaveCount": 9,
            "hasBeenPromoted": True,
            "creator": {"username": "ben"},
            "owner": {"username": "ana"},
            "board": {"name": "Kitchen"},
            "section": {"title": "Soups"},
            "parent": {"title": "parent"},
            "root": {"title": "root"},
            "media": {"__typename": "ImageMedia"},
            "reactions": [{"type": "WOW", "count": 5}, {"type": "LOVE", "count": 2}],
            "topics": [{"name": "Art"}, {"name": "Food"}],
            "viewerReaction": "WOW",
            "viewerHasSaved": False,
            "viewerIsOwner": True,
            "viewerCanEdit": True,
            "viewerCannotEditReasons": [],
            "viewerCanDelete": True,
            "viewerCannotDeleteReasons": [],
            "viewerSavedTo": [],
        }
    }


async def test_the_barest_root(client: Client, world: World) -> None:
    board = await world.board(await world.user("ana"))
    pin = await world.pin(board, None, media=None, creative_type=None)  # type: ignore[arg-type]  # a title is the world's default, not the model's
    assert await client.data(EVERY_FIELD, id=global_id(pin)) == {
        "pin": {
            "id": global_id(pin),
            "entityId": pin.id,
            "title": None,
            "description": None,
            "altText": None,
            "link": None,
            "domain": None,
            "dominantColor": None,
            "createdAt": moment(pin.created_at),
            "isRepin": False,
            "creativeType": None,
            "note": None,
            "saveCount": 0,
            "commentCount": 0,
            "reactionCount": 0,
            "aggregatedSaveCount": 0,
            "hasBeenPromoted": False,
            "creator": {"username": "ana"},
            "owner": {"username": "ana"},
            "board": {"name": "Kitchen"},
            "section": None,
            "parent": None,
            "root": {"title": None},
            "media": None,
            "reactions": [],
            "topics": [],
            "viewerReaction": None,
            "viewerHasSaved": False,
            "viewerIsOwner": False,
            "viewerCanEdit": False,
            "viewerCannotEditReasons": ["LOGIN_REQUIRED"],
            "viewerCanDelete": False,
            "viewerCannotDeleteReasons": ["LOGIN_REQUIRED"],
            "viewerSavedTo": [],
        }
    }


async def test_pins_keep_the_order_of_their_ids(client: Client, world: World) -> None:
    ana = await world.user("ana")
    board = await world.board(ana)
    secret = await world.board(ana, "Secret", privacy=BoardPrivacy.SECRET)
    a, b, hidden = [
        await world.pin(on, title) for on, title in ((board, "a"), (board, "b"), (secret, "c"))
    ]
    missing = "UGluOjAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMA=="
    ids = [global_id(b), global_id(hidden), missing, global_id(a), global_id(b)]
    document = "query ($ids: [ID!]!) { pins(ids: $ids) { title } }"
    a_and_b = [{"title": "b"}, None, None, {"title": "a"}, {"title": "b"}]
    assert await client.data(document, ids=ids) == {"pins": a_and_b}
    assert await client.data(document, ids=[]) == {"pins": []}
    answer = await client.execute(document, ids=[global_id(a)] * 101)
    assert (answer.data, answer.codes) == ({"pins": None}, ["BAD_USER_INPUT"])


@pytest.mark.parametrize("malformed", ["", "?", "UGluOg==", "UGluOnh5eg=="])
async def test_a_malformed_id_is_a_field_error(
    client: Client, world: World, malformed: str
) -> None:
    board = await world.board(await world.user("ana"))
    pin = await world.pin(board, "A pin")
    for wrong in (malformed, global_id(board)):
        answer = await client.execute(
            "query ($wrong: ID!, $id: ID!) "
            "{ pin(id: $wrong) { title } pins(ids: [$id, $wrong]) { title } "
            "right: pin(id: $id) { title } }",
            wrong=wrong,
            id=global_id(pin),
        )
        assert answer.data == {"pin": None, "pins": None, "right": {"title": "A pin"}}
        assert answer.codes == ["BAD_USER_INPUT", "BAD_USER_INPUT"]


async def test_a_parent_that_is_gone_is_null(client: Client, world: World) -> None:
    ana = await world.user("ana")
    board = await world.board(ana)
    secret = await world.board(ana, "Secret", privacy=BoardPrivacy.SECRET)
    root = await world.pin(secret, "root", aggregated_save_count=3)
    orphan = await world.save(root, board, title="orphan", parent_id=None)
    leaked = await world.save(root, board, title="leaked")
    document = """
    query ($ids: [ID!]!) {
      pins(ids: $ids) { isRepin parent { title } root { title } aggregatedSaveCount }
    }
    """
    ids = [global_id(orphan), global_id(leaked)]
    hidden = {"isRepin": True, "parent": None, "root": None, "aggregatedSaveCount": 3}
    assert await client.data(document, ids=ids) == {"pins": [hidden, hidden]}
    visible = hidden | {"root": {"title": "root"}}
    assert await client.data(document, ana, ids=ids) == {
        "pins": [visible, visible | {"parent": {"title": "root"}}]
    }


async def test_a_note_is_for_its_owner_and_the_boards_members(client: Client, world: World) -> None:
    names = ("ana", "author", "reader", "invited", "stranger")
    ana, author, reader, invited, stranger = [await world.user(name) for name in names]
    board = await world.board(
        ana,
        collaborators=(
            Collaborator(user_id=reader.id, role=BoardRole.VIEWER),
            Collaborator(user_id=invited.id, status=InviteStatus.PENDING),
        ),
    )
    pin = await world.pin(board, owner=author, note="private")
    document = "query ($id: ID!) { pin(id: $id) { note } }"
    for viewer, expected in (
        (ana, "private"),
        (author, "private"),
        (reader, "private"),
        (invited, None),
        (stranger, None),
        (None, None),
    ):
        assert await client.data(document, viewer, id=global_id(pin)) == {"pin": {"note": expected}}


MAY = """
query ($ids: [ID!]!) {
  pins(ids: $ids) {
    viewerIsOwner viewerCanEdit viewerCannotEditReasons viewerCanDelete viewerCannotDeleteReasons
  }
}
"""


def may(*, own: bool, delete: bool) -> dict[str, Any]:
    """What a signed-in viewer is told they may do with a pin."""
    return {
        "viewerIsOwner": own,
        "viewerCanEdit": own,
        "viewerCannotEditReasons": [] if own else ["NOT_OWNER"],
        "viewerCanDelete": delete,
        "viewerCannotDeleteReasons": [] if delete else ["NOT_OWNER"],
    }


async def test_who_may_edit_and_delete(client: Client, world: World, calls: list[str]) -> None:
    ana, ben, cleo = [await world.user(name) for name in ("ana", "ben", "cleo")]
    share = tuple(Collaborator(user_id=user.id) for user in (ben, cleo))
    board = await world.board(ana, collaborators=share)
    pins = [await world.pin(board, owner=owner) for owner in (ana, ben)]
    ids = [global_id(pin) for pin in pins]
    own, others, below = (
        may(own=True, delete=True),
        may(own=False, delete=False),
        may(own=False, delete=True),
    )
    for viewer, expected in (
        (ana, [own, below]),
        (ben, [others, own]),
        (cleo, [others, others]),
    ):
        assert await client.data(MAY, viewer, ids=ids) == {"pins": expected}
    calls.clear()
    await client.data(MAY, cleo, ids=ids)
    assert sorted(calls) == ["blocks.of_user", "cache.boards", "cache.pins", "cache.users"]


async def test_saved_flags_cover_the_whole_tree_in_one_query(
    client: Client, world: World, calls: list[str]
) -> None:
    ana, ben = await world.user("ana"), await world.user("ben")
    bens, board = await world.board(ben), await world.board(ana, "Saved")
    secret = await world.board(ana, "Secret", privacy=BoardPrivacy.SECRET)
    root, alone = await world.pin(bens, "root"), await world.pin(bens, "alone")
    sibling = await world.save(root, bens, title="sibling")
    copy = await world.save(sibling, board)
    in_secret = await world.save(root, secret)
    document = """
    query ($ids: [ID!]!) {
      pins(ids: $ids) {
        viewerHasSaved
        viewerSavedTo { savedAt board { name } user { username } node { id } }
        one: viewerSavedTo(first: 1) { node { id } }
        none: viewerSavedTo(first: 0) { node { id } }
      }
    }
    """
    ids = [global_id(pin) for pin in (root, sibling, copy, alone)]

    def edge(pin: Any, name: str, username: str) -> dict[str, Any]:
        return {
            "savedAt": moment(pin.created_at),
            "board": {"name": name},
            "user": {"username": username},
            "node": {"id": global_id(pin)},
        }

    def saved(*edges: dict[str, Any]) -> dict[str, Any]:
        return {
            "viewerHasSaved": bool(edges),
            "viewerSavedTo": list(edges),
            "one": [{"node": each["node"]} for each in edges[:1]],
            "none": [],
        }

    hidden, shown = edge(in_secret, "Secret", "ana"), edge(copy, "Saved", "ana")
    own = edge(sibling, "Kitchen", "ben")
    calls.clear()
    assert await client.data(document, ana, ids=ids) == {
        "pins": [saved(hidden, shown), saved(hidden, shown), saved(hidden), saved()]
    }
    assert calls.count("pins.copies_owned_by") == 1
    assert await client.data(document, ben, ids=ids) == {
        "pins": [saved(own), saved(), saved(own), saved()]
    }
    calls.clear()
    assert await client.data(document, ids=ids) == {"pins": [saved()] * 4}
    assert "pins.copies_owned_by" not in calls


@pytest.mark.parametrize("first", [-1, 6])
async def test_saved_to_is_at_most_five(client: Client, world: World, first: int) -> None:
    ana = await world.user("ana")
    pin = await world.pin(await world.board(ana))
    answer = await client.execute(
        "query ($id: ID!, $first: Int!) "
        "{ pin(id: $id) { title viewerSavedTo(first: $first) { savedAt } } }",
        ana,
        id=global_id(pin),
        first=first,
    )
    assert answer.data == {"pin": {"title": "A pin", "viewerSavedTo": None}}
    assert answer.codes == ["BAD_USER_INPUT"]
    assert answer.errors[0]["path"] == ["pin", "viewerSavedTo"]


async def test_a_block_or_a_deactivation_hides_pins(client: Client, world: World) -> None:
    ana, ben = await world.user("ana"), await world.user("ben")
    gone = await world.user("gone", status=UserStatus.DEACTIVATED)
    host = await world.user("host")
    shared = await world.board(host, collaborators=(Collaborator(user_id=ana.id),))
    on_own = await world.pin(await world.board(ana), "on ana's board")
    on_shared = await world.pin(shared, "by ana", owner=ana)
    of_gone = await world.pin(shared, "by gone", owner=gone)
    copy = await world.save(on_own, shared, title="host's copy")
    await world.block(ben, ana)
    document = """
    query ($ids: [ID!]!) {
      pins(ids: $ids) { title creator { username } parent { title } }
    }
    """
    ids = [global_id(pin) for pin in (on_own, on_shared, of_gone, copy)]
    by_ana = {"creator": {"username": "ana"}, "parent": None}
    for viewer in (None, host, ana):
        assert await client.data(document, viewer, ids=ids) == {
            "pins": [
                {"title": "on ana's board", **by_ana},
                {"title": "by ana", **by_ana},
                None,
                {
                    "title": "host's copy",
                    "creator": {"username": "ana"},
                    "parent": {"title": "on ana's board"},
                },
            ]
        }
    assert await client.data(document, ben, ids=ids) == {
        "pins": [
            None,
            None,
            None,
            {"title": "host's copy", "creator": None, "parent": None},
        ]
    }


async def test_at_most_ten_topics_without_those_that_are_gone(client: Client, world: World) -> None:
    board = await world.board(await world.user("ana"))
    topics = [await world.topic(f"Topic{i}") for i in range(11)]
    pin = await world.pin(board, topics=tuple(topics))
    gone = "0" * 24
    other = await world.pin(board, topic_ids=(gone, topics[0].id))
    document = "query ($ids: [ID!]!) { pins(ids: $ids) { topics { name } } }"
    assert await client.data(document, ids=[global_id(pin), global_id(other)]) == {
        "pins": [
            {"topics": [{"name": f"Topic{i}"} for i in range(10)]},
            {"topics": [{"name": "Topic0"}]},
        ]
    }
