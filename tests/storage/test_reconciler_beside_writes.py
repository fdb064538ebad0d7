"""The reconciler while others write, and what it leaves to cascades and undos (INV-12)."""

import asyncio
from collections.abc import Awaitable, Callable

import msgspec
import pytest
from bson import ObjectId

from domain.follows import FollowKind, FollowRecord
from domain.pins import Engagement, trend
from domain.users import UserRecord
from storage.codec import new_id, object_id, object_ids
from storage.counters import recount_all
from storage.reconciler import reconcile
from storage.transactions import Transaction
from tests.storage.scenes import Scene, counter_differences, found, make_scene, wrong
from tests.world import World


@pytest.fixture
async def scene(world: World) -> Scene:
    """A world in which nothing is wrong."""
    return await make_scene(world)


async def test_what_a_cascade_or_an_undo_will_see_to_is_in_progress(scene: Scene) -> None:
    gone = object_id(scene.travel.id)
    await scene.remove("boards", scene.travel.id)
    job = await scene.put("cascades", kind="DELETE_BOARD", board_id=gone)
    deleted = await scene.get("comments", scene.comment.id)
    await scene.remove("comments", scene.comment.id)
    before = {**deleted, "_id": object_id(scene.comment.id)}
    step = await scene.put("undo_steps", collection="comments", before=before, after=None)
    await recount_all(scene.mongo)

    for fix in (False, True):
        report = await scene.reconcile(fix=fix)
        assert wrong(report) == {}
        assert {f.name: f.in_progress for f in report.findings if f.in_progress} == {
            "pins.board": 1,
            "comments.parent": 1,
        }
        assert report.left == 0

    await scene.remove("cascades", job)
    await scene.set("undo_steps", step, after=before)
    assert wrong(await scene.reconcile()) == {"pins.board": 1, "comments.parent": 1}


async def test_a_cascade_on_a_board_explains_its_owners_followers(scene: Scene) -> None:
    await scene.remove("follows", scene.of_kitchen.id)
    await recount_all(scene.mongo)
    job = await scene.put(
        "cascades",
        kind="TRANSFER",
        board_id=object_id(scene.kitchen.id),
        owner_id=object_id(scene.ana.id),
    )
    report = await scene.reconcile(fix=True)
    assert wrong(report) == {}
    assert found(report, "follows.implicit").in_progress == 1
    await scene.remove("cascades", job)
    assert wrong(await scene.reconcile()) == {"follows.implicit": 1}


async def test_a_write_under_way_is_no_difference(scene: Scene) -> None:
    """It looks wrong at first, and right when it is looked at again."""
    await scene.set("users", scene.ana.id, follower_count=7)
    looked: list[str] = []

    async def pause() -> None:
        looked.append("again")
        await scene.set("users", scene.ana.id, follower_count=1)

    report = await reconcile(scene.mongo, scene.storage.transactions, pause=pause)

    assert looked == ["again"]
    assert wrong(report) == {}


async def test_what_is_fixed_leaves_the_cache(scene: Scene) -> None:
    storage = scene.storage
    await scene.set("users", scene.ana.id, follower_count=7)
    await scene.set("pins", scene.soup.id, section_id=ObjectId())
    ids = [scene.ana.id]
    assert (await storage.users.get_many(ids))[scene.ana.id].follower_count == 7
    assert (await storage.pins.get_many([scene.soup.id]))[scene.soup.id].section_id

    await scene.reconcile(fix=True)

    assert (await storage.users.get_many(ids))[scene.ana.id].follower_count == 1
    assert (await storage.pins.get_many([scene.soup.id]))[scene.soup.id].section_id is None


async def test_a_fixed_counter_is_followed_by_the_trend(scene: Scene) -> None:
    await scene.set("pins", scene.soup.id, save_count=70, comment_count=0)
    await scene.reconcile(fix=True)
    soup = await scene.get("pins", scene.soup.id)
    engagement = Engagement(saves=1, comments=2)
    assert soup["engagement"] == msgspec.to_builtins(engagement)
    assert soup["trend"] == pytest.approx(trend(engagement, scene.soup.created_at), abs=1e-9)


async def test_examples_are_few(scene: Scene) -> None:
    lost = [
        await scene.put(
            "comments", pin_id=ObjectId(), author_id=ObjectId(), text="", parent_id=None
        )
        for _ in range(7)
    ]
    finding = found(await scene.reconcile(), "comments.pin")
    assert finding.wrong == 7
    assert len(finding.examples) == 5
    assert set(finding.examples) <= set(lost)


async def test_no_increment_is_lost_while_counters_are_fixed(scene: Scene) -> None:
    """Users are followed all the time, while their counters are made wrong and set right."""
    users = [await scene.world.user(f"user_{number}") for number in range(5)]
    fixing = asyncio.Event()

    async def follow_everybody() -> int:
        written = 0
        while not fixing.is_set():
            for user in users:
                await scene.storage.transactions.run("test.follow", _follow(user))
                written += 1
        return written

    async def fix_everybody() -> None:
        for _ in range(ROUNDS):
            await scene.mongo.collection("users").update_many(
                {"_id": {"$in": object_ids(user.id for user in users)}},
                {"$inc": {"follower_count": 1000}},
            )
            report = await scene.reconcile(fix=True)
            assert found(report, "users.follower_count").fixed == len(users)
        fixing.set()

    async with asyncio.TaskGroup() as group:
        writing = [group.create_task(follow_everybody()) for _ in range(WRITERS)]
        await fix_everybody()

    written = sum(task.result() for task in writing)
    counts = [(await scene.get("users", user.id))["follower_count"] for user in users]
    assert counts == [written / len(users)] * len(users)
    assert await counter_differences(scene.mongo, "users") == []


ROUNDS = 5
WRITERS = 4


def _follow(user: UserRecord) -> Callable[[Transaction], Awaitable[None]]:
    async def work(tx: Transaction) -> None:
        await tx.insert(
            FollowRecord(
                id=new_id(),
                follower_id=new_id(),
                kind=FollowKind.USER,
                target_id=user.id,
                created_at=tx.now,
            )
        )

    return work
