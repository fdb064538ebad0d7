"""Proves that counters and documents agree, and sets right what does not (INV-12).

Every counter of `storage.counters` and every check of `storage.consistency` is run over all
documents by the server, which hands back only those that look wrong, a batch at a time: memory
stays bounded however many there are. Writes go on meanwhile, and one that was under way may look
like a difference. So each batch is looked at again after a pause, in one snapshot, where a
transaction is there as a whole or not at all; what is wrong in that too is wrong.

A fix is one transaction for one document. It writes the document first, so that nobody else can
change it, or count for it, until the fix has ended; then it looks once more, and changes what is
wrong still. A mutation that comes meanwhile clashes with it and begins anew, after it: no increment
is lost.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from inspect import isawaitable
from time import monotonic
from typing import Any, TypeAlias, TypeVar

import msgspec
import pymongo
from pymongo.read_concern import ReadConcern

from domain.errors import StoreTimeout
from domain.record import Id
from storage.bulk import BULK_DEADLINE_S
from storage.codec import Document, object_id, object_ids, record
from storage.collections import RECORD_TYPES
from storage.consistency import CHECKS, TREND, Check, Fix
from storage.counters import TARGETS, counters_of, differences
from storage.mongo import Collection, Mongo
from storage.tallies import counted
from storage.transactions import Gone, Transaction, Transactions

BATCH = 2000
"""Documents that look wrong, looked at again together."""

PAUSE_S = 1.0
"""How long a write that was under way has to end."""

Pause: TypeAlias = Callable[[], Awaitable[None]]

MOST_EXAMPLES = 5
FIXERS = 8
"""Fixes at a time."""

_SNAPSHOT = ReadConcern("snapshot")

T = TypeVar("T")


class Finding(msgspec.Struct, frozen=True):
    """What was found of one counter or check.

    Of `looked_at` documents so many are `wrong`, and some of those were `fixed`. Others are
    `in_progress`: a cascade or the end of an undo will see to them. `examples` are a few of the
    wrong ones.
    """

    name: str
    invariant: str
    collection: str
    looked_at: int
    wrong: int
    in_progress: int
    fixed: int
    examples: tuple[Id, ...]

    @property
    def left(self) -> int:
        """How many are wrong still."""
        return self.wrong - self.fixed


class Report(msgspec.Struct, frozen=True):
    """All findings, in the order in which they were made."""

    findings: tuple[Finding, ...]
    seconds: float

    @property
    def left(self) -> int:
        """How much is wrong still."""
        return sum(finding.left for finding in self.findings)


async def _a_moment() -> None:
    await asyncio.sleep(PAUSE_S)


async def reconcile(
    mongo: Mongo, transactions: Transactions, *, fix: bool = False, pause: Pause = _a_moment
) -> Report:
    """Looks at everything, and with `fix` sets right what it can.

    Between the two looks at a batch it waits for `pause`.

    Raises `StoreUnavailable` or `StoreTimeout` when the database does not answer.
    """
    started = monotonic()
    run = _Run(mongo, transactions, fix=fix, pause=pause)
    findings = [finding for subject in _subjects() for finding in await run.examine(subject)]
    return Report(tuple(findings), monotonic() - started)


class _Subject(ABC):
    """Something to look at in one collection. Its rows are documents that look wrong."""

    collection: str
    names: Sequence[tuple[str, str]]
    """Each finding's name and invariant."""
    is_fixable: bool

    @abstractmethod
    def pipeline(self, ids: Sequence[Any] | None = None) -> list[Document]:
        """Gives the rows, of `ids` alone if there are any."""

    @abstractmethod
    def blamed(self, row: Document) -> Iterator[str]:
        """The names of what is wrong in a row."""

    @abstractmethod
    async def mend(self, tx: Transaction, row: Document) -> None:
        """Sets the document of a row right."""


