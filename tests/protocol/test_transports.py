"""What is not served is refused, and says so: uploads, WebSockets, batches (PROTOCOL 3, 11)."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from storage.embedded import EmbeddedStores
from storage.storage import Storage
from tests.protocol.product import Product, by_hash, hash_of, product
from tests.protocol.wire import GRAPHQL_RESPONSE, MEDIA_TYPES, Wire, refused

OPERATION = {"query": "{ __typename }"}


@pytest.fixture(scope="module")
async def server(stores: EmbeddedStores, prepared: Storage) -> AsyncIterator[Product]:
    """The server of this module."""
    async with product(stores, prepared) as served:
        yield served


UPLOAD = (
    b'--x\r\nContent-Disposition: form-data; name="operations"\r\n\r\n'
    b'{"query":"mutation($f:Upload!){add}","variables":{"f":null}}\r\n'
    b'--x\r\nContent-Disposition: form-data; name="map"\r\n\r\n'
    b'{"0":["variables.f"]}\r\n'
    b'--x\r\nContent-Disposition: form-data; name="0"; filename="a"\r\n\r\n'
    b"content\r\n--x--\r\n"
)


@pytest.mark.row("C5", "C1")
@pytest.mark.parametrize("header", [None, "GraphQL-Require-Preflight", "Apollo-Require-Preflight"])
@pytest.mark.parametrize("media_type", MEDIA_TYPES)
async def test_c5_an_upload_is_refused_with_or_without_the_header(
    server: Product, header: str | None, media_type: str
) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=x", "Accept": media_type}
    if header is not None:
        headers[header] = "true"
    response = await server.http.post("/graphql", content=UPLOAD, headers=headers)
    error = refused(response, 415, "BAD_REQUEST", media_type)
    assert "application/json" in error["message"]


@pytest.mark.row("C5")
async def test_c5_nothing_in_an_upload_runs(wire: Wire) -> None:
    headers = {
        "Content-Type": "multipart/form-data; boundary=x",
        "Apollo-Require-Preflight": "true",
    }
    upload = UPLOAD.replace(b"($f:Upload!)", b"")
    response = await wire.http.post("/graphql", content=upload, headers=headers)
    refused(response, 415, "BAD_REQUEST")
    assert wire.ledger.additions == 0


HANDSHAKE = (
    b"GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    b"%s\r\n"
)
PROTOCOLS = (
    b"",
    b"Sec-WebSocket-Protocol: graphql-transport-ws\r\n",
    b"Sec-WebSocket-Protocol: graphql-ws\r\n",
)
ORIGINS = (b"", b"Origin: https://evil.example\r\n", b"Origin: http://127.0.0.1\r\n")


@pytest.mark.row("C7")
@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("origin", ORIGINS)
@pytest.mark.parametrize("path", [b"/graphql", b"/graphql/sha256:" + b"0" * 64, b"/"])
async def test_c7_no_handshake_of_a_websocket_succeeds(
    server: Product, protocol: bytes, origin: bytes, path: bytes
) -> None:
    answer = await server.send_bytes(HANDSHAKE % (path, protocol + origin))
    assert answer.startswith(b"HTTP/1.1 4"), answer[:200]
    assert b"101 " not in answer[:20]
    assert await server.is_alive()


BATCHES: dict[str, list[Any]] = {
    "one": [OPERATION],
    "ten": [OPERATION] * 10,
    "two hundred": [OPERATION] * 200,
    "ten mutations": [{"query": "mutation { add }"}] * 10,
    "a hash": [{"extensions": by_hash(hash_of("{ __typename }"))}],
    "a subscription": [{"query": "subscription { ticks }"}],
    "a query with @defer": [{"query": "{ ... @defer { __typename } }"}],
    "nothing in it": [None],
    "a batch": [[OPERATION]],
}


@pytest.mark.row("B1", "B3", "B4")
@pytest.mark.parametrize("name", BATCHES)
@pytest.mark.parametrize("media_type", MEDIA_TYPES)
async def test_b1_b3_b4_a_batch_is_refused_whole(
    server: Product, calls: list[str], name: str, media_type: str
) -> None:
    headers = {"Accept": media_type}
    response = await server.http.post("/graphql", json=BATCHES[name], headers=headers)
    error = refused(response, 400, "BAD_REQUEST", media_type)
    assert "batches" in error["message"]
    assert calls == []


@pytest.mark.row("B2")
@pytest.mark.parametrize("media_type", MEDIA_TYPES)
async def test_b2_an_empty_batch_is_no_empty_answer(server: Product, media_type: str) -> None:
    response = await server.http.post("/graphql", json=[], headers={"Accept": media_type})
    refused(response, 400, "BAD_REQUEST", media_type)


@pytest.mark.row("B1")
async def test_b1_nothing_in_a_batch_runs(wire: Wire) -> None:
    batch = [{"query": "mutation { add }"}] * 10
    response = await wire.http.post("/graphql", json=batch, headers={"Accept": GRAPHQL_RESPONSE})
    refused(response, 400, "BAD_REQUEST", GRAPHQL_RESPONSE)
    assert wire.ledger.additions == 0


@pytest.mark.row("B1")
@pytest.mark.parametrize("query", ["query=%7B__typename%7D&query=%7B__typename%7D", "0=%7Ba%7D"])
async def test_b1_nor_is_there_one_in_a_url(server: Product, query: str) -> None:
    refused(await server.get(f"/graphql?{query}"), 400, "BAD_REQUEST")
