"""Uploads: what their files are posted with."""

from typing import NamedTuple

from domain.uploads import MediaUploadRecord
from resolvers.context import Info


class KeyValue(NamedTuple):
    """A parameter of a form, by its name."""

    key: str
    value: str


async def upload_url(upload: MediaUploadRecord, info: Info) -> str | None:
    """Where to post the file; None when it is not to be posted any more."""
    ticket = await info.context.uploading.ticket(upload, info.context.now)
    return None if ticket is None else ticket.url


async def upload_parameters(upload: MediaUploadRecord, info: Info) -> list[KeyValue]:
    """The fields of the form before the file; none when it is not to be posted any more."""
    ticket = await info.context.uploading.ticket(upload, info.context.now)
    return [] if ticket is None else [KeyValue(*pair) for pair in ticket.parameters.items()]
