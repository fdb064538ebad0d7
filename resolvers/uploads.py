"""Uploads: what their files are posted with."""

from collections.abc import Sequence
from typing import NamedTuple

from domain.uploads import MediaUploadRecord
from resolvers.context import Info
from resolvers.declared import batch, settled
from storage.media import UploadTicket


class KeyValue(NamedTuple):
    """A parameter of a form, by its name."""

    key: str
    value: str


@batch
async def upload_url(
    uploads: Sequence[MediaUploadRecord], info: Info
) -> list[str | Exception | None]:
    """Where to post each file; None when it is not to be posted any more."""
    tickets = await _tickets(uploads, info)
    return [each.url if isinstance(each, UploadTicket) else each for each in tickets]


@batch
async def upload_parameters(
    uploads: Sequence[MediaUploadRecord], info: Info
) -> list[list[KeyValue] | Exception]:
    """The fields of each form before its file; none when it is not to be posted any more."""
    tickets = await _tickets(uploads, info)
    return [each if isinstance(each, Exception) else _fields(each) for each in tickets]


async def _tickets(
    uploads: Sequence[MediaUploadRecord], info: Info
) -> list[UploadTicket | Exception | None]:
    context = info.context
    return await settled(context.uploading.ticket(upload, context.now) for upload in uploads)


def _fields(ticket: UploadTicket | None) -> list[KeyValue]:
    return [] if ticket is None else [KeyValue(*pair) for pair in ticket.parameters.items()]
