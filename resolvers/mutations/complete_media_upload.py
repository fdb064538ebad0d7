"""`completeMediaUpload`: makes a picture of a file that was posted."""

from typing import Protocol

from domain.uploads import MediaUploadRecord
from domain.user_errors import UserErrorCode
from domain.viewer import Scope
from loaders.uploads import MediaUploadByIdLoader
from resolvers.inputs import Input
from resolvers.mutation import MutationInput, Payload, Write, mutation
from storage.uploading import NothingPosted, UploadExpired


class CompleteMediaUploadInput(MutationInput, Protocol):
    """Which file has been posted."""

    id: str


class CompleteMediaUploadPayload(Payload, frozen=True, kw_only=True):
    """The upload, as far as it has come."""

    media_upload: MediaUploadRecord | None = None


@mutation(CompleteMediaUploadPayload, scopes=(Scope.PINS_WRITE,))
async def complete_media_upload(
    write: Write, input: CompleteMediaUploadInput
) -> CompleteMediaUploadPayload:
    """Looks at the file, once: whoever asks again is told what came of it.

    It writes in transactions of its own, and needs no key to happen once.
    """
    check = Input()
    upload_id = check.id("MediaUpload", input.id, "id")
    check.done()
    found = await write.loaders(MediaUploadByIdLoader).load(upload_id)
    upload = check.found(found, "upload", "id")
    check.done()
    try:
        completed = await write.info.context.uploading.complete(upload)
    except NothingPosted:
        check.refuse(UserErrorCode.INVALID, "The file has not been posted yet.", "id")
    except UploadExpired:
        check.refuse(UserErrorCode.INVALID, "It has expired: register another upload.", "id")
    check.done()
    write.loaders(MediaUploadByIdLoader).refresh(upload_id, completed)
    return CompleteMediaUploadPayload(media_upload=completed)
