"""Automatic persisted queries (PROTOCOL 4), as Apollo, urql, Kotlin and iOS send them."""

import json
from collections.abc import AsyncIterator
from typing import Any

import graphql
import httpx
import pytest

from protocol import documents
from protocol.limits import Limits
from protocol.persisted import PersistedDocuments
from storage.embedded import EmbeddedStores
from storage.mongo import Mongo
from storage.redis import Redis
from storage.storage import Storage
from tests.protocol.example import Example
from tests.protocol.product import Product, by_hash, hash_of, new_text, process, product
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

DATA = {"__typename": "Query"}
ON: dict[str, Any] = {"automatic_persisted_queries": True, "trusted_documents": "off"}
OFF: dict[str, Any] = {"automatic_persisted_queries": False, "trusted_documents": "off"}


@pytest.fixture(scope="module")
async def shared(stores: EmbeddedStores, prepared: Storage) -> AsyncIterator[Product]:
    """The server of this module, which remembers what clients ask it to."""
    async with product(stores, prepared, **ON) as served:
        yield served


@pytest.fixture
def server(shared: Product, storage: Storage) -> Product:
    """That server, over stores that are empty at first."""
    return shared


async def keys(storage: Storage) -> set[bytes]:
    """All that Redis has."""
    return set(await storage.redis.client.keys("*"))


def missed(response: httpx.Response, media_type: str = JSON) -> None:
    """Asserts the answer by which every client knows that it is to send the text."""
    error = refused(response, 200, "PERSISTED_QUERY_NOT_FOUND", media_type)
    assert response.json()["errors"] == [error]
    assert error["message"] == "PersistedQueryNotFound"
    assert error["extensions"] == {"code": "PERSISTED_QUERY_NOT_FOUND"}


APOLLO = {"clientLibrary": {"name": "@apollo/client", "version": "4.3.8"}}
URQL = {"miss": True}


@pytest.mark.row("P1")
@pytest.mark.parametrize(("beside", "inside"), [({}, {}), (APOLLO, {}), ({}, URQL)])
async def test_p1_further_keys_are_tolerated(
    server: Product, beside: dict[str, object], inside: dict[str, object]
) -> None:
    text = new_text()
    extensions = {**beside, **by_hash(hash_of(text), **inside)}
    missed(await server.post(extensions=extensions))
    assert answered(await server.post(query=text, extensions=extensions)) == DATA
    assert answered(await server.post(extensions=extensions)) == DATA


@pytest.mark.row("P1", "D2")
async def test_p1_a_hash_with_its_prefix_is_the_same_hash(server: Product) -> None:
    """graphql-codegen puts the prefix into `sha256Hash`."""
    text = new_text()
    prefixed = by_hash(f"sha256:{hash_of(text)}")
    missed(await server.post(extensions=prefixed))
    assert answered(await server.post(query=text, extensions=prefixed)) == DATA
    assert answered(await server.post(extensions=prefixed)) == DATA
    assert answered(await server.post(extensions=by_hash(hash_of(text)))) == DATA


@pytest.mark.row("P2", "P3", "P4", "S14")
@pytest.mark.parametrize("media_type", MEDIA_TYPES)
async def test_p2_p3_p4_a_miss(server: Product, media_type: str) -> None:
    extensions = by_hash(hash_of(new_text()))
    missed(await server.post(extensions=extensions, accept=media_type), media_type)
    missed(await server.get(extensions=extensions, accept=media_type), media_type)


@pytest.mark.row("P2")
async def test_p2_a_miss_is_one_whatever_else_the_request_says(server: Product) -> None:
    extensions = by_hash(hash_of(new_text()))
    missed(await server.post(operationName="X", variables={"a": 1}, extensions=extensions))
    missed(await server.post(query=None, operationName="", extensions=extensions))
    missed(await server.post(query="", extensions=extensions))


@pytest.mark.row("P4")
@pytest.mark.parametrize(
    "text", ["{", "{ unknown }", "query($a: Int!) { __typename @skip(if: 1) }"]
)
async def test_p4_whatever_has_errors_is_not_cacheable(server: Product, text: str) -> None:
    response = await server.get(query=text, extensions=by_hash(hash_of(text)))
    assert response.json()["errors"]
    assert response.headers["cache-control"] == "no-store"
    assert "etag" not in response.headers


