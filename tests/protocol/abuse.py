"""Requests that want too much of the real server: what each is, and how soon it is refused.

    python -m tests.protocol.abuse

prints the time to refuse each: the median of a few, sent to a server in the same process over HTTP,
and whether the answer was a refusal.
"""

import asyncio
import gzip
import json
import logging
import re
import sys
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Final, NamedTuple

import httpx
import structlog

from domain.ids import to_global_id
from storage.mongo import Mongo
from storage.redis import Redis
from storage.storage import Storage
from tests.protocol.product import Product, product
from tests.protocol.test_limits import BOMBS
from tests.protocol.wire import GRAPHQL_RESPONSE, JSON, PREFLIGHT
from tests.stores import throwaway_stores

TEN_MEGABYTES: Final = 10_000_000
_CHUNK: Final = 65_536

_HARMLESS: Final = (
    "30 flat doubling fragments",
    "a fragment that spreads the next one 100 times",
    "inline fragments, 190 deep",
    "90,000 characters of comment",
    "90,000 commas",
    "45,000 line ends",
)
_NOBODY: Final = to_global_id("Pin", "0" * 24)


class Abuse(NamedTuple):
    """One request: a body by POST, or a path by GET."""

    body: bytes = b""
    path: str = "/graphql"
    headers: Mapping[str, str] = {}
    in_chunks: bool = False


async def send(server: Product, abuse: Abuse) -> httpx.Response:
    """Sends it, and reads the answer: a server that refuses a body need not have read it."""
    if abuse.path != "/graphql":
        headers = {"Accept": GRAPHQL_RESPONSE, **PREFLIGHT, **abuse.headers}
        return await server.http.get(abuse.path, headers=headers)
    headers = {"Accept": GRAPHQL_RESPONSE, "Content-Type": JSON, **abuse.headers}
    content = _chunks(abuse.body) if abuse.in_chunks else abuse.body
    return await server.http.post("/graphql", content=content, headers=headers)


async def _chunks(body: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(body), _CHUNK):
        yield body[start : start + _CHUNK]
        await asyncio.sleep(0)


def _document(text: str, **variables: object) -> Abuse:
    return Abuse(json.dumps({"query": text, "variables": variables}).encode())


def _translated(bomb: str) -> str:
    """A bomb of the example's schema as one of the real schema, whose pins are pins all the way."""
    if bomb.startswith("{ __schema"):
        return bomb
    for pattern, replacement in (
        (r"\bhello\(name:", "pin(id:"),
        (r"\bhello\b", "__typename"),
        (r"\bperson\b", f'pin(id: "{_NOBODY}")'),
        (r"\bPerson\b", "Pin"),
        (r"\bfriend\b", "root"),
        (r"\bname\b", "title"),
    ):
        bomb = re.sub(pattern, replacement, bomb)
    return bomb


def _bomb(name: str) -> Abuse:
    return _document(_translated(BOMBS[name]()))


def _pages(first: str, depth: int) -> str:
    """Boards of the owners of boards, page in page; `first` may be `$n`."""
    declared = "query($n: Int = 100) " if first == "$n" else ""
    return (
        f'{declared}{{ board(by: {{id: "{_NOBODY}"}}) {{ '
        + f"owner {{ boards(first: {first}) {{ nodes {{ " * depth
        + "name"
        + " } } }" * depth
        + " } }"
    )


_EXPENSIVE = (
    "fragment F on Pin { comments(first: 100) { nodes { author { followers(first: 100) { nodes "
    "{ id } } } } } }"
)
_DOCUMENTS: Final[Mapping[str, Abuse]] = {
    "pages in pages in pages": _document(_pages("100", 3)),
    "pages in pages by a variable": _document(_pages("$n", 3), n=100),
    "20 aliases of a dear fragment": _document(
        "{" + " ".join(f'a{i}: pin(id: "{i}") {{ ...F }}' for i in range(20)) + "}" + _EXPENSIVE
    ),
    "20,000 wrong variables": _document("query($n: [Int!]!) { __typename }", n=["x"] * 20_000),
    "variables 500 deep": Abuse(
        b'{"query":"{__typename}","variables":{"a":' + b"[" * 500 + b"]" * 500 + b"}}"
    ),
    "an operation name of 90,000 characters": Abuse(
        json.dumps({"query": "{ __typename }", "operationName": "x" * 90_000}).encode()
    ),
    "an integer of 5,000 digits in the document": _document(_pages("9" * 5_000, 1)),
    "an integer of 5,000 digits in a variable": Abuse(
        b'{"query":"query($n: Int!) { pin(id: 1) { saves(first: $n) { totalCount } } }",'
        b'"variables":{"n":' + b"9" * 5_000 + b"}}"
    ),
    "an integer of 5,000 digits for a version": Abuse(
        b'{"extensions":{"persistedQuery":{"version":' + b"9" * 5_000 + b"}}}"
    ),
    "60 directives": _document("{ __typename" + " @skip(if: false)" * 60 + " }"),
    "31 aliases": _document("{ pin(id: 1) {" + "".join(f" a{i}: id" for i in range(31)) + " } }"),
    "11 operations": _document("".join(f"query Q{i} {{ __typename }}" for i in range(11))),
}

