"""Pins made, changed, moved, copied, deleted, and taken back (INV-1, INV-2, INV-4)."""

import asyncio
from typing import Any

from domain.boards import BoardPrivacy, BoardRole, Collaborator
from domain.record import Record
from domain.users import UserRecord
from storage.codec import object_id
from storage.counters import recount_all
from tests.client import Client
from tests.mutations.wire import assert_consistent, gid, snapshot
from tests.world import World

ERRORS = "userErrors { __typename code message field }"
PICTURE = {"imageUrl": {"url": "https://images.example/cake.jpg", "width": 600, "height": 800}}
CREATE = f"""
mutation($input: CreatePinInput!) {{
  createPin(input: $input) {{
    board {{ pinCount }}
    pinEdge {{ note node {{
      id title description altText link domain creativeType isRepin dominantColor
      creator {{ username }} root {{ title }}
      media {{
        ... on ImageMedia {{ image {{ width height }} }}
        ... on MultiImageMedia {{ items {{ title image {{ width }} }} }}
        ... on VideoMedia {{ videoUrl durationMs cover {{ width }} }}
      }}
    }} }}
    {ERRORS}
  }}
}}
"""
UPDATE = f"""
mutation($input: UpdatePinInput!) {{
  updatePin(input: $input) {{
    pin {{ title description note link domain revision section {{ title }} board {{ name }} }}
    board {{ pinCount }}
    previousBoard {{ pinCount }}
    {ERRORS}
    userErrors {{ ... on ConflictError {{ currentRevision }} }}
  }}
}}
"""
BULK = "results { inputId pin { id } userErrors { code field } } undoToken"
MOVE = f"""
mutation($input: MovePinsInput!) {{
  movePins(input: $input) {{
    {BULK} board {{ pinCount pins {{ nodes {{ title section {{ title }} }} }} }}
    previousBoards {{ pinCount }} {ERRORS}
  }}
}}
"""
COPY = f"""
mutation($input: CopyPinsInput!) {{
  copyPins(input: $input) {{
    results {{ pin {{ isRepin parent {{ title saveCount }} }} userErrors {{ code }} }}
    board {{ pinCount }} {ERRORS}
  }}
}}
"""
DELETE = f"""
mutation($input: DeletePinsInput!) {{
  deletePins(input: $input) {{ {BULK} deletedPinIds boards {{ pinCount }} {ERRORS} }}
}}
"""
UNSAVE = f"""
mutation($input: UnsavePinInput!) {{
  unsavePin(input: $input) {{
    deletedPinIds savedPin {{ saveCount viewerHasSaved }} boards {{ pinCount }} undoToken {ERRORS}
  }}
}}
"""
UNDO = f"""
mutation($token: String!) {{
  undo(input: {{undoToken: $token}}) {{
    pins {{ title board {{ name }} section {{ title }} saveCount commentCount }}
    comments {{ text replyCount }}
    boards {{ pinCount }}
    {ERRORS}
  }}
}}
"""


async def _send(client: Client, document: str, viewer: UserRecord, **asked: Any) -> Any:
    (answer,) = (await client.data(document, viewer, input=asked)).values()
    return answer


async def _undo(client: Client, viewer: UserRecord, token: str) -> Any:
    return (await client.data(UNDO, viewer, token=token))["undo"]


def _codes(answer: Any) -> list[tuple[str, list[str]]]:
    return [(each["code"], each["field"][1:]) for each in answer["userErrors"]]


async def _titles(world: World, board: Record) -> list[str]:
    """The titles of what is on a board, in its own order."""
    pins = world.storage.mongo.collection("pins")
    found = (
        await pins.find({"board_id": object_id(board.id)})
        .sort([("position", 1), ("_id", 1)])
        .to_list()
    )
    return [each["title"] for each in found]