WRONG_HASHES = {
    "of another text": hash_of("{ another }"),
    "of the text with a blank more": hash_of("{ __typename } "),
    "none at all": "0" * 64,
}


@pytest.mark.row("P5")
@pytest.mark.parametrize("name", WRONG_HASHES)
@pytest.mark.parametrize("method", ["POST", "GET"])
async def test_p5_a_hash_that_is_not_the_texts_stores_nothing(
    server: Product, storage: Storage, name: str, method: str
) -> None:
    send = server.post if method == "POST" else server.get
    extensions = by_hash(WRONG_HASHES[name])
    response = await send(query="{ __typename }", extensions=extensions)
    error = refused(response, 400, "BAD_REQUEST")
    assert error["message"] == "provided sha does not match query"
    assert await keys(storage) == set()
    missed(await server.post(extensions=extensions))
    missed(await server.post(extensions=by_hash(hash_of("{ __typename }"))))


@pytest.mark.row("P5")
async def test_p5_the_hash_is_of_the_bytes_as_they_were_sent(server: Product) -> None:
    text = f"# é 🌲 \r\n{new_text()}\t"
    extensions = by_hash(hash_of(text))
    assert answered(await server.post(query=text, extensions=extensions)) == DATA
    assert answered(await server.post(extensions=extensions)) == DATA


INVALID = {
    "that does not parse": "{ __typename",
    "that is not valid": "{ unknown }",
    "of two operations, and none is named": "query A { __typename } query B { __typename }",
    "of too many tokens": "{" + " __typename" * Limits().document_tokens + "}",
    "that is too deep": "{ pin(id: 1) {" + " root {" * 40 + " id" + " }" * 42,
    "that is too dear": (
        "{ board(by: {id: 1}) { owner { boards(first: 100) { nodes { pins(first: 100) { nodes "
        "{ id } } } } } } }"
    ),
}


@pytest.mark.row("P6")
@pytest.mark.parametrize("name", INVALID)
async def test_p6_a_text_is_not_kept_unless_it_is_valid(
    server: Product, storage: Storage, name: str
) -> None:
    text = INVALID[name]
    extensions = by_hash(hash_of(text))
    for _ in range(2):
        response = await server.post(query=text, extensions=extensions, accept=GRAPHQL_RESPONSE)
        assert response.status_code == 400
        assert await keys(storage) == set()
        missed(await server.post(extensions=extensions))


@pytest.mark.row("P6")
async def test_p6_a_text_above_the_size_limit_is_not_kept(
    server: Product, storage: Storage
) -> None:
    text = "{ __typename } #" + "x" * 110_000
    extensions = by_hash(hash_of(text))
    response = await server.post(query=text, extensions=extensions)
    refused(response, 413, "BAD_REQUEST")
    assert await keys(storage) == set()
    missed(await server.post(extensions=extensions))


@pytest.mark.row("P6", "P13")
async def test_p6_p13_one_entry_is_the_text_and_it_is_kept_for_a_time(
    server: Product, storage: Storage
) -> None:
    text = new_text()
    for _ in range(2):
        await server.post(query=text, extensions=by_hash(hash_of(text)))
        await server.post(extensions=by_hash(hash_of(text)))
    [key] = await keys(storage)
    assert key.decode().endswith(hash_of(text))
    assert await storage.redis.client.get(key) == text.encode()
    assert 0 < await storage.redis.client.ttl(key) <= 30 * 86_400


@pytest.mark.row("P6")
async def test_p6_a_text_without_a_hash_is_not_kept(server: Product, storage: Storage) -> None:
    text = new_text()
    assert answered(await server.post(query=text)) == DATA
    assert await keys(storage) == set()
    missed(await server.post(extensions=by_hash(hash_of(text))))


GOOD = hash_of("{ __typename }")

