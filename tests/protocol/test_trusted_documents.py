"""Trusted documents (PROTOCOL 5): every client's spelling, in all three modes, by POST and GET."""

import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack
from datetime import timedelta
from hashlib import md5
from typing import Any

import httpx
import pytest

from domain.documents import SHA256_PREFIX, OperationKind
from domain.viewer import EVERY_SCOPE, Scope
from protocol.persisted import PersistedDocuments, Trust
from server import authenticator
from storage.embedded import EmbeddedStores
from storage.storage import Storage
from tests.client import settings_of
from tests.protocol.example import Example
from tests.protocol.product import Product, by_hash, hash_of, new_text, product, publish
from tests.protocol.wire import (
    ADD,
    GRAPHQL_RESPONSE,
    JSON,
    MEDIA_TYPES,
    PREFLIGHT,
    answered,
    example_server,
    refused,
)
from tests.world import World

DATA = {"__typename": "Query"}

MODES: Mapping[str, dict[str, Any]] = {
    "off": {"trusted_documents": "off"},
    "allow": {"trusted_documents": "allow"},
    "allow, nothing automatic": {
        "trusted_documents": "allow",
        "automatic_persisted_queries": False,
    },
    "only": {"trusted_documents": "only"},
}
SERVED = ["allow", "allow, nothing automatic", "only"]

Servers = Mapping[str, Product]


@pytest.fixture(scope="module")
async def shared(stores: EmbeddedStores, prepared: Storage) -> AsyncIterator[Servers]:
    """A server for each mode."""
    async with AsyncExitStack() as stack:
        yield {
            mode: await stack.enter_async_context(product(stores, prepared, **settings))
            for mode, settings in MODES.items()
        }


@pytest.fixture
def servers(shared: Servers, storage: Storage) -> Servers:
    """Those servers, over stores that are empty at first."""
    return shared


@pytest.fixture
def only(servers: Servers) -> Product:
    """The server that runs nothing but trusted documents."""
    return servers["only"]


@pytest.fixture
def allow(servers: Servers) -> Product:
    """The server that runs any document, and trusts some."""
    return servers["allow"]


async def send(served: Product, method: str, **parameters: Any) -> httpx.Response:
    """The same request by either method."""
    call = served.post if method == "POST" else served.get
    return await call(**parameters)


SPELLINGS: Mapping[str, Callable[[str], dict[str, Any]]] = {
    "documentId": lambda digest: {"documentId": f"sha256:{digest}"},
    "doc_id": lambda digest: {"doc_id": f"sha256:{digest}"},
    "id": lambda digest: {"id": f"sha256:{digest}"},
    "documentId without its prefix": lambda digest: {"documentId": digest},
    "sha256Hash": lambda digest: {"extensions": by_hash(digest)},
    "sha256Hash with its prefix": lambda digest: {"extensions": by_hash(f"sha256:{digest}")},
}


@pytest.mark.row("D1", "D2")
@pytest.mark.parametrize("mode", SERVED)
@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("method", ["POST", "GET"])
async def test_d1_d2_every_spelling_names_the_same_document(
    servers: Servers, storage: Storage, mode: str, spelling: str, method: str
) -> None:
    text = (
        "query A($no: Boolean!) { a: __typename @skip(if: $no) b: __typename } "
        f"query B {{ c: __typename }} # {new_text()}"
    )
    await publish(storage, text)
    named = SPELLINGS[spelling](hash_of(text))
    for media_type in MEDIA_TYPES:
        request = {"operationName": "A", "variables": {"no": True}, "accept": media_type}
        response = await send(servers[mode], method, **named, **request)
        assert answered(response, media_type) == {"b": "Query"}
    response = await send(servers[mode], method, **named, operationName="B")
    assert answered(response) == {"c": "Query"}


