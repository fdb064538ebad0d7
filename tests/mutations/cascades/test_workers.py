"""Workers: who does the steps of cascades, and what becomes of jobs that fail or are left."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from domain.cascades import STEP, STUCK_AFTER, CascadeKind, delay_after, size_of_step
from server import create_app
from storage.calls import StoreCall
from storage.cascading import cascade_steps
from storage.codec import document, new_id
from storage.embedded import EmbeddedStores
from storage.storage import Storage
from storage.transactions import Transaction
from tests.client import Client, serving, settings_of
from tests.mutations.about_boards import process_of
from tests.mutations.cascades.large import (
    delete,
    job_of,
    large_board,
    left,
    let_leases_end,
    observed,
    stored,
    the_job,
    work_off,
    worker_of,
)
from tests.mutations.wire import assert_consistent
from tests.world import World


async def test_a_process_does_what_its_mutations_leave(
    stores: EmbeddedStores, storage: Storage, world: World
) -> None:
    own = process_of(stores)
    settings = settings_of(stores)
    ana, board, _ = await large_board(world)
    async with serving(create_app(settings, own)) as url:
        client = Client(url, settings)
        await delete(client, ana, board)
        async with asyncio.timeout(60):
            while await stored(world, "cascades"):  # noqa: ASYNC110  # nothing tells a test
                await asyncio.sleep(0.05)
        await client.http.aclose()
    await own.close()

    assert await left(world, board) == (0, 0, 0)
    await assert_consistent(world)


async def test_a_process_that_ends_gives_its_job_back(world: World, client: Client) -> None:
    ana, board, _ = await large_board(world)
    await delete(client, ana, board)
    over, claimed = asyncio.Event(), asyncio.Event()

    async def wait(_tx: Transaction) -> None:
        await over.wait()

    def tell(call: StoreCall) -> None:
        if call.name == "cascades.claim":
            claimed.set()

    run = world.storage.transactions.run
    turn = asyncio.create_task(run("test", wait, turns=(board.id,)))
    with observed(world, tell):
        task = asyncio.create_task(worker_of(world.storage).run(3_600))
        await claimed.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    over.set()
    await turn

    assert (await the_job(world)).worker == ""
    assert await left(world, board) == (700, 0, 0)
    assert await worker_of(world.storage).work()


async def test_a_process_ends_whose_driver_lost_the_cancellation(
    world: World, client: Client
) -> None:
    ana, board, _ = await large_board(world)
    await delete(client, ana, board)
    task = asyncio.create_task(worker_of(world.storage).run(3_600))

    def end(call: StoreCall) -> None:
        if call.name == "cascades.claim":
            task.cancel()

    with observed(world, end), pytest.raises(asyncio.CancelledError):
        await task

    # If it lost it while it sent, the step was done first.
    assert await left(world, board) in ((700, 0, 0), (200, 0, 0))
    assert (await the_job(world)).worker == ""
    assert await worker_of(world.storage).work()


async def test_a_process_that_was_too_slow_leaves_the_job_to_its_heir(
    world: World, client: Client
) -> None:
    ana, board, _ = await large_board(world)
    await delete(client, ana, board)
    first = await world.storage.cascades.claim()
    await let_leases_end(world)
    heir = await world.storage.cascades.claim()
    assert first is not None and heir is not None

    await worker_of(world.storage)._step(first)
    await world.storage.cascades.release(first)

    assert await left(world, board) == (700, 0, 0)
    assert await the_job(world) == heir
    await worker_of(world.storage)._step(heir)
    assert await left(world, board) == (200, 0, 0)


async def test_a_job_that_can_never_be_done_is_kept_and_does_not_spin(world: World) -> None:
    ana = await world.user("ana")
    job = job_of(CascadeKind.MERGE_BOARDS, await world.board(ana), target_id=new_id())
    await world.storage.mongo.collection("cascades").insert_one(document(job))
    failed = cascade_steps.labels(CascadeKind.MERGE_BOARDS, "failed")
    count = failed._value.get()

    with capture_logs() as logs:
        for number in range(1, STUCK_AFTER + 1):
            before = datetime.now(UTC) - timedelta(milliseconds=1)  # which MongoDB leaves out
            assert await worker_of(world.storage).work()
            kept = await the_job(world)
            assert (kept.attempts, kept.worker) == (number, "")
            assert kept.due_at >= before + delay_after(number)
            await let_leases_end(world)

    assert failed._value.get() == count + STUCK_AFTER
    events = [(each["event"], each["log_level"], each["failures"]) for each in logs]
    assert events == [
        *(("cascade_step_failed", "warning", number) for number in range(1, STUCK_AFTER)),
        ("cascade_stuck", "error", STUCK_AFTER),
    ]


async def test_a_job_that_fails_does_not_hold_up_the_others(world: World, client: Client) -> None:
    ana, board, _ = await large_board(world)
    nowhere = await world.board(ana, "Poison")
    job = job_of(CascadeKind.MERGE_BOARDS, nowhere, target_id=new_id())
    await world.storage.mongo.collection("cascades").insert_one(document(job))
    await delete(client, ana, board)

    await work_off(world.storage)

    assert (await the_job(world)).id == job.id
    assert await left(world, board) == (0, 0, 0)


def test_delays_and_sizes_have_bounds() -> None:
    assert [delay_after(n).total_seconds() for n in (1, 2, 3, 8, 9, 10, 10_000)] == [
        1,
        2,
        4,
        128,
        256,
        300,
        300,
    ]
    assert [size_of_step(n) for n in (0, 1, 5, 6, 10_000)] == [STEP, 250, 15, 10, 10]
