"""Sections of boards over real HTTP: made, renamed, deleted, taken back (INV-1, INV-5, INV-10)."""

import asyncio
from typing import Any

import msgspec
import pytest

from domain.boards import MAX_SECTIONS, BoardPrivacy, BoardRecord, BoardRole, Collaborator
from domain.positions import at_place
from domain.viewer import EVERY_SCOPE, Scope
from storage.codec import Document, document, new_id, object_id
from storage.counters import recount_all
from tests.client import Client
from tests.mutations.about_boards import error
from tests.mutations.sectioned import (
    DELETE,
    DELETE_BOARD,
    UNDO,
    count,
    delete,
    run,
    sectioned,
    state,
)
from tests.mutations.wire import assert_consistent, gid, snapshot
from tests.world import World

SECRET = BoardPrivacy.SECRET

CREATE = """
mutation Create($input: CreateBoardSectionInput!) {
  done: createBoardSection(input: $input) {
    sectionEdge { cursor node { entityId title position pinCount board { name } } }
    board { sectionCount }
    userErrors { code message field }
  }
}
"""
UPDATE = """
mutation Update($input: UpdateBoardSectionInput!) {
  done: updateBoardSection(input: $input) {
    section { entityId title }
    userErrors { code message field }
  }
}
"""
SAVE = """
mutation Save($input: SavePinInput!) {
  done: savePin(input: $input) { pinEdge { node { id } } userErrors { code message field } }
}
"""
MOVE = """
mutation Move($input: MovePinsInput!) {
  done: movePins(input: $input) { userErrors { code message field } }
}
"""
SHOWN = """
query ($board: ID!) {
  board(by: {id: $board}) {
    sectionCount
    sections { edges { cursor node { entityId title position } } }
    pins { nodes { title section { title } } }
  }
}
"""


# Making and renaming


async def test_a_new_section_comes_last(world: World, client: Client) -> None:
    ana = await world.user("ana")
    board = await world.board(ana)
    await world.section(board, "First")
    await recount_all(world.storage.mongo)

    done = [
        await run(client, CREATE, ana, boardId=gid(board), title=title)
        for title in (" Супы 🥣 ", "First")
    ]

    shown = (await client.data(SHOWN, ana, board=gid(board)))["board"]
    edges = shown["sections"]["edges"]
    assert [edge["node"]["title"] for edge in edges] == ["First", "Супы 🥣", "First"]
    assert [edge["node"]["position"] for edge in edges] == [0, 1, 2]
    for number, each in enumerate(done):
        edge = edges[number + 1]
        assert each == {
            "sectionEdge": {
                "cursor": edge["cursor"],
                "node": edge["node"] | {"pinCount": 0, "board": {"name": "Kitchen"}},
            },
            "board": {"sectionCount": number + 2},
            "userErrors": [],
        }
    await assert_consistent(world)


async def test_a_new_section_is_below_what_was_moved_beyond_the_present(
    world: World, client: Client
) -> None:
    ana = await world.user("ana")
    board = await world.board(ana)
    last = await world.section(board, "Last")
    future = {"$set": {"position": "1fffffffffff"}}
    await world.storage.mongo.collection("sections").update_one({}, future)

    await run(client, CREATE, ana, boardId=gid(board), title="New")

    shown = (await client.data(SHOWN, ana, board=gid(board)))["board"]["sections"]["edges"]
    assert [edge["node"]["title"] for edge in shown] == [last.title, "New"]


async def test_twenty_made_at_once_have_a_place_each(world: World, client: Client) -> None:
    ana = await world.user("ana")
    board = await world.board(ana)
    await recount_all(world.storage.mongo)

    done = await asyncio.gather(
        *(run(client, CREATE, ana, boardId=gid(board), title=f"S{n}") for n in range(20))
    )

    assert sorted(each["board"]["sectionCount"] for each in done) == list(range(1, 21))
    positions = await world.storage.mongo.collection("sections").distinct("position")
    assert len(positions) == 20
    await assert_consistent(world)


