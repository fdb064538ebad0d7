"""What tests of mutations say again and again: ids as clients send them, and all that is stored."""

from typing import Any

from domain.ids import to_global_id
from domain.record import Record
from resolvers.nodes import TYPE_NAMES
from storage.counters import TARGETS, counters_of, differences
from tests.world import World

_OF_NO_CONCERN = frozenset({"idempotency"})


def gid(record: Record, id: str | None = None) -> str:
    """The global id of a record; or that of another one of its type."""
    return to_global_id(TYPE_NAMES[type(record)], id or record.id)


async def snapshot(world: World) -> dict[str, Any]:
    """Everything that MongoDB holds: equal before and after, where nothing was written."""
    database = world.storage.mongo.database
    names = set(await database.list_collection_names()) - _OF_NO_CONCERN
    stored: dict[str, Any] = {}
    for name in sorted(names):
        documents = await database[name].find().sort("_id", 1).to_list(None)
        if documents:
            stored[name] = documents
    return stored


async def assert_consistent(world: World, *fields: str) -> None:
    """Every counter is what it counts (INV-12); or those alone whose `collection.field` so begins.

    Things that a test makes without a mutation are not counted: `recount_all` after making them.
    """
    mongo = world.storage.mongo
    wrong = []
    for target in TARGETS:
        counters = counters_of(target)
        for row in await mongo.aggregate("test", target, differences(target)):
            for number, counter in enumerate(counters):
                name = f"{target}.{counter.field}"
                stored, actual = row[f"stored_{number}"], row[f"actual_{number}"]
                if stored != actual and (not fields or name.startswith(fields)):
                    wrong.append((name, row["_id"], stored, actual))
    assert not wrong, wrong