class _Counters(_Subject):
    """The counters of one collection, which are counted together."""

    is_fixable = True

    def __init__(self, target: str) -> None:
        self.collection = target
        self._counters = counters_of(target)
        self.names = [(f"{target}.{counter.field}", "INV-12") for counter in self._counters]

    def pipeline(self, ids: Sequence[Any] | None = None) -> list[Document]:
        return differences(self.collection, ids)

    def blamed(self, row: Document) -> Iterator[str]:
        for number, (name, _) in enumerate(self.names):
            if row[f"actual_{number}"] != row[f"stored_{number}"]:
                yield name

    async def mend(self, tx: Transaction, row: Document) -> None:
        numbers = [(each, row[f"actual_{number}"]) for number, each in enumerate(self._counters)]
        await tx.collection(self.collection).update_one(
            {"_id": object_id(row["_id"])},
            counted(self.collection, numbers),
            session=tx.session,
        )
        tx.touched[RECORD_TYPES[self.collection]].add(row["_id"])


class _Checked(_Subject):
    """What one check is about."""

    def __init__(self, check: Check) -> None:
        self.collection = check.collection
        self.names = [(check.name, check.invariant)]
        self.is_fixable = check.fix is not None
        self._check = check

    def pipeline(self, ids: Sequence[Any] | None = None) -> list[Document]:
        return self._check.offenders(ids)

    def blamed(self, row: Document) -> Iterator[str]:
        yield self._check.name

    async def mend(self, tx: Transaction, row: Document) -> None:
        collection = tx.collection(self.collection)
        stored = await collection.find_one({"_id": object_id(row["_id"])}, session=tx.session)
        record_type = RECORD_TYPES[self.collection]
        before = record(stored, record_type)
        if self._check.fix is Fix.DELETE:
            await tx.delete(before)
        else:
            await tx.change_all([(before, record(stored | row["right"], record_type))])


def _subjects() -> Iterator[_Subject]:
    """Documents first, then what is counted of them, then what follows from that."""
    yield from map(_Checked, CHECKS)
    yield from map(_Counters, TARGETS)
    yield _Checked(TREND)


class _FindingSoFar:
    """A finding that is still being made."""

    def __init__(self) -> None:
        self.wrong = self.in_progress = self.fixed = 0
        self._examples: list[Id] = []

    def add(self, row: Document) -> None:
        """Counts an offender."""
        if row.get("in_progress"):
            self.in_progress += 1
            return
        self.wrong += 1
        if len(self._examples) < MOST_EXAMPLES:
            self._examples.append(row["_id"])

    def finding(self, name: str, invariant: str, collection: str, looked_at: int) -> Finding:
        """The finding, now that it is made."""
        return Finding(
            name=name,
            invariant=invariant,
            collection=collection,
            looked_at=looked_at,
            wrong=self.wrong,
            in_progress=self.in_progress,
            fixed=self.fixed,
            examples=tuple(self._examples),
        )


