"""Boards: every field, both names, their pins in each order, and who may see and do what."""

from typing import Any

import pytest

from domain.boards import BoardPrivacy, BoardRole, Collaborator, InviteStatus
from domain.media import CreativeType, Image
from domain.users import UserStatus
from resolvers.nodes import global_id
from tests.client import Client
from tests.queries.wire import moment
from tests.world import World

EVERY_FIELD = """
query ($by: BoardBy!) {
  board(by: $by) {
    id entityId name slug description privacy isAdsOnly collaboratorCount followerCount pinCount
    sectionCount createdAt pinsModifiedAt archivedAt
    owner { username }
    cover { url }
    previewPins { title }
    viewerFollows viewerRole viewerCanAddPins viewerCannotAddPinsReasons viewerCanEdit
    viewerCannotEditReasons viewerCanInvite viewerCannotInviteReasons
  }
}
"""

NAME = "query ($by: BoardBy!) { board(by: $by) { name } }"


async def test_every_field(client: Client, world: World) -> None:
    ana = await world.user("ana")
    board = await world.board(
        ana,
        "لوحة 🍲",
        slug="soups",
        description="Soup,\nand more soup",
        pin_count=2,
        follower_count=3,
        section_count=4,
        archived_at=ana.created_at,
    )
    one = await world.pin(board, "one")
    await world.pin(board, "two", position=one.position + "1")
    assert await client.data(EVERY_FIELD, ana, by={"id": global_id(board)}) == {
        "board": {
            "id": global_id(board),
            "entityId": board.id,
            "name": "لوحة 🍲",
            "slug": "soups",
            "description": "Soup,\nand more soup",
            "privacy": "PUBLIC",
            "isAdsOnly": False,
            "collaboratorCount": 0,
            "followerCount": 3,
            "pinCount": 2,
            "sectionCount": 4,
            "createdAt": moment(board.created_at),
            "pinsModifiedAt": moment(board.pins_modified_at),
            "archivedAt": moment(ana.created_at),
            "owner": {"username": "ana"},
            "cover": {"url": f"https://images.example/{one.id}.jpg"},
            "previewPins": [{"title": "one"}, {"title": "two"}],
            "viewerFollows": False,
            "viewerRole": "OWNER",
            "viewerCanAddPins": True,
            "viewerCannotAddPinsReasons": [],
            "viewerCanEdit": True,
            "viewerCannotEditReasons": [],
            "viewerCanInvite": True,
            "viewerCannotInviteReasons": [],
        }
    }


async def test_an_empty_board_for_nobody(client: Client, world: World) -> None:
    board = await world.board(await world.user("ana"))
    assert await client.data(EVERY_FIELD, by={"id": global_id(board)}) == {
        "board": {
            "id": global_id(board),
            "entityId": board.id,
            "name": "Kitchen",
            "slug": "kitchen",
            "description": None,
            "privacy": "PUBLIC",
            "isAdsOnly": False,
            "collaboratorCount": 0,
            "followerCount": 0,
            "pinCount": 0,
            "sectionCount": 0,
            "createdAt": moment(board.created_at),
            "pinsModifiedAt": moment(board.pins_modified_at),
            "archivedAt": None,
            "owner": {"username": "ana"},
            "cover": None,
            "previewPins": [],
            "viewerFollows": False,
            "viewerRole": None,
            "viewerCanAddPins": False,
            "viewerCannotAddPinsReasons": ["LOGIN_REQUIRED"],
            "viewerCanEdit": False,
            "viewerCannotEditReasons": ["LOGIN_REQUIRED"],
            "viewerCanInvite": False,
            "viewerCannotInviteReasons": ["LOGIN_REQUIRED"],
        }
    }


VIEWER = """
query ($ids: [ID!]!) {
  boards(ids: $ids) {
    viewerFollows viewerRole viewerCanAddPins viewerCannotAddPinsReasons viewerCanEdit
    viewerCannotEditReasons viewerCanInvite viewerCannotInviteReasons
  }
}
"""


