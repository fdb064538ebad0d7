"""The real server, as tests of the protocol speak with it: its schema and stores, plain HTTP."""

import asyncio
import signal
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import orjson

from domain.documents import NewDocument, OperationKind, Release
from domain.users import UserRecord
from server import create_app
from storage.embedded import EmbeddedStores
from storage.storage import Storage
from tests.client import Client, serving, settings_of
from tests.programs import Program, usual_environment
from tests.protocol.wire import PATIENCE_S, PREFLIGHT

_numbers = count(1)


def new_text() -> str:
    """A valid document of the real schema that no server has seen."""
    return f"query Name{next(_numbers)} {{ __typename }}"


def hash_of(text: str) -> str:
    """The SHA-256 of a text, as clients write it."""
    return sha256(text.encode()).hexdigest()


def by_hash(sha256_hash: object, **further: object) -> dict[str, object]:
    """The extensions of a request that names its document by hash."""
    return {"persistedQuery": {"version": 1, "sha256Hash": sha256_hash, **further}}


async def publish(
    storage: Storage,
    *texts: str,
    kind: OperationKind = OperationKind.QUERY,
    custom_ids: tuple[str, ...] = (),
) -> None:
    """Makes documents trusted, as those of a release of a web app."""
    release = Release("web", "1.0", datetime.now(UTC))
    documents = [NewDocument(text, "Name", kind, custom_ids) for text in texts]
    await storage.documents.publish(release, documents)


class Product:
    """Speaks HTTP with one server. Parameters are those of GraphQL over HTTP."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.http = httpx.AsyncClient(base_url=client.http.base_url, timeout=PATIENCE_S)
        self.http.headers.pop("accept")

    async def post(
        self,
        *,
        accept: str | None = None,
        headers: Mapping[str, str] | None = None,
        **parameters: object,
    ) -> httpx.Response:
        """An operation by POST."""
        sent = {**({} if accept is None else {"Accept": accept}), **(headers or {})}
        return await self.http.post("/graphql", json=parameters, headers=sent)

    async def get(
        self,
        path: str = "/graphql",
        *,
        method: str = "GET",
        accept: str | None = None,
        headers: Mapping[str, str] | None = None,
        **parameters: object,
    ) -> httpx.Response:
        """An operation by GET; what is no string is sent as compact JSON."""
        sent = {**PREFLIGHT, **({} if accept is None else {"Accept": accept}), **(headers or {})}
        # An empty mapping would take away what the path has.
        params = in_url(parameters) or None
        return await self.http.request(method, path, params=params, headers=sent)

    async def send_bytes(self, request: bytes) -> bytes:
        """Sends the bytes of a request that asks to close the connection; all that came back."""
        base = self.http.base_url
        reader, writer = await asyncio.open_connection(base.host, base.port)
        try:
            writer.write(request)
            async with asyncio.timeout(PATIENCE_S):
                return await reader.read()
        finally:
            writer.close()

    def bearer(self, viewer: UserRecord) -> dict[str, str]:
        """The header of a signed-in viewer."""
        return {"Authorization": f"Bearer {self._client.token(viewer)}"}

    async def is_alive(self) -> bool:
        """Whether the server answers an ordinary request as ever."""
        response = await self.post(query="{ __typename }")
        return bool(response.json()["data"] == {"__typename": "Query"})

    async def close(self) -> None:
        """Ends the connections of this client."""
        await self.http.aclose()
        await self._client.http.aclose()


def in_url(parameters: Mapping[str, object]) -> dict[str, str]:
    """Parameters as they stand in a URL."""
    return {
        name: value if isinstance(value, str) else orjson.dumps(value).decode()
        for name, value in parameters.items()
    }


@asynccontextmanager
async def product(
    stores: EmbeddedStores, storage: Storage, **settings: Any
) -> AsyncIterator[Product]:
    """A server of its own over some stores, with some settings other than those of the tests.

    Nobody is charged, unless they say so: buckets would be among what the stores are asked for.
    """
    changed = settings_of(stores, **{"rate_limit_points": 0, **settings})
    async with serving(create_app(changed, storage)) as url:
        served = Product(Client(url, changed))
        try:
            yield served
        finally:
            await served.close()


async def push(stores: EmbeddedStores, manifest: Path) -> Program:
    """Publishes a manifest as the build of an app does; the process, which has ended."""
    command = ("documents", "push", str(manifest), "--app", "ios", "--version", "8.1")
    running = _command(stores, *command, PINERY_MONGO_DATABASE="tests")
    await running.ends()
    return running


@asynccontextmanager
async def process(stores: EmbeddedStores, **environment: str) -> AsyncIterator[httpx.AsyncClient]:
    """A server process of its own, as a person starts it, and a client of it."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    running = _command(stores, "serve", PINERY_PORT=str(port), **environment)
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as http:
            await _until_ready(http, running)
            yield http
    finally:
        running.send_signal(signal.SIGTERM)
        await running.ends()


def _command(stores: EmbeddedStores, *words: str, **environment: str) -> Program:
    """One of our commands over some stores, started."""
    over_stores = {
        "PINERY_MONGO_URL": stores.mongo_url,
        "PINERY_REDIS_URL": stores.redis_url,
        "PINERY_DATA_DIR": str(stores.mongo.directory.parent),
    }
    return Program(*words, environment=usual_environment() | over_stores | environment)


async def _until_ready(http: httpx.AsyncClient, running: Program) -> None:
    async with asyncio.timeout(60):
        while True:
            assert running.poll() is None, "The server ended while it started."
            try:
                if (await http.get("/readyz")).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.1)