class _Run:
    """One run over the database."""

    def __init__(
        self, mongo: Mongo, transactions: Transactions, *, fix: bool, pause: Pause
    ) -> None:
        self._mongo = mongo
        self._transactions = transactions
        self._fix = fix
        self._pause = pause
        self._sizes: dict[str, int] = {}

    async def examine(self, subject: _Subject) -> list[Finding]:
        """What is wrong with a subject, once it was looked at twice."""
        tallies = {name: _FindingSoFar() for name, _ in subject.names}
        async for suspects in self._suspects(subject):
            await self._pause()
            offenders = await self._looked_at_again(subject, suspects)
            for row in offenders:
                for name in subject.blamed(row):
                    tallies[name].add(row)
            if self._fix and subject.is_fixable:
                await self._set_all_right(subject, offenders, tallies)
        size = await self._size(subject.collection)
        return [
            tallies[name].finding(name, invariant, subject.collection, size)
            for name, invariant in subject.names
        ]

    async def _suspects(self, subject: _Subject) -> AsyncIterator[list[Id]]:
        """The ids of all documents that look wrong, in batches."""
        collection = self._mongo.collection(subject.collection)
        async with _Rows(self._mongo, collection, subject.pipeline()) as rows:
            while batch := await rows.next():
                yield [Id(row["_id"]) for row in batch]

    async def _looked_at_again(self, subject: _Subject, ids: Sequence[Id]) -> list[Document]:
        """Those of some documents that are wrong in one snapshot."""
        collection = self._mongo.collection(subject.collection)
        snapshot = collection.with_options(read_concern=_SNAPSHOT)
        async with _Rows(self._mongo, snapshot, subject.pipeline(object_ids(ids))) as rows:
            return await rows.next()

    async def _set_all_right(
        self, subject: _Subject, rows: Sequence[Document], tallies: Mapping[str, "_FindingSoFar"]
    ) -> None:
        """Fixes documents, a few at a time."""
        wrong = [row for row in rows if not row.get("in_progress")]
        for start in range(0, len(wrong), FIXERS):
            part = wrong[start : start + FIXERS]
            done = await asyncio.gather(*(self._set_right(subject, row["_id"]) for row in part))
            for is_right, row in zip(done, part, strict=True):
                for name in subject.blamed(row):
                    tallies[name].fixed += is_right

    async def _set_right(self, subject: _Subject, id: Id) -> bool:
        """Whether a document is right now. False when others wrote it for too long."""

        async def work(tx: Transaction) -> None:
            collection = tx.collection(subject.collection)
            key = object_id(id)
            held = await collection.update_one(
                {"_id": key}, {"$inc": {"guard": 1}}, session=tx.session
            )
            if not held.matched_count:
                return
            cursor = collection.aggregate(subject.pipeline([key]), session=tx.session)
            for row in await (await _opened(cursor)).to_list(None):
                if not row.get("in_progress"):
                    await subject.mend(tx, row)

        try:
            await self._transactions.run("reconcile.fix", work, turns=[id])
        except Gone:
            return True
        except StoreTimeout:
            return False
        return True

    async def _size(self, collection: str) -> int:
        """How many documents a collection has."""
        if collection not in self._sizes:
            documents = self._mongo.collection(collection)
            self._sizes[collection] = await _patiently(
                self._mongo, "size", lambda: documents.count_documents({})
            )
        return self._sizes[collection]


class _Rows:
    """The rows of a pipeline, a batch at a time, without the short deadlines of a request."""

    def __init__(self, mongo: Mongo, collection: Collection, pipeline: Sequence[Document]) -> None:
        self._mongo = mongo
        self._collection = collection
        self._pipeline = pipeline
        self._cursor: Any = None

    async def __aenter__(self) -> "_Rows":
        options = {"allowDiskUse": True, "batchSize": BATCH}

        async def aggregate() -> Any:
            return await _opened(self._collection.aggregate(list(self._pipeline), **options))

        self._cursor = await _patiently(self._mongo, "look", aggregate)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._cursor.close()

    async def next(self) -> list[Document]:
        """The next rows, at most `BATCH`; none when there are no more."""
        rows: list[Document] = await _patiently(
            self._mongo, "look", lambda: self._cursor.to_list(BATCH)
        )
        return rows


async def _opened(cursor: Any) -> Any:
    """A driver's cursor: PyMongo's must be awaited, Motor's must not."""
    return await cursor if isawaitable(cursor) else cursor


async def _patiently(mongo: Mongo, name: str, call: Callable[[], Awaitable[T]]) -> T:
    """Makes a call that nobody waits for as for a request. Raises what `StoreCalls.call` does."""
    async with mongo.calls.call(f"reconcile.{name}", deadline_ms=int(BULK_DEADLINE_S * 1000)):
        with pymongo.timeout(BULK_DEADLINE_S):
            return await call()
