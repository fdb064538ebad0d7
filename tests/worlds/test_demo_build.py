"""Building the demo world: always the same, once, and to the end."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from storage.mongo import Mongo
from tests.worlds.contents import Contents
from worlds.demo import DatabaseNotEmpty, DemoReport, build_demo, is_empty, needs_demo

Look = Callable[[Mongo], Contents]

NOW = datetime(2025, 5, 5, 12, tzinfo=UTC)
USERS, PINS = 60, 600


async def _build(
    mongo: Mongo, seed: int = 1, *, users: int = USERS, pins: int = PINS
) -> DemoReport:
    return await build_demo(mongo, users=users, pins=pins, seed=seed, now=NOW)


async def test_the_same_seed_makes_the_same_world(
    mongo: Mongo, open_database: Callable[[], Mongo], contents: Look
) -> None:
    again, other = open_database(), open_database()
    for database, seed in ((mongo, 1), (again, 1), (other, 2)):
        await _build(database, seed)

    assert await contents(again).digest() == await contents(mongo).digest()
    assert await contents(other).digest() != await contents(mongo).digest()


async def test_it_is_built_once(mongo: Mongo, contents: Look) -> None:
    assert await is_empty(mongo) and await needs_demo(mongo)

    assert (await _build(mongo)).built is True
    digest = await contents(mongo).digest()

    assert not await is_empty(mongo) and not await needs_demo(mongo)
    assert (await _build(mongo, seed=2)).built is False
    assert await contents(mongo).digest() == digest


async def test_an_interrupted_build_is_completed_as_it_was_begun(
    mongo: Mongo, open_database: Callable[[], Mongo], contents: Look
) -> None:
    undisturbed = open_database()
    await _build(undisturbed)

    disturbed = asyncio.create_task(_build(mongo))
    while not contents(mongo).count("pins"):  # noqa: ASYNC110  # a database has no Event
        await asyncio.sleep(0)
    disturbed.cancel()
    with pytest.raises(asyncio.CancelledError):
        await disturbed
    assert await needs_demo(mongo)

    report = await build_demo(mongo, users=USERS + 9, pins=PINS + 9, seed=3)

    assert (report.built, report.users, report.pins, report.now) == (True, USERS, PINS, NOW)
    assert await contents(mongo).digest() == await contents(undisturbed).digest()
    assert not await needs_demo(mongo)


async def test_it_does_not_move_in_with_others(mongo: Mongo) -> None:
    await mongo.collection("users").insert_one({"username": "somebody"})

    assert not await needs_demo(mongo)
    with pytest.raises(DatabaseNotEmpty):
        await _build(mongo)


async def test_it_cannot_be_too_small(mongo: Mongo) -> None:
    for users, pins in ((19, PINS), (USERS, 299)):
        with pytest.raises(ValueError, match="at least"):
            await _build(mongo, users=users, pins=pins)
    assert await is_empty(mongo) and await needs_demo(mongo)


async def test_it_can_be_as_small_as_allowed(mongo: Mongo, contents: Look) -> None:
    await _build(mongo, users=20, pins=300)

    assert (contents(mongo).count("users"), contents(mongo).count("pins")) == (20, 300)


async def test_time_is_counted_back_from_this_hour(mongo: Mongo, contents: Look) -> None:
    report = await build_demo(mongo, users=USERS, pins=PINS)

    age = datetime.now(UTC) - report.now
    assert timedelta() <= age < timedelta(hours=2)
    newest = max(pin["created_at"] for pin in contents(mongo).all("pins")).replace(tzinfo=UTC)
    assert timedelta() < report.now - newest < timedelta(days=7)
