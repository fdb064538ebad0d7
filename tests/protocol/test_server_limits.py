"""The limits of the real server are exact (PROTOCOL 12): so much is served, and one more is not."""

import json
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import pytest

from domain.ids import to_global_id
from resolvers.nodes import global_id
from storage.embedded import EmbeddedStores
from storage.storage import Storage
from tests.protocol.product import Product, product
from tests.protocol.wire import GRAPHQL_RESPONSE, JSON, MEDIA_TYPES, answered, refused
from tests.world import World

NOBODY = to_global_id("Pin", "0" * 24)
VARIABLES = {"id": NOBODY, "ids": []}


@pytest.fixture(scope="module")
async def shared(stores: EmbeddedStores, prepared: Storage) -> AsyncIterator[Product]:
    """The server of this module."""
    async with product(stores, prepared) as served:
        yield served


@pytest.fixture
def server(shared: Product, storage: Storage) -> Product:
    """That server, over stores that are empty at first."""
    return shared


def tokens(count: int) -> str:
    """A document of so many tokens, most of them a value that a variable replaces."""
    ids = '"x" ' * (count - 26)
    return f"query($ids: [ID!]! = [{ids}]) {{ nodes(ids: $ids) {{ id }} }}"


def aliases(count: int) -> str:
    """So many aliases, ten of them in a fragment."""
    inner = " ".join(f"b{i}: __typename" for i in range(10))
    outer = " ".join(f"a{i}: __typename" for i in range(count - 10))
    return f"{{ nodes(ids: []) {{ {outer} ...F }} }} fragment F on Node {{ {inner} }}"


def root_fields(count: int) -> str:
    """So many fields at the root, ten of them in a fragment."""
    inner = " ".join(f"b{i}: __typename" for i in range(10))
    outer = " ".join(f"a{i}: __typename" for i in range(count - 10))
    return f"{{ {outer} ...F }} fragment F on Query {{ {inner} }}"


def depth(count: int) -> str:
    """So many fields with a selection inside each other, half of them in a fragment."""
    inner = count // 2
    outer = count - inner - 1
    return (
        "query($id: ID!) { pin(id: $id) {" + " root {" * outer + " ...F" + " }" * (outer + 2)
    ) + (" fragment F on Pin {" + " root {" * inner + " id" + " }" * (inner + 1))