async def test_a_pin_is_made(world: World, client: Client) -> None:
    ana = await world.user("ana")
    board = await world.board(ana)
    await recount_all(world.storage.mongo)

    made = await _send(
        client,
        CREATE,
        ana,
        boardId=gid(board),
        title="  Cre\u0300me bru\u0302le\u0301e 🍮 ",
        description="Line one\r\nline two",
        altText="A cake",
        link="https://WWW.Example.com/cake?x=1",
        note="For Sunday",
        dominantColor="#AABBCC",
        media=PICTURE,
    )

    node = made["pinEdge"]["node"]
    assert node.pop("id")
    assert made == {
        "board": {"pinCount": 1},
        "pinEdge": {
            "note": "For Sunday",
            "node": {
                "title": "Cr\u00e8me br\u00fbl\u00e9e 🍮",
                "description": "Line one\nline two",
                "altText": "A cake",
                "link": "https://WWW.Example.com/cake?x=1",
                "domain": "example.com",
                "creativeType": "REGULAR",
                "isRepin": False,
                "dominantColor": "#aabbcc",
                "creator": {"username": "ana"},
                "root": {"title": "Cr\u00e8me br\u00fbl\u00e9e 🍮"},
                "media": {"image": {"width": 600, "height": 800}},
            },
        },
        "userErrors": [],
    }
    await assert_consistent(world)


async def test_a_carousel_and_a_video(world: World, client: Client) -> None:
    ana = await world.user("ana")
    board = gid(await world.board(ana))
    images = [{"image": PICTURE, "title": "One"}, {"image": PICTURE, "title": None}]
    video = {"url": "https://video.example/a.mp4", "cover": PICTURE, "durationMs": 1500}

    carousel = await _send(client, CREATE, ana, boardId=board, media={"images": images})
    film = await _send(client, CREATE, ana, boardId=board, media={"video": video})

    shown = [each["pinEdge"]["node"] for each in (carousel, film)]
    assert [each["creativeType"] for each in shown] == ["CAROUSEL", "VIDEO"]
    assert shown[0]["media"] == {
        "items": [
            {"title": "One", "image": {"width": 600}},
            {"title": None, "image": {"width": 600}},
        ]
    }
    assert shown[1]["media"] == {
        "videoUrl": "https://video.example/a.mp4",
        "durationMs": 1500,
        "cover": {"width": 600},
    }


async def test_all_that_is_wrong_with_a_new_pin(world: World, client: Client) -> None:
    ana = await world.user("ana")
    board = await world.board(ana)
    before = await snapshot(world)
    bad = {"imageUrl": {"url": "javascript:alert(1)", "width": 0, "height": 20_001}}

    answer = await _send(
        client,
        CREATE,
        ana,
        boardId=gid(ana),
        title="x" * 101,
        link="https://user:password@example.com",
        dominantColor="red",
        note="bell\a",
        media={"images": [{"image": bad, "link": "ftp://example.com"}]},
    )
    missing = await _send(
        client, CREATE, ana, boardId=gid(board, "f" * 24), sectionId=None, media=PICTURE
    )

    image = ["media", "images", "0", "image", "imageUrl"]
    assert _codes(answer) == [
        ("INVALID", ["boardId"]),
        ("INVALID", ["link"]),
        ("TOO_LONG", ["title"]),
        ("INVALID", ["note"]),
        ("INVALID", ["dominantColor"]),
        ("INVALID", [*image, "width"]),
        ("INVALID", [*image, "height"]),
        ("INVALID", [*image, "url"]),
        ("BLANK", [*image, "url"]),
        ("INVALID", ["media", "images", "0", "link"]),
        ("INVALID", ["media", "images"]),
    ]
    assert _codes(missing) == [("NOT_FOUND", ["boardId"])]
    assert await snapshot(world) == before


