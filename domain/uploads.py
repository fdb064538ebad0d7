"""Uploads: a picture on its way from a client to a pin (DOMAIN a.2, MediaUpload; b.3).

A client registers an upload, posts the file to where it is told, and says that it is complete. The
file is then looked at, and either becomes a picture of ours or is refused:

    REGISTERED ── complete ──> PROCESSING ──> SUCCEEDED   there is an `image`
                                        └──> FAILED      there is a `failure`

A process that dies while it looks at a file leaves the upload PROCESSING; after `LEASE` it may be
completed again, `MOST_ATTEMPTS` times in all.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from domain.media import Image, MediaStatus
from domain.record import Id, Record
from domain.user_errors import InputError, Path, UserErrorCode
from domain.viewer import Viewer

UPLOAD_TIME: Final = timedelta(hours=1)
"""How long a client has from registering to completing."""

LEASE: Final = timedelta(minutes=1)
"""How long a process may look at a file before another one may."""

MOST_ATTEMPTS: Final = 3
"""How often a file is looked at when it ends the process that does: it may be the reason."""

KEPT_FAILED: Final = timedelta(days=1)
"""How long an upload is known that came to nothing, from when it was to be complete."""

KEPT_UNUSED: Final = timedelta(days=7)
"""How long a picture is kept that no pin shows."""

MOST_OPEN: Final = 50
"""Uploads that one user may have registered and not completed, so that nobody fills the disk."""

MAX_BYTES: Final = 20 * 1024 * 1024
MAX_WIDTH: Final = 8_192
MAX_HEIGHT: Final = 8_192
MAX_PIXELS: Final = 50_000_000


class MediaKind(StrEnum):
    """What is uploaded."""

    IMAGE = "IMAGE"
    VIDEO = "VIDEO"


class ImageType(StrEnum):
    """The media types that pictures are taken in."""

    JPEG = "image/jpeg"
    PNG = "image/png"

    @property
    def extension(self) -> str:
        """The end of a file's name, without a dot."""
        return "jpg" if self is ImageType.JPEG else "png"


class UploadFailure(StrEnum):
    """Why a file was refused."""

    WRONG_TYPE = "WRONG_TYPE"
    TOO_MANY_BYTES = "TOO_MANY_BYTES"
    TOO_MANY_PIXELS = "TOO_MANY_PIXELS"
    ANIMATED = "ANIMATED"
    DAMAGED = "DAMAGED"
    NOT_PROCESSED = "NOT_PROCESSED"


class MediaUploadRecord(Record, frozen=True, kw_only=True):
    """An upload, which is its owner's alone.

    `size_bytes` is what the client declared, and the most that it may send. `key` names the file in
    the media store: 32 hex digits that nobody can guess. `expires_at` is when it must be complete.
    `attempts` is how often it was looked at, and `leased_until` is when the last of them may be
    given up. `forget_at` is when MongoDB deletes the record, None where that is not for the clock
    to say; `used_at` is when a pin first took the picture.
    """

    owner_id: Id
    kind: MediaKind
    content_type: ImageType
    size_bytes: int
    key: str
    created_at: datetime
    expires_at: datetime
    forget_at: datetime | None
    status: MediaStatus = MediaStatus.REGISTERED
    attempts: int = 0
    leased_until: datetime | None = None
    completed_at: datetime | None = None
    image: Image | None = None
    failure: UploadFailure | None = None
    used_at: datetime | None = None

    @property
    def is_ended(self) -> bool:
        """Whether it is known what became of it, for good."""
        return self.status in (MediaStatus.SUCCEEDED, MediaStatus.FAILED)

    def takes_file(self, now: datetime) -> bool:
        """Whether a client may still post the file."""
        return self.status is MediaStatus.REGISTERED and now < self.expires_at

    def is_leased(self, now: datetime) -> bool:
        """Whether some process looks at the file."""
        return (
            self.status is MediaStatus.PROCESSING
            and self.leased_until is not None
            and now < self.leased_until
        )


def registered(
    id: Id, owner_id: Id, content_type: ImageType, size_bytes: int, *, key: str, now: datetime
) -> MediaUploadRecord:
    """A new upload of a picture; `key` is 32 random hex digits."""
    expires_at = now + UPLOAD_TIME
    return MediaUploadRecord(
        id=id,
        owner_id=owner_id,
        kind=MediaKind.IMAGE,
        content_type=content_type,
        size_bytes=size_bytes,
        key=key,
        created_at=now,
        expires_at=expires_at,
        forget_at=expires_at + KEPT_FAILED,
    )


def may_view_upload(viewer: Viewer, upload: MediaUploadRecord) -> bool:
    """Only its owner: for everybody else it does not exist."""
    return upload.owner_id == viewer.user_id


def cannot_register(
    kind: MediaKind, content_type: str, size_bytes: int, *, max_bytes: int = MAX_BYTES
) -> Iterator[InputError]:
    """Everything that is wrong with what a client wants to upload."""
    if kind is not MediaKind.IMAGE:
        yield _error("kind", "Pictures can be uploaded, and videos not yet.")
    if content_type not in frozenset(ImageType):
        yield _error(
            "contentType", f"A picture is {' or '.join(ImageType)}; this was {content_type[:100]}."
        )
    if size_bytes < 1:
        yield _error("bytes", f"A file has at least 1 byte; this was {size_bytes:,}.")
    elif size_bytes > max_bytes:
        yield _error(
            "bytes",
            f"A file may have {max_bytes:,} bytes; this was {size_bytes:,}.",
            UserErrorCode.LIMIT_EXCEEDED,
        )


def cannot_open_more(open_uploads: int) -> InputError | None:
    """What is wrong when a user with so many open uploads wants another; None for nothing."""
    if open_uploads < MOST_OPEN:
        return None
    return InputError(
        code=UserErrorCode.LIMIT_EXCEEDED,
        message=f"You have {open_uploads} uploads under way, and may have {MOST_OPEN}: complete "
        "them, or wait until they expire.",
        field=("input",),
    )


def usable_image(upload: MediaUploadRecord | None, owner_id: Id, field: Path) -> Image | InputError:
    """The picture that a pin of `owner_id` shows when it names this upload, or why it cannot."""
    if upload is None or upload.owner_id != owner_id:
        return InputError(
            code=UserErrorCode.NOT_FOUND, message="There is no such upload.", field=field
        )
    if upload.image is not None:
        return upload.image
    if upload.failure is not None:
        message = f"The file was refused: {upload.failure}."
    else:
        message = f"The upload must have SUCCEEDED; it is {upload.status}."
    return InputError(code=UserErrorCode.INVALID, message=message, field=field)


def _error(field: str, message: str, code: UserErrorCode = UserErrorCode.INVALID) -> InputError:
    return InputError(code=code, message=message, field=("input", field))
