"""Files of users in a bucket of Amazon S3, or of whatever speaks its protocol.

Clients post to the bucket itself (a presigned POST) and load pictures from it, or from the CDN
before it: neither passes through this server. boto3 comes with the extra `s3`; it blocks, so each
call has a thread. Credentials are those that boto3 finds: of the environment, or of the machine.

Whoever runs the bucket lets the CDN read `media/` and nobody read `incoming/`, and gives
`incoming/` a lifecycle rule that deletes after a day.
"""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import BinaryIO, Final, Protocol, TypedDict, TypeVar, cast

import structlog

from domain.errors import StoreUnavailable
from domain.uploads import MediaUploadRecord
from storage.media import FOREVER, TYPE_FIELD, UploadTicket, public_name

T = TypeVar("T")

log = structlog.get_logger()

_INCOMING: Final = "incoming"
_PUBLISHED: Final = "media"
_CONNECT_TIMEOUT_S: Final = 2
_READ_TIMEOUT_S: Final = 10
_ATTEMPTS: Final = 2
_MISSING: Final = frozenset({"404", "NoSuchKey", "NotFound"})


class S3Unavailable(ImportError):
    """boto3 is not installed."""

    def __init__(self) -> None:
        super().__init__("A bucket needs boto3: install Pinery with its extra `s3`.")


class _NoSuchObject(Exception):
    """There is nothing under a key."""


class _PresignedPost(TypedDict):
    url: str
    fields: dict[str, str]


class _Object(TypedDict):
    Body: BinaryIO


class S3Client(Protocol):
    """What is used of boto3's client, which has no types of its own."""

    def generate_presigned_post(
        self,
        Bucket: str,
        Key: str,
        Fields: Mapping[str, str],
        Conditions: list[object],
        ExpiresIn: int,
    ) -> _PresignedPost:
        """Signs a form, without asking anybody."""

    def head_object(self, *, Bucket: str, Key: str) -> object:
        """Finds out whether there is an object."""

    def get_object(self, *, Bucket: str, Key: str) -> _Object:
        """Begins to read one."""

    def put_object(
        self, *, Bucket: str, Key: str, Body: bytes, ContentType: str, CacheControl: str
    ) -> object:
        """Writes one."""

    def delete_object(self, *, Bucket: str, Key: str) -> object:
        """Deletes one, if it is there."""


def s3_client(*, endpoint: str | None = None, region: str | None = None) -> S3Client:
    """A client of S3, or of what answers at `endpoint`. Raises `S3Unavailable` without boto3."""
    try:
        import boto3  # type: ignore[import-untyped]
        from botocore.config import Config  # type: ignore[import-untyped]
    except ImportError:
        raise S3Unavailable from None
    # Other services have no name for each bucket. Amazon has one, which differs by region: the one
    # without a region answers a form with a redirection.
    config = Config(
        signature_version="s3v4",
        s3={"addressing_style": "virtual" if endpoint is None else "path"},
        connect_timeout=_CONNECT_TIMEOUT_S,
        read_timeout=_READ_TIMEOUT_S,
        retries={"total_max_attempts": _ATTEMPTS},
    )
    client = boto3.client("s3", endpoint_url=endpoint, region_name=region, config=config)
    return cast("S3Client", client)


class S3MediaStore:
    """Files in a bucket; pictures are at `{url}/media/{name}` for everybody."""

    def __init__(self, client: S3Client, bucket: str, url: str) -> None:
        self._client = client
        self._bucket = bucket
        self._url = url.rstrip("/")

    async def ticket(self, upload: MediaUploadRecord, now: datetime) -> UploadTicket:
        """A presigned POST: S3 itself refuses another key, another type, and too many bytes."""
        content_type = {TYPE_FIELD: upload.content_type.value}
        post = await self._call(
            lambda: self._client.generate_presigned_post(
                self._bucket,
                _incoming(upload),
                content_type,
                [content_type, ["content-length-range", 1, upload.size_bytes]],
                max(1, int((upload.expires_at - now).total_seconds())),
            )
        )
        return UploadTicket(post["url"], post["fields"])

    async def has(self, upload: MediaUploadRecord) -> bool:
        """Whether the object is there; S3 shows only whole ones.

        Who may not list the bucket is refused what is not there, so we must be allowed to.
        """
        key = _incoming(upload)
        try:
            await self._call(lambda: self._client.head_object(Bucket=self._bucket, Key=key))
        except _NoSuchObject:
            return False
        return True

    async def read(self, upload: MediaUploadRecord) -> bytes | None:
        """The object, up to a byte beyond what was declared."""
        try:
            return await self._call(lambda: self._read(upload))
        except _NoSuchObject:
            return None

    async def publish(self, upload: MediaUploadRecord, picture: bytes) -> str:
        """Puts the picture under its name, with the type and the age it is served with."""
        key = _published(upload)
        await self._call(
            lambda: self._client.put_object(
                Bucket=self._bucket,
                Key=key,
                Body=picture,
                ContentType=upload.content_type.value,
                CacheControl=FOREVER,
            )
        )
        return f"{self._url}/{key}"

    async def remove(self, upload: MediaUploadRecord) -> None:
        """Deletes the object."""
        await self._delete(_incoming(upload))

    async def withdraw(self, upload: MediaUploadRecord) -> None:
        """Deletes the picture; a CDN may have it for longer."""
        await self._delete(_published(upload))

    async def sweep(self) -> None:
        """Does nothing: a lifecycle rule of the bucket does."""

    async def _delete(self, key: str) -> None:
        await self._call(lambda: self._client.delete_object(Bucket=self._bucket, Key=key))

    def _read(self, upload: MediaUploadRecord) -> bytes:
        found = self._client.get_object(Bucket=self._bucket, Key=_incoming(upload))
        with found["Body"] as body:
            return body.read(upload.size_bytes + 1)

    async def _call(self, call: Callable[[], T]) -> T:
        """What a blocking call gives.

        Raises `StoreUnavailable` when the bucket does not answer, or refuses.
        """
        from botocore.exceptions import (  # type: ignore[import-untyped]
            BotoCoreError,
            ClientError,
        )

        try:
            return await asyncio.to_thread(call)
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") in _MISSING:
                raise _NoSuchObject from None
            log.warning("media_store_failed", reason=repr(error))
            raise StoreUnavailable("The media store refused a request.") from error
        except BotoCoreError as error:
            log.warning("media_store_failed", reason=repr(error))
            raise StoreUnavailable("The media store is not answering.") from error


def _incoming(upload: MediaUploadRecord) -> str:
    return f"{_INCOMING}/{upload.key}"


def _published(upload: MediaUploadRecord) -> str:
    return f"{_PUBLISHED}/{public_name(upload)}"