MALFORMED: dict[str, object] = {
    "extension: a number": 5,
    "extension: true": True,
    "extension: a string": GOOD,
    "extension: a list": [GOOD],
    "extension: empty": {},
    "no version": {"sha256Hash": GOOD},
    "version 2": {"version": 2, "sha256Hash": GOOD},
    "version 0": {"version": 0, "sha256Hash": GOOD},
    "version: a string": {"version": "1", "sha256Hash": GOOD},
    "version: true": {"version": True, "sha256Hash": GOOD},
    "version: null": {"version": None, "sha256Hash": GOOD},
    "no hash": {"version": 1},
    "hash: null": {"version": 1, "sha256Hash": None},
    "hash: a number": {"version": 1, "sha256Hash": 5},
    "hash: a boolean": {"version": 1, "sha256Hash": False},
    "hash: an object": {"version": 1, "sha256Hash": {"$gt": ""}},
    "hash: a list": {"version": 1, "sha256Hash": [GOOD]},
    "hash: empty": {"version": 1, "sha256Hash": ""},
    "hash: of capitals": {"version": 1, "sha256Hash": GOOD.upper()},
    "hash: one digit less": {"version": 1, "sha256Hash": GOOD[:-1]},
    "hash: one digit more": {"version": 1, "sha256Hash": GOOD + "0"},
    "hash: with a newline": {"version": 1, "sha256Hash": GOOD + "\n"},
    "hash: with a newline for a digit": {"version": 1, "sha256Hash": GOOD[:-1] + "\n"},
    "hash: with a blank before": {"version": 1, "sha256Hash": f" {GOOD}"},
    "hash: with a null byte": {"version": 1, "sha256Hash": GOOD[:-1] + "\0"},
    "hash: no hexadecimal": {"version": 1, "sha256Hash": "g" * 64},
    "hash: digits of another script": {"version": 1, "sha256Hash": "٣" * 64},
    "hash: 90 kB": {"version": 1, "sha256Hash": "a" * 90_000},
    "hash: a word of JavaScript": {"version": 1, "sha256Hash": "__proto__"},
    "hash: a pattern of Redis": {"version": 1, "sha256Hash": "*"},
    "hash: a command of Redis": {"version": 1, "sha256Hash": "\r\nFLUSHALL\r\n"},
    "hash: another prefix": {"version": 1, "sha256Hash": f"md5:{GOOD}"},
    "hash: the prefix twice": {"version": 1, "sha256Hash": f"sha256:sha256:{GOOD}"},
    "hash: the prefix of a key": {"version": 1, "sha256Hash": f"automatic_document:{GOOD}"},
}


@pytest.mark.row("P7", "Q3")
@pytest.mark.parametrize("name", MALFORMED)
@pytest.mark.parametrize("text", [None, "{ __typename }"])
async def test_p7_a_malformed_hash_is_refused_and_no_store_hears_of_it(
    server: Product, storage: Storage, calls: list[str], name: str, text: str | None
) -> None:
    before = await keys(storage)
    extensions = {"persistedQuery": MALFORMED[name]}
    for media_type in MEDIA_TYPES:
        response = await server.post(query=text, extensions=extensions, accept=media_type)
        error = refused(response, 400, "BAD_REQUEST", media_type)
        if "version" in name:
            assert error["message"] == "Unsupported persisted query version"
    assert await keys(storage) == before == set()
    assert calls == []
    assert len(response.content) < 1_000


@pytest.mark.row("P7")
@pytest.mark.parametrize("name", [name for name in MALFORMED if "kB" not in name])
async def test_p7_by_get_too(server: Product, calls: list[str], name: str) -> None:
    response = await server.get(extensions={"persistedQuery": MALFORMED[name]})
    refused(response, 400, "BAD_REQUEST")
    assert calls == []


@pytest.mark.row("P7")
async def test_p7_null_is_as_good_as_no_extension(server: Product) -> None:
    extensions = {"persistedQuery": None}
    assert answered(await server.post(query="{ __typename }", extensions=extensions)) == DATA
    refused(await server.post(extensions=extensions), 400, "BAD_REQUEST")


