"""Jobs of cascades: made in the transaction of what caused them, and taken by one worker at a time.

Their `due_at` is both when a job may be taken and, once it is, until when it is its worker's. So a
worker that dies holds nothing up for longer than its lease.
"""

from datetime import UTC, datetime
from secrets import token_hex

from pymongo import IndexModel, ReturnDocument

from domain.cascades import LEASE, CascadeKind, CascadeRecord, delay_after
from domain.record import Id
from storage.codec import Document, object_id, record
from storage.mongo import Mongo
from storage.transactions import Transaction

_TO_END_FIRST = (
    CascadeKind.RESTORE_BOARD,
    CascadeKind.RESTORE_SECTION,
    CascadeKind.DELETE_SECTION,
)


class CascadeStore:
    """Hands out jobs, and finds those that concern a board."""

    COLLECTION = "cascades"
    INDEXES = (
        IndexModel([("due_at", 1), ("_id", 1)]),
        IndexModel([("board_id", 1), ("kind", 1)]),
        IndexModel([("target_id", 1)]),
        IndexModel([("undo_id", 1)]),
    )

    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo

    async def claim(self) -> CascadeRecord | None:
        """The job that has been due for longest, which is the caller's for `LEASE`; None for none.

        Raises `StoreError`.
        """
        now = datetime.now(UTC)
        async with self._mongo.writing("cascades.claim"):
            found = await self._mongo.collection(self.COLLECTION).find_one_and_update(
                {"due_at": {"$lte": now}},
                {"$set": {"due_at": now + LEASE, "worker": token_hex(8)}},
                sort=[("due_at", 1), ("_id", 1)],
                return_document=ReturnDocument.AFTER,
            )
        return None if found is None else record(found, CascadeRecord)

    async def put_off(self, job: CascadeRecord) -> None:
        """Gives a job back that failed: it is due again later, and later each time.

        Raises `StoreError`; the job is due then when its lease ends.
        """
        attempts = job.attempts + 1
        due_at = datetime.now(UTC) + delay_after(attempts)
        await self._give_back(job, due_at=due_at, attempts=attempts)

    async def release(self, job: CascadeRecord) -> None:
        """Gives a job back as it was taken: it is due at once. Raises `StoreError`."""
        await self._give_back(job, due_at=datetime.now(UTC))

    async def of_undo(self, tx: Transaction, undo_id: Id) -> CascadeRecord | None:
        """The job that still fills or empties an undo."""
        found = await tx.find(CascadeRecord, {"undo_id": object_id(undo_id)}, limit=1)
        return found[0] if found else None

    async def of_board(self, tx: Transaction, board_id: Id) -> list[CascadeRecord]:
        """The jobs that a board itself waits for."""
        return await tx.find(CascadeRecord, {"board_id": object_id(board_id)})

    async def brings_pins(self, tx: Transaction, board_id: Id) -> bool:
        """Whether pins are still on their way to a board: put back, or merged into it.

        Those that go with their section are on their way too, and must not escape to another board.
        """
        board = object_id(board_id)
        kinds = {"$in": [kind.value for kind in _TO_END_FIRST]}
        restored: Document = {"board_id": board, "kind": kinds}
        either = {"$or": [restored, {"target_id": board}]}
        return bool(await tx.find(CascadeRecord, either, limit=1))

    async def restores_section(self, tx: Transaction, section_id: Id) -> bool:
        """Whether pins are still on their way back to a section."""
        kind = CascadeKind.RESTORE_SECTION.value
        which: Document = {"target_id": object_id(section_id), "kind": kind}
        return bool(await tx.find(CascadeRecord, which, limit=1))

    async def _give_back(self, job: CascadeRecord, **fields: object) -> None:
        async with self._mongo.writing("cascades.give_back"):
            await self._mongo.collection(self.COLLECTION).update_one(
                {"_id": object_id(job.id), "worker": job.worker},
                {"$set": {**fields, "worker": ""}},
            )