def connections(count: int) -> str:
    """The same through connections, of which `edges`, `node`, `nodes` and `pageInfo` are free."""
    text = "id"
    for number in range((count - 1) // 2):
        way = ("nodes {", "}") if number % 2 else ("edges { cursor node {", "} }")
        page = "pageInfo { hasNextPage }"
        text = f"board {{ pins(first: 0) {{ {page} {way[0]} {text} {way[1]} }} }}"
    if count % 2 == 0:
        text = f"root {{ {text} }}"
    return f"query($id: ID!) {{ pin(id: $id) {{ {text} }} }}"


def directives(count: int) -> str:
    """So many directives, at most two on a field."""
    on = [" @skip(if: false) @include(if: true)"] * (count // 2) + [" @skip(if: false)"] * (
        count % 2
    )
    fields = " ".join(f"a{i}: __typename{each}" for i, each in enumerate(on))
    return f"{{ nodes(ids: []) {{ {fields} }} }}"


def fragments(count: int) -> str:
    """So many fragments, each of them used."""
    spreads = " ".join(f"...F{i}" for i in range(count))
    return f"{{ nodes(ids: []) {{ {spreads} }} }}" + "".join(
        f" fragment F{i} on Node {{ __typename }}" for i in range(count)
    )


def operations(count: int) -> str:
    """So many operations."""
    return " ".join(f"query Q{i} {{ __typename }}" for i in range(count))


Exact = tuple[Callable[[int], str], int]

EXACT: Mapping[str, Exact] = {
    "tokens": (tokens, 2_000),
    "aliases": (aliases, 30),
    "root fields": (root_fields, 20),
    "depth": (depth, 15),
    "depth through connections": (connections, 15),
    "directives": (directives, 50),
    "fragments": (fragments, 50),
    "operations": (operations, 10),
}


@pytest.mark.row("T4", "T5", "T6", "T7", "T8", "T9")
@pytest.mark.parametrize("name", EXACT)
@pytest.mark.parametrize("media_type", MEDIA_TYPES)
async def test_a_document_of_just_so_much(server: Product, name: str, media_type: str) -> None:
    make, most = EXACT[name]
    which = {"operationName": "Q0"} if name == "operations" else {}
    request: dict[str, Any] = {"variables": VARIABLES, "accept": media_type, **which}
    assert answered(await server.post(query=make(most), **request), media_type)
    response = await server.post(query=make(most + 1), **request)
    error = refused(response, 400, "QUERY_TOO_EXPENSIVE", media_type)
    assert f"{most:,}" in error["message"] or str(most) in error["message"]


@pytest.mark.row("T4", "T5", "T6", "T7", "T8", "T9")
@pytest.mark.parametrize("name", [name for name in EXACT if name != "tokens"])  # not in a URL
async def test_it_is_the_same_by_get(server: Product, name: str) -> None:
    make, most = EXACT[name]
    which = {"operationName": "Q0"} if name == "operations" else {}
    request: dict[str, Any] = {"variables": VARIABLES, **which}
    assert answered(await server.get(query=make(most), **request))
    refused(await server.get(query=make(most + 1), **request), 400, "QUERY_TOO_EXPENSIVE")


@pytest.mark.row("T8")
async def test_six_directives_on_one_field(server: Product) -> None:
    query = "{ __typename" + " @skip(if: false)" * 6 + " }"
    response = await server.post(query=query, accept=GRAPHQL_RESPONSE)
    refused(response, 400, "QUERY_TOO_EXPENSIVE", GRAPHQL_RESPONSE)


PAGES = (
    "query($id: ID!, $n: Int!) { pin(id: $id) { board { owner { boards(first: $n) { nodes { "
    "pins(first: 5) { nodes { id } } } } } } } }"
)


@pytest.mark.row("T10")
async def test_the_price_is_that_of_its_variables_and_its_limit_exact(
    stores: EmbeddedStores, storage: Storage
) -> None:
    variables = {"id": NOBODY, "n": 10}
    async with product(stores, storage, rate_limit_points=100_000) as server:
        response = await server.post(query=PAGES, variables=variables)
        assert answered(response) == {"pin": None}
        price = response.json()["extensions"]["cost"]["requestedQueryCost"]
    assert price > 50
    async with product(stores, storage, max_cost=price) as server:
        assert answered(await server.post(query=PAGES, variables=variables)) == {"pin": None}
        for media_type in MEDIA_TYPES:
            dearer = {**variables, "n": 11}
            response = await server.post(query=PAGES, variables=dearer, accept=media_type)
            error = refused(response, 400, "QUERY_TOO_EXPENSIVE", media_type)
            asked = error["extensions"]["cost"]
            assert asked["requestedQueryCost"] > price
            assert asked["maximumAvailable"] == price
    async with product(stores, storage, max_cost=price - 1) as server:
        response = await server.post(query=PAGES, variables=variables)
        error = refused(response, 400, "QUERY_TOO_EXPENSIVE")
        assert error["extensions"]["cost"] == {
            "requestedQueryCost": price,
            "maximumAvailable": price - 1,
        }


@pytest.mark.row("T10")
async def test_a_dear_operation_asks_no_store(server: Product, calls: list[str]) -> None:
    dear = PAGES.replace("first: 5", "first: 100")
    response = await server.post(query=dear, variables={"id": NOBODY, "n": 100})
    refused(response, 400, "QUERY_TOO_EXPENSIVE")
    assert calls == []


@pytest.mark.row("T11", "S15")
@pytest.mark.parametrize("first", [101, 1_000, 2_147_483_647, -1])
async def test_a_page_has_at_most_a_hundred(server: Product, world: World, first: int) -> None:
    board = await world.board(await world.user("ana"))
    pin = await world.pin(board)
    query = "query($id: ID!, $n: Int) { board(by: {id: $id}) { pins(first: $n) { nodes { id } } } }"
    variables = {"id": global_id(board), "n": 100}
    data = answered(await server.post(query=query, variables=variables))
    assert data == {"board": {"pins": {"nodes": [{"id": global_id(pin)}]}}}
    for media_type in MEDIA_TYPES:
        response = await server.post(
            query=query, variables={**variables, "n": first}, accept=media_type
        )
        assert response.status_code == 200
        body = response.json()
        assert body["data"] == {"board": {"pins": None}}
        assert [error["extensions"]["code"] for error in body["errors"]] == ["BAD_USER_INPUT"]


@pytest.mark.row("T11", "S15")
async def test_a_list_of_ids_has_at_most_a_hundred(server: Product) -> None:
    query = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    data = answered(await server.post(query=query, variables={"ids": [NOBODY] * 100}))
    assert data == {"nodes": [None] * 100}
    body = (await server.post(query=query, variables={"ids": [NOBODY] * 101})).json()
    assert body["data"] == {"nodes": None}
    assert [error["extensions"]["code"] for error in body["errors"]] == ["BAD_USER_INPUT"]


@pytest.mark.row("T12")
async def test_at_most_ten_errors_are_told(server: Product) -> None:
    many = {
        "fields": "{" + " ".join(f"unknown{i}" for i in range(20)) + "}",
        "directives": "{ __typename " + " ".join(f"@a{i}" for i in range(5)) + " }",
        "arguments": "{ viewer(" + ", ".join(f"a{i}: 1" for i in range(50)) + ") { __typename } }",
        "fragments": "{" + " ".join(f"...F{i}" for i in range(50)) + "}",
        "variables": "query(" + " ".join(f"$v{i}: Int" for i in range(50)) + ") { __typename }",
    }
    for query in many.values():
        errors = (await server.post(query=query)).json()["errors"]
        assert 1 <= len(errors) <= 10
    declared = " ".join(f"$v{i}: ID!" for i in range(20))
    used = " ".join(f"f{i}: pin(id: $v{i}) {{ id }}" for i in range(20))
    response = await server.post(query=f"query({declared}) {{ {used} }}", variables={})
    refused(response, 200, "BAD_USER_INPUT")
    assert len(response.json()["errors"]) == 10


HINTED = [
    ("{ viewr { user { id } } }", "viewer"),
    ("{ viewer { usr { id } } }", "user"),
    ("{ viewer }", "{ ... }"),
    ("{ pin(idd: 1) { id } }", "'id'"),
    ("{ pin(id: 1) { id @skip(iff: true) } }", "'if'"),
    ('{ user(by: {usrname: "ana"}) { id } }', "username"),
    ("{ node(id: 1) { ... on Pinn { id } } }", "Pin"),
    ("query($by: UserB) { user(by: $by) { id } }", "UserBy"),
    ("query($by: UserBy!) { user(by: $by) { id } }", "username"),
]


@pytest.mark.row("T14")
@pytest.mark.parametrize(("query", "hint"), HINTED)
async def test_in_production_no_message_suggests_a_name(
    stores: EmbeddedStores, storage: Storage, server: Product, query: str, hint: str
) -> None:
    variables = {"by": {"usrname": "ana"}}
    helped = (await server.post(query=query, variables=variables)).json()["errors"]
    async with product(stores, storage, env="production", allowed_hosts=("127.0.0.1",)) as hidden:
        errors = (await hidden.post(query=query, variables=variables)).json()["errors"]
    assert any("Did you mean" in error["message"] and hint in error["message"] for error in helped)
    assert len(errors) == len(helped)
    assert not any("Did you mean" in error["message"] for error in errors)


@pytest.mark.row("T16", "Q4")
@pytest.mark.parametrize("name", ["variables", "extensions"])
async def test_variables_are_only_so_deep(server: Product, name: str) -> None:
    def deep(levels: int) -> dict[str, Any]:
        value: object = 1
        for _ in range(levels - 1):
            value = [value]
        return {"query": "{ __typename }", name: {"a": value}}

    most = 32
    for response in (await server.post(**deep(most)), await server.get(**deep(most))):
        assert answered(response) == {"__typename": "Query"}
    for response in (await server.post(**deep(most + 1)), await server.get(**deep(most + 1))):
        refused(response, 400, "BAD_REQUEST")


@pytest.mark.row("T1", "T2", "S11")
@pytest.mark.parametrize("in_chunks", [False, True])
async def test_a_body_of_just_so_many_bytes(
    stores: EmbeddedStores, storage: Storage, in_chunks: bool
) -> None:
    async def content(body: bytes) -> AsyncIterator[bytes]:
        for start in range(0, len(body), 1_000):
            yield body[start : start + 1_000]

    async with product(stores, storage, max_body_bytes=5_000) as server:
        for size, status in ((5_000, 200), (5_001, 413)):
            body = b'{"query": "{ __typename }"'
            body += b" " * (size - len(body) - 1) + b"}"
            response = await server.http.post(
                "/graphql",
                content=content(body) if in_chunks else body,
                headers={"Content-Type": JSON, "Accept": GRAPHQL_RESPONSE},
            )
            assert response.status_code == status
    refused(response, 413, "BAD_REQUEST", GRAPHQL_RESPONSE)


@pytest.mark.row("T3")
@pytest.mark.parametrize("encoding", ["gzip", "br", "zstd", "deflate", "gzip, identity", "x-gzip"])
async def test_no_compressed_body_is_unpacked(server: Product, encoding: str) -> None:
    body = json.dumps({"query": "{ __typename }"}).encode()
    response = await server.http.post(
        "/graphql", content=body, headers={"Content-Type": JSON, "Content-Encoding": encoding}
    )
    refused(response, 415, "BAD_REQUEST")
