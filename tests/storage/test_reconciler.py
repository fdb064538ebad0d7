"""The reconciler: each counter and each check made wrong by hand, found, and set right (INV-12)."""

import pytest

from storage.codec import object_id
from storage.consistency import CHECKS, TREND
from storage.counters import COUNTERS, TARGETS, Counter, recount_all
from storage.reactions import ReactionStore
from tests.storage.scenes import Scene, counter_differences, fixed, found, make_scene, wrong
from tests.storage.spoils import CHECKED, FIXED, LEFT
from tests.world import World


@pytest.fixture
async def scene(world: World) -> Scene:
    """A world in which nothing is wrong."""
    return await make_scene(world)


async def test_nothing_is_wrong_with_what_is_right(scene: Scene) -> None:
    report = await scene.reconcile()
    assert wrong(report) == {}
    assert report.left == 0
    assert [finding.name for finding in report.findings] == [
        *(check.name for check in CHECKS),
        *(f"{each.target}.{each.field}" for target in TARGETS for each in _of(target)),
        TREND.name,
    ]
    assert {f.looked_at for f in report.findings if f.collection == "pins"} == {3}
    assert {f.looked_at for f in report.findings if f.collection == "users"} == {3}


def _of(target: str) -> list[Counter]:
    return [counter for counter in COUNTERS if counter.target == target]


_FEEDS_TREND = {"save_count", "comment_count", "engagement.hides"}


@pytest.mark.parametrize("number", [7, -1])
@pytest.mark.parametrize(
    "counter", COUNTERS, ids=lambda counter: f"{counter.target}.{counter.field}"
)
async def test_each_counter_is_found_and_set_right(
    scene: Scene, counter: Counter, number: int
) -> None:
    id = {
        "users": scene.ana,
        "boards": scene.kitchen,
        "sections": scene.soups,
        "topics": scene.food,
        "pins": scene.soup,
        "comments": scene.comment,
    }[counter.target].id
    right = await scene.get(counter.target, id)
    await scene.set(counter.target, id, **{counter.field: number})
    name = f"{counter.target}.{counter.field}"

    report = await scene.reconcile()

    expected = {name: 1} | ({TREND.name: 1} if counter.field in _FEEDS_TREND else {})
    assert wrong(report) == expected
    assert fixed(report) == {}
    assert found(report, name).examples == (id,)
    assert found(report, name).invariant == "INV-12"
    assert report.left == len(expected)

    mended = await scene.reconcile(fix=True)

    assert wrong(mended) == fixed(mended) == {name: 1}
    assert mended.left == 0
    stored = await scene.get(counter.target, id)
    assert stored.pop("guard") == 1
    assert stored == right
    assert wrong(await scene.reconcile()) == {}


@pytest.mark.parametrize("spoil", FIXED)
async def test_what_has_a_fix_is_found_and_fixed(scene: Scene, spoil: str) -> None:
    make_wrong, expected = FIXED[spoil]
    await make_wrong(scene)

    assert wrong(await scene.reconcile()) == expected

    mended = await scene.reconcile(fix=True)
    assert mended.left == 0
    assert set(fixed(mended)) >= {name for name in expected if name in CHECKED}
    assert wrong(await scene.reconcile()) == {}


@pytest.mark.parametrize("spoil", LEFT)
async def test_what_a_person_must_decide_is_found_and_left(scene: Scene, spoil: str) -> None:
    make_wrong, expected = LEFT[spoil]
    await make_wrong(scene)
    assert wrong(await scene.reconcile()) == expected

    mended = await scene.reconcile(fix=True)

    kept = {name: number for name, number in expected.items() if name in CHECKED - {TREND.name}}
    assert mended.left == sum(kept.values())
    assert wrong(await scene.reconcile()) == kept


def test_every_check_is_made_wrong_here() -> None:
    made = {name for _, expected in (FIXED | LEFT).values() for name in expected}
    assert made | {"reactions.one"} >= CHECKED


async def test_the_newest_of_two_reactions_stays(scene: Scene) -> None:
    """Only without the unique index, and so only after a restore that went wrong."""
    reactions = scene.mongo.collection("reactions")
    await reactions.drop_index("user_id_1_pin_id_1")
    try:
        [older] = await reactions.find({}).to_list(None)
        newest = await scene.put(
            "reactions",
            user_id=object_id(scene.bruno.id),
            pin_id=object_id(scene.soup.id),
            type="WOW",
        )
        await recount_all(scene.mongo)
        report = await scene.reconcile()
        assert wrong(report) == {"reactions.one": 1}
        assert found(report, "reactions.one").examples == (older["_id"],)
        mended = await scene.reconcile(fix=True)
        assert wrong(mended) == fixed(mended) == {"reactions.one": 1}
        assert [each["_id"] for each in await reactions.find({}).to_list(None)] == [newest]
        assert (await scene.get("pins", scene.soup.id))["reaction_counts"] == {"WOW": 1}
    finally:
        await scene.mongo.create_indexes("reactions", ReactionStore.INDEXES)


async def test_what_is_gone_has_no_counters(scene: Scene) -> None:
    """Comments, reactions and copies of a pin that is gone are no differences of its counters."""
    pins = scene.mongo.collection("pins")
    await scene.remove("pins", scene.soup.id)

    assert await counter_differences(scene.mongo, "pins") == []
    report = await scene.reconcile()
    assert {name: n for name, n in wrong(report).items() if name in CHECKED} == {
        "pins.parent": 1,
        "comments.pin": 2,
        "reactions.pin": 1,
        "ads.pin": 1,
    }
    assert not await pins.count_documents({"_id": object_id(scene.soup.id)})
