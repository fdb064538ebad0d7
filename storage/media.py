"""Where files of users are: a seam with a directory behind it, or a bucket (`storage.s3_media`).

A client posts its file straight to the store, as a form: the parameters of a ticket, then `file`.
They are signed, name one file, one type and the most bytes, and expire. What arrives is only looked
at. What is shown, `publish` puts under another name, for good and for everybody who has its URL;
nobody can guess one.
"""

import asyncio
import os
import re
import secrets
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Final, Protocol

import msgspec

from domain.signing import Purpose, Signer
from domain.uploads import UPLOAD_TIME, ImageType, MediaUploadRecord

FILE_FIELD: Final = "file"
"""The last field of the form, as S3 has it."""

KEY_FIELD: Final = "key"
TYPE_FIELD: Final = "Content-Type"
POLICY_FIELD: Final = "policy"

FOREVER: Final = "public, max-age=31536000, immutable"
"""How long a published picture may be kept: what a name stands for never changes."""

_KEY: Final = re.compile(r"[0-9a-f]{32}")
_PUBLISHED: Final = re.compile(r"[0-9a-f]{32}\.(?:jpg|png)")
_DRAFT: Final = ".part"
_STALE_S: Final = 2 * UPLOAD_TIME.total_seconds()


class UploadTicket(msgspec.Struct, frozen=True):
    """What a client posts its file with: form fields in this order, then `file`."""

    url: str
    parameters: Mapping[str, str]


class MediaStore(Protocol):
    """Keeps posted files for a while, and published pictures for good.

    Methods raise `StoreError` when a bucket does not answer, and `OSError` when a disk fails.
    """

    async def ticket(self, upload: MediaUploadRecord, now: datetime) -> UploadTicket:
        """What the client of an upload posts its file with, until the upload expires."""

    async def has(self, upload: MediaUploadRecord) -> bool:
        """Whether the file of an upload has arrived whole."""

    async def read(self, upload: MediaUploadRecord) -> bytes | None:
        """The file of an upload, one byte beyond what was declared at most; None without one."""

    async def publish(self, upload: MediaUploadRecord, picture: bytes) -> str:
        """Puts the picture of an upload where everybody finds it; gives its URL.

        Doing it again is the same as doing it once.
        """

    async def remove(self, upload: MediaUploadRecord) -> None:
        """Removes the file of an upload, if it is there."""

    async def withdraw(self, upload: MediaUploadRecord) -> None:
        """Removes what was published of an upload, if it is there."""

    async def sweep(self) -> None:
        """Removes files that were posted and never completed, where that is ours to do."""


class TicketRefused(Exception):
    """The parameters of a form are not those of a ticket, or not any more; the message says why."""


class Admission(msgspec.Struct, frozen=True, array_like=True):
    """What a ticket allows: one file under `key`, of `content_type`, with `size_bytes` at most.

    `expires_at` is in seconds since 1970.
    """

    key: str
    content_type: ImageType
    size_bytes: int
    expires_at: int


