"""What can be taken back, and the steps that lead there."""

from collections.abc import Sequence
from secrets import token_urlsafe
from typing import Final

from pymongo import IndexModel

from domain.record import Id, Record
from domain.undo import UNDO_FOR, UndoRecord, UndoStep
from storage.codec import Document, document, object_id, record
from storage.collections import COLLECTIONS, RECORD_TYPES
from storage.transactions import Transaction

STEPS: Final = "undo_steps"

_TOKEN_BYTES: Final = 16


class UndoStore:
    """Keeps the undos of viewers, each with its steps in a collection of their own.

    An undo may have ten thousand steps: they are written and read a few hundred at a time.
    """

    COLLECTION = "undos"
    INDEXES = (
        IndexModel([("token", 1)], unique=True),
        IndexModel([("expires_at", 1), ("_id", 1)]),
    )
    STEP_INDEXES = (
        IndexModel([("undo_id", 1), ("_id", 1)]),
        IndexModel([("undo_id", 1), ("collection", 1), ("_id", 1)]),
        IndexModel([("before._id", 1)]),
    )

    async def begin(self, tx: Transaction, viewer_id: Id, action: str) -> UndoRecord:
        """A new undo without steps; its `token` is for the viewer alone."""
        undo = UndoRecord(
            id=tx.new_id(),
            token=token_urlsafe(_TOKEN_BYTES),
            viewer_id=viewer_id,
            action=action,
            created_at=tx.now,
            expires_at=tx.now + UNDO_FOR,
        )
        await tx.insert(undo)
        return undo

    async def add(self, tx: Transaction, undo_id: Id, steps: Sequence[UndoStep]) -> None:
        """Steps of an undo, in the order in which they were done."""
        if steps:
            rows = [_row(tx, undo_id, step) for step in steps]
            await tx.collection(STEPS).insert_many(rows, session=tx.session)

    async def find(self, tx: Transaction, token: str, viewer_id: Id) -> UndoRecord | None:
        """The undo of a token, while it is good and for the viewer it was given to."""
        found = await tx.find(UndoRecord, {"token": token}, limit=1)
        if not found or found[0].viewer_id != viewer_id or found[0].expires_at <= tx.now:
            return None
        return found[0]

    async def take(
        self, tx: Transaction, undo_id: Id, limit: int, kind: type[Record] | None = None
    ) -> list[UndoStep]:
        """The last steps of an undo, latest first, which are no longer kept then.

        With `kind`, only those that were done to records of that class.
        """
        which: Document = {"undo_id": object_id(undo_id)}
        if kind is not None:
            which["collection"] = COLLECTIONS[kind]
        cursor = tx.collection(STEPS).find(
            which, sort=[("_id", -1)], limit=limit, batch_size=limit, session=tx.session
        )
        rows: list[Document] = await cursor.to_list(None)
        if rows:
            await tx.collection(STEPS).delete_many(
                {"_id": {"$in": [object_id(row["_id"]) for row in rows]}}, session=tx.session
            )
        return [_step(row) for row in rows]


def _row(tx: Transaction, undo_id: Id, step: UndoStep) -> Document:
    return {
        "_id": object_id(tx.new_id()),
        "undo_id": object_id(undo_id),
        "collection": COLLECTIONS[type(step.before)],
        "before": document(step.before),
        "after": None if step.after is None else document(step.after),
    }


def _step(row: Document) -> UndoStep:
    kind = RECORD_TYPES[row["collection"]]
    after = row["after"]
    return UndoStep(record(row["before"], kind), None if after is None else record(after, kind))
