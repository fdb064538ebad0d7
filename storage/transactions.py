"""Several writes that happen together or not at all, through either driver.

All that a mutation writes goes through one `Transaction`: it reads anew what it relies on, writes
records, and the counters follow by themselves. What it wrote leaves the record cache at the end.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from inspect import isawaitable
from time import monotonic
from typing import Any, Final, TypeAlias, TypeVar

import msgspec
import pymongo
from pymongo import UpdateOne
from pymongo.errors import PyMongoError
from pymongo.read_concern import ReadConcern

from domain.record import Id, Record
from storage.codec import Document, document, new_id, object_id, object_ids, records
from storage.collections import COLLECTIONS, RECORD_TYPES
from storage.counters import counters_of, differences
from storage.mongo import Collection, Mongo, driver_patience_s
from storage.tallies import Tally, counted
from storage.turns import Turns
from storage.views import views_of

T = TypeVar("T")
R = TypeVar("R", bound=Record)

Session: TypeAlias = Any
"""A driver's session, to be handed to every call of the transaction."""

Touched: TypeAlias = Mapping[type[msgspec.Struct], set[Id]]
"""The records that a transaction wrote, by class."""

Forget: TypeAlias = Callable[[Touched], Awaitable[None]]


class Gone(Exception):
    """A record that a transaction was to change or delete is not there any more."""

    def __init__(self, kind: type[Record], id: Id) -> None:
        super().__init__(f"{kind.__name__} {id} is gone.")
        self.kind = kind
        self.id = id


