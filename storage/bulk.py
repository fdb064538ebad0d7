"""Bulk work for importers and generators: many inserts, and indexes built once at the end.

Bulk work has no request waiting for it, so it goes around the short deadlines of `Mongo`. Inserts
are idempotent: a document whose `_id` is there already stays as it is.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any, Generic, NamedTuple, Self, TypeVar

import pymongo
from pymongo.errors import AutoReconnect, BulkWriteError

from storage.codec import Document
from storage.mongo import Collection, Mongo

BULK_DEADLINE_S = 3600.0
"""How long one step of bulk work may take; it replaces the deadline of a request."""

MAX_ATTEMPTS = 6
RETRY_PAUSE_S = 0.5

BATCH_DOCUMENTS = 1000
MAX_IN_FLIGHT = 3

INDEX_BUILDERS = 2
"""The server builds the indexes of one command on one core."""

_DUPLICATE_KEY = 11000
# What the server says of single documents while it steps down or has no primary.
_NO_PRIMARY = frozenset({91, 189, 10107, 11600, 11602, 13435, 13436})
_EXPECTED = _NO_PRIMARY | {_DUPLICATE_KEY}


T = TypeVar("T")


async def bulk_call(call: Callable[[], Awaitable[T]]) -> T:
    """Makes one of the driver's calls within bulk work. What it does must be idempotent.

    `BULK_DEADLINE_S` replaces the client's deadline. While the server is away the call is made
    anew, `MAX_ATTEMPTS` times in all, so that an election does not end an import.

    Raises `CancelledError` when the task was cancelled meanwhile and the call did not end by it:
    under Python 3.11 PyMongo loses a cancellation that comes while it sends (`asyncio.wait_for`
    did), and Ctrl-C must stop an import.
    """
    for attempt in range(1, MAX_ATTEMPTS + 1):
        try:
            with pymongo.timeout(BULK_DEADLINE_S):
                result = await call()
        except AutoReconnect:
            if attempt == MAX_ATTEMPTS:
                raise
            await asyncio.sleep(attempt * RETRY_PAUSE_S)
        else:
            break
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
    return result


Origin = TypeVar("Origin")
"""What the caller wants back with a document that could not be stored."""


class _Item(NamedTuple, Generic[Origin]):
    document: Document
    origin: Origin | None


class BulkInsert(Generic[Origin]):
    """Inserts documents into any collections, in unordered batches, a few of them in flight.

        async with BulkInsert(mongo) as bulk:
            await bulk.add("pins", document)

    `inserted` and `present` count documents per collection once they are stored: new ones, and
    ones whose `_id` was there before. A document that another unique index refuses is handed to
    `on_conflict` with its collection and origin; without that, it raises `BulkWriteError`.
    Memory is bounded: `add` waits while `MAX_IN_FLIGHT` batches are under way.
    """

    def __init__(
        self, mongo: Mongo, *, on_conflict: Callable[[str, Origin], None] | None = None
    ) -> None:
        self.inserted: Counter[str] = Counter()
        self.present: Counter[str] = Counter()
        self._mongo = mongo
        self._on_conflict = on_conflict
        self._waiting: dict[str, list[_Item[Origin]]] = {}
        self._under_way: set[asyncio.Task[None]] = set()
        self._was_empty: dict[str, bool] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            if error is None:
                await self.flush()
        finally:
            for task in self._under_way:
                task.cancel()
            await asyncio.gather(*self._under_way, return_exceptions=True)

    async def add(self, collection: str, document: Document, origin: Origin | None = None) -> None:
        """Takes a document; it is stored soon, and certainly after `flush`."""
        waiting = self._waiting.setdefault(collection, [])
        waiting.append(_Item(document, origin))
        if len(waiting) >= BATCH_DOCUMENTS:
            await self._send(collection)

    async def flush(self) -> None:
        """Returns when every document so far is stored; raises what an insert raised."""
        for collection in list(self._waiting):
            await self._send(collection)
        await self._settle(0)

    async def _send(self, collection: str) -> None:
        items = self._waiting.pop(collection, [])
        if not items:
            return
        if collection not in self._was_empty:
            self._was_empty[collection] = await is_empty(self._mongo, collection)
        await self._settle(MAX_IN_FLIGHT - 1)
        self._under_way.add(asyncio.create_task(self._store(collection, items)))
        # One turn of the loop, so that the batch leaves before the next one is put together.
        await asyncio.sleep(0)

    async def _settle(self, most: int) -> None:
        """Waits until at most `most` batches are under way."""
        while len(self._under_way) > most:
            done, self._under_way = await asyncio.wait(
                self._under_way, return_when=asyncio.FIRST_COMPLETED
            )
            errors = [error for task in done if (error := task.exception())]
            if errors:
                raise errors[0]

    async def _store(self, name: str, items: Sequence[_Item[Origin]]) -> None:
        for attempt in range(1, MAX_ATTEMPTS + 1):
            items = await self._try_to_store(name, items, is_last=attempt == MAX_ATTEMPTS)
            if not items:
                return
            await asyncio.sleep(attempt * RETRY_PAUSE_S)

    async def _try_to_store(
        self, name: str, items: Sequence[_Item[Origin]], *, is_last: bool
    ) -> Sequence[_Item[Origin]]:
        """Stores what is new among `items`; gives those that an election kept out."""
        collection = self._mongo.collection(name)
        if not self._was_empty[name]:
            # Asking first is cheaper than an error for each document of a world imported twice.
            stored = await _stored_ids(collection, items)
            self.present[name] += len(stored)
            items = [item for item in items if str(item.document["_id"]) not in stored]
        if not items:
            return ()
        try:
            documents = [item.document for item in items]
            await bulk_call(lambda: collection.insert_many(documents, ordered=False))
        except BulkWriteError as error:
            refusals: list[dict[str, Any]] = error.details["writeErrors"]
            codes = {refusal["code"] for refusal in refusals}
            if not codes <= _EXPECTED or (is_last and codes & _NO_PRIMARY):
                raise
            by_code = [(refusal["code"], items[refusal["index"]]) for refusal in refusals]
            self.inserted[name] += len(items) - len(refusals)
            duplicates = [item for code, item in by_code if code == _DUPLICATE_KEY]
            await self._account_for(name, duplicates, error)
            return [item for code, item in by_code if code in _NO_PRIMARY]
        self.inserted[name] += len(items)
        return ()

    async def _account_for(
        self, name: str, duplicates: Sequence[_Item[Origin]], error: BulkWriteError
    ) -> None:
        """Tells what was there already from what another unique index refused."""
        stored = await _stored_ids(self._mongo.collection(name), duplicates)
        for item in duplicates:
            if str(item.document["_id"]) in stored:
                self.present[name] += 1
            elif self._on_conflict is None or item.origin is None:
                raise error
            else:
                self._on_conflict(name, item.origin)


async def is_empty(mongo: Mongo, collection: str) -> bool:
    """Whether a collection holds no document, or does not exist."""
    found = await bulk_call(lambda: mongo.collection(collection).find_one({}, {"_id": 1}))
    return found is None


@asynccontextmanager
async def without_indexes(mongo: Mongo, collections: Sequence[str]) -> AsyncIterator[None]:
    """Drops the secondary indexes of those collections that are empty, and builds them at the end.

    Building an index over all documents at once costs a fraction of keeping it while they come.
    A collection that holds documents keeps its indexes, since somebody may be reading it. When the
    body is cancelled or the process dies, the indexes are missing until the stores are next
    prepared, as they are at each start.
    """
    dropped = {
        name: await _drop_indexes(mongo, name)
        for name in collections
        if await is_empty(mongo, name)
    }
    try:
        yield
    except Exception:
        await _build_indexes(mongo, dropped)
        raise
    await _build_indexes(mongo, dropped)


async def _drop_indexes(mongo: Mongo, name: str) -> list[Document]:
    """Drops what indexes there are beside that of `_id`, and gives their specifications."""
    database = mongo.database
    if not await bulk_call(lambda: database.list_collection_names(filter={"name": name})):
        return []
    found = await bulk_call(lambda: database.command("listIndexes", name))
    secondary = [index for index in found["cursor"]["firstBatch"] if index["name"] != "_id_"]
    if secondary:
        await bulk_call(mongo.collection(name).drop_indexes)
    return secondary


async def _build_indexes(mongo: Mongo, specifications: dict[str, list[Document]]) -> None:
    await asyncio.gather(
        *(
            _create_indexes(mongo, name, part)
            for name, indexes in specifications.items()
            for part in (indexes[number::INDEX_BUILDERS] for number in range(INDEX_BUILDERS))
            if part
        )
    )


async def _create_indexes(mongo: Mongo, name: str, indexes: list[Document]) -> None:
    await bulk_call(lambda: mongo.database.command("createIndexes", name, indexes=indexes))


async def _stored_ids(collection: Collection, items: Sequence[_Item[Any]]) -> set[str]:
    """Which items have an `_id` that is in the collection."""
    wanted = {"_id": {"$in": [item.document["_id"] for item in items]}}
    found = await bulk_call(lambda: collection.find(wanted, {"_id": 1}).to_list(None))
    return {str(document["_id"]) for document in found}
