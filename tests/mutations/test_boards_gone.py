"""Boards that are deleted, archived or merged, and their covers (INV-5, INV-7, INV-11; a.5)."""

import asyncio
from datetime import UTC, datetime
from typing import Any

from domain.boards import (
    MAX_PINS,
    BoardPrivacy,
    BoardRecord,
    Collaborator,
)
from domain.follows import FollowKind
from domain.media import VideoMedia
from domain.pins import PinRecord, ReactionType
from domain.users import UserRecord
from storage.codec import object_id
from storage.counters import recount_all
from tests.client import Client
from tests.mutations.about_boards import (
    BOARDS,
    edges_of,
    error,
    pin_privacies,
    stored,
)
from tests.mutations.wire import assert_consistent, gid, snapshot
from tests.world import World

SECRET = BoardPrivacy.SECRET

DELETE = """
mutation Delete($input: DeleteBoardInput!) {
  deleteBoard(input: $input) {
    deletedBoardId
    owner { boardCount pinCount followerCount }
    undoToken
    userErrors { code message field }
  }
}
"""

ARCHIVE = """
mutation Archive($input: ArchiveBoardInput!) {
  archiveBoard(input: $input) { board { archivedAt revision } userErrors { code message field } }
}
"""

UNARCHIVE = """
mutation Unarchive($input: UnarchiveBoardInput!) {
  unarchiveBoard(input: $input) { board { archivedAt } userErrors { code message field } }
}
"""

MERGE = """
mutation Merge($input: MergeBoardsInput!) {
  mergeBoards(input: $input) {
    deletedBoardId
    board { name pinCount followerCount sectionCount collaboratorCount }
    owner { boardCount }
    userErrors { code message field }
  }
}
"""

COVER = """
mutation Cover($input: SetBoardCoverInput!) {
  setBoardCover(input: $input) {
    board { cover { url } }
    userErrors { code message field }
  }
}
"""

# deleteBoard


async def test_inv5_a_board_goes_with_all_that_is_on_it(world: World, client: Client) -> None:
    """Copies elsewhere stay, without a parent (INV-4)."""
    ana, ben, cleo = [await world.user(name) for name in ("ana", "ben", "cleo")]
    board = await world.board(ana, collaborators=(Collaborator(user_id=ben.id),))
    await world.board(ana, "Other")
    section = await world.section(board, "Cakes")
    pin = await world.pin(board, "Hers", section_id=section.id)
    theirs = await world.pin(board, "His", owner=ben)
    copy = await world.save(pin, await world.board(cleo))
    await world.comment(pin, cleo)
    await world.reaction(theirs, cleo, ReactionType.LOVE)
    await world.follow(cleo, board)
    await world.follow(cleo, ana, is_explicit=False)
    await recount_all(world.storage.mongo)

    gone = (await client.data(DELETE, ana, input={"id": gid(board)}))["deleteBoard"]

    assert len(gone.pop("undoToken")) == 22
    assert gone == {
        "deletedBoardId": gid(board),
        "owner": {"boardCount": 1, "pinCount": 0, "followerCount": 0},
        "userErrors": [],
    }
    seen = await client.data(
        """query ($board: ID!, $pins: [ID!]!, $section: ID!) {
          board(by: {id: $board}) { name }
          pins(ids: $pins) { title isRepin parent { title } root { title } creator { username } }
          node(id: $section) { id }
        }""",
        cleo,
        board=gid(board),
        pins=[gid(pin), gid(theirs), gid(copy)],
        section=gid(section),
    )
    assert seen == {
        "board": None,
        "pins": [
            None,
            None,
            {
                "title": "Hers",
                "isRepin": True,
                "parent": None,
                "root": None,
                "creator": {"username": "ana"},
            },
        ],
        "node": None,
    }
    assert await edges_of(world, cleo) == set()
    assert await stored(world, "boards", "pins", "sections", "cascades") == (2, 1, 0, 0)
    await assert_consistent(world)


async def test_inv5_only_the_owner_deletes_a_board(world: World, client: Client) -> None:
    ana, ben, cleo = [await world.user(name) for name in ("ana", "ben", "cleo")]
    board = await world.board(ana, collaborators=(Collaborator(user_id=ben.id),))
    secret = await world.board(ana, "Presents", privacy=SECRET)
    await world.pin(board, owner=ben)
    before = await snapshot(world)

    asked = [(ben, board), (cleo, board), (cleo, secret)]
    answers = [
        (await client.data(DELETE, viewer, input={"id": gid(each)}))["deleteBoard"]
        for viewer, each in asked
    ]

    not_owner = error("NOT_ALLOWED", "You may not do this: NOT_OWNER.", "id")
    not_found = error("NOT_FOUND", "There is no such board.", "id")
    assert [answer.pop("userErrors") for answer in answers] == [
        [not_owner],
        [not_owner],
        [not_found],
    ]
    nothing = {"deletedBoardId": None, "owner": None, "undoToken": None}
    assert answers == [nothing] * 3
    assert await snapshot(world) == before