_BODIES: Final[Mapping[str, Abuse]] = {
    "10 MB": Abuse(b" " * TEN_MEGABYTES),
    "10 MB in chunks": Abuse(b" " * TEN_MEGABYTES, in_chunks=True),
    "a query of 10 MB": Abuse(b'{"query":"{__typename}#' + b"x" * TEN_MEGABYTES + b'"}'),
    "a query of 10 MB in chunks": Abuse(
        b'{"query":"{__typename}#' + b"x" * TEN_MEGABYTES + b'"}', in_chunks=True
    ),
    "10 MB in 10 kB of gzip": Abuse(
        gzip.compress(b" " * TEN_MEGABYTES), headers={"Content-Encoding": "gzip"}
    ),
    "10 MB in 10 kB of gzip, in chunks": Abuse(
        gzip.compress(b" " * TEN_MEGABYTES), headers={"Content-Encoding": "gzip"}, in_chunks=True
    ),
    "10 MB of gzip in gzip": Abuse(
        gzip.compress(gzip.compress(b" " * TEN_MEGABYTES)),
        headers={"Content-Encoding": "gzip, gzip"},
    ),
    "gzip that is not declared": Abuse(gzip.compress(b" " * TEN_MEGABYTES)),
    "brotli": Abuse(b"\x0b\x02\x80\x7b\x7d\x03", headers={"Content-Encoding": "br"}),
    "invalid UTF-8": Abuse(b'{"query":"{__typename}","variables":{"a":"\xff\xfe"}}'),
    "invalid UTF-8 of 100 kB": Abuse(b"\xff" * 99_000),
    "UTF-16": Abuse('{"query":"{__typename}"}'.encode("utf-16")),
    "half a character": Abuse(b'{"query":"{__typename}","variables":{"a":"\\ud800"}}'),
    "null bytes": Abuse(b"\0" * 99_000),
    "lists, 49,000 deep": Abuse(b"[" * 49_000 + b"]" * 49_000),
    "objects, 16,000 deep": Abuse(b'{"a":' * 16_000 + b"1" + b"}" * 16_000),
    "20,000 times the same key": Abuse(
        b'{"query":"{__typename}","variables":{' + b'"a":1,' * 15_000 + b'"a":1}}'
    ),
    "a batch of 1,000": Abuse(b"[" + b",".join([b'{"query":"{__typename}"}'] * 1_000) + b"]"),
    "an integer of 99,000 digits": Abuse(b"9" * 99_000),
}

_URLS: Final[Mapping[str, Abuse]] = {
    "a URL of 20,000 characters": Abuse(path="/graphql?query=" + "x" * 20_000),
    "a URL of 2,000 parameters": Abuse(path="/graphql?query=%7Ba%7D" + "&a" * 2_000),
    "a URL of invalid UTF-8": Abuse(path="/graphql?query=%FF%FE%C0%AF"),
    "a bomb in a URL": Abuse(path="/graphql?query=" + "%7B" * 2_500),
    "variables in a URL, 4,000 deep": Abuse(path="/graphql?query=%7Ba%7D&variables=" + "[" * 4_000),
    "headers of 60 kB": Abuse(
        path="/graphql?query=%7Ba%7D", headers={f"X-{i}": "y" * 6_000 for i in range(10)}
    ),
}

ABUSES: Final[Mapping[str, Abuse]] = {
    **{name: _bomb(name) for name in BOMBS if name not in _HARMLESS},
    **_DOCUMENTS,
    **_BODIES,
    **_URLS,
}
"""Each must be refused with 4xx and a code, without a call to any store."""


HARMLESS: Final[Mapping[str, Abuse]] = {name: _bomb(name) for name in _HARMLESS}
"""Bombs elsewhere. Here they are documents like any other: no limiter goes through them twice."""


async def measure(repeats: int) -> None:
    """Prints the time to refuse each, in milliseconds, the slowest first."""
    with TemporaryDirectory() as directory, throwaway_stores(Path(directory)) as stores:
        storage = Storage(Mongo(stores.mongo_url, database="abuse"), Redis(stores.redis_url))
        rows = []
        async with product(stores, storage) as server:
            for name, abuse in ABUSES.items():
                times = []
                for _ in range(repeats):
                    started = perf_counter()
                    response = await send(server, abuse)
                    times.append((perf_counter() - started) * 1_000)
                code = response.json()["errors"][0]["extensions"]["code"]
                rows.append((median(times), max(times), response.status_code, code, name))
                assert await server.is_alive()
        await storage.close()
    print(f"{'median':>8} {'slowest':>8}  status  code, of {len(rows)} requests × {repeats}")
    for middle, slowest, status, code, name in sorted(rows, reverse=True):
        print(f"{middle:8.1f} {slowest:8.1f}  {status}     {code:32} {name}")


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    asyncio.run(measure(int(sys.argv[1]) if len(sys.argv) > 1 else 5))
