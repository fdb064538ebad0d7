"""Uploads."""

from __future__ import annotations

from datetime import datetime

from domain.media import MediaStatus
from domain.uploads import MediaKind, MediaUploadRecord, UploadFailure
from protocol.cost import Cost, ListSize
from resolvers import uploads
from schema.enums import declare_enum
from schema.fields import PRIVATE, attribute, field, node_type, object_type
from schema.media import Image
from schema.node import Node
from schema.scalars import Url

_PARAMETERS = Cost(size=ListSize(10))

declare_enum(
    MediaKind,
    "What is uploaded.",
    {"IMAGE": "A picture.", "VIDEO": "A video. None can be uploaded yet."},
)
declare_enum(
    UploadFailure,
    "Why an uploaded file was refused.",
    {
        "WRONG_TYPE": "It is not of the type that was declared.",
        "TOO_MANY_BYTES": "It is longer than was declared.",
        "TOO_MANY_PIXELS": "It is more than 8192 pixels wide or high, or has more than 50 million.",
        "ANIMATED": "It has several pictures.",
        "DAMAGED": "It is cut off, or damaged.",
        "NOT_PROCESSED": "It could not be looked at.",
    },
    name="MediaUploadFailure",
)


@object_type(uploads.KeyValue, description="A field of a form.")
class KeyValue:
    key: str = attribute("Its name.")
    value: str = attribute("Its value.")


@node_type(
    MediaUploadRecord,
    description="A file on its way to a pin: register it, post it, say that it is complete. Only "
    "its owner sees it.",
    cache=PRIVATE,
)
class MediaUpload(Node):
    kind: MediaKind = attribute("What it is.")
    status: MediaStatus = attribute("How far it has come.")
    expires_at: datetime = attribute("When it must have been completed.")
    upload_url: Url | None = field(
        uploads.upload_url,
        "Where to POST a form, `multipart/form-data`: all of `uploadParameters` in their order, "
        "then the file in a field named `file`. Null when no file is awaited any more.",
    )
    upload_parameters: list[KeyValue] = field(
        uploads.upload_parameters,
        "The fields of the form before the file; none when no file is awaited any more.",
        cost=_PARAMETERS,
    )
    image: Image | None = attribute("The picture, once it has SUCCEEDED.")
    failure: UploadFailure | None = attribute(
        "Why it has FAILED. Expect new values.", name="failureReason"
    )
