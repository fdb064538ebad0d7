"""From a posted file to a picture, in the real stores: once, whoever asks and however often."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.errors import StoreUnavailable
from domain.media import Image, MediaStatus
from domain.record import Id
from domain.uploads import (
    KEPT_UNUSED,
    LEASE,
    MOST_ATTEMPTS,
    ImageType,
    MediaUploadRecord,
    UploadFailure,
    registered,
)
from domain.user_errors import InputError, UserErrorCode
from storage.codec import document, new_id, object_id
from storage.media import Admission, LocalMediaStore
from storage.storage import Storage
from storage.transactions import Gone, Transaction
from storage.uploading import MOST_WAITING, NothingPosted, UploadExpired, Uploading
from storage.uploads import count_open, use_upload
from tests.media.conftest import URL
from tests.media.files import encoded, halves, jpeg, png

ANA, BEN = Id("a" * 24), Id("b" * 24)
FIELD = ("input", "imageUpload")


class Uploads:
    """Makes uploads of Ana, in whatever state."""

    def __init__(self, storage: Storage, media: LocalMediaStore) -> None:
        self._collection = storage.mongo.collection("uploads")
        self._store = storage.uploads
        self._media = media

    async def make(
        self, file: bytes | None, content_type: ImageType = ImageType.PNG, **fields: Any
    ) -> MediaUploadRecord:
        """An upload, and its file if there is one."""
        now, id = datetime.now(UTC).replace(microsecond=0), new_id()
        size = len(file or b"x")
        made = registered(id, ANA, content_type, size, key=f"{id}00000000", now=now)
        await self._collection.insert_one(document(made) | fields)
        if file is not None:
            reception = await self._media.receive(Admission(made.key, content_type, size, 0))
            await reception.write(file)
            await reception.keep()
        return await self.read(made)

    async def read(self, upload: MediaUploadRecord) -> MediaUploadRecord:
        """An upload as it is now."""
        return (await self._store.get_many([upload.id]))[upload.id]

    async def change(self, upload: MediaUploadRecord, **fields: Any) -> MediaUploadRecord:
        """Changes an upload behind everybody's back."""
        await self._collection.update_one({"_id": object_id(upload.id)}, {"$set": fields})
        return await self.read(upload)


@pytest.fixture
def uploads(storage: Storage, media: LocalMediaStore) -> Uploads:
    """No uploads yet."""
    return Uploads(storage, media)