async def test_a_board_has_at_most_500_sections(world: World, client: Client) -> None:
    """Also if many are made at once."""
    ana = await world.user("ana")
    board = await world.board(ana)
    await fill_sections(world, board, MAX_SECTIONS - 3)

    done = await asyncio.gather(
        *(run(client, CREATE, ana, boardId=gid(board), title=f"S{n}") for n in range(10))
    )

    errors = [error for each in done for error in each["userErrors"]]
    message = "A board has at most 500 sections; this one has as many."
    assert errors == [error("LIMIT_EXCEEDED", message, "boardId")] * 7
    assert await count(world, "sections") == MAX_SECTIONS
    await assert_consistent(world)


async def test_a_section_made_while_its_board_is_deleted(world: World, client: Client) -> None:
    """Either order is right, nobody sees a clash, and no section is left without a board."""
    ana = await world.user("ana")
    for number in range(3):
        board = await world.board(ana, f"Board {number}")
        await recount_all(world.storage.mongo)
        create = [run(client, CREATE, ana, boardId=gid(board), title=f"S{n}") for n in range(8)]
        create.insert(number * 3, run(client, DELETE_BOARD, ana, id=gid(board)))
        done = await asyncio.gather(*create)

        missing = [error("NOT_FOUND", "There is no such board.", "boardId")]
        assert all(each["userErrors"] in ([], missing) for each in done)
        assert await count(world, "sections") == 0
        undone = await run(client, UNDO, ana, undoToken=done[number * 3]["undoToken"])
        made = sum(each.get("sectionEdge") is not None for each in done)
        assert undone["boards"][0]["sectionCount"] == made
        await assert_consistent(world)
        await world.storage.mongo.collection("sections").delete_many({})


async def test_a_section_is_renamed(world: World, client: Client) -> None:
    ana = await world.user("ana")
    board = await world.board(ana)
    section = await world.section(board, "Cakes")
    await world.section(board, "Pies", 1)

    done = await run(client, UPDATE, ana, id=gid(section), title=" Pies\n")
    written = await snapshot(world)
    again = await run(client, UPDATE, ana, id=gid(section), title="Pies")

    assert done == {"section": {"entityId": section.id, "title": "Pies"}, "userErrors": []}
    assert again == done
    assert await snapshot(world) == written
    shown = (await client.data(SHOWN, ana, board=gid(board)))["board"]["sections"]["edges"]
    assert [edge["node"]["title"] for edge in shown] == ["Pies", "Pies"]


async def test_everything_that_is_wrong_is_told_at_once(world: World, client: Client) -> None:
    ana = await world.user("ana")
    section = await world.section(await world.board(ana), "Cakes")
    before = await snapshot(world)

    created = await run(client, CREATE, ana, boardId=gid(section), title="x" * 181)
    updated = await run(client, UPDATE, ana, id="nonsense", title="\u200b ")
    assert created == {
        "sectionEdge": None,
        "board": None,
        "userErrors": [
            error(
                "INVALID",
                "It must be the id of a Board; it was the id of a BoardSection.",
                "boardId",
            ),
            error("TOO_LONG", "It may have at most 180 characters; there were 181.", "title"),
        ],
    }
    assert updated["userErrors"] == [
        error("INVALID", "It must be the id of a BoardSection; it was something else.", "id"),
        error("BLANK", "It needs 1–180 characters; it was blank.", "title"),
    ]
    assert await snapshot(world) == before


# Who may


async def test_inv10_owner_and_editors_manage_sections(world: World, client: Client) -> None:
    people = [await world.user(name) for name in ("ana", "ben", "cleo", "dan")]
    ana, ben, cleo, dan = people
    members = (Collaborator(user_id=ben.id), Collaborator(user_id=cleo.id, role=BoardRole.VIEWER))
    board = await world.board(ana, collaborators=members)
    section = await world.section(board, "Cakes")
    await recount_all(world.storage.mongo)
    before = await snapshot(world)
    asked: list[tuple[str, dict[str, Any], str]] = [
        (CREATE, {"boardId": gid(board), "title": "New"}, "boardId"),
        (UPDATE, {"id": gid(section), "title": "New"}, "id"),
        (DELETE, {"id": gid(section)}, "id"),
    ]

    for stranger in (cleo, dan):
        for mutation, given, at in asked:
            done = await run(client, mutation, stranger, **given)
            refusal = error("NOT_ALLOWED", "You may not do this: NOT_MEMBER.", at)
            assert done["userErrors"] == [refusal]
    assert await snapshot(world) == before
    for mutation, given, _ in asked:
        assert (await run(client, mutation, ben, **given))["userErrors"] == []
    await assert_consistent(world)