async def test_only_members_add_pins(world: World, client: Client) -> None:
    """INV-10: editors add, read-only guests and strangers do not."""
    ana, ben, eve, kim = [await world.user(name) for name in ("ana", "ben", "eve", "kim")]
    board = await world.board(
        ana,
        collaborators=(
            Collaborator(user_id=ben.id),
            Collaborator(user_id=eve.id, role=BoardRole.VIEWER),
        ),
    )
    before = await snapshot(world)

    guest = await _send(client, CREATE, eve, boardId=gid(board), media=PICTURE)
    stranger = await _send(client, CREATE, kim, boardId=gid(board), media=PICTURE)
    assert [_codes(guest), _codes(stranger)] == [[("NOT_ALLOWED", ["boardId"])]] * 2
    assert await snapshot(world) == before

    editor = await _send(client, CREATE, ben, boardId=gid(board), media=PICTURE)

    assert editor["board"] == {"pinCount": 1}


async def test_an_update_leaves_what_is_omitted(world: World, client: Client) -> None:
    """DOMAIN g.8: omitted leaves it, null clears it."""
    ana = await world.user("ana")
    pin = await world.pin(
        await world.board(ana), "Old", description="Words", note="Mine", link="https://a.example"
    )

    answer = await _send(client, UPDATE, ana, id=gid(pin), title="New", description=None)
    same = await _send(client, UPDATE, ana, id=gid(pin), title=" New ")

    assert answer["pin"] == {
        "title": "New",
        "description": None,
        "note": "Mine",
        "link": "https://a.example",
        "domain": None,
        "revision": 2,
        "section": None,
        "board": {"name": "Kitchen"},
    }
    assert same["pin"]["revision"] == 2


async def test_edits_that_clash_are_told(world: World, client: Client) -> None:
    ana = await world.user("ana")
    pin = await world.pin(await world.board(ana))

    async def edit(title: str) -> Any:
        return await _send(client, UPDATE, ana, id=gid(pin), title=title, expectedRevision=1)

    answers = await asyncio.gather(*(edit(f"Title {number}") for number in range(10)))

    won = [answer for answer in answers if not answer["userErrors"]]
    lost = [answer["userErrors"][0] for answer in answers if answer["userErrors"]]
    assert len(won) == 1
    assert (
        lost
        == [
            {
                "__typename": "ConflictError",
                "code": "CONFLICT",
                "message": "It was edited meanwhile: revision 1 was expected, and it has 2.",
                "field": ["input", "expectedRevision"],
                "currentRevision": 2,
            }
        ]
        * 9
    )


async def test_another_board_clears_the_section(world: World, client: Client) -> None:
    """INV-1."""
    ana = await world.user("ana")
    cakes, pies = await world.board(ana, "Cakes"), await world.board(ana, "Pies")
    layered, sweet = await world.section(cakes, "Layered"), await world.section(pies, "Sweet")
    pin = await world.pin(cakes, section_id=layered.id)
    await recount_all(world.storage.mongo)

    foreign = await _send(client, UPDATE, ana, id=gid(pin), sectionId=gid(sweet))
    moved = await _send(client, UPDATE, ana, id=gid(pin), boardId=gid(pies))
    placed = await _send(client, UPDATE, ana, id=gid(pin), sectionId=gid(sweet))
    back = await _send(client, UPDATE, ana, id=gid(pin), boardId=gid(cakes), sectionId=gid(layered))

    assert _codes(foreign) == [("NOT_FOUND", ["sectionId"])]
    assert (moved["pin"]["board"], moved["pin"]["section"]) == ({"name": "Pies"}, None)
    assert (moved["board"], moved["previousBoard"]) == ({"pinCount": 1}, {"pinCount": 0})
    assert placed["pin"]["section"] == {"title": "Sweet"}
    assert back["pin"]["section"] == {"title": "Layered"}
    await assert_consistent(world)


async def test_nobody_edits_another_s_words(world: World, client: Client) -> None:
    ana, ben = await world.user("ana"), await world.user("ben")
    board = await world.board(ana, collaborators=(Collaborator(user_id=ben.id),))
    pin = await world.pin(board, owner=ben)
    before = await snapshot(world)

    owner_of_the_board = await _send(client, UPDATE, ana, id=gid(pin), title="Mine")

    assert _codes(owner_of_the_board) == [("NOT_ALLOWED", ["id"])]
    assert await snapshot(world) == before


