"""`completeMediaUpload`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import strawberry

from resolvers.mutations import complete_media_upload as answers
from schema.fields import attribute, input_type, object_type
from schema.payload import MutationInput, Payload

if TYPE_CHECKING:
    from schema.media_upload import MediaUpload


@input_type(description="Which upload is complete.")
class CompleteMediaUploadInput(MutationInput):
    id: strawberry.ID = strawberry.field(description="The upload whose file has been posted.")


@object_type(answers.CompleteMediaUploadPayload, description="What `completeMediaUpload` gives.")
class CompleteMediaUploadPayload(Payload):
    media_upload: MediaUpload | None = attribute(
        "The upload: SUCCEEDED or FAILED, and PROCESSING where that takes longer. Complete it "
        "again, or read it by its id, to learn what came of it."
    )