class LocalMediaStore:
    """Files in a directory of this machine, which this server takes and serves itself.

    `url` is where clients find its routes: they post to it, and load `{url}/{name}`. The directory
    may be shared by several processes.
    """

    def __init__(self, directory: Path, signer: Signer, url: str) -> None:
        self._incoming = directory / "incoming"
        self._published = directory / "published"
        self._signer = signer
        self._url = url.rstrip("/")

    async def ticket(self, upload: MediaUploadRecord, now: datetime) -> UploadTicket:
        """The key, the type, and a policy that is signed."""
        admission = Admission(
            upload.key, upload.content_type, upload.size_bytes, int(upload.expires_at.timestamp())
        )
        policy = self._signer.sign(Purpose.MEDIA_UPLOAD, msgspec.json.encode(admission))
        parameters = {
            KEY_FIELD: upload.key,
            TYPE_FIELD: upload.content_type.value,
            POLICY_FIELD: policy,
        }
        return UploadTicket(self._url, parameters)

    def admit(self, parameters: Mapping[str, str], now: datetime) -> Admission:
        """What the parameters of a form allow; raises `TicketRefused`."""
        wanted = {KEY_FIELD, TYPE_FIELD, POLICY_FIELD}
        if parameters.keys() != wanted:
            raise TicketRefused(
                f"The form must have the fields {', '.join(sorted(wanted))} before "
                f"`{FILE_FIELD}`; it had {', '.join(sorted(parameters))[:200] or 'none'}."
            )
        payload = self._signer.verify(Purpose.MEDIA_UPLOAD, parameters[POLICY_FIELD])
        if payload is None:
            raise TicketRefused("The policy was not made here, or was changed.")
        admission = msgspec.json.decode(payload, type=Admission)
        if parameters[KEY_FIELD] != admission.key:
            raise TicketRefused("The key is not the one of the policy.")
        if parameters[TYPE_FIELD] != admission.content_type:
            raise TicketRefused("The content type is not the one of the policy.")
        if now.timestamp() >= admission.expires_at:
            raise TicketRefused("The ticket has expired: register another upload.")
        return admission

    async def receive(self, admission: Admission) -> "Reception":
        """A file that begins to arrive."""
        path = self._incoming / _checked(admission.key, _KEY)
        draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}{_DRAFT}")
        descriptor = await asyncio.to_thread(_create, draft)
        return Reception(descriptor, draft, path)

    def published(self, name: str) -> Path | None:
        """Where a published picture would be; None for a name that none has."""
        return self._published / name if _PUBLISHED.fullmatch(name) else None

    async def has(self, upload: MediaUploadRecord) -> bool:
        """Whether the file is there; it appears when it is whole."""
        return await asyncio.to_thread(self._path(upload).is_file)

    async def read(self, upload: MediaUploadRecord) -> bytes | None:
        """The file, read in a thread."""
        return await asyncio.to_thread(_read, self._path(upload), upload.size_bytes + 1)

    async def publish(self, upload: MediaUploadRecord, picture: bytes) -> str:
        """Writes the picture under its name in one step."""
        path = self._public_path(upload)
        await asyncio.to_thread(_write, path, picture)
        return f"{self._url}/{path.name}"

    async def remove(self, upload: MediaUploadRecord) -> None:
        """Deletes the file."""
        await asyncio.to_thread(self._path(upload).unlink, missing_ok=True)

    async def withdraw(self, upload: MediaUploadRecord) -> None:
        """Deletes the picture."""
        await asyncio.to_thread(self._public_path(upload).unlink, missing_ok=True)

    async def sweep(self) -> None:
        """Deletes what has lain around for longer than an upload may take."""
        await asyncio.to_thread(_sweep, self._incoming, time.time() - _STALE_S)

    def _path(self, upload: MediaUploadRecord) -> Path:
        return self._incoming / _checked(upload.key, _KEY)

    def _public_path(self, upload: MediaUploadRecord) -> Path:
        return self._published / _checked(public_name(upload), _PUBLISHED)


class Reception:
    """A file that is arriving: it is nowhere to be seen until it is kept.

    What is under way when its task is cancelled goes on in its thread, and is waited for there.
    """

    def __init__(self, descriptor: int, draft: Path, path: Path) -> None:
        self._file = os.fdopen(descriptor, "wb")
        self._draft = draft
        self._path = path
        self._turn = Lock()

    async def write(self, data: bytes | bytearray) -> None:
        """Adds to the file."""
        await asyncio.to_thread(self._write, data)

    async def keep(self) -> None:
        """The file is whole: it takes its place in one step."""
        await asyncio.to_thread(self._keep)

    async def discard(self) -> None:
        """Ends without a file, unless it was kept."""
        await asyncio.to_thread(self._discard)

    def _write(self, data: bytes | bytearray) -> None:
        with self._turn:
            self._file.write(data)

    def _keep(self) -> None:
        with self._turn:
            self._file.close()
            self._draft.replace(self._path)

    def _discard(self) -> None:
        with self._turn:
            self._file.close()
            self._draft.unlink(missing_ok=True)


def public_name(upload: MediaUploadRecord) -> str:
    """The name that the picture of an upload is published under."""
    return f"{upload.key}.{upload.content_type.extension}"


def _checked(name: str, form: re.Pattern[str]) -> str:
    """A name that has the form of ours, so that it stays inside its directory."""
    if not form.fullmatch(name):
        raise ValueError(f"{name[:100]!r} is no name of a file here.")
    return name


def _create(path: Path) -> int:
    """A new file that only this process's user may read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)


def _read(path: Path, most_bytes: int) -> bytes | None:
    try:
        with path.open("rb") as file:
            return file.read(most_bytes)
    except FileNotFoundError:
        return None


def _write(path: Path, data: bytes) -> None:
    """A whole file or none, also when the machine stops in between."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}{_DRAFT}")
    try:
        with os.fdopen(_create(draft), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _sweep(directory: Path, before: float) -> None:
    """Deletes the files that were last written before a moment, in seconds since 1970."""
    if not directory.is_dir():
        return
    for path in directory.iterdir():
        with suppress(FileNotFoundError):  # another process sweeps, too
            if path.stat().st_mtime < before:
                path.unlink()