async def test_a_board_that_is_deleted_twice_at_once_is_deleted_once(
    world: World, client: Client
) -> None:
    ana = await world.user("ana")
    board = await world.board(ana)
    await world.pin(board)
    await recount_all(world.storage.mongo)

    answers = await asyncio.gather(
        *(client.data(DELETE, ana, input={"id": gid(board)}) for _ in range(10))
    )

    ended = [answer["deleteBoard"]["deletedBoardId"] for answer in answers]
    assert sorted(ended, key=str) == sorted([gid(board), *[None] * 9], key=str)
    assert await stored(world, "boards", "pins", "undos") == (0, 0, 1)
    await assert_consistent(world)


# archiveBoard, unarchiveBoard


async def test_a_board_is_put_away_and_taken_out_again(world: World, client: Client) -> None:
    ana, ben = await world.user("ana"), await world.user("ben")
    board = await world.board(ana)
    asked = {"id": gid(board)}

    first = (await client.data(ARCHIVE, ana, input=asked))["archiveBoard"]
    again = (await client.data(ARCHIVE, ana, input=asked))["archiveBoard"]
    listed = await client.data(BOARDS, ana, username="ana")
    refused = (await client.data(UNARCHIVE, ben, input=asked))["unarchiveBoard"]
    back = [await client.data(UNARCHIVE, ana, input=asked) for _ in range(2)]

    archived_at = datetime.fromisoformat(first["board"]["archivedAt"])
    assert abs((datetime.now(UTC) - archived_at).total_seconds()) < 600
    assert first["board"]["revision"] == 1
    assert again == first
    assert listed["user"]["boards"]["nodes"] == []
    assert refused == {
        "board": None,
        "userErrors": [error("NOT_ALLOWED", "You may not do this: NOT_OWNER.", "id")],
    }
    assert back == [{"unarchiveBoard": {"board": {"archivedAt": None}, "userErrors": []}}] * 2


# mergeBoards


async def test_boards_are_merged(world: World, client: Client) -> None:
    """INV-1, INV-11. Pins and followers move; sections and members do not."""
    ana, ben, cleo, dan = [await world.user(name) for name in ("ana", "ben", "cleo", "dan")]
    source = await world.board(ana, "Source", collaborators=(Collaborator(user_id=ben.id),))
    target = await world.board(ana, "Target")
    section = await world.section(source, "Cakes")
    elsewhere = await world.pin(await world.board(cleo))
    in_section = await world.pin(source, "Hers", section_id=section.id)
    theirs = await world.pin(source, "His", owner=ben)
    copies = [await world.save(elsewhere, board) for board in (source, target)]
    for follower in (ben, cleo, dan):
        await world.follow(follower, source)
        await world.follow(follower, ana, is_explicit=False)
    await world.follow(cleo, target)
    await world.follow(dan, target, kind=FollowKind.UNFOLLOWED_BOARD)
    await recount_all(world.storage.mongo)

    asked = {"sourceId": gid(source), "targetId": gid(target)}
    merged = (await client.data(MERGE, ana, input=asked))["mergeBoards"]

    assert merged == {
        "deletedBoardId": gid(source),
        "board": {
            "name": "Target",
            "pinCount": 4,
            "followerCount": 2,
            "sectionCount": 0,
            "collaboratorCount": 0,
        },
        "owner": {"boardCount": 1},
        "userErrors": [],
    }
    pins = await world.storage.pins.get_many([in_section.id, theirs.id, *(c.id for c in copies)])
    assert {(pin.board_id, pin.section_id) for pin in pins.values()} == {(target.id, None)}
    assert {pin.owner_id for pin in pins.values()} == {ana.id, ben.id}
    follows_target = (FollowKind.BOARD, target.id)
    assert await edges_of(world, ben) == {(FollowKind.USER, ana.id), follows_target}
    assert await edges_of(world, cleo) == {(FollowKind.USER, ana.id), follows_target}
    assert await edges_of(world, dan) == {(FollowKind.UNFOLLOWED_BOARD, target.id)}
    assert await stored(world, "boards", "sections", "cascades") == (2, 0, 0)
    await assert_consistent(world)


async def test_inv6_what_is_merged_into_a_secret_board_is_secret(
    world: World, client: Client
) -> None:
    ana, ben, cleo = [await world.user(name) for name in ("ana", "ben", "cleo")]
    source = await world.board(ana, "Source")
    target = await world.board(
        ana, "Target", privacy=SECRET, collaborators=(Collaborator(user_id=cleo.id),)
    )
    await world.pin(source)
    for follower in (ben, cleo):
        await world.follow(follower, source)
        await world.follow(follower, ana, is_explicit=False)
    await recount_all(world.storage.mongo)

    asked = {"sourceId": gid(source), "targetId": gid(target)}
    merged = (await client.data(MERGE, ana, input=asked))["mergeBoards"]

    assert (merged["board"]["pinCount"], merged["board"]["followerCount"]) == (1, 1)
    assert await pin_privacies(world) == ["SECRET"]
    assert await edges_of(world, ben) == set()
    assert await edges_of(world, cleo) == {(FollowKind.USER, ana.id), (FollowKind.BOARD, target.id)}
    await assert_consistent(world)


