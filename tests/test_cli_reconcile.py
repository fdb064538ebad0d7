"""`reconcile`, as a person types it: what it prints, and how it ends (INV-12)."""

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from bson import ObjectId

from config import Settings
from domain.pins import PinRecord
from storage.codec import object_id
from storage.consistency import CHECKS, TREND
from storage.counters import COUNTERS, recount_all
from storage.embedded import EmbeddedStores
from storage.mongo import Mongo
from storage.redis import Redis
from storage.storage import Storage
from tests.memory import throwaway_directory
from tests.stores import throwaway_stores
from tests.test_cli import Shell
from tests.world import World

ALL = len([*CHECKS, *COUNTERS, TREND])


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[Shell, EmbeddedStores]]:
    """A shell beside stores that run, as beside a server."""
    with throwaway_directory() as data_dir, throwaway_stores(data_dir) as stores:
        yield Shell(data_dir), stores


@pytest.fixture
def shell(running: tuple[Shell, EmbeddedStores]) -> Shell:
    """A shell beside `stored`."""
    return running[0]


@pytest.fixture
async def stored(running: tuple[Shell, EmbeddedStores]) -> AsyncIterator[Storage]:
    """What the command works on, empty at first."""
    _, stores = running
    mongo = Mongo(stores.mongo_url, database=Settings().mongo_database, deadline_ms=30_000)
    await mongo.drop()
    storage = Storage(mongo, Redis(stores.redis_url, deadline_ms=5_000))
    await storage.prepare()
    yield storage
    await storage.close()


@pytest.fixture
async def pin(stored: Storage) -> PinRecord:
    """A pin with a copy and a comment, in a world in which nothing is wrong."""
    world = World(stored)
    ana = await world.user("ana")
    board = await world.board(ana)
    pin = await world.pin(board, "Soup")
    await world.save(pin, board)
    await world.comment(pin, ana)
    await recount_all(stored.mongo)
    return pin


async def spoil(storage: Storage, pin: PinRecord, **fields: Any) -> None:
    """Makes something wrong with a pin."""
    pins = storage.mongo.collection("pins")
    found = await pins.update_one({"_id": object_id(pin.id)}, {"$set": fields})
    assert found.matched_count == 1


def findings(output: str) -> dict[str, dict[str, Any]]:
    """The findings in JSON that are about something, by name."""
    report = json.loads(output)
    return {
        finding.pop("name"): finding
        for finding in report["findings"]
        if finding["wrong"] or finding["in_progress"]
    }


@pytest.mark.parametrize("driver", ["pymongo", "motor"])
async def test_a_wrong_counter_is_told_fixed_and_gone(
    shell: Shell, stored: Storage, pin: PinRecord, driver: str
) -> None:
    await spoil(stored, pin, aggregated_save_count=1234)

    told = shell.run("reconcile", PINERY_MONGO_DRIVER=driver)

    assert told.returncode == 1, told.stderr
    [row] = [line.split() for line in told.stdout.splitlines() if pin.id in line]
    assert row == ["pins.aggregated_save_count", "INV-12", "2", "1", "0", "0", pin.id]
    assert f"1 wrong, 0 fixed: {ALL} counters and checks" in told.stdout

    fixed = shell.run("reconcile", "--fix", "--json", PINERY_MONGO_DRIVER=driver)

    assert fixed.returncode == 0, fixed.stderr
    assert findings(fixed.stdout) == {
        "pins.aggregated_save_count": {
            "invariant": "INV-12",
            "collection": "pins",
            "looked_at": 2,
            "wrong": 1,
            "in_progress": 0,
            "fixed": 1,
            "examples": [pin.id],
        }
    }
    assert json.loads(fixed.stdout)["left"] == 0
    again = shell.run("reconcile", PINERY_MONGO_DRIVER=driver)
    assert again.returncode == 0, again.stderr
    assert f"Nothing is wrong: {ALL} counters and checks" in again.stdout


async def test_what_cannot_be_fixed_ends_with_1(
    shell: Shell, stored: Storage, pin: PinRecord
) -> None:
    await spoil(stored, pin, root_id=ObjectId())

    ended = shell.run("reconcile", "--fix", "--json")

    assert ended.returncode == 1, ended.stderr
    assert json.loads(ended.stdout)["left"] == 2
    found = findings(ended.stdout)
    assert {name: (each["wrong"], each["fixed"]) for name, each in found.items()} == {
        "pins.root": (1, 0),
        "pins.tree": (1, 0),
    }


def test_without_a_database_it_ends_with_2(tmp_path: Path) -> None:
    nowhere = "127.0.0.1:1"
    ended = Shell(tmp_path).run(
        "reconcile",
        PINERY_MONGO_URL=f"mongodb://{nowhere}/?directConnection=true",
        PINERY_REDIS_URL=f"redis://{nowhere}",
    )
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert "MongoDB is not available." in ended.stderr
    assert "Traceback" not in ended.stderr
