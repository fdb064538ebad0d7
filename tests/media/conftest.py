"""Uploads in the real stores, with files in an empty directory."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from domain.signing import Signer
from storage.media import LocalMediaStore
from storage.storage import Storage
from storage.uploading import Uploading

SIGNER = Signer(b"a signing key of the tests, and only of them")
URL = "https://media.example/media"


@pytest.fixture
def media(tmp_path: Path) -> LocalMediaStore:
    """A store in an empty directory."""
    return LocalMediaStore(tmp_path, SIGNER, URL)


@pytest.fixture
async def uploading(storage: Storage, media: LocalMediaStore) -> AsyncIterator[Uploading]:
    """What completes uploads, as one process has it."""
    made = Uploading(storage.uploads, storage.transactions, media)
    yield made
    await made.close()
