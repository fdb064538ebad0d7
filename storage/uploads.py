"""Uploads, and what becomes of them within a transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from pymongo import IndexModel

from domain.media import Image, MediaStatus
from domain.record import Id
from domain.uploads import (
    MOST_OPEN,
    ImageType,
    MediaUploadRecord,
    registered,
    usable_image,
)
from domain.user_errors import InputError, Path
from storage.codec import Document, object_id, object_ids, records
from storage.mongo import Mongo
from storage.transactions import Transaction

_OPEN: Final = [MediaStatus.REGISTERED.value, MediaStatus.PROCESSING.value]
_UNUSED: Final[Document] = {"status": MediaStatus.SUCCEEDED.value, "used_at": None}


class UploadStore:
    """Reads uploads. What came to nothing MongoDB deletes; pictures are for `Uploading`."""

    COLLECTION = "uploads"
    INDEXES = (
        IndexModel([("owner_id", 1), ("status", 1), ("expires_at", 1)]),
        IndexModel([("forget_at", 1)], expireAfterSeconds=0),
        IndexModel([("completed_at", 1)], partialFilterExpression=_UNUSED),
    )

    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo

    async def get_many(self, ids: Sequence[Id]) -> dict[Id, MediaUploadRecord]:
        """The uploads that exist, by id, whoever owns them."""
        found = await self._mongo.find(
            "uploads.get_many",
            self.COLLECTION,
            {"_id": {"$in": object_ids(ids)}},
            keys=len(ids),
        )
        return {each.id: each for each in records(found, MediaUploadRecord)}

    async def unused_since(self, moment: datetime, limit: int) -> list[MediaUploadRecord]:
        """Uploads completed before a moment whose picture no pin has taken, oldest first."""
        found = await self._mongo.find(
            "uploads.unused_since",
            self.COLLECTION,
            _UNUSED | {"completed_at": {"$lt": moment}},
            sort=[("completed_at", 1)],
            limit=limit,
        )
        return records(found, MediaUploadRecord)


async def count_open(tx: Transaction, owner_id: Id) -> int:
    """How many uploads a user has under way, up to `MOST_OPEN`."""
    found = await tx.find(
        MediaUploadRecord,
        {
            "owner_id": object_id(owner_id),
            "status": {"$in": _OPEN},
            "expires_at": {"$gt": tx.now},
        },
        limit=MOST_OPEN,
    )
    return len(found)


async def register(
    tx: Transaction, id: Id, owner_id: Id, content_type: ImageType, size_bytes: int, *, key: str
) -> MediaUploadRecord:
    """A new upload, from now on."""
    upload = registered(id, owner_id, content_type, size_bytes, key=key, now=tx.now)
    await tx.insert(upload)
    return upload


async def use_upload(
    tx: Transaction, upload_id: Id, owner_id: Id, field: Path
) -> Image | InputError:
    """The picture of an upload for a pin of its owner, or what is wrong with that.

    From now on the picture is kept. Several pins may show it.
    """
    upload = await tx.get(MediaUploadRecord, upload_id)
    image = usable_image(upload, owner_id, field)
    if upload is not None and upload.used_at is None and isinstance(image, Image):
        await tx.change(upload, used_at=tx.now)
    return image