async def test_pins_are_moved_and_moved_back(world: World, client: Client) -> None:
    """INV-1, and the token."""
    ana = await world.user("ana")
    cakes = await world.board(ana, "Cakes")
    secret = await world.board(ana, "Secret", privacy=BoardPrivacy.SECRET)
    section = await world.section(cakes, "Layered")
    one = await world.pin(cakes, "One", section_id=section.id)
    two = await world.pin(cakes, "Two")
    await world.pin(secret, "There")
    await recount_all(world.storage.mongo)

    moved = await _send(client, MOVE, ana, ids=[gid(one), gid(two)], boardId=gid(secret))

    assert moved["board"] == {
        "pinCount": 3,
        "pins": {
            "nodes": [
                {"title": "One", "section": None},
                {"title": "Two", "section": None},
                {"title": "There", "section": None},
            ]
        },
    }
    assert moved["previousBoards"] == [{"pinCount": 0}]
    assert [row["userErrors"] for row in moved["results"]] == [[], []]
    await assert_consistent(world)
    user = await client.data('{ user(by: {username: "ana"}) { pinCount } }')
    assert user == {"user": {"pinCount": 0}}

    back = await _undo(client, ana, moved["undoToken"])
    again = await _undo(client, ana, moved["undoToken"])

    assert sorted(back["pins"], key=lambda pin: pin["title"]) == [
        {
            "title": "One",
            "board": {"name": "Cakes"},
            "section": {"title": "Layered"},
            "saveCount": 0,
            "commentCount": 0,
        },
        {
            "title": "Two",
            "board": {"name": "Cakes"},
            "section": None,
            "saveCount": 0,
            "commentCount": 0,
        },
    ]
    assert _codes(again) == [("NOT_FOUND", ["undoToken"])]
    await assert_consistent(world)


async def test_rows_fail_together_or_alone(world: World, client: Client) -> None:
    ana, ben = await world.user("ana"), await world.user("ben")
    mine, theirs = await world.board(ana), await world.board(ben)
    pins = [await world.pin(mine), await world.pin(theirs)]
    ids = [*map(gid, pins), gid(pins[0], "f" * 24)]
    await recount_all(world.storage.mongo)
    before = await snapshot(world)

    together = await _send(client, DELETE, ana, ids=ids)
    assert await snapshot(world) == before
    alone = await _send(client, DELETE, ana, ids=ids, errorPolicy="REJECT_FAILED_ROWS")

    assert together["results"] == []
    assert _codes(together) == [("NOT_FOUND", ["ids", "2"]), ("NOT_ALLOWED", ["ids", "1"])]
    assert alone["deletedPinIds"] == [ids[0]]
    assert [row["userErrors"] for row in alone["results"]] == [
        [],
        [{"code": "NOT_ALLOWED", "field": ["input", "ids", "1"]}],
        [{"code": "NOT_FOUND", "field": ["input", "ids", "2"]}],
    ]
    assert alone["userErrors"] == []
    await assert_consistent(world)


async def test_fifty_are_enough(world: World, client: Client) -> None:
    ana = await world.user("ana")
    before = await snapshot(world)

    answer = await _send(client, DELETE, ana, ids=["UGluOmE="] * 51)

    assert _codes(answer) == [("LIMIT_EXCEEDED", ["ids"])]
    assert await snapshot(world) == before


