"""Ends what can no longer be taken back: the steps of old undos, and what they leave behind.

A deleted pin leaves comments and reactions that nobody sees, and copies that name it as their
parent. They stay so while the pin can come back; with its undo the former go, and the latter have
no parent any more (INV-4). Hides stay, for they are about the whole save tree. All of it is
bounded, may be repeated, and is nobody's alone: each process looks now and then, and does what it
finds.
"""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import structlog
from prometheus_client import Counter

from domain.errors import StoreError
from domain.pins import CommentRecord, PinRecord
from domain.record import Id
from domain.undo import UndoRecord
from storage.codec import Document, object_id, object_ids, records
from storage.mongo import Mongo
from storage.transactions import Forget, Transaction, Transactions
from storage.undo import STEPS
from storage.views import CommentsOfPin

log = structlog.get_logger()

GRACE: Final = timedelta(minutes=1)
"""How much longer than good an undo is kept: one that is being taken back must be over."""

PAUSE_S: Final = 60.0

_UNDOS: Final = 100
_BATCH: Final = 500
_OF_PINS: Final = ("comments", "reactions")

purged_total = Counter("pinery_purged_total", "Documents deleted for good", ["collection"])


class Purger:
    """Deletes what undos kept, once they are over."""

    def __init__(self, mongo: Mongo, transactions: Transactions, forget: Forget) -> None:
        self._mongo = mongo
        self._transactions = transactions
        self._forget = forget

    async def run(self) -> None:
        """Looks again and again. Every call has the deadline of a write."""
        while True:
            await asyncio.sleep(PAUSE_S)
            try:
                if ended := await self.purge(datetime.now(UTC)):
                    log.info("undos_purged", undos=ended)
            except StoreError as error:
                log.warning("undos_not_purged", reason=str(error))
            except Exception:
                log.exception("undos_not_purged")

    async def purge(self, now: datetime) -> int:
        """Ends the oldest undos that were good until `GRACE` before `now`; how many they were.

        Raises `StoreError`; what is left is found the next time.
        """
        found = await self._mongo.find(
            "undos.expired",
            "undos",
            {"expires_at": {"$lt": now - GRACE}},
            sort=[("expires_at", 1), ("_id", 1)],
            limit=_UNDOS,
        )
        for undo in records(found, UndoRecord):
            while await self._purge_steps(undo.id):
                pass
            await self._end(undo)
        return len(found)

    async def _purge_steps(self, undo_id: Id) -> bool:
        """Deletes some steps of an undo, and what their pins leave; false when there are none."""
        steps = await self._mongo.find(
            "undos.steps",
            STEPS,
            {"undo_id": object_id(undo_id)},
            projection={"collection": 1, "before._id": 1, "is_gone": {"$eq": ["$after", None]}},
            sort=[("_id", 1)],
            limit=_BATCH,
        )
        pins = [s["before"]["_id"] for s in steps if s["collection"] == "pins" and s["is_gone"]]
        for collection in _OF_PINS:
            await self._delete_of(collection, pins)
        await self._orphan(pins)
        await self._delete(STEPS, [step["_id"] for step in steps])
        return bool(steps)

    async def _orphan(self, pin_ids: Sequence[Id]) -> None:
        """Takes the parent from copies of pins that are gone. None of their counters counts it."""
        of_gone: Document = {"parent_id": {"$in": object_ids(pin_ids)}}
        while pin_ids:
            copies = await self._mongo.find(
                "pins.of_gone", "pins", of_gone, projection={"_id": 1}, limit=_BATCH
            )
            ids = [Id(row["_id"]) for row in copies]
            if not ids:
                return
            await self._write("pins.orphan", "pins", ids, {"$set": {"parent_id": None}})
            await self._forget({PinRecord: set(ids)})

    async def _delete_of(self, collection: str, pin_ids: Sequence[Id]) -> None:
        """Deletes what is about pins that are gone, some hundreds at a time."""
        about: Document = {"pin_id": {"$in": object_ids(pin_ids)}}
        while pin_ids:
            found = await self._mongo.find(
                f"{collection}.of_gone", collection, about, projection={"_id": 1}, limit=_BATCH
            )
            ids = [Id(row["_id"]) for row in found]
            await self._delete(collection, ids)
            if ids and collection == "comments":
                await self._forget({CommentRecord: set(ids), CommentsOfPin: set(pin_ids)})
            if len(found) < _BATCH:
                return

    async def _delete(self, collection: str, ids: Sequence[Any]) -> None:
        if not ids:
            return
        async with self._mongo.writing(f"{collection}.purge", len(ids)):
            result = await self._mongo.collection(collection).delete_many(
                {"_id": {"$in": object_ids(ids)}}
            )
        purged_total.labels(collection).inc(result.deleted_count)

    async def _write(self, name: str, collection: str, ids: Sequence[Id], update: Document) -> None:
        async with self._mongo.writing(name, len(ids)):
            await self._mongo.collection(collection).update_many(
                {"_id": {"$in": object_ids(ids)}}, update
            )

    async def _end(self, undo: UndoRecord) -> None:
        """Deletes an undo, unless a cascade has added to it meanwhile."""

        async def end(tx: Transaction) -> None:
            there = await tx.get(UndoRecord, undo.id)
            steps = tx.collection(STEPS).find(
                {"undo_id": object_id(undo.id)}, {"_id": 1}, limit=1, session=tx.session
            )
            if there is not None and not await steps.to_list(None):
                await tx.delete(there)

        await self._transactions.run("undos.end", end)