async def test_inv6_sections_of_a_secret_board_do_not_exist_for_others(
    world: World, client: Client
) -> None:
    ana, ben = await world.user("ana"), await world.user("ben")
    board = await world.board(ana, privacy=SECRET)
    section = await world.section(board, "Cakes")
    before = await snapshot(world)
    missing = {True: gid(board, "f" * 24), False: gid(section, "f" * 24)}

    for mutation, given, what, at in (
        (CREATE, {"boardId": gid(board), "title": "New"}, "board", "boardId"),
        (UPDATE, {"id": gid(section), "title": "New"}, "section", "id"),
        (DELETE, {"id": gid(section)}, "section", "id"),
    ):
        hidden = await run(client, mutation, ben, **given)
        absent = await run(client, mutation, ben, **given | {at: missing[what == "board"]})
        assert hidden == absent
        assert hidden["userErrors"] == [error("NOT_FOUND", f"There is no such {what}.", at)]
        for scope in (Scope.BOARDS_WRITE, Scope.BOARDS_WRITE_SECRET):
            limited = client.with_tokens(EVERY_SCOPE - {scope})
            refused = await limited.execute(mutation, ana, input=given)
            assert refused.codes == ["FORBIDDEN"]
    assert await snapshot(world) == before


# Deleting


async def test_inv5_pins_stay_when_their_section_goes(world: World, client: Client) -> None:
    """INV-1: they name no section that is not there. Their order and their revision stay."""
    ana, ben, board, section, _ = await sectioned(world)
    before = (await client.data(SHOWN, ana, board=gid(board)))["board"]["pins"]["nodes"]

    done = await run(client, DELETE, ben, id=gid(section))

    assert len(done.pop("undoToken")) == 22
    assert done == {
        "deletedSectionId": gid(section),
        "board": {"sectionCount": 1, "pinCount": 5},
        "userErrors": [],
    }
    shown = (await client.data(SHOWN, ana, board=gid(board)))["board"]
    assert shown["pins"]["nodes"] == [pin | {"section": None} for pin in before]
    assert [edge["node"]["position"] for edge in shown["sections"]["edges"]] == [0]
    assert await count(world, "pins", section_id={"$ne": None}) == 0
    assert await count(world, "pins", revision=1) == 6
    await assert_consistent(world)


async def test_inv5_the_owner_may_delete_a_section_with_its_pins(
    world: World, client: Client
) -> None:
    """Those of others too. Copies elsewhere stay (INV-4)."""
    ana, ben, board, section, _ = await sectioned(world)
    before = await snapshot(world)

    asked = {"id": gid(section), "pinDisposition": "DELETE"}
    refused = await run(client, DELETE, ben, **asked)
    assert refused["userErrors"] == [
        error("NOT_ALLOWED", "You may not do this: NOT_OWNER.", "pinDisposition")
    ]
    assert await snapshot(world) == before
    done = await run(client, DELETE, ana, **asked)

    assert (done["board"], done["userErrors"]) == ({"sectionCount": 1, "pinCount": 1}, [])
    shown = (await client.data(SHOWN, ana, board=gid(board)))["board"]
    assert shown["pins"]["nodes"] == [{"title": "Beside", "section": None}]
    assert await count(world, "pins") == 2
    await assert_consistent(world)


@pytest.mark.parametrize("disposition", ["MOVE_TO_BOARD", "DELETE"])
async def test_a_deletion_is_taken_back(world: World, client: Client, disposition: str) -> None:
    ana, _, _, section, _ = await sectioned(world)
    before = await state(world)
    token = await delete(client, ana, section, disposition)

    done = await run(client, UNDO, ana, undoToken=token)

    assert done == {
        "sections": [{"title": "Cakes", "pinCount": 4, "position": 0}],
        "boards": [{"name": "Kitchen", "sectionCount": 2, "pinCount": 5}],
        "userErrors": [],
    }
    assert await state(world) == before
    assert [await count(world, name) for name in ("undos", "undo_steps", "cascades")] == [0] * 3
    await assert_consistent(world)
    again = await run(client, UNDO, ana, undoToken=token)
    assert [error["code"] for error in again["userErrors"]] == ["NOT_FOUND"]