def may(
    role: str | None, *, add: bool = False, edit: bool = False, invite: bool = False
) -> dict[str, Any]:
    """What a signed-in viewer is told they may do."""
    return {
        "viewerFollows": False,
        "viewerRole": role,
        "viewerCanAddPins": add,
        "viewerCannotAddPinsReasons": [] if add else ["NOT_MEMBER"],
        "viewerCanEdit": edit,
        "viewerCannotEditReasons": [] if edit else ["NOT_OWNER"],
        "viewerCanInvite": invite,
        "viewerCannotInviteReasons": [] if invite else ["NOT_ALLOWED_TO_INVITE"],
    }


async def test_what_each_role_may_do(client: Client, world: World) -> None:
    names = ("ana", "editor", "inviter", "reader", "invited", "stranger")
    ana, editor, inviter, reader, invited, stranger = [await world.user(name) for name in names]
    board = await world.board(
        ana,
        collaborators=(
            Collaborator(user_id=editor.id),
            Collaborator(user_id=inviter.id, can_invite=True),
            Collaborator(user_id=reader.id, role=BoardRole.VIEWER),
            Collaborator(user_id=invited.id, status=InviteStatus.PENDING, can_invite=True),
        ),
    )
    for viewer, expected in (
        (ana, may("OWNER", add=True, edit=True, invite=True)),
        (editor, may("EDITOR", add=True)),
        (inviter, may("EDITOR", add=True, invite=True)),
        (reader, may("VIEWER")),
        (invited, may(None)),
        (stranger, may(None)),
    ):
        data = await client.data(VIEWER, viewer, ids=[global_id(board)])
        assert data == {"boards": [expected]}, viewer.username


async def test_viewer_flags_are_batched(client: Client, world: World, calls: list[str]) -> None:
    ana, ben = await world.user("ana"), await world.user("ben")
    boards = [await world.board(ana, f"Board {i}") for i in range(3)]
    await world.follow(ben, boards[1])
    await world.follow(ben, ana, is_explicit=False)
    calls.clear()
    data = await client.data(VIEWER, ben, ids=[global_id(board) for board in boards])
    assert data == {
        "boards": [may(None), may(None) | {"viewerFollows": True}, may(None)],
    }
    assert sorted(calls) == [
        "blocks.of_user",
        *("boards.get_many", "cache.boards", "cache.fill_boards"),
        *("cache.fill_users", "cache.users", "follows.boards_seen", "users.get_many"),
    ]


async def test_by_both_names(client: Client, world: World) -> None:
    ana, ben = await world.user("ana"), await world.user("ben")
    board = await world.board(ana)
    await world.board(ben, "Ben's kitchen", slug="kitchen")
    for by in (
        {"id": global_id(board)},
        {"slug": {"username": "ana", "slug": "kitchen"}},
        {"slug": {"username": "AnA", "slug": "kitchen"}},
    ):
        assert await client.data(NAME, by=by) == {"board": {"name": "Kitchen"}}
    other = {"slug": {"username": "ben", "slug": "kitchen"}}
    assert await client.data(NAME, by=other) == {"board": {"name": "Ben's kitchen"}}


async def test_a_name_of_nothing_is_null(client: Client, world: World) -> None:
    await world.board(await world.user("ana"))
    for by in (
        {"slug": {"username": "nobody", "slug": "kitchen"}},
        {"slug": {"username": "ana", "slug": "Kitchen"}},
        {"slug": {"username": "", "slug": ""}},
        {"id": "Qm9hcmQ6MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAw"},
    ):
        assert await client.data(NAME, by=by) == {"board": None}