class Transaction:
    """One transaction in progress.

    `now` is the time of all that it writes: UTC, in whole milliseconds (INV-17). Records that were
    read outside may be old: `get` what a decision depends on. Two transactions that write the same
    document clash, and one of them begins anew; two that only read what the other writes do not,
    so `touch` the document whose state a write depends on.
    """

    def __init__(self, mongo: Mongo, session: Session, now: datetime) -> None:
        self.session = session
        self.now = now
        self.commands = 0
        self.touched: defaultdict[type[msgspec.Struct], set[Id]] = defaultdict(set)
        self._mongo = mongo
        self._tally = Tally()

    def new_id(self) -> Id:
        """An id that nothing has yet; later ones sort behind earlier ones."""
        return new_id()

    async def get(self, kind: type[R], id: Id) -> R | None:
        """The record with an id, as it is now; None when there is none."""
        return (await self.get_many(kind, [id])).get(id)

    async def get_many(self, kind: type[R], ids: Iterable[Id]) -> dict[Id, R]:
        """The records that exist, by id."""
        found = await self.find(kind, {"_id": {"$in": object_ids(dict.fromkeys(ids))}})
        return {each.id: each for each in found}

    async def find(
        self,
        kind: type[R],
        query: Document,
        *,
        sort: Sequence[tuple[str, int]] = (),
        limit: int = 0,
    ) -> list[R]:
        """The records of one query, which the stores write."""
        await self.settle()
        cursor = self.collection(COLLECTIONS[kind]).find(
            query, sort=list(sort) or None, limit=limit, batch_size=1000, session=self.session
        )
        return records(await cursor.to_list(None), kind)

    async def aggregate(self, collection: str, pipeline: Sequence[Document]) -> list[Document]:
        """The documents of a pipeline over one collection."""
        await self.settle()
        cursor = self.collection(collection).aggregate(list(pipeline), session=self.session)
        if isawaitable(cursor):
            cursor = await cursor
        documents: list[Document] = await cursor.to_list(None)
        return documents

    async def insert(self, *new: Record) -> None:
        """Stores new records. Raises `DuplicateKeyError` where a unique index refuses one."""
        for collection, documents in self._by_collection(new).items():
            await self.collection(collection).insert_many(documents, session=self.session)
            self._tally.added(collection, documents)

    async def change(self, before: R, **fields: Any) -> R:
        """Sets some fields of a record; gives it as it is then, counters aside.

        Raises `Gone` when it is not there.
        """
        after = msgspec.structs.replace(before, **fields)
        await self.change_all([(before, after)])
        return after

    async def change_all(self, changes: Sequence[tuple[R, R]]) -> None:
        """Sets what differs between records before and after, many of one class at once.

        Raises `Gone` when one is not there.
        """
        updates: list[UpdateOne] = []
        for before, after in changes:
            old, new = document(before), document(after)
            different = {key: value for key, value in new.items() if value != old[key]}
            if different:
                updates.append(UpdateOne({"_id": old["_id"]}, {"$set": different}))
                self._touch(before)
                self._touch(after)  # it may stand in another list
                self._tally.changed(COLLECTIONS[type(before)], old, new)
        if not updates:
            return
        kind = type(changes[0][0])
        result = await self.collection(COLLECTIONS[kind]).bulk_write(updates, session=self.session)
        if result.matched_count != len(updates):
            raise Gone(kind, changes[0][0].id)

    async def delete(self, *gone: Record) -> None:
        """Deletes records. Raises `Gone` when one is not there."""
        for collection, documents in self._by_collection(gone).items():
            ids = [each["_id"] for each in documents]
            result = await self.collection(collection).delete_many(
                {"_id": {"$in": ids}}, session=self.session
            )
            if result.deleted_count != len(ids):
                raise Gone(RECORD_TYPES[collection], Id(str(ids[0])))
            self._tally.removed(collection, documents)

    async def restore(self, *deleted: Record) -> None:
        """Stores records again that were deleted; what they count is counted anew.

        Raises `DuplicateKeyError` where something else has taken their place.
        """
        await self.insert(*deleted)
        await self.settle()
        by_collection: defaultdict[str, list[Any]] = defaultdict(list)
        for each in deleted:
            by_collection[COLLECTIONS[type(each)]].append(object_id(each.id))
        for collection, ids in by_collection.items():
            await self._recount(collection, ids)

    async def touch(self, *guards: Record) -> None:
        """Makes this clash with every other transaction that writes or touches these records.

        Raises `Gone` when one is not there.
        """
        for guard in guards:
            result = await self.collection(COLLECTIONS[type(guard)]).update_one(
                {"_id": object_id(guard.id)}, {"$inc": {"guard": 1}}, session=self.session
            )
            if not result.matched_count:
                raise Gone(type(guard), guard.id)

    async def settle(self) -> None:
        """Writes the counters that are due; reads do so first, and so does the end."""
        for target, updates in self._tally.take().items():
            await self.collection(target).bulk_write(
                list(updates.values()), ordered=False, session=self.session
            )
            if target in RECORD_TYPES:
                self.touched[RECORD_TYPES[target]].update(Id(str(owner)) for owner in updates)

    def collection(self, name: str) -> Collection:
        """The driver's own collection, for a store's commands: pass them `session`."""
        self.commands += 1
        return self._mongo.collection(name)

    async def _recount(self, target: str, ids: Sequence[Any]) -> None:
        """Sets the counters of some documents right, where they are not."""
        counters = counters_of(target)
        if not counters:
            return
        cursor = self.collection(target).aggregate(differences(target, ids), session=self.session)
        if isawaitable(cursor):
            cursor = await cursor
        updates = [
            UpdateOne(
                {"_id": object_id(row["_id"])},
                counted(target, ((c, row[f"actual_{n}"]) for n, c in enumerate(counters))),
            )
            for row in await cursor.to_list(None)
        ]
        if updates:
            await self.collection(target).bulk_write(updates, session=self.session)

    def _by_collection(self, written: Sequence[Record]) -> dict[str, list[Document]]:
        grouped: defaultdict[str, list[Document]] = defaultdict(list)
        for each in written:
            grouped[COLLECTIONS[type(each)]].append(document(each))
            self._touch(each)
        return grouped

    def _touch(self, written: Record) -> None:
        self.touched[type(written)].add(written.id)
        for view_type, id in views_of(written):
            self.touched[view_type].add(id)