def stored(tmp_path: Path) -> list[str]:
    """All files there are."""
    return sorted(str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*") if p.is_file())


async def test_a_file_becomes_a_picture(
    uploads: Uploads, uploading: Uploading, tmp_path: Path
) -> None:
    upload = await uploads.make(encoded(halves(), "JPEG"), ImageType.JPEG)
    completed = await uploading.complete(upload)
    assert completed == await uploads.read(upload)
    assert completed.status is MediaStatus.SUCCEEDED
    assert completed.image is not None
    assert completed.image.source_url == f"{URL}/{upload.key}.jpg"
    assert (completed.image.width, completed.image.height) == (60, 40)
    assert (completed.attempts, completed.leased_until, completed.forget_at) == (1, None, None)
    assert stored(tmp_path) == [f"published/{upload.key}.jpg"]


async def test_completing_again_gives_the_same(
    uploads: Uploads, uploading: Uploading, media: LocalMediaStore
) -> None:
    good, bad = await uploads.make(png()), await uploads.make(jpeg())
    first = [await uploading.complete(good), await uploading.complete(bad)]
    assert [each.status for each in first] == [MediaStatus.SUCCEEDED, MediaStatus.FAILED]
    # With the record as it was, as it is, and with another file in its place.
    assert [await uploading.complete(good), await uploading.complete(bad)] == first
    assert [await uploading.complete(each) for each in first] == first
    reception = await media.receive(Admission(bad.key, ImageType.PNG, 1_000, 0))
    await reception.write(png())
    await reception.keep()
    assert await uploading.complete(bad) == first[1]


async def test_many_at_once_look_at_the_file_once(
    storage: Storage, uploads: Uploads, uploading: Uploading, media: LocalMediaStore
) -> None:
    upload = await uploads.make(png(2_000, 2_000))
    other = Uploading(storage.uploads, storage.transactions, media)  # another process
    answers = await asyncio.gather(
        *(each.complete(upload) for each in (uploading, other) for _ in range(10))
    )
    await other.close()
    ended = await uploads.read(upload)
    assert (ended.status, ended.attempts) == (MediaStatus.SUCCEEDED, 1)
    assert ended in answers
    assert {each.status for each in answers} <= {MediaStatus.SUCCEEDED, MediaStatus.PROCESSING}


@pytest.mark.parametrize(
    ("file", "content_type", "failure"),
    [
        (jpeg(), ImageType.PNG, UploadFailure.WRONG_TYPE),
        (b"<!doctype html>", ImageType.PNG, UploadFailure.WRONG_TYPE),
        (png()[:60], ImageType.PNG, UploadFailure.DAMAGED),
        (png(8_193, 1), ImageType.PNG, UploadFailure.TOO_MANY_PIXELS),
    ],
)
async def test_a_refused_file_is_gone(
    uploads: Uploads,
    uploading: Uploading,
    tmp_path: Path,
    file: bytes,
    content_type: ImageType,
    failure: UploadFailure,
) -> None:
    upload = await uploads.make(file, content_type)
    completed = await uploading.complete(upload)
    assert (completed.status, completed.failure) == (MediaStatus.FAILED, failure)
    assert completed.image is None
    assert completed.forget_at == upload.forget_at
    assert completed == await uploads.read(upload)
    assert stored(tmp_path) == []


async def test_a_file_that_is_longer_than_declared(uploads: Uploads, uploading: Uploading) -> None:
    upload = await uploads.make(png(), size_bytes=len(png()) - 1)
    assert (await uploading.complete(upload)).failure is UploadFailure.TOO_MANY_BYTES


async def test_without_a_file_nothing_happens(uploads: Uploads, uploading: Uploading) -> None:
    upload = await uploads.make(None)
    with pytest.raises(NothingPosted):
        await uploading.complete(upload)
    assert await uploads.read(upload) == upload


@pytest.mark.parametrize("file", [None, png()])
async def test_after_an_hour_it_is_too_late(
    uploads: Uploads, uploading: Uploading, file: bytes | None
) -> None:
    past = datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=1)
    upload = await uploads.make(file, expires_at=past)
    with pytest.raises(UploadExpired):
        await uploading.complete(upload)
    assert await uploads.read(upload) == upload
    assert await uploading.ticket(upload, datetime.now(UTC)) is None


async def test_an_upload_that_is_gone(
    storage: Storage, uploads: Uploads, uploading: Uploading
) -> None:
    upload = await uploads.make(png())
    await storage.mongo.collection("uploads").delete_many({})
    with pytest.raises(Gone):
        await uploading.complete(upload)


async def test_what_a_dead_process_began_is_begun_again(
    uploads: Uploads, uploading: Uploading
) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    begun: dict[str, Any] = {"status": "PROCESSING", "attempts": 1, "leased_until": now + LEASE}
    upload = await uploads.make(png(), **begun)
    assert await uploading.complete(upload) == upload  # the process may be alive
    upload = await uploads.change(upload, leased_until=now)
    completed = await uploading.complete(upload)
    assert (completed.status, completed.attempts) == (MediaStatus.SUCCEEDED, 2)


async def test_a_file_that_ends_every_process_is_given_up(
    uploads: Uploads, uploading: Uploading
) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    begun: dict[str, Any] = {"status": "PROCESSING", "attempts": MOST_ATTEMPTS, "leased_until": now}
    upload = await uploads.make(png(), **begun)
    completed = await uploading.complete(upload)
    assert (completed.status, completed.failure) == (
        MediaStatus.FAILED,
        UploadFailure.NOT_PROCESSED,
    )
    assert completed.attempts == MOST_ATTEMPTS