async def test_an_id_that_is_no_boards_is_a_field_error(client: Client, world: World) -> None:
    ana = await world.user("ana")
    for malformed in ("", "?", global_id(ana)):
        answer = await client.execute(
            "query ($id: ID!) { board(by: {id: $id}) { name } boards(ids: [$id]) { name } "
            'user(by: {username: "ana"}) { username } }',
            id=malformed,
        )
        assert answer.data == {"board": None, "boards": None, "user": {"username": "ana"}}
        assert answer.codes == ["BAD_USER_INPUT", "BAD_USER_INPUT"]
        assert sorted(error["path"] for error in answer.errors) == [["board"], ["boards"]]


@pytest.mark.parametrize(
    "by", ["{}", '{id: "x", slug: {username: "ana", slug: "kitchen"}}', "{slug: null}"]
)
async def test_exactly_one_name_is_given(client: Client, world: World, by: str) -> None:
    await world.board(await world.user("ana"))
    answer = await client.execute(f"{{ board(by: {by}) {{ name }} }}")
    assert answer.data is None
    assert answer.codes == ["GRAPHQL_VALIDATION_FAILED"]


async def test_boards_keep_the_order_of_their_ids(client: Client, world: World) -> None:
    ana = await world.user("ana")
    one, two = await world.board(ana, "one"), await world.board(ana, "two")
    secret = await world.board(ana, "secret", privacy=BoardPrivacy.SECRET)
    ids = [global_id(board) for board in (two, secret, one, two)]
    document = "query ($ids: [ID!]!) { boards(ids: $ids) { name } }"
    one_two = [{"name": "two"}, None, {"name": "one"}, {"name": "two"}]
    assert await client.data(document, ids=ids) == {"boards": one_two}
    one_two[1] = {"name": "secret"}
    assert await client.data(document, ana, ids=ids) == {"boards": one_two}
    answer = await client.execute(document, ids=ids * 26)
    assert (answer.data, answer.codes) == ({"boards": None}, ["BAD_USER_INPUT"])


@pytest.mark.parametrize("privacy", [BoardPrivacy.SECRET, BoardPrivacy.PROTECTED])
async def test_a_board_that_is_not_public_is_its_members_alone(
    client: Client, world: World, privacy: BoardPrivacy
) -> None:
    names = ("ana", "member", "invited", "declined", "stranger")
    ana, member, invited, declined, stranger = [await world.user(name) for name in names]
    board = await world.board(
        ana,
        privacy=privacy,
        collaborators=(
            Collaborator(user_id=member.id, role=BoardRole.VIEWER),
            Collaborator(user_id=invited.id, status=InviteStatus.PENDING),
            Collaborator(user_id=declined.id, status=InviteStatus.DECLINED),
        ),
    )
    pin = await world.pin(board, "A pin")
    document = """
    query ($board: ID!, $pin: ID!) {
      board(by: {id: $board}) { privacy pins { nodes { title } } }
      bySlug: board(by: {slug: {username: "ana", slug: "kitchen"}}) { name }
      pin(id: $pin) { title board { name } }
    }
    """
    seen = {
        "board": {"privacy": privacy.value, "pins": {"nodes": [{"title": "A pin"}]}},
        "bySlug": {"name": "Kitchen"},
        "pin": {"title": "A pin", "board": {"name": "Kitchen"}},
    }
    hidden = {"board": None, "bySlug": None, "pin": None}
    for viewer, expected in (
        (ana, seen),
        (member, seen),
        (invited, hidden),
        (declined, hidden),
        (stranger, hidden),
        (None, hidden),
    ):
        data = await client.data(document, viewer, board=global_id(board), pin=global_id(pin))
        assert data == expected, viewer


