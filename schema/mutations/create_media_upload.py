"""`createMediaUpload`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import strawberry

from domain.uploads import MediaKind
from resolvers.mutations import create_media_upload as answers
from schema.fields import attribute, input_type, object_type
from schema.payload import MutationInput, Payload

if TYPE_CHECKING:
    from schema.media_upload import MediaUpload


@input_type(description="What is to be uploaded.")
class CreateMediaUploadInput(MutationInput):
    kind: MediaKind = strawberry.field(description="What it is; so far, a picture.")
    content_type: str = strawberry.field(
        description="The media type of the file: `image/jpeg` or `image/png`."
    )
    bytes: int = strawberry.field(description="How long the file is; up to 20 MiB.")


@object_type(answers.CreateMediaUploadPayload, description="What `createMediaUpload` gives.")
class CreateMediaUploadPayload(Payload):
    media_upload: MediaUpload | None = attribute("The upload, with where to post the file.")
