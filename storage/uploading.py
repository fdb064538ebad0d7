"""From a posted file to a picture: once, however often and wherever it is asked for.

Looking at a file takes as long as its pixels are many, so it is done beside the request that asks
for it, and goes on when that has left. A lease in the record says which process is at it.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final

import structlog

from domain.errors import StoreError, StoreUnavailable
from domain.media import Image, MediaStatus
from domain.record import Id
from domain.uploads import (
    KEPT_UNUSED,
    LEASE,
    MAX_BYTES,
    MOST_ATTEMPTS,
    ImageType,
    MediaKind,
    MediaUploadRecord,
    UploadFailure,
    cannot_register,
)
from domain.user_errors import InputError
from storage.media import MediaStore, UploadTicket
from storage.probing import Unacceptable, probe
from storage.transactions import Gone, Transaction, Transactions
from storage.uploads import UploadStore

log = structlog.get_logger()

PATIENCE_S: Final = 4.0
"""How long a request waits for its picture; then it is told that it is PROCESSING."""

MOST_WAITING: Final = 16
"""Files of one process that are looked at or wait for it: all of them are done within a lease."""

_WORKERS: Final = 2
_SWEEP_S: Final = 600
_MOST_SWEPT: Final = 100


class NothingPosted(Exception):
    """There is no file to look at yet."""


class UploadExpired(Exception):
    """The upload was not completed in time."""


class Uploading:
    """Completes uploads, and clears away what was left of them. One for each process."""

    def __init__(
        self,
        uploads: UploadStore,
        transactions: Transactions,
        media: MediaStore,
        *,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        self.max_bytes = max_bytes
        self._uploads = uploads
        self._transactions = transactions
        self._media = media
        self._places = asyncio.Semaphore(_WORKERS)
        self._pool = ThreadPoolExecutor(_WORKERS, "probing")
        self._tasks: dict[Id, asyncio.Task[MediaUploadRecord]] = {}

    def cannot_register(
        self, kind: MediaKind, content_type: str, size_bytes: int
    ) -> tuple[InputError, ...]:
        """Everything that is wrong with what a client wants to upload."""
        errors = cannot_register(kind, content_type, size_bytes, max_bytes=self.max_bytes)
        return tuple(errors)

    async def ticket(self, upload: MediaUploadRecord, now: datetime) -> UploadTicket | None:
        """What the file is posted with; None when it is not to be posted any more."""
        return await self._media.ticket(upload, now) if upload.takes_file(now) else None

    async def complete(self, upload: MediaUploadRecord) -> MediaUploadRecord:
        """The upload with its picture, or with what is wrong with the file.

        Whoever asks again is told the same, and while somebody looks at the file nobody else does.
        The upload is still PROCESSING when that takes long, or another process is at it.

        Raises `NothingPosted`, `UploadExpired`, `Gone` when there is no such upload any more, and
        `StoreUnavailable` when too many wait.
        """
        if upload.is_ended:
            return upload
        task = self._tasks.get(upload.id) or self._started(upload)
        done, _ = await asyncio.wait({task}, timeout=PATIENCE_S)
        if done:
            return task.result()
        current = await self._uploads.get_many([upload.id])
        return current.get(upload.id, upload)

    async def run(self) -> None:
        """Sweeps every now and then, until it is cancelled."""
        while True:
            await asyncio.sleep(_SWEEP_S)
            try:
                await self.sweep(datetime.now(UTC))
            except StoreError as error:
                log.warning("uploads_not_swept", reason=str(error))
            except Exception:
                log.exception("uploads_not_swept")

    async def sweep(self, now: datetime) -> None:
        """Deletes posted files that nobody completed, and pictures that no pin ever showed."""
        await self._media.sweep()
        for upload in await self._uploads.unused_since(now - KEPT_UNUSED, _MOST_SWEPT):
            if await self._forgotten(upload.id):
                await self._media.withdraw(upload)

    async def close(self) -> None:
        """Ends what is under way; it can be completed again."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _started(self, upload: MediaUploadRecord) -> "asyncio.Task[MediaUploadRecord]":
        if len(self._tasks) >= MOST_WAITING:
            raise StoreUnavailable("Too many pictures are being processed; try again shortly.")
        task = asyncio.create_task(self._process(upload), name="upload")
        self._tasks[upload.id] = task
        task.add_done_callback(lambda ended: self._ended(upload.id, ended))
        return task

    def _ended(self, id: Id, task: "asyncio.Task[MediaUploadRecord]") -> None:
        del self._tasks[id]
        # Whoever waits is told; when nobody does, the loop must not complain.
        if not task.cancelled() and (error := task.exception()) is not None:
            log.info("upload_not_completed", upload=id, reason=repr(error))

    async def _process(self, upload: MediaUploadRecord) -> MediaUploadRecord:
        claimed, is_ours = await self._claim(upload.id, await self._media.has(upload))
        if not is_ours:
            return claimed
        ended = await self._end(claimed, await self._look(claimed))
        # It is of no use any more; what cannot be removed now is swept later.
        with suppress(StoreError, OSError):
            await self._media.remove(claimed)
        return ended

    async def _claim(self, id: Id, has_file: bool) -> tuple[MediaUploadRecord, bool]:
        """The upload, and whether it is for us to look at its file.

        Whether there is a file was asked before: there is none any more once somebody has looked.
        """

        async def claim(tx: Transaction) -> tuple[MediaUploadRecord, bool]:
            upload = await _existing(tx, id)
            if upload.is_ended or upload.is_leased(tx.now):
                return upload, False
            if upload.status is MediaStatus.REGISTERED and not upload.takes_file(tx.now):
                raise UploadExpired
            if upload.status is MediaStatus.REGISTERED and not has_file:
                raise NothingPosted
            if upload.attempts >= MOST_ATTEMPTS:
                return await _failed(tx, upload, UploadFailure.NOT_PROCESSED), False
            claimed = await tx.change(
                upload,
                status=MediaStatus.PROCESSING,
                attempts=upload.attempts + 1,
                leased_until=tx.now + LEASE,
            )
            return claimed, True

        return await self._transactions.run("uploads.claim", claim, turns=[id])

    async def _look(self, upload: MediaUploadRecord) -> Image | UploadFailure:
        """The picture in the file, published; or what is wrong with the file."""
        async with self._places:
            data = await self._media.read(upload)
            if data is None:
                return UploadFailure.NOT_PROCESSED
            if len(data) > upload.size_bytes:
                return UploadFailure.TOO_MANY_BYTES
            loop = asyncio.get_running_loop()
            try:
                picture = await loop.run_in_executor(
                    self._pool, probe, data, ImageType(upload.content_type)
                )
            except Unacceptable as refused:
                return refused.failure
        return Image(
            source_url=await self._media.publish(upload, picture.data),
            width=picture.width,
            height=picture.height,
            dominant_color=picture.dominant_color,
            blur_hash=picture.blur_hash,
        )

    async def _end(
        self, claimed: MediaUploadRecord, result: Image | UploadFailure
    ) -> MediaUploadRecord:
        async def end(tx: Transaction) -> MediaUploadRecord:
            upload = await _existing(tx, claimed.id)
            if upload.is_ended or upload.attempts != claimed.attempts:
                return upload  # it took longer than the lease, and somebody else has done it
            if isinstance(result, UploadFailure):
                return await _failed(tx, upload, result)
            return await tx.change(
                upload,
                status=MediaStatus.SUCCEEDED,
                image=result,
                completed_at=tx.now,
                leased_until=None,
                forget_at=None,
            )

        return await self._transactions.run("uploads.end", end, turns=[claimed.id])

    async def _forgotten(self, id: Id) -> bool:
        """Deletes an upload that no pin has taken meanwhile; whether it did."""

        async def forget(tx: Transaction) -> bool:
            upload = await tx.get(MediaUploadRecord, id)
            if upload is None or upload.used_at is not None:
                return False
            await tx.delete(upload)
            return True

        return await self._transactions.run("uploads.forget", forget, turns=[id])


async def _existing(tx: Transaction, id: Id) -> MediaUploadRecord:
    upload = await tx.get(MediaUploadRecord, id)
    if upload is None:
        raise Gone(MediaUploadRecord, id)
    return upload


async def _failed(
    tx: Transaction, upload: MediaUploadRecord, failure: UploadFailure
) -> MediaUploadRecord:
    return await tx.change(
        upload,
        status=MediaStatus.FAILED,
        failure=failure,
        completed_at=tx.now,
        leased_until=None,
    )
