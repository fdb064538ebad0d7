"""Deletions of large boards, killed, shared and turned round (INV-5, a.5)."""

import asyncio
from datetime import UTC, datetime
from typing import Any

from domain.pins import PinRecord
from domain.viewer import EVERY_SCOPE, Scope
from storage.codec import object_id
from storage.counters import recount_all
from storage.embedded import EmbeddedStores
from tests.client import Client
from tests.mutations.about_boards import process_of
from tests.mutations.cascades.large import (
    DELETE,
    FOLLOW,
    MERGE,
    NOTHING_TO_UNDO,
    SAVE,
    SECRET,
    SEEN,
    UNDO,
    delete,
    large_board,
    left,
    let_leases_end,
    remove_follows,
    state,
    stored,
    undo,
    work_off,
    worker_of,
)
from tests.mutations.wire import assert_consistent, gid, snapshot
from tests.world import World


async def test_inv5_a_deletion_that_is_killed_goes_on(
    world: World, client: Client, stores: EmbeddedStores
) -> None:
    """What is not deleted yet is hidden. A process that died holds the job for its lease alone."""
    ana, board, pins = await large_board(world)
    await client.data(SEEN, ana, board=gid(board), pins=[gid(pin) for pin in pins[-50:]])

    token = await delete(client, ana, board)

    seen = await client.data(SEEN, ana, board=gid(board), pins=[gid(pin) for pin in pins[-50:]])
    assert seen == {"board": None, "pins": [None] * 50}
    assert await left(world, board) == (700, 0, 0)
    await assert_consistent(world)

    assert await worker_of(world.storage).work()
    assert await left(world, board) == (200, 0, 0)
    await assert_consistent(world)

    assert await world.storage.cascades.claim() is not None
    other = process_of(stores)
    assert not await worker_of(other).work()
    await let_leases_end(world)
    assert await work_off(other) == 1
    await other.close()

    assert await left(world, board) == (0, 0, 0)
    assert await stored(world, "cascades") == 0
    assert await stored(world, "undo_steps") == 1 + 1_200 + 2 + 3 + 2
    await assert_consistent(world)
    assert len(token) == 22


async def test_inv5_undo_puts_all_of_it_back(world: World, client: Client) -> None:
    ana, board, _ = await large_board(world)
    before = await state(world)
    token = await delete(client, ana, board)
    await work_off(world.storage)

    undone = await undo(client, ana, token)
    await assert_consistent(world)
    steps = await work_off(world.storage)

    assert undone["board"]["name"] == "Kitchen"
    assert undone["board"]["pinCount"] < 1_200
    assert steps == 2
    assert await state(world) == before
    assert [await stored(world, name) for name in ("undos", "undo_steps", "cascades")] == [0] * 3
    await assert_consistent(world)


async def test_inv5_undo_turns_a_deletion_round(world: World, client: Client) -> None:
    ana, board, _ = await large_board(world)
    before = await state(world)
    token = await delete(client, ana, board)

    undone = await undo(client, ana, token)

    assert undone["board"]["pinCount"] >= 1_190
    await assert_consistent(world)
    await work_off(world.storage)
    assert await state(world) == before
    await assert_consistent(world)


async def test_a_step_and_an_undo_at_once(world: World, client: Client) -> None:
    """Whoever is first: the board is whole again."""
    ana, board, _ = await large_board(world)
    before = await state(world)
    token = await delete(client, ana, board)

    worked, undone = await asyncio.gather(worker_of(world.storage).work(), undo(client, ana, token))

    assert worked
    assert undone["userErrors"] == []
    await work_off(world.storage)
    assert await state(world) == before
    await assert_consistent(world)


async def test_two_processes_share_a_job(
    world: World, client: Client, stores: EmbeddedStores
) -> None:
    ana, board, _ = await large_board(world, pins=2_600)
    await delete(client, ana, board)
    other = process_of(stores)

    steps = await asyncio.gather(work_off(world.storage), work_off(other))

    await other.close()
    assert 1 <= sum(steps) <= 5
    assert await left(world, board) == (0, 0, 0)
    assert await stored(world, "cascades") == 0
    assert await stored(world, "undo_steps") == 1 + 2_600 + 2 + 3 + 2
    await assert_consistent(world)


async def test_nothing_is_saved_to_a_board_that_is_being_deleted(
    world: World, client: Client
) -> None:
    """Either order is right, and nothing is left behind."""
    ana = await world.user("ana")
    board = await world.board(ana)
    pins = [await world.pin(await world.board(ana, f"B{n}"), f"P{n}") for n in range(20)]
    await recount_all(world.storage.mongo)

    async def save(pin: PinRecord) -> list[Any]:
        asked = {"pinId": gid(pin), "boardId": gid(board)}
        errors: list[Any] = (await client.data(SAVE, ana, input=asked))["savePin"]["userErrors"]
        return errors

    token, *errors = await asyncio.gather(delete(client, ana, board), *(save(pin) for pin in pins))

    missing = [
        {"code": "NOT_FOUND", "message": "There is no such board.", "field": ["input", "boardId"]}
    ]
    assert all(found in ([], missing) for found in errors)
    await work_off(world.storage)
    assert await left(world, board) == (0, 0, 0)
    await assert_consistent(world)

    undone = await undo(client, ana, token)
    assert undone["board"]["pinCount"] == sum(not found for found in errors)
    await assert_consistent(world)


