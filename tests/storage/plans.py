"""How MongoDB runs a command: what a driver sends is recorded, and explained part by part.

`explain` says little about what happens inside a $lookup or a $unionWith. So their sub-pipelines
are explained on their own too: that of a $lookup once for every value that it joins, which stands
in front of it as a $match.
"""

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from pymongo.asynchronous.database import AsyncDatabase
from pymongo.monitoring import (
    CommandFailedEvent,
    CommandListener,
    CommandStartedEvent,
    CommandSucceededEvent,
)

from storage.codec import Document

_OF_THE_SESSION = frozenset(
    {
        *("lsid", "$clusterTime", "$db", "$readPreference", "maxTimeMS"),
        *("txnNumber", "startTransaction", "autocommit", "readConcern"),
    }
)
"""What a driver adds to a command, and `explain` does not take."""


class ReadRecorder(CommandListener):
    """Remembers every find and aggregate that is sent, ready to be explained."""

    def __init__(self) -> None:
        self.commands: list[Document] = []

    def started(self, event: CommandStartedEvent) -> None:
        """Called by the driver before it sends a command."""
        if event.command_name in ("find", "aggregate"):
            sent = {k: v for k, v in event.command.items() if k not in _OF_THE_SESSION}
            self.commands.append(sent)

    def succeeded(self, event: CommandSucceededEvent) -> None:
        """Called by the driver after an answer."""

    def failed(self, event: CommandFailedEvent) -> None:
        """Called by the driver after an error."""


class Plan(NamedTuple):
    """How one scan ran: of a command, of a branch of it, or of a $lookup for one value.

    A `$lookup` itself is a plan too, over all of its values: `scans` is their number, the others
    are the sums that the server gives.
    """

    what: str
    stages: frozenset[str]
    keys: int
    documents: int
    returned: int
    collection_scans: int = 0
    scans: int = 1


async def explain(database: AsyncDatabase[Document], command: Document) -> list[Plan]:
    """The plans of a command and of its sub-pipelines. `database` decodes ids as they are."""
    reply = await database.command({"explain": command, "verbosity": "executionStats"})
    plans = [_plan(_what(command), reply)]
    pipeline: list[Document] = command.get("pipeline", [])
    for place, stage in enumerate(pipeline):
        if "$lookup" in stage:
            plans += await _explain_lookup(database, command, place, reply)
        if "$unionWith" in stage:
            branch = stage["$unionWith"]
            plans += await explain(database, _aggregate(branch["coll"], branch["pipeline"]))
    return plans


async def _explain_lookup(
    database: AsyncDatabase[Document], command: Document, place: int, reply: Document
) -> list[Plan]:
    lookup = command["pipeline"][place]["$lookup"]
    times = await _joined(database, command, place)
    inner = {
        value: await explain(
            database,
            _aggregate(
                lookup["from"], [{"$match": {lookup["foreignField"]: value}}, *lookup["pipeline"]]
            ),
        )
        for value in times
    }
    (ran,) = (
        stage
        for stage in reply["stages"]
        if "$lookup" in stage and stage["$lookup"]["as"] == lookup["as"]
    )
    together = Plan(
        f"$lookup of {lookup['as']} in {_what(command)}",
        frozenset(),
        int(ran["totalKeysExamined"]),
        int(ran["totalDocsExamined"]),
        sum(plans[0].returned * times[value] for value, plans in inner.items()),
        int(ran["collectionScans"]),
        times.total(),
    )
    return [together, *(plan for plans in inner.values() for plan in plans)]


async def _joined(
    database: AsyncDatabase[Document], command: Document, place: int
) -> Counter[object]:
    """The values that the $lookup at a place joins, and how often: the stages before it say so."""
    before, lookup = command["pipeline"][:place], command["pipeline"][place]["$lookup"]
    reply = await database.command(_aggregate(command["aggregate"], before))
    return Counter(row[lookup["localField"]] for row in reply["cursor"]["firstBatch"])


def _aggregate(target: object, pipeline: list[Document]) -> Document:
    return {"aggregate": target, "pipeline": pipeline, "cursor": {"batchSize": 10_000}}


def _plan(what: str, reply: Document) -> Plan:
    """The plan of the command itself: of its first stages, those that read a collection."""
    stages: list[Document] = reply.get("stages", [])
    of_pipeline = {name for stage in stages for name in stage if name.startswith("$")}
    cursor: Document = stages[0].get("$cursor", {}) if stages else reply
    stats = cursor.get("executionStats", {})
    winning = cursor.get("queryPlanner", {}).get("winningPlan", {})
    return Plan(
        what,
        frozenset(of_pipeline | set(_stage_names(winning))),
        stats.get("totalKeysExamined", 0),
        stats.get("totalDocsExamined", 0),
        stats.get("nReturned", 0),
    )


def _stage_names(tree: object) -> Iterator[str]:
    if isinstance(tree, dict):
        if isinstance(tree.get("stage"), str):
            yield tree["stage"]
        for inner in tree.values():
            yield from _stage_names(inner)
    elif isinstance(tree, list):
        for inner in tree:
            yield from _stage_names(inner)


def _what(command: Document) -> str:
    """A command in a line, for the message of a failed test."""
    kept = {
        k: command[k] for k in ("find", "aggregate", "filter", "sort", "pipeline") if k in command
    }
    return str(kept)