async def test_the_owners_absence_hides_a_board_from_everybody(
    client: Client, world: World
) -> None:
    gone = await world.user("gone", status=UserStatus.DEACTIVATED)
    blocker, member, stranger = [await world.user(n) for n in ("blocker", "member", "stranger")]
    await world.block(blocker, stranger)
    share = (Collaborator(user_id=member.id),)
    boards = [await world.board(gone, "gone", collaborators=share), await world.board(blocker)]
    document = "query ($ids: [ID!]!) { boards(ids: $ids) { name owner { username } } }"
    ids = [global_id(board) for board in boards]
    kitchen = {"name": "Kitchen", "owner": {"username": "blocker"}}
    assert await client.data(document, ids=ids) == {"boards": [None, kitchen]}
    assert await client.data(document, stranger, ids=ids) == {"boards": [None, None]}
    assert await client.data(document, member, ids=ids) == {"boards": [None, kitchen]}


async def test_cover_and_previews(client: Client, world: World, calls: list[str]) -> None:
    ana = await world.user("ana")
    cover = Image(source_url="https://images.example/chosen.jpg", width=8, height=8)
    chosen = await world.board(ana, "chosen", cover_image=cover)
    plain, empty = await world.board(ana, "plain"), await world.board(ana, "empty")
    await world.pin(chosen, "not on the cover")
    bare = await world.pin(plain, "without a picture", media=None)
    pictured = await world.pin(plain, "first picture", position=bare.position + "1")
    for i in range(2, 7):
        await world.pin(plain, f"picture {i}", position=bare.position + str(i))
    calls.clear()
    document = """
    query ($ids: [ID!]!) {
      boards(ids: $ids) {
        cover { url }
        two: previewPins(first: 2) { title }
        previewPins { title }
        none: previewPins(first: 0) { title }
      }
    }
    """
    ids = [global_id(board) for board in (chosen, plain, empty)]
    assert await client.data(document, ids=ids) == {
        "boards": [
            {
                "cover": {"url": "https://images.example/chosen.jpg"},
                "two": [{"title": "not on the cover"}],
                "previewPins": [{"title": "not on the cover"}],
                "none": [],
            },
            {
                "cover": {"url": f"https://images.example/{pictured.id}.jpg"},
                "two": [{"title": "without a picture"}, {"title": "first picture"}],
                "previewPins": [
                    {"title": "without a picture"},
                    {"title": "first picture"},
                    {"title": "picture 2"},
                    {"title": "picture 3"},
                    {"title": "picture 4"},
                ],
                "none": [],
            },
            {"cover": None, "two": [], "previewPins": [], "none": []},
        ]
    }
    assert calls.count("pins.pages_by_board") == 1


@pytest.mark.parametrize("first", [-1, 6])
async def test_previews_are_at_most_five(client: Client, world: World, first: int) -> None:
    board = await world.board(await world.user("ana"))
    answer = await client.execute(
        "query ($id: ID!, $first: Int!) "
        "{ board(by: {id: $id}) { name previewPins(first: $first) { title } } }",
        id=global_id(board),
        first=first,
    )
    assert answer.data == {"board": {"name": "Kitchen", "previewPins": None}}
    assert answer.codes == ["BAD_USER_INPUT"]
    assert answer.errors[0]["path"] == ["board", "previewPins"]


PINS = """
query ($id: ID!, $orderBy: BoardPinOrder, $section: ID, $types: [CreativeType!], $by: ID) {
  board(by: {id: $id}) {
    pins(orderBy: $orderBy, sectionId: $section, creativeTypes: $types, addedBy: $by) {
      nodes { title } totalCount totalCountIsExact
    }
  }
}
"""


def titled(*titles: str) -> dict[str, Any]:
    """What `PINS` answers."""
    nodes = [{"title": title} for title in titles]
    page = {"nodes": nodes, "totalCount": len(titles), "totalCountIsExact": True}
    return {"board": {"pins": page}}


