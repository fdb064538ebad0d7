"""`createMediaUpload`: registers a file that is to be posted."""

import secrets
from typing import Protocol

from domain.rate_limits import Burst
from domain.uploads import ImageType, MediaKind, MediaUploadRecord, cannot_open_more
from domain.user_errors import Refused
from domain.viewer import Scope
from resolvers.mutation import MutationInput, Payload, Write, mutation
from storage.codec import new_id
from storage.transactions import Transaction
from storage.uploads import count_open, register


class CreateMediaUploadInput(MutationInput, Protocol):
    """What is to be posted."""

    kind: MediaKind
    content_type: str
    bytes: int


class CreateMediaUploadPayload(Payload, frozen=True, kw_only=True):
    """The upload, with what to post its file with."""

    media_upload: MediaUploadRecord | None = None


@mutation(CreateMediaUploadPayload, scopes=(Scope.PINS_WRITE,), burst=Burst.UPLOAD)
async def create_media_upload(
    write: Write, input: CreateMediaUploadInput
) -> CreateMediaUploadPayload:
    """Makes an upload of the viewer, who has an hour to complete it."""
    errors = write.info.context.uploading.cannot_register(
        input.kind, input.content_type, input.bytes
    )
    if errors:
        raise Refused(*errors)

    async def create(tx: Transaction) -> CreateMediaUploadPayload:
        too_many = cannot_open_more(await count_open(tx, write.me.id))
        if too_many is not None:
            raise Refused(too_many)
        upload = await register(
            tx,
            new_id(),
            write.me.id,
            ImageType(input.content_type),
            input.bytes,
            key=secrets.token_hex(16),
        )
        return CreateMediaUploadPayload(media_upload=upload)

    return await write.commit(create, turns=[write.me.id])