@pytest.mark.row("P8")
@pytest.mark.parametrize("register", ["POST", "GET"])
@pytest.mark.parametrize("ask", ["POST", "GET"])
async def test_p8_registered_by_one_method_and_asked_for_by_the_other(
    server: Product, register: str, ask: str
) -> None:
    text = new_text()
    extensions = by_hash(hash_of(text))
    first = server.post if register == "POST" else server.get
    then = server.post if ask == "POST" else server.get
    assert answered(await first(query=text, extensions=extensions)) == DATA
    assert answered(await then(extensions=extensions)) == DATA


@pytest.mark.row("P8", "C2")
async def test_p8_a_get_without_the_header_registers_nothing(
    server: Product, storage: Storage
) -> None:
    text = new_text()
    params = {"query": text, "extensions": json.dumps(by_hash(hash_of(text)))}
    refused(await server.http.get("/graphql", params=params), 403, "BAD_REQUEST")
    assert await keys(storage) == set()


@pytest.mark.row("P8")
async def test_p8_variables_and_the_name_of_the_operation_count(server: Product) -> None:
    text = (
        "query A($no: Boolean!) { a: __typename @skip(if: $no) b: __typename } "
        f"query B {{ c: __typename }} # {new_text()}"
    )
    extensions = by_hash(hash_of(text))
    response = await server.post(query=text, operationName="B", extensions=extensions)
    assert answered(response) == {"c": "Query"}
    response = await server.get(operationName="A", variables={"no": True}, extensions=extensions)
    assert answered(response) == {"b": "Query"}
    response = await server.post(extensions=extensions, accept=GRAPHQL_RESPONSE)
    refused(response, 400, "OPERATION_RESOLUTION_FAILURE", GRAPHQL_RESPONSE)


@pytest.fixture(scope="module")
async def shared_off(stores: EmbeddedStores, prepared: Storage) -> AsyncIterator[Product]:
    """A server that remembers nothing."""
    async with product(stores, prepared, **OFF) as served:
        yield served


@pytest.mark.row("P9", "P3", "P4")
@pytest.mark.parametrize("media_type", MEDIA_TYPES)
@pytest.mark.parametrize("method", ["POST", "GET"])
async def test_p9_switched_off_every_client_learns_to_send_texts(
    shared_off: Product, storage: Storage, calls: list[str], method: str, media_type: str
) -> None:
    send = shared_off.post if method == "POST" else shared_off.get
    text = new_text()
    extensions = {**APOLLO, **by_hash(hash_of(text), **URQL)}
    response = await send(extensions=extensions, accept=media_type)
    error = refused(response, 200, "PERSISTED_QUERY_NOT_SUPPORTED", media_type)
    assert response.json()["errors"] == [error]
    assert error["message"] == "PersistedQueryNotSupported"
    response = await send(query=text, extensions=extensions, accept=media_type)
    assert answered(response, media_type) == DATA
    refused(await send(extensions=extensions), 200, "PERSISTED_QUERY_NOT_SUPPORTED")
    assert not [name for name in calls if "document" in name]
    assert await keys(storage) == set()


@pytest.fixture
async def own_storage(own_stores: EmbeddedStores) -> AsyncIterator[Storage]:
    """Stores that a test may break."""
    storage = Storage(
        Mongo(own_stores.mongo_url, database="tests"), Redis(own_stores.redis_url, deadline_ms=500)
    )
    yield storage
    await storage.close()


@pytest.mark.row("P10")
async def test_p10_without_redis_a_read_is_a_miss_and_a_write_is_forgotten(
    own_stores: EmbeddedStores, own_storage: Storage
) -> None:
    async with product(own_stores, own_storage, **ON) as first:
        texts = [new_text() for _ in range(3)]
        kept, late, never = (by_hash(hash_of(text)) for text in texts)
        assert answered(await first.post(query=texts[0], extensions=kept)) == DATA
        for disturb in (own_stores.redis.pause, own_stores.redis.kill):
            disturb()
            missed(await first.post(extensions=never))
            assert answered(await first.post(query=texts[1], extensions=late)) == DATA
            # This process remembers both.
            assert answered(await first.get(extensions=kept)) == DATA
            assert answered(await first.get(extensions=late)) == DATA
        async with product(own_stores, own_storage, **ON) as second:
            missed(await second.post(extensions=kept))
            assert answered(await second.post(query=texts[0], extensions=kept)) == DATA
            assert answered(await second.post(extensions=kept)) == DATA
        assert await first.is_alive()


