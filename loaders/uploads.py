"""Uploads of the viewer."""

from collections.abc import Mapping, Sequence

from domain.record import Id
from domain.uploads import MediaUploadRecord, may_view_upload
from domain.viewer import Scope
from loaders.base import BatchLoader


class MediaUploadByIdLoader(BatchLoader[Id, MediaUploadRecord]):
    """An upload of the viewer; None when there is none, and for a token that may not write pins:
    whoever sees one can post its file."""

    async def fetch(self, keys: Sequence[Id]) -> Mapping[Id, MediaUploadRecord]:
        """The viewer's own uploads among the keys."""
        if not self.viewer.is_signed_in or not self.viewer.may(Scope.PINS_WRITE):
            return {}
        found = await self.storage.uploads.get_many(keys)
        return {id: each for id, each in found.items() if may_view_upload(self.viewer, each)}
