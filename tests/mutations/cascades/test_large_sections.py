"""Sections of many pins: emptied and filled again in steps (INV-1, INV-5)."""

import asyncio

import pytest

from storage.codec import object_id
from tests.client import Client
from tests.mutations.about_boards import error
from tests.mutations.cascades.large import work_off, worker_of
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

MERGE = """
mutation Merge($input: MergeBoardsInput!) {
  done: mergeBoards(input: $input) { userErrors { code message field } }
}
"""


@pytest.mark.parametrize(("disposition", "on_board"), [("MOVE_TO_BOARD", 1_201), ("DELETE", 1)])
async def test_inv5_a_large_section_is_emptied_in_steps(
    world: World, client: Client, disposition: str, on_board: int
) -> None:
    ana, _, board, section, _ = await sectioned(world, 1_200)
    before = await state(world)

    token = await delete(client, ana, section, disposition)
    assert await count(world, "pins", section_id=object_id(section.id)) == 700
    assert await count(world, "boards", section_count=1) == 1
    await assert_consistent(world)
    assert await work_off(world.storage) == 2

    assert await count(world, "pins", section_id=object_id(section.id)) == 0
    assert await count(world, "pins", board_id=object_id(board.id)) == on_board
    assert await count(world, "cascades") == 0
    await assert_consistent(world)

    undone = await run(client, UNDO, ana, undoToken=token)
    assert undone["sections"][0]["pinCount"] == 500
    busy = await run(client, DELETE, ana, id=gid(section))
    message = "Pins are still being put back into this section: try again in a moment."
    assert busy["userErrors"] == [error("CONFLICT", message, "id")]
    assert await work_off(world.storage) == 2
    assert await state(world) == before
    assert [await count(world, name) for name in ("undos", "undo_steps", "cascades")] == [0] * 3
    await assert_consistent(world)


@pytest.mark.parametrize("disposition", ["MOVE_TO_BOARD", "DELETE"])
async def test_a_large_deletion_is_turned_round(
    world: World, client: Client, disposition: str
) -> None:
    """At the same time as one of its steps."""
    ana, _, _, section, _ = await sectioned(world, 1_200)
    before = await state(world)
    token = await delete(client, ana, section, disposition)

    _, undone = await asyncio.gather(
        worker_of(world.storage).work(),
        run(client, UNDO, ana, undoToken=token),
    )

    assert undone["userErrors"] == []
    await work_off(world.storage)
    assert await state(world) == before
    await assert_consistent(world)


async def test_pins_that_are_being_deleted_do_not_escape(world: World, client: Client) -> None:
    """Neither by a merge nor by taking back that their board was deleted."""
    ana, _, board, section, _ = await sectioned(world, 600)
    other = await world.board(ana, "Other")
    await delete(client, ana, section, "DELETE")
    before = await snapshot(world)

    merged = await run(client, MERGE, ana, sourceId=gid(board), targetId=gid(other))
    deleted = await run(client, DELETE_BOARD, ana, id=gid(board))
    for refused in (merged, deleted):
        assert [error["code"] for error in refused["userErrors"]] == ["CONFLICT"]
    assert await snapshot(world) == before

    await work_off(world.storage)
    merged = await run(client, MERGE, ana, sourceId=gid(board), targetId=gid(other))
    assert merged["userErrors"] == []
    assert await count(world, "pins", board_id=object_id(other.id)) == 1


async def test_inv1_a_board_comes_back_after_its_section_went(world: World, client: Client) -> None:
    """Its pins do not name the section, whose own undo is none of it."""
    ana, _, board, section, _ = await sectioned(world, 1_200)
    token = await delete(client, ana, section, "MOVE_TO_BOARD")
    deletion = await run(client, DELETE_BOARD, ana, id=gid(board))
    await work_off(world.storage)

    await run(client, UNDO, ana, undoToken=deletion["undoToken"])
    await work_off(world.storage)

    assert await count(world, "pins", board_id=object_id(board.id)) == 1_201
    assert await count(world, "pins", section_id={"$ne": None}) == 0
    await assert_consistent(world)
    undone = await run(client, UNDO, ana, undoToken=token)
    assert undone["userErrors"] == []
    await assert_consistent(world)