async def test_a_deletion_that_outlives_its_undo_goes_on(world: World, client: Client) -> None:
    """What it still deletes is kept like any other, so that it is deleted for good later."""
    ana, board, _ = await large_board(world)
    token = await delete(client, ana, board)
    for name in ("undos", "undo_steps"):
        await world.storage.mongo.collection(name).delete_many({})

    await work_off(world.storage)

    assert await left(world, board) == (0, 0, 0)
    assert [await stored(world, name) for name in ("undos", "undo_steps")] == [1, 700]
    assert (await undo(client, ana, token))["userErrors"] == [NOTHING_TO_UNDO]
    await assert_consistent(world)


async def test_undo_is_for_the_viewer_alone_and_once(world: World, client: Client) -> None:
    ana, board, _ = await large_board(world, pins=3)
    ben = await world.user("dan")
    token = await delete(client, ana, board)
    written = await snapshot(world)

    others = await undo(client, ben, token)
    wrong = await undo(client, ana, "nonsense")
    assert others == wrong == {"board": None, "userErrors": [NOTHING_TO_UNDO]}
    assert await snapshot(world) == written
    undone = await undo(client, ana, token)
    again = await undo(client, ana, token)

    assert undone == {
        "board": {"name": "Kitchen", "slug": "kitchen", "pinCount": 3, "followerCount": 3},
        "userErrors": [],
    }
    assert again == others
    await assert_consistent(world)


async def test_an_undo_is_good_for_ten_minutes(world: World, client: Client) -> None:
    ana, board, _ = await large_board(world, pins=3)
    token = await delete(client, ana, board)
    over = {"$set": {"expires_at": datetime.now(UTC)}}
    await world.storage.mongo.collection("undos").update_one({}, over)

    assert (await undo(client, ana, token))["userErrors"] == [NOTHING_TO_UNDO]


async def test_inv6_a_secret_board_comes_back_with_the_scope_alone(
    world: World, client: Client
) -> None:
    ana = await world.user("ana")
    token = await delete(client, ana, await world.board(ana, privacy=SECRET))
    written = await snapshot(world)

    limited = client.with_tokens(EVERY_SCOPE - {Scope.BOARDS_WRITE_SECRET})
    refused = await limited.execute(UNDO, ana, input={"undoToken": token})

    assert refused.codes == ["FORBIDDEN"]
    assert await snapshot(world) == written
    assert (await undo(client, ana, token))["board"]["name"] == "Kitchen"


async def test_an_address_that_was_given_away_is_not_taken_back(
    world: World, client: Client
) -> None:
    ana = await world.user("ana")
    token = await delete(client, ana, await world.board(ana))
    await world.board(ana, "Kitchen")

    assert (await undo(client, ana, token))["board"]["slug"] == "kitchen-2"


async def test_a_board_whose_pins_are_on_their_way_is_not_deleted(
    world: World, client: Client
) -> None:
    ana, board, _ = await large_board(world)
    other = await world.board(ana, "Other")
    token = await delete(client, ana, board)
    await work_off(world.storage)
    await undo(client, ana, token)
    written = await snapshot(world)

    message = "Pins of this board are still on their way: try again in a moment."
    deleted = (await client.data(DELETE, ana, input={"id": gid(board)}))["deleteBoard"]
    asked = {"sourceId": gid(board), "targetId": gid(other)}
    merged = (await client.data(MERGE, ana, input=asked))["mergeBoards"]

    for answer, name in ((deleted, "id"), (merged, "sourceId")):
        assert answer["userErrors"] == [
            {"code": "CONFLICT", "message": message, "field": ["input", name]}
        ]
    assert await snapshot(world) == written
    await work_off(world.storage)
    assert len(await delete(client, ana, board)) == 22


async def test_follows_that_do_not_fit_any_more_stay_away(world: World, client: Client) -> None:
    """INV-11: of who was blocked meanwhile. Who follows anew meanwhile does so once."""
    ana, board, _ = await large_board(world, pins=3, followers=700)
    follows = world.storage.mongo.collection("follows")
    dan, eve = await world.user("dan"), await world.user("eve")
    for user in (dan, eve):
        await world.follow(user, board)
        await world.follow(user, ana, is_explicit=False)
    await recount_all(world.storage.mongo)
    token = await delete(client, ana, board)
    await work_off(world.storage)
    assert await follows.count_documents({}) == 70  # who follows Ana explicitly

    await world.block(ana, dan)
    await undo(client, ana, token)
    await remove_follows(world, eve)
    await client.data(FOLLOW, eve, input={"boardId": gid(board)})
    await work_off(world.storage)

    assert await follows.count_documents({}) == 2 * 701
    assert await follows.count_documents({"follower_id": object_id(dan.id)}) == 0
    assert await follows.count_documents({"follower_id": object_id(eve.id)}) == 2
    await assert_consistent(world)


async def test_inv1_a_pin_comes_back_without_a_section_that_is_gone(
    world: World, client: Client
) -> None:
    ana, board, pins = await large_board(world)
    token = await delete(client, ana, board)
    await work_off(world.storage)
    await undo(client, ana, token)
    await world.storage.mongo.collection("sections").delete_many({})
    await work_off(world.storage)

    sections = world.storage.mongo.collection("pins")
    back = await sections.count_documents({"board_id": object_id(board.id)})
    assert back == len(pins)
    in_sections = await sections.count_documents({"section_id": {"$ne": None}})
    assert in_sections < 400  # only of those who were back before
