"""Notifications, by recipient; and the writes that tell and forget, within a transaction."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from pymongo import DeleteMany, DeleteOne, IndexModel, UpdateOne

from domain.notifications import Notice, NotificationRecord
from domain.record import Id
from storage.codec import Document, object_id, object_ids, records
from storage.mongo import Mongo
from storage.paging import Order, Page, Slice, cut, pages_by_parent
from storage.transactions import Transaction

NEWEST = Order("notifications_newest")

KEPT_FOR: Final = timedelta(days=90)
"""How long somebody can read what they were told; then MongoDB deletes it."""

MAX_MARKED: Final = 5_000
"""How many notifications are marked as read at once: the newest of those that are meant."""

_COLLECTION: Final = "notifications"


class NotificationStore:
    """Reads what users were told."""

    COLLECTION = _COLLECTION
    INDEXES = (
        IndexModel([("user_id", 1), ("_id", 1)]),
        IndexModel([("user_id", 1), ("read_at", 1), ("_id", 1)]),
        # Something that happens again is not told again; and all that one user was told of another.
        IndexModel([("user_id", 1), ("actor_id", 1), ("type", 1), ("subject_id", 1)], unique=True),
        IndexModel([("subject_id", 1)]),
        IndexModel([("created_at", 1)], expireAfterSeconds=int(KEPT_FOR.total_seconds())),
    )

    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo

    async def get_many(self, user_id: Id, ids: Sequence[Id]) -> dict[Id, NotificationRecord]:
        """Those of one recipient's notifications that exist, by id."""
        found = await self._mongo.find(
            "notifications.get_many",
            self.COLLECTION,
            {"_id": {"$in": object_ids(ids)}, "user_id": object_id(user_id)},
            keys=len(ids),
        )
        return {each.id: each for each in records(found, NotificationRecord)}

    async def pages_by_recipient(
        self, user_ids: Sequence[Id], page: Page, unread_only: bool
    ) -> dict[Id, Slice[NotificationRecord]]:
        """A page of what each user was told."""
        found = await pages_by_parent(
            self._mongo,
            "notifications.pages_by_recipient",
            collection=self.COLLECTION,
            parent_field="user_id",
            parent_ids=user_ids,
            page=page,
            match=_UNREAD if unread_only else None,
        )
        return {user: cut(page, records(rows, NotificationRecord)) for user, rows in found.items()}


async def notify(tx: Transaction, *notices: Notice) -> None:
    """Tells people something. What they were told already stays as it is, read or unread."""
    if not notices:
        return
    # Not an insert: a notice that is there would end the transaction.
    writes = [UpdateOne(_which(each), _new(each, tx), upsert=True) for each in notices]
    await tx.collection(_COLLECTION).bulk_write(writes, ordered=False, session=tx.session)


async def forget(tx: Transaction, *notices: Notice) -> None:
    """Takes notices back: a follow, a reaction, an invitation that is no more."""
    if not notices:
        return
    writes = [DeleteOne(_which(each)) for each in notices]
    await tx.collection(_COLLECTION).bulk_write(writes, ordered=False, session=tx.session)


async def forget_about(tx: Transaction, *subject_ids: Id) -> None:
    """Takes back all that anybody was told about some things, which are gone."""
    if not subject_ids:
        return
    about = {"subject_id": {"$in": object_ids(subject_ids)}}
    await tx.collection(_COLLECTION).delete_many(about, session=tx.session)


async def forget_between(tx: Transaction, one_id: Id, other_id: Id) -> None:
    """Takes back all that two users were told of each other: a block stands between them."""
    one, other = object_id(one_id), object_id(other_id)
    writes = [
        DeleteMany({"user_id": one, "actor_id": other}),
        DeleteMany({"user_id": other, "actor_id": one}),
    ]
    await tx.collection(_COLLECTION).bulk_write(writes, ordered=False, session=tx.session)


async def mark_read(tx: Transaction, user_id: Id, ids: Sequence[Id]) -> None:
    """Marks some of a user's notifications as read. Those that were read keep their time."""
    await _mark(tx, {"_id": {"$in": object_ids(ids)}, "user_id": object_id(user_id)})


async def mark_read_up_to(tx: Transaction, user_id: Id, last_id: Id) -> None:
    """Marks a user's notification as read and all older ones: of those unread, `MAX_MARKED`.

    It goes by the id's place in time, so it does not matter whether that one is still there.
    """
    unread = _UNREAD | {"user_id": object_id(user_id), "_id": {"$lte": object_id(last_id)}}
    cursor = tx.collection(_COLLECTION).find(
        unread, {"_id": 1}, sort=[("_id", -1)], limit=MAX_MARKED, session=tx.session
    )
    ids = [each["_id"] for each in await cursor.to_list(None)]
    if ids:
        await _mark(tx, {"_id": {"$in": object_ids(ids)}})


async def _mark(tx: Transaction, which: Document) -> None:
    await tx.collection(_COLLECTION).update_many(
        which | _UNREAD, {"$set": {"read_at": tx.now}}, session=tx.session
    )


def _which(notice: Notice) -> Document:
    """The one document of a notice, by its unique index."""
    return {
        "user_id": object_id(notice.user_id),
        "actor_id": object_id(notice.actor_id),
        "type": notice.type.value,
        "subject_id": object_id(notice.subject_id),
    }


def _new(notice: Notice, tx: Transaction) -> Document:
    fields = {
        "_id": object_id(tx.new_id()),
        "subject_kind": notice.subject_kind.value,
        "created_at": tx.now,
        "read_at": None,
    }
    return {"$setOnInsert": fields}


# Not `None`, for which an index is read at two places; see `storage.comments`.
_UNREAD: Final[Document] = {"read_at": {"$type": "null"}}