@pytest.mark.row("D2")
@pytest.mark.parametrize("name", ["documentId", "doc_id", "id"])
async def test_d2_an_empty_text_beside_the_id_is_none(
    only: Product, storage: Storage, name: str
) -> None:
    """react-relay-network-modern sends one."""
    text = new_text()
    await publish(storage, text)
    named: dict[str, Any] = {name: f"sha256:{hash_of(text)}"}
    for query in ("", None):
        assert answered(await only.post(query=query, **named)) == DATA


@pytest.mark.row("D1")
@pytest.mark.parametrize("name", ["documentId", "doc_id", "id"])
@pytest.mark.parametrize("method", ["POST", "GET"])
async def test_d1_ids_of_a_products_own(
    only: Product, storage: Storage, name: str, method: str
) -> None:
    """Relay's are MD5, in hexadecimal, unless it is told otherwise."""
    text = new_text()
    relay = _md5(text)
    await publish(storage, text, custom_ids=(relay, f"x-build:{relay[:7]}"))
    for own in (relay, f"x-build:{relay[:7]}", f"sha256:{hash_of(text)}"):
        assert answered(await send(only, method, **{name: own})) == DATA


def _md5(text: str) -> str:
    return md5(text.encode(), usedforsecurity=False).hexdigest()


@pytest.mark.row("D2", "Q2")
@pytest.mark.parametrize("mode", ["off", "allow", "allow, nothing automatic"])
@pytest.mark.parametrize("name", ["doc_id", "id"])
@pytest.mark.parametrize("value", ["an id of the client's own", 5, None, {"a": 1}, "0" * 32])
async def test_d2_a_clients_own_id_beside_a_text_counts_for_nothing(
    servers: Servers, mode: str, name: str, value: Any
) -> None:
    """urql and Relay's network layers send ids of theirs with the text."""
    response = await servers[mode].post(query="{ __typename }", **{name: value})
    assert answered(response) == DATA


UNKNOWN = {
    "documentId": {"documentId": "sha256:" + "0" * 64},
    "doc_id": {"doc_id": "0" * 32},
    "id": {"id": "x-any:thing"},
}


@pytest.mark.row("D5", "P4")
@pytest.mark.parametrize("mode", SERVED)
@pytest.mark.parametrize("spelling", UNKNOWN)
@pytest.mark.parametrize("method", ["POST", "GET"])
async def test_d5_an_unknown_id(servers: Servers, mode: str, spelling: str, method: str) -> None:
    for media_type, status in ((GRAPHQL_RESPONSE, 404), (JSON, 200)):
        response = await send(servers[mode], method, **UNKNOWN[spelling], accept=media_type)
        error = refused(response, status, "PERSISTED_QUERY_NOT_IN_LIST", media_type)
        assert response.json()["errors"] == [error]
        assert "PersistedQueryNotFound" not in response.text


@pytest.mark.row("D5")
@pytest.mark.parametrize("method", ["POST", "GET"])
async def test_d5_where_only_trusted_documents_run_no_client_is_asked_for_the_text(
    only: Product, method: str
) -> None:
    """The words that are for APQ would make it send a text that is refused again."""
    for media_type, status in ((GRAPHQL_RESPONSE, 404), (JSON, 200)):
        response = await send(only, method, extensions=by_hash("0" * 64), accept=media_type)
        refused(response, status, "PERSISTED_QUERY_NOT_IN_LIST", media_type)
        assert "PersistedQuery" not in response.text


@pytest.mark.row("D5", "P9")
async def test_d5_what_the_other_modes_say_to_an_unknown_hash(servers: Servers) -> None:
    extensions = by_hash(hash_of(new_text()))
    for mode, code in {
        "off": "PERSISTED_QUERY_NOT_FOUND",
        "allow": "PERSISTED_QUERY_NOT_FOUND",
        "allow, nothing automatic": "PERSISTED_QUERY_NOT_SUPPORTED",
    }.items():
        refused(await servers[mode].post(extensions=extensions), 200, code)


