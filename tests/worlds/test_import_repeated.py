"""Importing again: what is repeated, what is there already, and what an interruption left."""

import asyncio
import sys
import textwrap
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from pymongo import MongoClient

from domain.record import Id
from domain.users import UserRecord
from storage.codec import document
from storage.embedded import EmbeddedStores
from storage.follows import FollowStore
from storage.mongo import Mongo
from storage.pins import PinStore
from storage.users import UserStore
from tests.programs import usual_environment
from tests.worlds.contents import Contents
from tests.worlds.folders import Row, small_world, write_world
from worlds.ids import UNKNOWN_TIME
from worlds.importer import import_world

Look = Callable[[Mongo], Contents]
PATIENCE_S = 30


class Large(NamedTuple):
    """A folder of many batches, and the digest of a database into which it was imported."""

    folder: Path
    digest: str


@pytest.fixture(scope="module")
async def large(stores: EmbeddedStores, tmp_path_factory: pytest.TempPathFactory) -> Large:
    """Imported once for all: nothing has disturbed it."""
    folder, name = _many_batches(tmp_path_factory.mktemp("large")), "worlds_undisturbed"
    mongo = Mongo(stores.mongo_url, database=name)
    await import_world(mongo, folder)
    await mongo.close()
    with MongoClient[dict[str, Any]](stores.mongo_url) as client:
        digest = await Contents(client, name).digest()
        client.drop_database(name)
    return Large(folder, digest)


async def test_repeated_rows_change_nothing_and_are_not_bad(
    mongo: Mongo, contents: Look, tmp_path: Path
) -> None:
    save = {"pin": "broth", "user": "b", "board": "dinner"}
    folder = small_world(
        tmp_path,
        saves=[save, save | {"created_at": "2025-01-01T00:00:00Z"}],
        follows=[
            {"follower": "b", "user": "a"},
            {"follower": "b", "user": "a", "created_at": "2025-01-01T00:00:00Z"},
        ],
    )
    report = await import_world(mongo, folder)

    assert (report.repeated, report.bad_rows) == ({"saves": 1, "follows": 1}, 0)
    assert (contents(mongo).count("pins"), contents(mongo).count("follows")) == (2, 1)


async def test_importing_twice_changes_nothing(mongo: Mongo, contents: Look, large: Large) -> None:
    first = await import_world(mongo, large.folder)

    second = await import_world(mongo, large.folder)

    assert await contents(mongo).digest() == large.digest
    assert second.present == first.inserted
    assert sum(second.inserted.values()) == 0
    assert first.inserted["pins"] == 8_000


async def test_both_drivers_import_the_same(
    open_database: Callable[[str], Mongo], contents: Look, large: Large
) -> None:
    through_motor = open_database("motor")
    for _ in range(2):
        await import_world(through_motor, large.folder)

    assert await contents(through_motor).digest() == large.digest


@pytest.mark.parametrize("collection", ["users", "pins", "follows"])
async def test_a_cancelled_import_is_completed_by_the_next(
    mongo: Mongo, contents: Look, large: Large, collection: str
) -> None:
    disturbed = asyncio.create_task(import_world(mongo, large.folder))
    await _until_stored(contents(mongo), collection)
    disturbed.cancel()
    with pytest.raises(asyncio.CancelledError):
        await disturbed
    assert await contents(mongo).digest() != large.digest

    await import_world(mongo, large.folder)
    assert await contents(mongo).digest() == large.digest


_IMPORT = """
    import asyncio, sys
    from pathlib import Path
    from storage.mongo import Mongo
    from worlds.importer import import_world

    async def main(url, database, folder):
        await import_world(Mongo(url, database=database), Path(folder))

    asyncio.run(main(*sys.argv[1:]))
"""


async def test_a_killed_import_is_completed_by_the_next(
    stores: EmbeddedStores, mongo: Mongo, contents: Look, large: Large
) -> None:
    arguments = [stores.mongo_url, mongo.database.name, str(large.folder)]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", textwrap.dedent(_IMPORT), *arguments, env=usual_environment()
    )
    await _until_stored(contents(mongo), "pins")
    process.kill()
    assert await process.wait() == -9, "the import was over before it could be killed"
    assert await contents(mongo).digest() != large.digest

    await import_world(mongo, large.folder)
    assert await contents(mongo).digest() == large.digest


async def test_a_username_of_another_user_is_not_taken_over(
    mongo: Mongo, contents: Look, tmp_path: Path
) -> None:
    await mongo.create_indexes(UserStore.COLLECTION, UserStore.INDEXES)
    other = UserRecord(
        id=Id("6" * 24), username="alice", full_name="Another", created_at=UNKNOWN_TIME
    )
    await mongo.collection("users").insert_one(document(other))

    report = await import_world(mongo, small_world(tmp_path))

    assert [str(row) for row in report.named] == [
        "users.jsonl.gz, line 1: username: is taken by a user who is not of this world",
        "boards.jsonl.gz, line 1: owner: unknown reference 'a'",
        "pins.jsonl.gz, line 1: creator: unknown reference 'a'",
    ]
    assert contents(mongo).one("users", username="alice")["full_name"] == "Another"


async def test_a_follow_made_through_the_api_stays(
    mongo: Mongo, contents: Look, tmp_path: Path
) -> None:
    await import_world(mongo, small_world(tmp_path / "first"))
    await mongo.create_indexes(FollowStore.COLLECTION, FollowStore.INDEXES)
    look = contents(mongo)
    alice, bert = (look.one("users", username=name)["_id"] for name in ("alice", "bert"))
    made = {"follower_id": bert, "kind": "USER", "target_id": alice, "is_explicit": True}
    look.database.follows.insert_one(made | {"created_at": datetime(2024, 9, 9)})

    follows = [{"follower": "b", "user": "a"}]
    report = await import_world(mongo, small_world(tmp_path / "second", follows=follows))

    assert look.one("follows")["created_at"] == datetime(2024, 9, 9)
    assert (report.repeated, report.bad_rows) == ({"follows": 1}, 0)
    assert look.one("users", username="alice")["follower_count"] == 1


async def test_indexes_survive(mongo: Mongo, contents: Look, tmp_path: Path) -> None:
    await mongo.create_indexes(PinStore.COLLECTION, PinStore.INDEXES)
    pins = contents(mongo).database.pins
    before = pins.index_information()

    await import_world(mongo, small_world(tmp_path))
    assert pins.index_information() == before
    await import_world(mongo, small_world(tmp_path))
    assert pins.index_information() == before
    assert len(before) == len(PinStore.INDEXES) + 1


def _many_batches(folder: Path) -> Path:
    """A world of some 14,000 documents."""
    users = [{"id": str(n), "username": f"user_{n}"} for n in range(1_500)]
    boards = [{"id": str(n), "owner": str(n), "name": f"Board {n % 7}"} for n in range(1_500)]
    pins = [
        {"id": str(n), "creator": str(n % 1_500), "board": str(n % 1_500), "topics": [f"t{n % 90}"]}
        for n in range(4_000)
    ]
    saves = [
        {"pin": str(n % 400), "user": str(n % 1_499), "board": str(n % 1_499)} for n in range(4_000)
    ]
    follows: list[Row] = [
        {"follower": str(n), "user" if n % 2 else "board": str((n * 7 + 1) % 1_500)}
        for n in range(1_500)
    ]
    return write_world(folder, users=users, boards=boards, pins=pins, saves=saves, follows=follows)


async def _until_stored(look: Contents, collection: str) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not look.count(collection):  # noqa: ASYNC110  # a database has no Event
            await asyncio.sleep(0)