async def test_copies_of_a_deleted_pin_stay(world: World, client: Client) -> None:
    """INV-4: copies keep what they show, their parent is null, and they stay copies."""
    ana, ben = await world.user("ana"), await world.user("ben")
    pin = await world.pin(await world.board(ana), "Cake")
    copy = await world.save(pin, await world.board(ben))
    await world.comment(pin, ben)
    await recount_all(world.storage.mongo)
    look = """query($id: ID!) { pin(id: $id) {
      title isRepin parent { title } root { title } aggregatedSaveCount media { __typename }
    } }"""

    deleted = await _send(client, DELETE, ana, ids=[gid(pin)])
    orphan = (await client.data(look, ben, id=gid(copy)))["pin"]
    restored = await _undo(client, ana, deleted["undoToken"])
    child = (await client.data(look, ben, id=gid(copy)))["pin"]

    shown = {"title": "Cake", "isRepin": True, "media": {"__typename": "ImageMedia"}}
    assert orphan == shown | {"parent": None, "root": None, "aggregatedSaveCount": 0}
    cake = {"title": "Cake"}
    assert child == shown | {"parent": cake, "root": cake, "aggregatedSaveCount": 1}
    assert restored["pins"] == [
        {
            "title": "Cake",
            "board": {"name": "Kitchen"},
            "section": None,
            "saveCount": 1,
            "commentCount": 1,
        }
    ]
    await assert_consistent(world)


async def test_a_token_is_the_viewer_s_own_and_works_for_ten_minutes(
    world: World, client: Client
) -> None:
    ana, ben = await world.user("ana"), await world.user("ben")
    pin = await world.pin(await world.board(ana))
    token = (await _send(client, DELETE, ana, ids=[gid(pin)]))["undoToken"]
    before = await snapshot(world)

    stolen = await _undo(client, ben, token)
    assert await snapshot(world) == before
    undos = world.storage.mongo.collection("undos")
    stored = await undos.find_one({})
    lasts = stored["expires_at"] - stored["created_at"]
    await undos.update_one({}, {"$set": {"expires_at": stored["created_at"]}})
    late = await _undo(client, ana, token)

    assert lasts.total_seconds() == 600
    assert _codes(stolen) == _codes(late) == [("NOT_FOUND", ["undoToken"])]


async def test_what_cannot_come_back_stays_away(world: World, client: Client) -> None:
    """A pin whose board is gone meanwhile: nothing of the undo is done, and it can be tried."""
    ana = await world.user("ana")
    board, other = await world.board(ana, "Cakes"), await world.board(ana, "Pies")
    pins = [await world.pin(board), await world.pin(other)]
    deleted = await _send(client, DELETE, ana, ids=[gid(pin) for pin in pins])
    await world.storage.mongo.collection("boards").delete_one({"_id": object_id(board.id)})
    before = await snapshot(world)

    answer = await _undo(client, ana, deleted["undoToken"])

    assert _codes(answer) == [("CONFLICT", ["undoToken"])]
    assert await snapshot(world) == before


async def test_a_comment_comes_back_with_its_replies(world: World, client: Client) -> None:
    ana = await world.user("ana")
    pin = await world.pin(await world.board(ana))
    comment = await world.comment(pin, ana, "Comment")
    await world.comment(pin, ana, "Reply", parent_id=comment.id)
    await recount_all(world.storage.mongo)
    document = (
        "mutation($input: DeleteCommentInput!) { deleteComment(input: $input) { undoToken } }"
    )
    token = (await _send(client, document, ana, id=gid(comment)))["undoToken"]

    back = await _undo(client, ana, token)

    assert sorted(back["comments"], key=lambda each: each["text"]) == [
        {"text": "Comment", "replyCount": 1},
        {"text": "Reply", "replyCount": 0},
    ]
    await assert_consistent(world)


async def test_pins_are_copied(world: World, client: Client) -> None:
    """INV-2, for many at once."""
    ana, ben = await world.user("ana"), await world.user("ben")
    board = await world.board(ana)
    pins = [await world.pin(board, title) for title in ("One", "Two", "Three")]
    target = await world.board(ben, "Copies")
    await recount_all(world.storage.mongo)

    copied = await _send(client, COPY, ben, ids=[gid(pin) for pin in pins], boardId=gid(target))

    assert copied == {
        "results": [
            {
                "pin": {"isRepin": True, "parent": {"title": title, "saveCount": 1}},
                "userErrors": [],
            }
            for title in ("One", "Two", "Three")
        ],
        "board": {"pinCount": 3},
        "userErrors": [],
    }
    assert await _titles(world, target) == ["One", "Two", "Three"]
    await assert_consistent(world)