@pytest.mark.row("D5")
@pytest.mark.parametrize("spelling", SPELLINGS)
async def test_d5_switched_off_a_trusted_document_is_none(
    servers: Servers, storage: Storage, calls: list[str], spelling: str
) -> None:
    text = new_text()
    await publish(storage, text)
    calls.clear()
    response = await servers["off"].post(**SPELLINGS[spelling](hash_of(text)))
    body = response.json()
    assert "data" not in body
    assert response.status_code == 200
    assert response.headers["cache-control"] == "no-store"
    assert [name for name in calls if name.startswith("documents.")] == []


TEXTS: Mapping[str, dict[str, Any]] = {
    "alone": {},
    "with its hash": {"extensions": by_hash(hash_of("{ __typename }"))},
    "with an id of the client's own": {"id": "0" * 32},
}


@pytest.mark.row("D6")
@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("method", ["POST", "GET"])
async def test_d6_where_only_trusted_documents_run_a_text_is_refused(
    only: Product, storage: Storage, name: str, method: str
) -> None:
    await publish(storage, "{ __typename }")  # not even the text of one that is trusted
    for media_type, status in ((GRAPHQL_RESPONSE, 400), (JSON, 200)):
        request = {"query": "{ __typename }", **TEXTS[name], "accept": media_type}
        response = await send(only, method, **request)
        refused(response, status, "PERSISTED_QUERY_ID_REQUIRED", media_type)


@pytest.mark.row("D6", "Q7")
async def test_d6_a_text_is_refused_unread(only: Product) -> None:
    """What is in it is nobody's business there: no syntax error shows what would be said of it."""
    for text in ("{", "{ unknown }", "mutation { x }", "{" * 40_000):
        response = await only.post(query=text, accept=GRAPHQL_RESPONSE)
        refused(response, 400, "PERSISTED_QUERY_ID_REQUIRED", GRAPHQL_RESPONSE)


def developer(stores: EmbeddedStores, viewer_id: str) -> dict[str, str]:
    """The header of somebody who writes clients."""
    minted = authenticator(settings_of(stores)).mint(
        viewer_id, EVERY_SCOPE | {Scope.DEVELOPER}, timedelta(minutes=5)
    )
    return {"Authorization": f"Bearer {minted}"}


SCHEMA = "{ __schema { queryType { name } } }"


@pytest.mark.row("D6")
async def test_d6_developers_may_send_texts_and_ask_for_the_schema(
    only: Product, stores: EmbeddedStores, world: World
) -> None:
    ana = await world.user("ana")
    token = developer(stores, ana.id)
    assert answered(await only.post(query="{ __typename }", headers=token)) == DATA
    assert answered(await only.get(query="{ __typename }", headers=token)) == DATA
    asked = await only.post(query=SCHEMA, headers=token)
    assert answered(asked) == {"__schema": {"queryType": {"name": "Query"}}}
    # Anybody else who is signed in is a stranger.
    response = await only.post(query=SCHEMA, headers=only.bearer(ana))
    refused(response, 200, "PERSISTED_QUERY_ID_REQUIRED")


@pytest.mark.row("D6")
async def test_d6_the_schema_is_for_developers_where_it_is_not_for_everybody(
    stores: EmbeddedStores, storage: Storage, world: World
) -> None:
    """Unless a manifest asks for it: whoever published that has seen what it asks for."""
    ana = await world.user("ana")
    text = f"{SCHEMA} # published"
    await publish(storage, text)
    async with product(stores, storage, introspection=False) as served:
        for _ in range(2):  # before the document is prepared, and after
            refused(await served.post(query=SCHEMA), 200, "GRAPHQL_VALIDATION_FAILED")
            response = await served.post(query=SCHEMA, headers=served.bearer(ana))
            refused(response, 200, "GRAPHQL_VALIDATION_FAILED")
            response = await served.post(query=SCHEMA, headers=developer(stores, ana.id))
            assert answered(response) == {"__schema": {"queryType": {"name": "Query"}}}
            refused(await served.post(query=text), 200, "GRAPHQL_VALIDATION_FAILED")
            response = await served.post(documentId=f"sha256:{hash_of(text)}")
            assert answered(response) == {"__schema": {"queryType": {"name": "Query"}}}


