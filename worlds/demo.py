"""The demo world: what `make run` serves to somebody who has just arrived.

    await build_demo(mongo, progress=progress)

It is made up, and always in the same way: the same seed, sizes and `now` give the same documents.
Times count back from `now`, so that feeds look alive. Popularity is long-tailed, as in the real
thing. A marker in the collection `worlds` says what was begun, so a build that was interrupted is
completed by the next one.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from time import perf_counter
from typing import NamedTuple

import msgspec
from rich.progress import Progress

from domain.campaigns import AdAccountRecord, AdGroupRecord, AdRecord, CampaignRecord
from domain.record import Record
from storage import bulk
from storage.bulk import BulkInsert, bulk_call, without_indexes
from storage.codec import Document, document
from storage.counters import mark_promoted, raise_pins_modified_at, recount_all
from storage.mongo import Mongo
from worlds.demo_ads import demo_ads
from worlds.demo_boards import demo_boards
from worlds.demo_circles import Follows, demo_blocks, demo_comments, demo_reactions
from worlds.demo_people import DEMO_VIEWERS, DemoViewer, demo_people, demo_topics
from worlds.demo_pins import ROOT_SHARE, Copies, root_pins, set_pieces

__all__ = [
    "DEFAULT_PINS",
    "DEFAULT_SEED",
    "DEFAULT_USERS",
    "DEMO_VIEWERS",
    "DatabaseNotEmpty",
    "DemoReport",
    "DemoViewer",
    "build_demo",
    "is_empty",
    "needs_demo",
]

DEFAULT_USERS = 2_000
DEFAULT_PINS = 50_000
DEFAULT_SEED = 2010
FEWEST_PINS = 300

COLLECTION = "worlds"
_MARKER_ID = "demo"

_PROGRESS_EVERY = 500

COLLECTIONS = (
    "topics",
    "users",
    "boards",
    "sections",
    "pins",
    "follows",
    "blocks",
    "comments",
    "reactions",
    "ad_accounts",
    "campaigns",
    "ad_groups",
    "ads",
)
"""What the demo world writes to."""

_AD_COLLECTIONS = {
    AdAccountRecord: "ad_accounts",
    CampaignRecord: "campaigns",
    AdGroupRecord: "ad_groups",
    AdRecord: "ads",
}


class DatabaseNotEmpty(Exception):
    """The database holds users who are not of the demo world."""


class DemoReport(msgspec.Struct, kw_only=True):
    """What was built. `built` is false when the demo world was already complete."""

    built: bool
    users: int
    pins: int
    now: datetime
    inserted: dict[str, int] = msgspec.field(default_factory=dict)
    seconds: float = 0.0


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """All that a demo world depends on. `users` and `pins` are how many there will be."""

    users: int
    pins: int
    seed: int
    now: datetime


async def is_empty(mongo: Mongo) -> bool:
    """Whether the database has no users."""
    return await bulk.is_empty(mongo, "users")


async def needs_demo(mongo: Mongo) -> bool:
    """Whether a demo world should be built: nothing is there, or one was begun and not ended."""
    marker = await _marker(mongo)
    return await is_empty(mongo) if marker is None else not marker["is_complete"]


async def build_demo(
    mongo: Mongo,
    *,
    users: int = DEFAULT_USERS,
    pins: int = DEFAULT_PINS,
    seed: int = DEFAULT_SEED,
    now: datetime | None = None,
    progress: Progress | None = None,
) -> DemoReport:
    """Builds the demo world in an empty database, or completes one that was begun.

    `now` is the current hour unless given. A world that was begun is completed as it was planned,
    whatever the arguments; a complete one is left alone. Raises `DatabaseNotEmpty` where other
    users live, `ValueError` for a world too small to hold all it should show.
    """
    started = perf_counter()
    wanted = Plan(users=users, pins=pins, seed=seed, now=now or _this_hour())
    if pins < FEWEST_PINS:
        raise ValueError(f"a demo world has at least {FEWEST_PINS} pins, not {pins}")
    marker = await _marker(mongo)
    if marker is None and not await is_empty(mongo):
        raise DatabaseNotEmpty(
            "The database holds users already; the demo world needs an empty one."
        )
    plan = wanted if marker is None else _plan(marker)
    report = DemoReport(built=False, users=plan.users, pins=plan.pins, now=plan.now)
    if marker is None or not marker["is_complete"]:
        await _mark(mongo, plan, is_complete=False)
        report.inserted = await _store(mongo, plan, progress or Progress(disable=True))
        await _mark(mongo, plan, is_complete=True)
        report.built = True
    report.seconds = perf_counter() - started
    return report


class Stage(NamedTuple):
    """Documents of one kind, and about how many there are."""

    collection: str
    size: int
    documents: Iterable[Document]


def stages(plan: Plan) -> Iterator[Stage]:
    """The whole world, kind by kind. Each stage is to be used up before the next is asked for."""
    seed, now = plan.seed, plan.now
    people = demo_people(seed, plan.users, now)
    boards = demo_boards(seed, people, plan.pins, now)
    given = set_pieces(seed, boards, now)
    roots = given + root_pins(seed, boards, round(plan.pins * ROOT_SHARE) - len(given), now)
    blocks = demo_blocks(seed, people, now)

    yield _stage("topics", demo_topics())
    yield _stage("users", [person.user for person in people])
    yield _stage("boards", [board.record for board in boards])
    yield _stage("sections", [section for board in boards for section in board.sections])
    yield _stage("pins", [pin.record for pin in roots])
    copies = Copies(seed, boards, roots, now)
    count = plan.pins - len(roots)
    yield Stage("pins", count, (document(pin.record) for pin in copies.draw(count)))
    yield Stage("blocks", len(blocks), blocks)
    follows = Follows(seed, people, boards, blocks, now)
    yield Stage("follows", 25 * plan.users, map(document, follows.draw()))
    yield _stage("comments", [*demo_comments(seed, people, roots, plan.pins // 10, now)])
    count = plan.pins // 2
    yield Stage("reactions", count, demo_reactions(seed, people, roots, count, now))
    ads = [*demo_ads(seed, given, now)]
    for record_type, collection in _AD_COLLECTIONS.items():
        yield _stage(collection, [value for value in ads if isinstance(value, record_type)])


def _stage(collection: str, values: Sequence[Record]) -> Stage:
    return Stage(collection, len(values), map(document, values))


async def _store(mongo: Mongo, plan: Plan, progress: Progress) -> dict[str, int]:
    """Stores every stage, then sets what is derived from them."""
    task = progress.add_task("demo world", total=None)
    async with without_indexes(mongo, COLLECTIONS):
        async with BulkInsert[None](mongo) as inserts:
            for stage in stages(plan):
                progress.update(task, description=stage.collection, total=stage.size, completed=0)
                for number, item in enumerate(stage.documents):
                    await inserts.add(stage.collection, item)
                    if number % _PROGRESS_EVERY == 0:
                        progress.update(task, completed=number)
        progress.update(task, description="counters", total=None)
        for derive in (raise_pins_modified_at, mark_promoted, recount_all):
            await derive(mongo)
        progress.update(task, description="indexes", total=None)
    progress.update(task, description="demo world", total=1, completed=1)
    return dict(inserts.inserted)


async def _marker(mongo: Mongo) -> Document | None:
    worlds = mongo.collection(COLLECTION)
    found: Document | None = await bulk_call(lambda: worlds.find_one({"_id": _MARKER_ID}))
    return found


async def _mark(mongo: Mongo, plan: Plan, *, is_complete: bool) -> None:
    worlds = mongo.collection(COLLECTION)
    marker = msgspec.structs.asdict(plan) | {"is_complete": is_complete}
    await bulk_call(lambda: worlds.replace_one({"_id": _MARKER_ID}, marker, upsert=True))


def _plan(marker: Document) -> Plan:
    return msgspec.convert(marker, Plan)


def _this_hour() -> datetime:
    return datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