async def test_what_was_moved_or_deleted_meanwhile_stays_so(world: World, client: Client) -> None:
    ana, _, _, section, inside = await sectioned(world)
    other = await world.board(ana, "Other")
    token = await delete(client, ana, section, "MOVE_TO_BOARD")
    await run(client, MOVE, ana, ids=[gid(inside[0])], boardId=gid(other))
    await world.storage.mongo.collection("pins").delete_one({"_id": object_id(inside[2].id)})
    await recount_all(world.storage.mongo)

    done = await run(client, UNDO, ana, undoToken=token)

    assert done["sections"] == [{"title": "Cakes", "pinCount": 2, "position": 0}]
    assert await count(world, "pins", board_id=object_id(other.id), section_id=None) == 1
    await assert_consistent(world)


async def test_an_undo_needs_its_board_and_room_on_it(world: World, client: Client) -> None:
    ana, ben, board, section, _ = await sectioned(world)
    token = await delete(client, ana, section, "MOVE_TO_BOARD")
    await fill_sections(world, board, MAX_SECTIONS - 1)
    before = await snapshot(world)

    full = await run(client, UNDO, ana, undoToken=token)
    others = await run(client, UNDO, ben, undoToken=token)
    limited = client.with_tokens(EVERY_SCOPE - {Scope.BOARDS_WRITE})
    refused = await limited.execute(UNDO, ana, input={"undoToken": token})

    message = "A board has at most 500 sections; this one has as many."
    assert full["userErrors"] == [error("LIMIT_EXCEEDED", message, "undoToken")]
    assert [error["code"] for error in others["userErrors"]] == ["NOT_FOUND"]
    assert refused.codes == ["FORBIDDEN"]
    assert await snapshot(world) == before
    await run(client, DELETE_BOARD, ana, id=gid(board))
    gone = await run(client, UNDO, ana, undoToken=token)
    message = "The board of this section is gone, so the section stays deleted."
    assert gone["userErrors"] == [error("CONFLICT", message, "undoToken")]


@pytest.mark.parametrize("disposition", ["MOVE_TO_BOARD", "DELETE"])
async def test_inv1_pins_saved_to_a_section_that_is_being_deleted(
    world: World, client: Client, disposition: str
) -> None:
    """Either order is right: no pin is left in a section that is gone."""
    ana, _, board, section, _ = await sectioned(world)
    pins = [await world.pin(await world.board(ana, f"B{n}")) for n in range(12)]
    await recount_all(world.storage.mongo)
    place = {"boardId": gid(board), "sectionId": gid(section)}
    saves = [run(client, SAVE, ana, pinId=gid(pin), **place) for pin in pins]
    delete = run(client, DELETE, ana, id=gid(section), pinDisposition=disposition)

    done = await asyncio.gather(*saves[:6], delete, *saves[6:])

    missing = [error("NOT_FOUND", "There is no such section.", "sectionId")]
    assert all(each["userErrors"] in ([], missing) for each in done)
    assert await count(world, "pins", section_id={"$ne": None}) == 0
    saved = sum(each.get("pinEdge") is not None for each in done)
    left = 1 if disposition == "DELETE" else 1 + 4 + saved
    assert await count(world, "pins", board_id=object_id(board.id)) == left
    await assert_consistent(world)


async def fill_sections(world: World, board: BoardRecord, number: int) -> None:
    """Makes many sections of a board, and counts them."""
    first = await world.section(board, "S0")
    rows: list[Document] = [
        document(msgspec.structs.replace(first, id=new_id(), position=at_place(place)))
        for place in range(1, number)
    ]
    await world.storage.mongo.collection("sections").insert_many(rows)
    await recount_all(world.storage.mongo)
