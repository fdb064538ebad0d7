"""Answers of mutations, kept by key, so that a repeated request is not done twice (DOMAIN b.3).

A mutation's answer is committed together with what it wrote: there is no moment at which one is
stored and the other is not. It is in MongoDB, so it outlives Redis and a change of primary.

Kept with it is what was written: a server that was killed just then could not tell the cache any
more, and whoever is asked again does it in its place.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

import msgspec
from bson import Binary
from pymongo import IndexModel
from pymongo.errors import DuplicateKeyError, OperationFailure

from domain.record import Id
from storage.codec import object_ids
from storage.collections import RECORD_TYPES
from storage.mongo import Mongo
from storage.transactions import Transaction
from storage.views import VIEW_NAMES

KEPT_FOR: Final = timedelta(hours=24)
"""How long a key is remembered."""

_WRITE_CONFLICT: Final = 112

_KINDS: Final[Mapping[str, type[msgspec.Struct]]] = {
    **RECORD_TYPES,
    **{name: kind for kind, name in VIEW_NAMES.items()},
}
"""What may have been written, by the name under which that is kept."""

_NAMES: Final = {kind: name for name, kind in _KINDS.items()}


class KeptAnswer(msgspec.Struct, frozen=True):
    """What a mutation answered, and the records that it wrote.

    `request` is the digest of what it was asked.
    """

    request: bytes
    answer: bytes
    touched: Mapping[type[msgspec.Struct], Sequence[Id]]


class KeyClaimed(Exception):
    """Another request with the same key is being done, or has just been."""


class IdempotencyStore:
    """Keeps one answer a key. Keys are digests: they say whose they are, and of which mutation."""

    COLLECTION = "idempotency"
    INDEXES: Sequence[IndexModel] = (
        IndexModel([("created_at", 1)], expireAfterSeconds=int(KEPT_FOR.total_seconds())),
    )

    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo

    async def find(self, key: bytes) -> KeptAnswer | None:
        """What was answered to a key; None when it is new."""
        found = await self._mongo.find(
            "idempotency.find", self.COLLECTION, {"_id": Binary(key)}, limit=1
        )
        if not found:
            return None
        [row] = found
        # What a newer or an older version kept may have less, or more, than this one knows.
        named = row.get("touched", {}).items()
        touched = {_KINDS[name]: ids for name, ids in named if name in _KINDS}
        return KeptAnswer(row["request"], row["answer"], touched)

    async def claim(self, tx: Transaction, key: bytes, request: bytes) -> None:
        """Takes a key for a transaction, as its first write. Raises `KeyClaimed` if it is taken."""
        row = {"_id": Binary(key), "request": request, "answer": b"", "created_at": tx.now}
        try:
            await tx.collection(self.COLLECTION).insert_one(row, session=tx.session)
        except DuplicateKeyError:
            raise KeyClaimed from None
        except OperationFailure as error:
            # Who writes the same key meanwhile: not to be tried anew at once, but to be waited for.
            if error.code != _WRITE_CONFLICT:
                raise
            raise KeyClaimed from None

    async def keep(self, tx: Transaction, key: bytes, answer: bytes) -> None:
        """Keeps the answer, as the last write; it is committed with all that were before it."""
        touched = {_NAMES[kind]: object_ids(ids) for kind, ids in tx.touched.items()}
        await tx.collection(self.COLLECTION).update_one(
            {"_id": Binary(key)},
            {"$set": {"answer": answer, "touched": touched}},
            session=tx.session,
        )