@pytest.mark.row("P10")
async def test_p10_processes_share_what_they_were_told(own_stores: EmbeddedStores) -> None:
    text = new_text()
    by_this = {"extensions": by_hash(hash_of(text))}
    on = {"PINERY_AUTOMATIC_PERSISTED_QUERIES": "true"}
    async with process(own_stores, **on) as first, process(own_stores, **on) as second:
        missed(await second.post("/graphql", json=by_this))
        answered(await first.post("/graphql", json={"query": text, **by_this}))
        assert answered(await second.post("/graphql", json=by_this)) == DATA
        own_stores.redis.kill()
        assert answered(await second.post("/graphql", json=by_this)) == DATA


@pytest.mark.row("P11", "Q7")
async def test_p11_a_mutation_runs_by_post_only_also_by_hash(storage: Storage) -> None:
    remembering = Example(persisted=PersistedDocuments(lambda: storage, automatic=True))
    extensions = by_hash(hash_of(ADD))
    in_url = {"extensions": json.dumps(extensions)}
    async with example_server(remembering) as wire:
        refused(await wire.get({"query": ADD, **in_url}), 405, "BAD_REQUEST")
        # Nor could it be registered so.
        missed(await wire.post(extensions=extensions))
        assert wire.ledger.additions == 0
        assert answered(await wire.post(ADD, extensions=extensions)) == {"add": 1}
        assert answered(await wire.post(extensions=extensions)) == {"add": 2}
        for accept in MEDIA_TYPES:
            response = await wire.get(in_url, accept=accept)
            refused(response, 405, "BAD_REQUEST", accept)
            assert response.headers["allow"] == "POST"
        assert wire.ledger.additions == 2


@pytest.mark.row("P12", "B3")
async def test_p12_a_hash_in_a_batch_is_no_way_around(server: Product, storage: Storage) -> None:
    """Batches are off, over HTTP; there are no WebSockets yet."""
    text = new_text()
    batch = [{"query": text, "extensions": by_hash(hash_of(text))}]
    refused(await server.http.post("/graphql", json=batch), 400, "BAD_REQUEST")
    assert await keys(storage) == set()
    missed(await server.post(extensions=by_hash(hash_of(text))))


@pytest.mark.row("P13")
async def test_p13_a_text_is_parsed_and_validated_once(
    server: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed: list[str] = []
    validated: list[object] = []

    def count_parsed(text: str, **options: Any) -> Any:
        parsed.append(text)
        return graphql.parse(text, **options)

    def count_validated(*arguments: Any, **options: Any) -> Any:
        validated.append(arguments)
        return graphql.validate(*arguments, **options)

    monkeypatch.setattr(documents, "parse", count_parsed)
    monkeypatch.setattr(documents, "validate", count_validated)
    text = new_text()
    extensions = by_hash(hash_of(text))
    assert answered(await server.post(query=text, extensions=extensions)) == DATA
    first = len(validated)
    for _ in range(3):
        assert answered(await server.post(extensions=extensions)) == DATA
        assert answered(await server.get(extensions=extensions)) == DATA
        assert answered(await server.post(query=text)) == DATA
    assert parsed == [text]
    assert len(validated) == first


@pytest.mark.row("C2", "P11")
async def test_a_get_by_hash_needs_the_header_too(server: Product) -> None:
    text = new_text()
    extensions = json.dumps(by_hash(hash_of(text)))
    await server.post(query=text, extensions=by_hash(hash_of(text)))
    response = await server.http.get("/graphql", params={"extensions": extensions})
    refused(response, 403, "BAD_REQUEST")
    response = await server.http.get(
        "/graphql", params={"extensions": extensions}, headers=PREFLIGHT
    )
    assert answered(response) == DATA
