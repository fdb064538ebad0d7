"""Large boards that become secret or public, and merges of them (INV-8, a.5)."""

import asyncio

from domain.boards import BoardPrivacy
from domain.cascades import STEP, CascadeKind
from storage.cascade_steps import advance
from storage.counters import recount_all
from storage.transactions import Transaction
from tests.client import Client
from tests.mutations.cascades.large import (
    DELETE,
    MERGE,
    SECRET,
    SEEN,
    UPDATE,
    delete,
    followers,
    job_of,
    large_board,
    left,
    stamped,
    undo,
    work_off,
    worker_of,
)
from tests.mutations.wire import assert_consistent, gid
from tests.world import World


async def test_inv8_a_large_board_is_hidden_before_its_pins_are_stamped(
    world: World, client: Client
) -> None:
    ana, board, pins = await large_board(world, pins=1_100, followers=700)
    dan = await world.user("dan")
    asked = {"board": gid(board), "pins": [gid(pins[0]), gid(pins[-1])]}
    await client.data(SEEN, dan, **asked)

    await client.data(UPDATE, ana, input={"id": gid(board), "privacy": "SECRET"})

    assert await client.data(SEEN, dan, **asked) == {"board": None, "pins": [None, None]}
    assert await stamped(world, board, SECRET) == 500
    assert await followers(world, board) == 200
    await assert_consistent(world)
    assert await work_off(world.storage) == 2
    assert await stamped(world, board, SECRET) == 1_100
    assert await followers(world, board) == 0
    await assert_consistent(world)


async def test_inv8_a_board_that_changes_its_mind_ends_as_it_is(
    world: World, client: Client
) -> None:
    ana, board, _ = await large_board(world, pins=1_600)

    for privacy in ("SECRET", "PUBLIC", "SECRET", "PUBLIC"):
        await asyncio.gather(
            worker_of(world.storage).work(),
            client.data(UPDATE, ana, input={"id": gid(board), "privacy": privacy}),
        )
        await assert_consistent(world)
    await work_off(world.storage)

    assert await stamped(world, board, BoardPrivacy.PUBLIC) == 1_600
    await assert_consistent(world)


async def test_inv8_a_step_and_a_change_of_mind_at_once(world: World, client: Client) -> None:
    """A step that stamped what the board was is over before the board is something else."""
    ana, ben = await world.user("ana"), await world.user("ben")
    board = await world.board(ana, privacy=SECRET)
    for _ in range(10):
        await world.pin(board, owner=ben, privacy=BoardPrivacy.PUBLIC)
    await recount_all(world.storage.mongo)
    job = job_of(CascadeKind.SET_PRIVACY, board)
    is_stamped, go_on = asyncio.Event(), asyncio.Event()

    async def step(tx: Transaction) -> None:
        assert await advance(tx, job, STEP) is None
        is_stamped.set()
        await go_on.wait()

    stepping = asyncio.create_task(world.storage.transactions.run("test", step))
    await is_stamped.wait()
    asked = {"id": gid(board), "privacy": "PUBLIC"}
    changing = asyncio.create_task(client.data(UPDATE, ana, input=asked))
    await asyncio.wait({changing}, timeout=1)
    go_on.set()
    await asyncio.gather(stepping, changing)

    assert await stamped(world, board, BoardPrivacy.PUBLIC) == 10
    await assert_consistent(world)


async def test_inv8_a_board_hidden_while_it_comes_back(world: World, client: Client) -> None:
    ana, board, _ = await large_board(world)
    token = await delete(client, ana, board)
    await work_off(world.storage)
    await undo(client, ana, token)

    await client.data(UPDATE, ana, input={"id": gid(board), "privacy": "SECRET"})
    await work_off(world.storage)

    assert await stamped(world, board, SECRET) == 1_200
    assert await followers(world, board) == 0
    await assert_consistent(world)


async def test_inv8_a_board_deleted_while_it_is_hidden_comes_back_hidden(
    world: World, client: Client
) -> None:
    ana, board, _ = await large_board(world, pins=1_700, followers=1_200)
    await client.data(UPDATE, ana, input={"id": gid(board), "privacy": "SECRET"})
    token = await delete(client, ana, board)
    await worker_of(world.storage).work()

    await undo(client, ana, token)
    await work_off(world.storage)

    assert await stamped(world, board, SECRET) == 1_700
    assert await followers(world, board) == 0
    await assert_consistent(world)


async def test_a_large_board_is_merged(world: World, client: Client) -> None:
    ana, board, pins = await large_board(world, pins=1_100, followers=600)
    target = await world.board(ana, "Target")
    await recount_all(world.storage.mongo)

    asked = {"sourceId": gid(board), "targetId": gid(target)}
    merged = (await client.data(MERGE, ana, input=asked))["mergeBoards"]
    await assert_consistent(world)
    hidden = await client.data(SEEN, ana, board=gid(target), pins=[gid(pins[-1])])
    busy = (await client.data(DELETE, ana, input={"id": gid(target)}))["deleteBoard"]
    steps = await work_off(world.storage)

    assert merged == {
        "deletedBoardId": gid(board),
        "board": {"pinCount": 500, "followerCount": 500},
        "userErrors": [],
    }
    assert hidden == {"board": {"name": "Target"}, "pins": [None]}
    assert [error["code"] for error in busy["userErrors"]] == ["CONFLICT"]
    assert steps == 2
    assert await left(world, board) == (0, 0, 0)
    assert await left(world, target) == (1_100, 0, 600)
    shown = await client.data(SEEN, ana, board=gid(target), pins=[gid(pins[-1])])
    assert shown["pins"] == [{"title": "Pin 1099"}]
    await assert_consistent(world)