async def test_what_cannot_be_merged(world: World, client: Client) -> None:
    ana, ben = await world.user("ana"), await world.user("ben")
    mine, other = await world.board(ana, "Mine"), await world.board(ana, "Other")
    full = await world.board(ana, "Full", pin_count=MAX_PINS)
    one = await world.board(ana, "One", pin_count=1)
    ads = await world.board(ana, "Ad-only Pins", privacy=BoardPrivacy.PROTECTED)
    theirs = await world.board(ben, "His")
    secret = await world.board(ben, "Presents", privacy=SECRET)
    before = await snapshot(world)

    async def errors(source: BoardRecord, target: BoardRecord) -> list[dict[str, Any]]:
        asked = {"sourceId": gid(source), "targetId": gid(target)}
        answer = (await client.data(MERGE, ana, input=asked))["mergeBoards"]
        assert (answer["deletedBoardId"], answer["board"], answer["owner"]) == (None, None, None)
        found: list[dict[str, Any]] = answer["userErrors"]
        return found

    not_allowed = "You may not do this: {}."
    too_many = "A board may have at most 200,000 pins; there would be 200,001."
    assert await errors(mine, mine) == [
        error("INVALID", "It must be another board than `sourceId`; it was the same.", "targetId")
    ]
    not_owner = [error("NOT_ALLOWED", not_allowed.format("NOT_OWNER"), "sourceId")]
    assert await errors(mine, theirs) == await errors(theirs, mine) == not_owner
    assert await errors(mine, secret) == [error("NOT_FOUND", "There is no such board.", "targetId")]
    ads_only = [error("NOT_ALLOWED", not_allowed.format("ADS_ONLY_BOARD"), "sourceId")]
    assert await errors(mine, ads) == await errors(ads, other) == ads_only
    assert await errors(one, full) == [error("LIMIT_EXCEEDED", too_many, "sourceId")]
    assert await snapshot(world) == before


# setBoardCover


async def test_a_pin_is_the_cover_for_as_long_as_it_is_on_the_board(
    world: World, client: Client
) -> None:
    """INV-7: a pin that was moved to a secret board is not shown any more."""
    ana = await world.user("ana")
    board, secret = await world.board(ana), await world.board(ana, "Presents", privacy=SECRET)
    chosen, first = await world.pin(board), await world.pin(board)

    picked = await _cover(client, ana, board, chosen)
    automatic = await _cover(client, ana, board, None)
    await _cover(client, ana, board, chosen)
    pins = world.storage.mongo.collection("pins")
    await pins.update_one(
        {"_id": object_id(chosen.id)}, {"$set": {"board_id": object_id(secret.id)}}
    )
    await world.storage.redis.client.flushdb()
    moved = await client.data(
        "query ($id: ID!) { board(by: {id: $id}) { cover { url } } }", ana, id=gid(board)
    )

    assert [chosen.id in picked, first.id in automatic] == [True, True]
    assert first.id in moved["board"]["cover"]["url"]


async def test_what_cannot_be_a_cover(world: World, client: Client) -> None:
    ana, ben = await world.user("ana"), await world.user("ben")
    board, other = await world.board(ana), await world.board(ana, "Other")
    elsewhere = await world.pin(other)
    unprocessed = await world.pin(board, media=VideoMedia(video_url="https://v.example/1.mp4"))
    hidden = await world.pin(await world.board(ben, privacy=SECRET))
    fit = await world.pin(board)
    before = await snapshot(world)

    async def errors(viewer: UserRecord, pin: PinRecord) -> list[dict[str, Any]]:
        asked = {"boardId": gid(board), "pinId": gid(pin)}
        answer = (await client.data(COVER, viewer, input=asked))["setBoardCover"]
        assert answer["board"] is None
        found: list[dict[str, Any]] = answer["userErrors"]
        return found

    assert await errors(ana, elsewhere) == [
        error("INVALID", "It must be a pin on this board; it is on another.", "pinId")
    ]
    assert await errors(ana, unprocessed) == [
        error("INVALID", "It must be a pin with a picture; it has none.", "pinId")
    ]
    assert await errors(ana, hidden) == [error("NOT_FOUND", "There is no such pin.", "pinId")]
    assert await errors(ben, fit) == [
        error("NOT_ALLOWED", "You may not do this: NOT_OWNER.", "boardId")
    ]
    assert await snapshot(world) == before


async def _cover(
    client: Client, viewer: UserRecord, board: BoardRecord, pin: PinRecord | None
) -> str:
    asked = {"boardId": gid(board), "pinId": None if pin is None else gid(pin)}
    answer = (await client.data(COVER, viewer, input=asked))["setBoardCover"]
    url: str = answer["board"]["cover"]["url"]
    return url
