"""Relay's compiler sends its operations and gets ids; nobody without the key does (PROTOCOL D4)."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from graphql import build_schema
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route

from domain.documents import sha256_of
from protocol.access_log import AccessLog
from protocol.limits import Limits
from protocol.remote_persisting import KEY_BYTES, PersistEndpoint
from storage.embedded import EmbeddedStores
from storage.mongo import Mongo
from storage.redis import Redis
from storage.storage import Storage
from tests.client import serving
from tests.protocol.conftest import Logs
from tests.protocol.wire import PATIENCE_S, TRACES

SCHEMA = build_schema("type Query { pin(id: ID!): String, a: Int }")
KEY = "a key of the tests, and only of them"
WHERE = "/graphql/persist?app=web&version=8.1"
PIN = "query Pin($id: ID!) {\n  pin(id: $id)\n}"
PIN_ID = f"sha256:{sha256_of(PIN)}"


class Compiler:
    """Sends documents as Relay's compiler does, with a key."""

    def __init__(self, url: str, storage: Storage) -> None:
        self.http = httpx.AsyncClient(base_url=url, timeout=PATIENCE_S)
        self.http.headers["Authorization"] = f"Bearer {KEY}"
        self.storage = storage

    async def send(
        self, text: str = PIN, where: str = WHERE, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """A text in a form."""
        return await self.http.post(where, data={"text": text}, headers=headers)

    async def stored(self) -> list[str]:
        """The texts that are stored."""
        return [each.text async for each in self.storage.documents.every()]


@asynccontextmanager
async def compiling(storage: Storage, limits: Limits | None = None) -> AsyncIterator[Compiler]:
    """A server over a store, and a compiler that knows its key."""
    endpoint = PersistEndpoint(
        SCHEMA, lambda: storage.documents, key=KEY.encode(), limits=limits or Limits()
    )
    app = Starlette(
        routes=[Route("/graphql/persist", endpoint)], middleware=[Middleware(AccessLog)]
    )
    async with serving(app) as url:
        compiler = Compiler(url, storage)
        yield compiler
        await compiler.http.aclose()


@pytest.fixture
async def compiler(storage: Storage) -> AsyncIterator[Compiler]:
    """A compiler, and nothing stored."""
    async with compiling(storage) as compiler:
        yield compiler


async def refused(
    compiler: Compiler, response: httpx.Response, status: int, code: str = "BAD_REQUEST"
) -> list[str]:
    """Asserts that nothing was stored, and that it is said properly; gives the messages."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    assert response.headers["cache-control"] == "no-store"
    assert not any(trace in response.text for trace in (*TRACES, KEY)), response.text
    assert await compiler.stored() == []
    body = response.json()
    assert set(body) == {"errors"}
    assert {error["extensions"]["code"] for error in body["errors"]} == {code}
    return [error["message"] for error in body["errors"]]


# What is stored


@pytest.mark.row("D4")
async def test_a_text_is_stored_and_its_id_comes_back(compiler: Compiler) -> None:
    for _ in range(2):
        response = await compiler.send()
        assert response.status_code == 200
        assert response.headers["content-type"] == "application/json"
        assert response.headers["cache-control"] == "no-store"
        assert response.json() == {"id": PIN_ID}
    [document] = [each async for each in compiler.storage.documents.every()]
    assert (document.text, document.name, document.ids) == (PIN, "Pin", (PIN_ID,))
    assert [each.app_version for each in document.releases] == [("web", "8.1")]


async def test_a_text_is_taken_to_the_letter(compiler: Compiler) -> None:
    text = "# Crème & 東京 + 100 % 🧁\r\nquery A { a }  "
    assert (await compiler.send(text)).json() == {"id": f"sha256:{sha256_of(text)}"}
    assert await compiler.stored() == [text]


async def test_other_fields_of_the_form_are_for_others(compiler: Compiler) -> None:
    response = await compiler.http.post(WHERE, data={"name": "Pin", "text": PIN, "params": "1"})
    assert response.json() == {"id": PIN_ID}


async def test_many_are_sent_at_once(compiler: Compiler) -> None:
    texts = [f"query Q{number} {{ a }}" for number in range(8)] * 2
    responses = await asyncio.gather(*map(compiler.send, texts))
    assert [each.json() for each in responses] == [
        {"id": f"sha256:{sha256_of(text)}"} for text in texts
    ]
    assert sorted(await compiler.stored()) == sorted(set(texts))


async def test_the_longest_text_in_its_longest_form(compiler: Compiler) -> None:
    head = "query A { a } #"
    longest = head + "é" * ((100_000 - len(head)) // 2)
    assert len(longest.encode()) >= 99_999
    assert (await compiler.send(longest)).status_code == 200
    assert await compiler.stored() == [longest]


# Who may


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "",
        "Bearer",
        f"Bearer {KEY}!",
        f"Bearer {KEY[:-1]}",
        f"Basic {KEY}",
        KEY,
        f"Bearer {KEY} {KEY}",
        "Bearer é",
    ],
)
async def test_without_the_key_nothing_is_stored(
    compiler: Compiler, authorization: str | None
) -> None:
    del compiler.http.headers["Authorization"]
    headers = {}
    if authorization is not None:
        headers[b"Authorization"] = authorization.encode("latin-1")
    response = await compiler.http.post(WHERE, data={"text": PIN}, headers=headers)
    assert response.headers["www-authenticate"] == "Bearer"
    assert await refused(compiler, response, 401, "UNAUTHENTICATED") == [
        "Authorization must be `Bearer` and the key for publishing."
    ]


async def test_two_keys_are_none(compiler: Compiler) -> None:
    headers = [("Authorization", f"Bearer {KEY}")] * 2
    async with httpx.AsyncClient(base_url=compiler.http.base_url) as http:
        response = await http.post(WHERE, data={"text": PIN}, headers=headers)
    await refused(compiler, response, 401, "UNAUTHENTICATED")


async def test_a_stranger_is_refused_before_the_text_is_read(compiler: Compiler) -> None:
    url = compiler.http.base_url
    reader, writer = await asyncio.open_connection(url.host, url.port)
    writer.write(
        f"POST {WHERE} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n\r\ntext=".encode()
    )
    async with asyncio.timeout(PATIENCE_S):
        assert (await reader.readline()).startswith(b"HTTP/1.1 401 ")
    writer.close()
    assert await compiler.stored() == []


def test_a_key_is_no_short_word(storage: Storage) -> None:
    with pytest.raises(ValueError, match=f"The key has 5 bytes; it needs {KEY_BYTES}"):
        PersistEndpoint(SCHEMA, lambda: storage.documents, key=b"short", limits=Limits())


async def test_the_key_and_the_text_are_not_logged(compiler: Compiler, logs: Logs) -> None:
    await compiler.send()
    await compiler.send("query Hidden { secret }")
    assert [each["status"] for each in logs if each["event"] == "request"] == [200, 400]
    assert KEY not in str(logs)
    assert "Hidden" not in str(logs)


# What is refused


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD", "OPTIONS"])
async def test_only_post(compiler: Compiler, method: str) -> None:
    response = await compiler.http.request(method, WHERE)
    assert response.status_code == 405
    assert response.headers["allow"] == "POST"
    assert await compiler.stored() == []


async def test_what_does_not_validate_is_refused_with_reason_and_place(
    compiler: Compiler,
) -> None:
    response = await compiler.send("query Pin($id: ID!) {\n  pin(id: $id)\n  x\n}")
    assert await refused(compiler, response, 400, "GRAPHQL_VALIDATION_FAILED") == [
        "web/Pin: Cannot query field 'x' on type 'Query'. Did you mean 'a'? (3:3)"
    ]
    response = await compiler.send("{ x y(")
    [message] = await refused(compiler, response, 400, "GRAPHQL_VALIDATION_FAILED")
    assert "Syntax Error: Expected Name, found <EOF>. (1:7)" in message


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("", "app"),
        ("?version=1", "app"),
        ("?app=web", "version"),
        ("?app=web&version=", "version"),
        ("?app=web&app=ios&version=1", "app"),
        ("?app=web&version=$where", "version"),
        ("?app=other&version=1", "app"),
        (f"?app=web&version={'1' * 65}", "version"),
        ("?app=%FF&version=1", "app"),
    ],
)
async def test_a_text_is_for_a_version_of_an_app(compiler: Compiler, query: str, name: str) -> None:
    response = await compiler.send(where=f"/graphql/persist{query}")
    assert await refused(compiler, response, 400) == [
        f"The URL must name one `{name}`, in at most 64 plain characters."
    ]


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        (b"", 400, "The form must have one `text`: that of an operation."),
        (b"text=", 400, "The form must have one `text`: that of an operation."),
        (b"text=%20+", 400, "The form must have one `text`: that of an operation."),
        (b"text=a&text=b", 400, "The form must have one `text`: that of an operation."),
        (b"text=%FF", 400, "The form must be percent-encoded UTF-8 with at most 20 fields."),
        (b"text=%ED%A0%80", 400, "The form must be percent-encoded UTF-8 with at most 20 fields."),
        (b"\xff=1", 400, "The form must be percent-encoded UTF-8 with at most 20 fields."),
        (b"a&" * 21, 400, "The form must be percent-encoded UTF-8 with at most 20 fields."),
        (b"text=" + b"a" * 100_001, 413, "`text` may have 100,000 bytes."),
        (b"text=" + b"a" * 302_000, 413, "A body may have 301000 bytes."),
    ],
)
async def test_a_body_that_is_no_form_with_a_text(
    compiler: Compiler, body: bytes, status: int, message: str
) -> None:
    headers = {"Content-Type": "Application/X-WWW-Form-URLEncoded; charset=utf-8"}
    response = await compiler.http.post(WHERE, content=body, headers=headers)
    assert await refused(compiler, response, status) == [message]


@pytest.mark.parametrize("content_type", ["application/json", "multipart/form-data", ""])
async def test_a_body_of_another_type(compiler: Compiler, content_type: str) -> None:
    headers = {"Content-Type": content_type}
    response = await compiler.http.post(WHERE, content=b"text=a", headers=headers)
    assert await refused(compiler, response, 415) == [
        "The body must be application/x-www-form-urlencoded."
    ]


async def test_a_url_that_is_too_long(compiler: Compiler) -> None:
    await refused(compiler, await compiler.send(where=f"{WHERE}&{'a' * 8_192}"), 414)


async def test_a_body_that_takes_too_long(storage: Storage) -> None:
    async def slow() -> AsyncIterator[bytes]:
        yield b"text="
        await asyncio.sleep(0.5)

    async with compiling(storage, Limits(body_ms=50)) as compiler:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        response = await compiler.http.post(WHERE, content=slow(), headers=headers)
        await refused(compiler, response, 408, "TIMEOUT")


async def test_a_store_that_is_gone_is_no_fault_of_the_text(
    own_stores: EmbeddedStores,
) -> None:
    storage = Storage(
        Mongo(own_stores.mongo_url, database="own", deadline_ms=500), Redis(own_stores.redis_url)
    )
    await storage.prepare()
    async with compiling(storage) as compiler:
        own_stores.mongo.kill()
        response = await compiler.send()
        body: dict[str, Any] = response.json()
        assert response.status_code == 503
        assert response.headers["retry-after"] == "1"
        assert body["errors"][0]["extensions"]["code"] in ("UNAVAILABLE", "TIMEOUT")
    await storage.close()