async def test_pins_in_each_order(client: Client, world: World) -> None:
    board = await world.board(await world.user("ana"))
    for title, position in (("a", "2"), ("b", "1"), ("c", "3")):
        await world.pin(board, title, position=position)
    for field, direction, expected in (
        (None, None, "bac"),
        ("CUSTOM", None, "bac"),
        ("CUSTOM", "ASC", "bac"),
        ("CUSTOM", "DESC", "cab"),
        ("CREATED_AT", None, "cba"),
        ("CREATED_AT", "DESC", "cba"),
        ("CREATED_AT", "ASC", "abc"),
    ):
        order = None if field is None else {"field": field, "direction": direction}
        data = await client.data(PINS, id=global_id(board), orderBy=order)
        assert data == titled(*expected), (field, direction)


async def test_pins_through_each_filter(client: Client, world: World) -> None:
    ana, ben = await world.user("ana"), await world.user("ben")
    board, other = await world.board(ana), await world.board(ana, "Other")
    section, others = await world.section(board, "Soups"), await world.section(other, "Salads")
    await world.pin(board, "plain")
    await world.pin(board, "soup", section_id=section.id)
    await world.pin(board, "film", owner=ben, creative_type=CreativeType.VIDEO)
    await world.pin(
        board, "soup film", owner=ben, creative_type=CreativeType.VIDEO, section_id=section.id
    )
    await world.pin(other, "salad", section_id=others.id)
    all_of_it = ("soup film", "film", "soup", "plain")
    soups, films = {"section": global_id(section)}, {"types": ["VIDEO", "CAROUSEL"]}
    by_ben = {"by": global_id(ben)}
    for filters, expected in (
        ({}, all_of_it),
        ({"types": []}, all_of_it),
        (soups, ("soup film", "soup")),
        (films, ("soup film", "film")),
        (by_ben, ("soup film", "film")),
        (soups | films | by_ben, ("soup film",)),
        ({"types": ["REGULAR"]}, ("soup", "plain")),
        ({"types": ["REGULAR"]} | by_ben, ()),
        ({"section": global_id(others)}, ()),
    ):
        data = await client.data(PINS, id=global_id(board), **filters)
        assert data == titled(*expected), filters


@pytest.mark.parametrize("argument", ["section", "by"])
async def test_a_filter_by_a_wrong_id_is_a_field_error(
    client: Client, world: World, argument: str
) -> None:
    board = await world.board(await world.user("ana"))
    for wrong in ("", "?", global_id(board)):
        variables: dict[str, Any] = {"id": global_id(board), argument: wrong}
        answer = await client.execute(PINS, **variables)
        assert answer.data == {"board": {"pins": None}}
        assert answer.codes == ["BAD_USER_INPUT"]


async def test_edges_say_how_a_pin_came_to_the_board(client: Client, world: World) -> None:
    ana, ben = await world.user("ana"), await world.user("ben")
    board = await world.board(ana, collaborators=(Collaborator(user_id=ben.id),))
    own = await world.pin(board, "own", note="for us", position="1")
    saved = await world.save(own, board, owner_id=ben.id, position="2")
    document = """
    query ($id: ID!) {
      board(by: {id: $id}) {
        pins {
          edges { addedAt position note addedBy { username } node { id note owner { username } } }
        }
      }
    }
    """

    def edges(note: str | None) -> dict[str, Any]:
        return {
            "board": {
                "pins": {
                    "edges": [
                        {
                            "addedAt": moment(own.created_at),
                            "position": "1",
                            "note": note,
                            "addedBy": {"username": "ana"},
                            "node": {
                                "id": global_id(own),
                                "note": note,
                                "owner": {"username": "ana"},
                            },
                        },
                        {
                            "addedAt": moment(saved.created_at),
                            "position": "2",
                            "note": None,
                            "addedBy": {"username": "ben"},
                            "node": {
                                "id": global_id(saved),
                                "note": None,
                                "owner": {"username": "ben"},
                            },
                        },
                    ]
                }
            }
        }

    assert await client.data(document, ana, id=global_id(board)) == edges("for us")
    assert await client.data(document, ben, id=global_id(board)) == edges("for us")
    assert await client.data(document, id=global_id(board)) == edges(None)
