"""Trusted documents may ask for more than strangers (PROTOCOL D10), and not for everything."""

from collections.abc import AsyncIterator, Mapping

import pytest

from resolvers.nodes import global_id
from storage.embedded import EmbeddedStores
from storage.storage import Storage
from tests.protocol.product import Product, hash_of, new_text, product, publish
from tests.protocol.wire import GRAPHQL_RESPONSE, answered, refused
from tests.world import World


@pytest.fixture(scope="module")
async def shared(stores: EmbeddedStores, prepared: Storage) -> AsyncIterator[Product]:
    """A server that runs any document, and trusts some."""
    async with product(stores, prepared, trusted_documents="allow") as served:
        yield served


@pytest.fixture
def allow(shared: Product, storage: Storage) -> Product:
    """That server, over stores that are empty at first."""
    return shared


def _deep(levels: int) -> str:
    """So many fields inside each other, the last of them a leaf."""
    parents = levels - 1
    return (
        "query($id: ID!) { pin(id: $id) {" + " root {" * (parents - 1) + " id" + " }" * parents
    ) + f" }} # {new_text()}"


def _aliases(count: int) -> str:
    fields = " ".join(f"a{i}: title" for i in range(count))
    return f"query($id: ID!) {{ pin(id: $id) {{ {fields} }} }} # {new_text()}"


def _roots(count: int) -> str:
    fields = " ".join(f"a{i}: __typename" for i in range(count))
    return f"query {{ {fields} }} # {new_text()}"


def _tokens(count: int) -> str:
    ids = '"x" ' * (count - 26)
    return f"query($ids: [ID!]! = [{ids}]) {{ nodes(ids: $ids) {{ id }} }} # {new_text()}"


def _dear(pages: int) -> str:
    """Pages of 100 inside a page of `pages`."""
    return (
        f"query($id: ID!) {{ pin(id: $id) {{ board {{ owner {{ boards(first: {pages}) {{ nodes {{ "
        f"pins(first: 100) {{ nodes {{ id }} }} }} }} }} }} }} }} # {new_text()}"
    )


LARGE: Mapping[str, str] = {
    "depth": _deep(20),
    "aliases": _aliases(60),
    "root fields": _roots(25),
    "tokens": _tokens(2_001),
    "cost": _dear(30),
}
"""What strangers may not ask for, and an app may."""

TOO_LARGE: Mapping[str, str] = {
    "tokens": _tokens(20_001),
    "cost": _dear(100),
}
"""What nobody may ask for."""


@pytest.mark.row("D10", "T15")
@pytest.mark.parametrize("name", LARGE)
async def test_d10_a_trusted_document_may_ask_for_more_than_strangers(
    allow: Product, storage: Storage, world: World, name: str
) -> None:
    text = LARGE[name]
    await publish(storage, text)
    pin = await world.pin(await world.board(await world.user("ana")))
    variables = {"id": global_id(pin), "ids": []}
    digest = hash_of(text)
    for _ in range(2):  # before the document is in any cache, and after
        response = await allow.post(query=text, variables=variables, accept=GRAPHQL_RESPONSE)
        refused(response, 400, "QUERY_TOO_EXPENSIVE", GRAPHQL_RESPONSE)
        response = await allow.post(documentId=f"sha256:{digest}", variables=variables)
        assert answered(response)
    response = await allow.get(f"/graphql/sha256:{digest}", variables=variables)
    assert answered(response)


@pytest.mark.row("D10")
@pytest.mark.parametrize("name", TOO_LARGE)
async def test_d10_there_is_a_bound_for_everybody(
    allow: Product, storage: Storage, name: str
) -> None:
    text = TOO_LARGE[name]
    await publish(storage, text)
    response = await allow.post(
        documentId=f"sha256:{hash_of(text)}",
        variables={"id": "x", "ids": []},
        accept=GRAPHQL_RESPONSE,
    )
    refused(response, 400, "QUERY_TOO_EXPENSIVE", GRAPHQL_RESPONSE)