class Transactions:
    """Runs transactions, one at a time for each thing they fight about in this process."""

    def __init__(self, mongo: Mongo, forget: Forget) -> None:
        self._mongo = mongo
        self._forget = forget
        self._turns = Turns()
        self._forgetting: set[asyncio.Future[None]] = set()

    async def run(
        self,
        name: str,
        work: Callable[[Transaction], Awaitable[T]],
        *,
        turns: Iterable[str] = (),
    ) -> T:
        """What `work` returns, once what it wrote is committed by a majority.

        `work` may run more than once, so it begins with its reads and does nothing but through its
        transaction. `turns` are ids of documents that many write at once: whoever names the same
        one waits, where else they would clash and begin anew.

        Raises `StoreTimeout` or `StoreUnavailable` when it is not known to be committed, and what
        `work` raises, after which nothing is written.
        """
        async with self._turns.of(turns):
            return await self._run(name, work)

    async def _run(self, name: str, work: Callable[[Transaction], Awaitable[T]]) -> T:
        mongo, last = self._mongo, None

        async def attempt(session: Session) -> T:
            nonlocal last
            last = Transaction(mongo, session, _now())
            result = await work(last)
            await last.settle()
            return result

        deadline_ms = mongo.write_deadline_ms
        try:
            async with mongo.calls.call(name, deadline_ms=deadline_ms):
                return await in_transaction(mongo, attempt, deadline_ms=deadline_ms)
        finally:
            # Also when it failed: it may have been committed, and nobody could tell us.
            if last is not None and last.touched:
                await asyncio.shield(self._forgotten(last.touched))

    def _forgotten(self, touched: Touched) -> "asyncio.Future[None]":
        """Goes on when the request is cancelled: what was written must not be read as it was."""
        forgetting = asyncio.ensure_future(self._forget(touched))
        self._forgetting.add(forgetting)
        forgetting.add_done_callback(self._forgetting.discard)
        return forgetting


async def in_transaction(
    mongo: Mongo, work: Callable[[Session], Awaitable[T]], *, deadline_ms: int | None = None
) -> T:
    """What `work` returns, once its writes are committed.

    The driver runs it anew when another transaction was in the way, so it must begin with its
    reads, and does so for as long as a store call may take. Run this inside one, which counts it.
    What it wrote when it fails or is cancelled is undone at once; after a crash the server does it
    within a minute.
    """
    seconds = driver_patience_s(deadline_ms or mongo.calls.deadline_ms)
    deadline = monotonic() + seconds
    async with _session(mongo) as session:
        try:
            # The driver can lose the cancellation at the deadline, and goes on for two minutes.
            with pymongo.timeout(seconds):
                result: T = await session.with_transaction(work, read_concern=_SNAPSHOT)
        except BaseException:
            if monotonic() >= deadline - _LITTLE_S:
                await asyncio.shield(_end(mongo, session))
            raise
        return result


async def _end(mongo: Mongo, session: Session) -> None:
    """Ends what a session left on the server when its time was up.

    The driver has no time left to say so then, and the server would keep what was written from
    all others for a minute.
    """
    with suppress(PyMongoError), pymongo.timeout(_END_S):
        await mongo.client.admin.command("killSessions", [session.session_id])


@asynccontextmanager
async def _session(mongo: Mongo) -> AsyncIterator[Session]:
    starting = mongo.client.start_session()
    session = await starting if isawaitable(starting) else starting
    async with session:
        yield session


_SNAPSHOT = ReadConcern("snapshot")

_LITTLE_S: Final = 0.05
_END_S: Final = 0.2
"""What a transaction may take beyond its deadline: what it wrote must not stay locked."""


def _now() -> datetime:
    """The time in whole milliseconds, as MongoDB stores it."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)
