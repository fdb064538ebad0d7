"""Manifests as the tools of clients write them, pushed by the command and served (PROTOCOL D3)."""

import json
from collections.abc import AsyncIterator, Callable, Mapping
from hashlib import md5
from pathlib import Path

import pytest

from storage.embedded import EmbeddedStores
from storage.storage import Storage
from tests.protocol.product import Product, hash_of, new_text, product, push
from tests.protocol.wire import answered, refused

DATA = {"__typename": "Query"}


@pytest.fixture(scope="module")
async def shared(stores: EmbeddedStores, prepared: Storage) -> AsyncIterator[Product]:
    """A server that runs nothing but trusted documents."""
    async with product(stores, prepared, trusted_documents="only") as served:
        yield served


@pytest.fixture
def only(shared: Product, storage: Storage) -> Product:
    """That server, over stores that are empty at first."""
    return shared


def _md5(text: str) -> str:
    return md5(text.encode(), usedforsecurity=False).hexdigest()


def _apollo(texts: list[str]) -> object:
    operations = [
        {"id": hash_of(text), "name": text.split()[1], "type": "query", "body": text}
        for text in texts
    ]
    return {
        "format": "apollo-persisted-query-manifest",
        "version": 1,
        "operations": operations,
    }


MANIFESTS: Mapping[str, Callable[[list[str]], object]] = {
    "Apollo": _apollo,
    "Relay": lambda texts: {_md5(text): text for text in texts},
    "Relay with SHA-256": lambda texts: {hash_of(text): text for text in texts},
    "codegen": lambda texts: {hash_of(text): text for text in texts},
    "codegen with a prefix": lambda texts: {f"sha256:{hash_of(text)}": text for text in texts},
}


@pytest.mark.row("D3")
@pytest.mark.parametrize("tool", MANIFESTS)
async def test_d3_what_a_manifest_brings_is_served(
    only: Product, stores: EmbeddedStores, tmp_path: Path, tool: str
) -> None:
    texts = [new_text() for _ in range(3)]
    ids = [_md5(text) if tool == "Relay" else f"sha256:{hash_of(text)}" for text in texts]
    for id in ids:
        response = await only.post(documentId=id)
        refused(response, 200, "PERSISTED_QUERY_NOT_IN_LIST")
    manifest = tmp_path / "manifest.json"
    manifest.write_text(json.dumps(MANIFESTS[tool](texts)))
    pushed = await push(stores, manifest)
    assert pushed.returncode == 0, pushed
    for id in ids:
        assert answered(await only.post(documentId=id)) == DATA
        assert answered(await only.get(documentId=id)) == DATA


@pytest.mark.row("D3")
async def test_d3_a_manifest_whose_hashes_are_not_those_of_its_texts_brings_nothing(
    only: Product, stores: EmbeddedStores, tmp_path: Path
) -> None:
    good, bad = new_text(), new_text()
    manifest = tmp_path / "manifest.json"
    manifest.write_text(json.dumps({hash_of(good): good, hash_of("another"): bad}))
    pushed = await push(stores, manifest)
    assert pushed.returncode == 1
    for text in (good, bad, "another"):
        response = await only.post(documentId=f"sha256:{hash_of(text)}")
        refused(response, 200, "PERSISTED_QUERY_NOT_IN_LIST")