@pytest.mark.row("D7")
@pytest.mark.parametrize("mode", ["off", *SERVED])
@pytest.mark.parametrize("method", ["POST", "GET"])
@pytest.mark.parametrize("same", [True, False])
async def test_d7_an_id_and_a_text_together_are_refused(
    servers: Servers, storage: Storage, calls: list[str], mode: str, method: str, same: bool
) -> None:
    text = new_text()
    await publish(storage, text)
    calls.clear()
    query = text if same else "{ __typename }"
    named: dict[str, Any] = {"documentId": f"sha256:{hash_of(text)}", "query": query}
    response = await send(servers[mode], method, **named)
    refused(response, 400, "BAD_REQUEST")
    assert calls == []


@pytest.mark.row("D7")
async def test_d7_null_is_as_good_as_no_id(allow: Product) -> None:
    assert answered(await allow.post(query="{ __typename }", documentId=None)) == DATA
    assert answered(await allow.get("/graphql?documentId=", query="{ __typename }")) == DATA


@pytest.mark.row("D8", "Q7")
@pytest.mark.parametrize("trust", [Trust.ALLOW, Trust.ONLY])
async def test_d8_a_mutation_runs_by_post_only_also_by_id(storage: Storage, trust: Trust) -> None:
    await publish(storage, ADD, kind=OperationKind.MUTATION, custom_ids=("add",))
    digest = hash_of(ADD)
    trusting = Example(persisted=PersistedDocuments(lambda: storage, trust=trust))
    async with example_server(trusting) as wire:
        for parameters in (
            {"documentId": f"sha256:{digest}"},
            {"doc_id": "add"},
            {"id": digest},
            {"extensions": json.dumps(by_hash(digest))},
        ):
            for accept in MEDIA_TYPES:
                response = await wire.get(parameters, accept=accept)
                refused(response, 405, "BAD_REQUEST", accept)
                assert response.headers["allow"] == "POST"
        response = await wire.http.get(f"/graphql/sha256:{digest}", headers=PREFLIGHT)
        refused(response, 405, "BAD_REQUEST")
        assert wire.ledger.additions == 0
        assert answered(await wire.post(documentId="add")) == {"add": 1}
        assert answered(await wire.post(documentId=f"sha256:{digest}")) == {"add": 2}


@pytest.mark.row("D9")
@pytest.mark.parametrize("mode", SERVED)
async def test_d9_a_document_has_an_address(servers: Servers, storage: Storage, mode: str) -> None:
    text = (
        f"query Q($no: Boolean = false) {{ a: __typename @skip(if: $no) b: __typename }} # {mode}"
    )
    await publish(storage, text)
    path = f"/graphql/sha256:{hash_of(text)}"
    both, one = {"a": "Query", "b": "Query"}, {"b": "Query"}
    assert answered(await servers[mode].get(path)) == both
    assert answered(await servers[mode].get(path, variables={"no": True})) == one
    assert answered(await servers[mode].get(path.replace(":", "%3A"))) == both
    response = await servers[mode].get(path, operationName="P", accept=GRAPHQL_RESPONSE)
    refused(response, 400, "OPERATION_RESOLUTION_FAILURE", GRAPHQL_RESPONSE)


@pytest.mark.row("D9")
async def test_d9_the_address_alone_says_which_document(allow: Product, storage: Storage) -> None:
    text, other = f"{{ a: __typename }} # {new_text()}", f"{{ b: __typename }} # {new_text()}"
    await publish(storage, text, other)
    path = f"/graphql/sha256:{hash_of(text)}"
    refused(await allow.get(path, query="{ __typename }"), 400, "BAD_REQUEST")
    for name in ("documentId", "doc_id", "id"):
        another: dict[str, Any] = {name: f"sha256:{hash_of(other)}"}
        response = await allow.get(path, **another)
        assert response.json().get("data") != {"b": "Query"}


