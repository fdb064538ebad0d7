"""Apollo Kotlin and Apollo iOS, which cannot run here: what they send, and how they read answers.

Requests are built byte by byte as their sources build them (PROTOCOL [KOT] and [IOS]), down to the
order of keys and the escapes of URLs. `read` makes the checks that their interceptors make.
"""

import asyncio
import gzip
import json
from collections.abc import Mapping
from hashlib import sha256
from http.client import parse_headers
from io import BytesIO
from typing import Any, Final, NamedTuple
from urllib.parse import quote, urlsplit

import msgspec

_PATIENCE_S: Final = 10


class Operation(NamedTuple):
    """An operation as code generation leaves it in an app."""

    name: str
    text: str
    variables: dict[str, Any]

    @property
    def id(self) -> str:
        """What both generators call it."""
        return sha256(self.text.encode()).hexdigest()


class Reply(msgspec.Struct):
    """What came back; names of headers are lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


class Refused(Exception):
    """The client gives its caller an error before anybody looks for GraphQL errors."""


class Kotlin:
    """`DefaultHttpRequestComposer`, over OkHttp."""

    def request(self, host: str, operation: Operation, *, get: bool, id: bool, text: bool) -> bytes:
        """A request with the operation's id, its text, or both."""
        headers = {
            "Accept": "multipart/mixed;deferSpec=20220824, application/graphql-response+json, "
            "application/json",
            "apollographql-client-name": "android",
            "apollographql-client-version": "8.1",
        }
        extension = {"persistedQuery": {"version": 1, "sha256Hash": operation.id}}
        parameters: dict[str, Any] = {
            "operationName": operation.name,
            "variables": operation.variables,
            **({"query": operation.text} if text else {}),
        }
        if get:
            parameters |= {"extensions": extension} if id else {}
            target = _url(parameters, safe="-._~")
            body = None
            headers = {"Apollo-Require-Preflight": "true"} | headers
        else:
            library = {"clientLibrary": {"name": "apollo-kotlin", "version": "5.0.0"}}
            parameters["extensions"] = (extension if id else {}) | library
            parameters["onError"] = "NULL"  # a key that we do not know
            target, body = "/graphql", _json(parameters)
            headers |= {"Content-Type": "application/json", "Content-Length": str(len(body))}
        headers |= {"Host": host, "Connection": "Keep-Alive", "Accept-Encoding": "gzip"}
        return _bytes("GET" if get else "POST", target, headers, body)

    def read(self, reply: Reply) -> Any:
        """`HttpNetworkTransport`: a GraphQL answer, unless it raises `Refused`."""
        media_type = reply.headers.get("content-type", "")
        is_graphql = media_type.startswith("application/graphql-response+json")
        if reply.status // 100 != 2 and not is_graphql:
            raise Refused(f"Http request failed with status code `{reply.status}`")
        if media_type.startswith("multipart/"):
            raise Refused("An answer in parts, to an operation without @defer.")
        return json.loads(reply.body)

    def wants_text(self, answer: Any) -> bool:
        """`AutoPersistedQueryInterceptor`: whether to send it again with the text."""
        return "persistedquerynotfound" in [each.lower() for each in messages(answer)]


class IOS:
    """`JSONRequest`, over URLSession."""

    def request(self, host: str, operation: Operation, *, get: bool, id: bool, text: bool) -> bytes:
        """A request with the operation's id, its text, or both; all keys are in order."""
        headers = {
            "Host": host,
            "Accept": "multipart/mixed;deferSpec=20220824,application/graphql-response+json,"
            "application/json",
            "apollographql-client-name": "ios",
            "apollographql-client-version": "8.1",
        }
        library = {"clientLibrary": {"name": "apollo-ios", "version": "2.0.0"}}
        persisted = {"persistedQuery": {"sha256Hash": operation.id, "version": 1}}
        parameters: dict[str, Any] = {
            "extensions": library | (persisted if id else {}),
            "operationName": operation.name,
            **({"query": operation.text} if text else {}),
            "variables": dict(sorted(operation.variables.items())),
        }
        if get:
            target = _url(parameters, safe="-._~!$'()*,;:@/?")
            body = None
            headers["Apollo-Require-Preflight"] = "true"
        else:
            target, body = "/graphql", _json(parameters).replace(b"/", b"\\/")
            headers |= {"Content-Type": "application/json", "Content-Length": str(len(body))}
        headers |= {"Accept-Encoding": "gzip, deflate", "Connection": "keep-alive"}
        return _bytes("GET" if get else "POST", target, headers, body)

    def read(self, reply: Reply) -> Any:
        """`ResponseCodeInterceptor` and the parser after it, which raise `Refused`."""
        if reply.status // 100 != 2:
            raise Refused(f"Received a {reply.status} error.")
        if "multipart/mixed" in reply.headers.get("content-type", ""):
            raise Refused("An answer in parts, to an operation without @defer.")
        return json.loads(reply.body)

    def wants_text(self, answer: Any) -> bool:
        """`AutomaticPersistedQueryInterceptor`: whether to send it again with the text."""
        return "PersistedQueryNotFound" in messages(answer)


def messages(answer: Any) -> list[str]:
    """The messages of an answer's errors."""
    return [each["message"] for each in answer.get("errors", [])]


async def send(url: str, request: bytes) -> Reply:
    """Sends a request as it is."""
    address = urlsplit(url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    try:
        writer.write(request)
        async with asyncio.timeout(_PATIENCE_S):
            head = await reader.readuntil(b"\r\n\r\n")
            status_line, _, lines = head.partition(b"\r\n")
            found = parse_headers(BytesIO(lines))
            headers = {name.lower(): value for name, value in found.items()}
            body = await reader.readexactly(int(headers["content-length"]))
    finally:
        writer.close()
    if headers.get("content-encoding") == "gzip":
        body = gzip.decompress(body)
    return Reply(int(status_line.split()[1]), headers, body)


def _json(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def _url(parameters: Mapping[str, Any], *, safe: str) -> str:
    texts = {
        name: value if isinstance(value, str) else _json(value).decode()
        for name, value in parameters.items()
    }
    return "/graphql?" + "&".join(f"{key}={quote(text, safe)}" for key, text in texts.items())


def _bytes(method: str, target: str, headers: Mapping[str, str], body: bytes | None) -> bytes:
    lines = [f"{method} {target} HTTP/1.1", *(f"{key}: {value}" for key, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode() + (body or b"")
