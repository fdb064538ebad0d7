"""Uploads: what may be registered, and which a pin may show."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from domain.media import Image, MediaStatus
from domain.record import Id
from domain.uploads import (
    LEASE,
    MAX_BYTES,
    MOST_OPEN,
    UPLOAD_TIME,
    ImageType,
    MediaKind,
    UploadFailure,
    cannot_open_more,
    cannot_register,
    may_view_upload,
    registered,
    usable_image,
)
from domain.user_errors import InputError, UserErrorCode
from domain.viewer import ANONYMOUS, Viewer

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
ANA, BEN = Id("a" * 24), Id("b" * 24)
UPLOAD = registered(Id("1" * 24), ANA, ImageType.PNG, 1_000, key="0" * 32, now=NOW)
PICTURE = Image(source_url="https://media.example/1.png", width=6, height=4)
FIELD = ("input", "imageUpload")


def test_there_is_an_hour_to_upload() -> None:
    assert UPLOAD.status is MediaStatus.REGISTERED
    assert UPLOAD.expires_at == NOW + UPLOAD_TIME == NOW + timedelta(hours=1)
    assert UPLOAD.takes_file(NOW)
    assert not UPLOAD.takes_file(UPLOAD.expires_at)
    assert not msgspec.structs.replace(UPLOAD, status=MediaStatus.PROCESSING).takes_file(NOW)


def test_a_lease_ends() -> None:
    leased = msgspec.structs.replace(
        UPLOAD, status=MediaStatus.PROCESSING, leased_until=NOW + LEASE
    )
    assert leased.is_leased(NOW)
    assert not leased.is_leased(NOW + LEASE)
    assert not UPLOAD.is_leased(NOW)


def test_only_its_owner_sees_it() -> None:
    assert may_view_upload(Viewer(user_id=ANA), UPLOAD)
    assert not may_view_upload(Viewer(user_id=BEN), UPLOAD)
    assert not may_view_upload(ANONYMOUS, UPLOAD)


@pytest.mark.parametrize("content_type", ["image/jpeg", "image/png"])
@pytest.mark.parametrize("size", [1, MAX_BYTES])
def test_what_may_be_registered(content_type: str, size: int) -> None:
    assert list(cannot_register(MediaKind.IMAGE, content_type, size)) == []


@pytest.mark.parametrize("content_type", ["image/gif", "image/svg+xml", "IMAGE/PNG", "", "x" * 999])
@pytest.mark.parametrize(
    ("size", "code"),
    [
        (0, UserErrorCode.INVALID),
        (-1, UserErrorCode.INVALID),
        (MAX_BYTES + 1, UserErrorCode.LIMIT_EXCEEDED),
    ],
)
def test_all_that_is_wrong_is_told_at_once(
    content_type: str, size: int, code: UserErrorCode
) -> None:
    errors = list(cannot_register(MediaKind.VIDEO, content_type, size))
    assert [(error.code, error.field) for error in errors] == [
        (UserErrorCode.INVALID, ("input", "kind")),
        (UserErrorCode.INVALID, ("input", "contentType")),
        (code, ("input", "bytes")),
    ]
    assert all(len(error.message) < 200 for error in errors)


def test_so_many_may_be_open() -> None:
    assert cannot_open_more(MOST_OPEN - 1) is None
    error = cannot_open_more(MOST_OPEN)
    assert error is not None
    assert error.code is UserErrorCode.LIMIT_EXCEEDED


def test_a_pin_shows_a_picture_of_its_owner() -> None:
    done = msgspec.structs.replace(UPLOAD, status=MediaStatus.SUCCEEDED, image=PICTURE)
    assert usable_image(done, ANA, FIELD) == PICTURE


def test_a_pin_shows_nothing_else() -> None:
    done = msgspec.structs.replace(UPLOAD, status=MediaStatus.SUCCEEDED, image=PICTURE)
    failed = msgspec.structs.replace(
        UPLOAD, status=MediaStatus.FAILED, failure=UploadFailure.DAMAGED
    )
    missing = InputError(
        code=UserErrorCode.NOT_FOUND, message="There is no such upload.", field=FIELD
    )
    assert usable_image(None, ANA, FIELD) == missing
    assert usable_image(done, BEN, FIELD) == missing
    assert usable_image(failed, ANA, FIELD) == InputError(
        code=UserErrorCode.INVALID, message="The file was refused: DAMAGED.", field=FIELD
    )
    assert usable_image(UPLOAD, ANA, FIELD) == InputError(
        code=UserErrorCode.INVALID,
        message="The upload must have SUCCEEDED; it is REGISTERED.",
        field=FIELD,
    )