@pytest.mark.row("D9", "D11")
@pytest.mark.parametrize(
    "name", ["sha256:", "sha256:xyz", f"sha256:{'A' * 64}", f"md5:{'0' * 32}", "%00", "a" * 5_000]
)
async def test_d9_an_address_that_can_be_none(allow: Product, calls: list[str], name: str) -> None:
    response = await allow.get(f"/graphql/{name}")
    assert 400 <= response.status_code < 500
    assert response.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"
    assert calls == []


@pytest.mark.row("D9", "D5")
async def test_d9_an_address_of_nothing(allow: Product) -> None:
    response = await allow.get(f"/graphql/sha256:{'0' * 64}", accept=GRAPHQL_RESPONSE)
    refused(response, 404, "PERSISTED_QUERY_NOT_IN_LIST", GRAPHQL_RESPONSE)


@pytest.mark.row("D9", "C2", "Q8")
async def test_d9_an_address_needs_the_header_and_is_for_get(
    allow: Product, storage: Storage
) -> None:
    text = new_text()
    await publish(storage, text)
    path = f"/graphql/sha256:{hash_of(text)}"
    refused(await allow.http.get(path), 403, "BAD_REQUEST")
    response = await allow.http.put(path, json={})
    assert response.status_code == 405
    assert "GET" in response.headers["allow"]


MALFORMED: Mapping[str, Any] = {
    "a number": 5,
    "a boolean": True,
    "a list": ["sha256:" + "0" * 64],
    "an object": {"$ne": None},
    "capitals": "sha256:" + "A" * 64,
    "one digit less": "sha256:" + "0" * 63,
    "one digit more": "sha256:" + "0" * 65,
    "a newline": "sha256:" + "0" * 64 + "\n",
    "another prefix": "md5:" + "0" * 32,
    "no prefix before the colon": ":" + "0" * 32,
    "the prefix alone": "sha256:",
    "the prefix twice": "sha256:sha256:" + "0" * 64,
    "a blank": " ",
    "a path": "../../etc/passwd",
    "an operator": "$where",
    "a null byte": "a\0b",
    "an emoji": "🌲",
    "129 characters": "a" * 129,
    "90 kB": "a" * 90_000,
}


@pytest.mark.row("D11", "Q3")
@pytest.mark.parametrize("mode", ["off", *SERVED])
@pytest.mark.parametrize("name", MALFORMED)
async def test_d11_an_id_that_can_name_nothing_is_not_looked_up(
    servers: Servers, storage: Storage, calls: list[str], mode: str, name: str
) -> None:
    for parameter in ("documentId", "doc_id", "id"):
        response = await servers[mode].post(**{parameter: MALFORMED[name]})
        refused(response, 400, "BAD_REQUEST")
        assert len(response.content) < 1_000
    assert calls == []
    assert await storage.redis.client.keys("*") == []


@pytest.mark.row("D12")
async def test_d12_the_order_of_parameters_does_not_matter(
    allow: Product, storage: Storage
) -> None:
    text = (
        "query A($no: Boolean!) { a: __typename @skip(if: $no) b: __typename } "
        f"query B {{ c: __typename }} # {new_text()}"
    )
    await publish(storage, text)
    parameters: dict[str, Any] = {
        "documentId": f"{SHA256_PREFIX}{hash_of(text)}",
        "operationName": "A",
        "variables": json.dumps({"no": True}, separators=(",", ":")),
        "extensions": "{}",
    }
    names = list(parameters)
    bodies = set()
    for turn in range(len(names)):
        turned = {name: parameters[name] for name in names[turn:] + names[:turn]}
        response = await allow.get(**turned)
        assert answered(response) == {"b": "Query"}
        response = await allow.get(**dict(reversed(turned.items())))
        assert answered(response) == {"b": "Query"}
        bodies.add(response.content)
    assert len(bodies) == 1
