"""No refusal is kept by anybody, and of several ages the least counts (PROTOCOL P4, G1)."""

import re
from collections.abc import AsyncIterator

import pytest

from storage.embedded import EmbeddedStores
from storage.storage import Storage
from tests.protocol.product import Product, product
from tests.protocol.wire import GRAPHQL_RESPONSE, JSON, answered


@pytest.fixture(scope="module")
async def server(stores: EmbeddedStores, prepared: Storage) -> AsyncIterator[Product]:
    """The server of this module."""
    async with product(stores, prepared) as served:
        yield served


QUERY = "/graphql?query=%7B__typename%7D"

REFUSED = [
    ("/graphql", {}, 400),
    ("/graphql?query=%7B", {}, 400),
    ("/graphql?query=%7Ba%7D", {}, 400),
    (f"{QUERY}&query=%7Ba%7D", {}, 400),
    (f"{QUERY}&variables=5", {}, 400),
    (f"{QUERY}&documentId=sha256:" + "0" * 64, {}, 400),
    ("/graphql?documentId=sha256:" + "0" * 64, {}, 404),
    ("/graphql/sha256:" + "0" * 64, {}, 404),
    ("/graphql/sha256:0", {}, 400),
    (QUERY, {"Accept": "image/png"}, 406),
    (QUERY, {"Content-Type": "text/plain"}, 415),
    (QUERY, {"Authorization": "Bearer x"}, 401),
    (QUERY, {"GraphQL-Require-Preflight": ""}, 403),
    (QUERY + "x" * 9_000, {}, 414),
    (QUERY, {f"X-{i}": "y" * 8_000 for i in range(5)}, 431),
]


@pytest.mark.row("P4", "G1", "G3")
@pytest.mark.parametrize(("path", "headers", "status"), REFUSED)
async def test_no_refusal_may_be_kept(
    server: Product, path: str, headers: dict[str, str], status: int
) -> None:
    accept = {"Accept": GRAPHQL_RESPONSE, "If-None-Match": "*"}
    response = await server.get(path, headers={**accept, **headers})
    assert response.status_code == status
    assert response.json()["errors"]
    assert response.headers["cache-control"] == "no-store"
    assert "etag" not in response.headers
    assert "set-cookie" not in response.headers
    assert {"Accept", "Accept-Encoding"} <= set(response.headers["vary"].split(", "))


@pytest.mark.row("P4", "S15")
@pytest.mark.parametrize("accept", [JSON, GRAPHQL_RESPONSE])
async def test_nor_an_answer_of_which_a_part_failed(server: Product, accept: str) -> None:
    query = '{ topic(by: {key: "food"}) { name } pins(ids: ["' + '","' * 100 + '"]) { title } }'
    response = await server.get(query=query, accept=accept)
    body = response.json()
    assert body["data"] == {"topic": None, "pins": None}
    assert [error["extensions"]["code"] for error in body["errors"]] == ["BAD_USER_INPUT"]
    assert response.headers["cache-control"] == "private, no-cache, must-revalidate"
    assert "etag" not in response.headers


@pytest.mark.row("G1")
async def test_the_least_age_of_all_fields_counts(server: Product) -> None:
    parts = ('topic(by: {key: "food"}) { name }', 'user(by: {username: "ana"}) { username }')
    ages = []
    for fields in (*parts, " ".join(parts)):
        response = await server.get(query=f"{{ {fields} }}")
        answered(response)
        found = re.fullmatch(r"max-age=([1-9][0-9]*), public", response.headers["cache-control"])
        assert found is not None, response.headers["cache-control"]
        ages.append(int(found[1]))
    assert ages[0] != ages[1]
    assert ages[2] == min(ages)