async def test_a_pin_is_unsaved(world: World, client: Client) -> None:
    ana, ben = await world.user("ana"), await world.user("ben")
    pin = await world.pin(await world.board(ana))
    cakes, pies = await world.board(ben, "Cakes"), await world.board(ben, "Pies")
    copies = [await world.save(pin, board) for board in (cakes, pies)]
    await recount_all(world.storage.mongo)

    one = await _send(client, UNSAVE, ben, pinId=gid(pin), boardId=gid(cakes))
    rest = await _send(client, UNSAVE, ben, pinId=gid(pin))
    none = await _send(client, UNSAVE, ben, pinId=gid(pin))
    not_theirs = await _send(client, UNSAVE, ana, pinId=gid(pin))

    assert one["deletedPinIds"] == [gid(copies[0])]
    assert one["savedPin"] == {"saveCount": 1, "viewerHasSaved": True}
    assert rest["deletedPinIds"] == [gid(copies[1])]
    assert rest["savedPin"] == {"saveCount": 0, "viewerHasSaved": False}
    assert none["deletedPinIds"] == not_theirs["deletedPinIds"] == []
    assert none["undoToken"] is None
    assert (await _undo(client, ben, rest["undoToken"]))["boards"] == [{"pinCount": 1}]
    await assert_consistent(world)


async def test_the_owner_of_a_board_removes_any_pin(world: World, client: Client) -> None:
    """INV-10."""
    ana, ben, eve = [await world.user(name) for name in ("ana", "ben", "eve")]
    board = await world.board(
        ana, collaborators=(Collaborator(user_id=ben.id), Collaborator(user_id=eve.id))
    )
    pin = await world.pin(board, owner=ben)
    await recount_all(world.storage.mongo)
    before = await snapshot(world)

    colleague = await _send(client, DELETE, eve, ids=[gid(pin)])
    assert _codes(colleague) == [("NOT_ALLOWED", ["ids", "0"])]
    assert await snapshot(world) == before
    owner = await _send(client, DELETE, ana, ids=[gid(pin)])

    assert owner["deletedPinIds"] == [gid(pin)]
    await assert_consistent(world)


async def test_saving_what_is_being_deleted(world: World, client: Client) -> None:
    """Either order is right, and no counter is left behind."""
    ana, ben = await world.user("ana"), await world.user("ben")
    board, target = await world.board(ana), await world.board(ben)
    pins = [await world.pin(board) for _ in range(8)]
    await recount_all(world.storage.mongo)
    save = "mutation($input: SavePinInput!) { savePin(input: $input) { userErrors { code } } }"

    await asyncio.gather(
        *(
            request
            for pin in pins
            for request in (
                _send(client, save, ben, pinId=gid(pin), boardId=gid(target)),
                _send(client, DELETE, ana, ids=[gid(pin)]),
            )
        )
    )

    await assert_consistent(world)


async def test_an_ad_ends_with_its_pin(world: World, client: Client) -> None:
    """INV-13: the pin deleted, nothing is delivered; the ad stays for its history."""
    ana = await world.user("ana")
    pin = await world.pin(await world.board(ana), link="https://a.example")
    ad = await world.ad(pin)
    await world.storage.ads.refresh()
    assert [each.pin_owner_id for each in world.storage.ads.live] == [ana.id]

    await _send(client, DELETE, ana, ids=[gid(pin)])
    await world.storage.ads.refresh()

    assert [each.pin_owner_id for each in world.storage.ads.live] == [None]
    assert await world.storage.ads.get_many([ad.id]) == {ad.id: ad}