async def test_it_goes_on_when_nobody_waits(uploads: Uploads, uploading: Uploading) -> None:
    upload = await uploads.make(png(1_000, 1_000))
    waiting = asyncio.create_task(uploading.complete(upload))
    await asyncio.sleep(0)
    waiting.cancel()
    async with asyncio.timeout(20):
        while not (await uploads.read(upload)).is_ended:  # noqa: ASYNC110  # it says so nowhere else
            await asyncio.sleep(0.02)
    assert (await uploads.read(upload)).attempts == 1


async def test_only_so_many_wait(uploads: Uploads, uploading: Uploading) -> None:
    made = [await uploads.make(png()) for _ in range(MOST_WAITING + 1)]
    answers = await asyncio.gather(*map(uploading.complete, made), return_exceptions=True)
    assert [isinstance(each, StoreUnavailable) for each in answers] == [False] * MOST_WAITING + [
        True
    ]
    assert await uploads.read(made[-1]) == made[-1]
    assert (await uploading.complete(made[-1])).status is MediaStatus.SUCCEEDED


async def test_open_uploads_are_counted(storage: Storage, uploads: Uploads) -> None:
    past = datetime.now(UTC) - timedelta(seconds=1)
    for fields in (
        {},
        {"status": "PROCESSING"},
        {"status": "SUCCEEDED"},
        {"status": "FAILED"},
        {"expires_at": past},
        {"owner_id": object_id(BEN)},
    ):
        await uploads.make(None, **fields)

    async def count(tx: Transaction) -> int:
        return await count_open(tx, ANA)

    assert await storage.transactions.run("test", count) == 2


async def test_a_pin_takes_a_picture(
    storage: Storage, uploads: Uploads, uploading: Uploading
) -> None:
    upload = await uploading.complete(await uploads.make(png()))

    async def take(tx: Transaction) -> list[Image | InputError]:
        return [
            await use_upload(tx, upload.id, ANA, FIELD),
            await use_upload(tx, upload.id, ANA, FIELD),  # another pin of hers
            await use_upload(tx, upload.id, BEN, FIELD),
            await use_upload(tx, new_id(), ANA, FIELD),
        ]

    *taken, not_his, unknown = await storage.transactions.run("test", take)
    assert taken == [upload.image, upload.image]
    assert not_his == unknown
    assert isinstance(unknown, InputError)
    assert (unknown.code, unknown.field) == (UserErrorCode.NOT_FOUND, FIELD)
    assert (await uploads.read(upload)).used_at is not None


async def test_pictures_that_no_pin_shows_are_swept(
    storage: Storage, uploads: Uploads, uploading: Uploading, tmp_path: Path
) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    old = now - KEPT_UNUSED - timedelta(seconds=1)
    made = [await uploading.complete(await uploads.make(png())) for _ in range(3)]
    unused = await uploads.change(made[0], completed_at=old)
    used = await uploads.change(made[1], completed_at=old, used_at=now)
    fresh = made[2]
    await uploading.sweep(now)
    left = await storage.uploads.get_many([unused.id, used.id, fresh.id])
    assert left.keys() == {used.id, fresh.id}
    assert stored(tmp_path) == sorted(f"published/{each.key}.png" for each in (used, fresh))


async def test_mongodb_forgets_what_came_to_nothing(storage: Storage) -> None:
    indexes = await storage.mongo.collection("uploads").index_information()
    assert indexes["forget_at_1"]["expireAfterSeconds"] == 0


async def test_the_sweep_reads_only_what_it_deletes(storage: Storage, uploads: Uploads) -> None:
    """Its index has unused pictures alone."""
    now = datetime.now(UTC)
    for number in range(20):
        used = None if number < 3 else now
        await uploads.make(None, status="SUCCEEDED", completed_at=now, used_at=used)
    query = {"status": "SUCCEEDED", "used_at": None, "completed_at": {"$lt": now + LEASE}}
    plan = await storage.mongo.database.command(
        "explain",
        {"find": "uploads", "filter": query, "sort": {"completed_at": 1}},
        verbosity="executionStats",
    )
    assert plan["executionStats"]["totalDocsExamined"] == 3
