"""A client of the server, as tests use it: real HTTP to a real uvicorn on a port of its own."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from copy import copy
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from pydantic import SecretStr
from starlette.applications import Starlette

from config import Settings
from domain.users import UserRecord
from domain.viewer import EVERY_SCOPE, Scope, StaffRole
from schema.api import build_schema
from server import authenticator
from storage.embedded import EmbeddedStores

SCHEMA = build_schema()
PAUSE_MS = 30_000
"""How long the event loop may stand still: it does while a test runs that needs none."""

ENDING_S = 30
"""How long a server may take to end."""

MEDIA_URL = "http://media.example/media"
"""Where clients are told that pictures are; a test sends them to its server."""

OPERATIONS = Path(__file__).parent / "operations"


def settings_of(stores: EmbeddedStores, **changes: Any) -> Settings:
    """The settings of a test server over some stores."""
    usual: dict[str, Any] = {
        "mongo_url": stores.mongo_url,
        "redis_url": stores.redis_url,
        "mongo_database": "tests",
        "ads_refresh_s": 3_600,  # the test says when, and its store calls are its own
        "ads_budget_ms": 5_000,  # a slow machine must not lose its ads
        "max_wait_ms": 5_000,  # nor turn a test away
        "max_waiting": 1_000,  # nor many requests at once
        "usage_flush_s": 3_600,
        "cascade_pause_s": 3_600,  # only what this process itself left to be done
        "rate_limit_points": 0,  # all tests share one address
        "mutation_bursts": False,  # no test is written as slowly as people click
        "jwt_secret": SecretStr("a secret of the tests, and only of them"),
        "media_dir": stores.mongo.directory.with_name("media"),
        "media_url": MEDIA_URL,
        "signing_key": SecretStr("a signing key of the tests, and only of them"),
    }
    return Settings(**usual | changes)


@dataclass(frozen=True)
class Answer:
    """What came back: `errors` as clients see them, empty when there are none."""

    data: Any
    errors: list[dict[str, Any]]
    extensions: dict[str, Any]

    @property
    def codes(self) -> list[str]:
        """The codes of the errors."""
        return [error["extensions"]["code"] for error in self.errors]


class Client:
    """Sends operations on behalf of viewers."""

    def __init__(self, base_url: str, settings: Settings) -> None:
        self.http = httpx.AsyncClient(base_url=base_url, timeout=30)
        self._authenticator = authenticator(settings)
        self._scopes = EVERY_SCOPE
        self._staff: StaffRole | None = None

    def with_tokens(
        self, scopes: frozenset[Scope] = EVERY_SCOPE, staff: StaffRole | None = None
    ) -> "Client":
        """The same client, whose viewers have tokens that say so."""
        other = copy(self)
        other._scopes, other._staff = scopes, staff
        return other

    def token(self, viewer: UserRecord) -> str:
        """A bearer token of a user."""
        lifetime = timedelta(minutes=5)
        return self._authenticator.mint(viewer.id, self._scopes, lifetime, self._staff)

    async def execute(
        self, document: str, viewer: UserRecord | None = None, **variables: Any
    ) -> Answer:
        """Runs a document, or the operation of that name in `tests/operations`."""
        if document.isidentifier():
            document = (OPERATIONS / f"{document}.graphql").read_text()
        headers = {} if viewer is None else {"Authorization": f"Bearer {self.token(viewer)}"}
        body = {"query": document, "variables": variables}
        response = await self.http.post("/graphql", json=body, headers=headers)
        answer = response.json()
        return Answer(answer.get("data"), answer.get("errors", []), answer.get("extensions", {}))

    async def data(self, document: str, viewer: UserRecord | None = None, **variables: Any) -> Any:
        """The data of an operation that must have no errors."""
        answer = await self.execute(document, viewer, **variables)
        assert answer.errors == []
        return answer.data


@asynccontextmanager
async def serving(app: Starlette) -> AsyncIterator[str]:
    """Serves an application from this event loop; gives the URL it is at."""
    listener = socket.create_server(("127.0.0.1", 0))
    # asyncio leaves Nagle's algorithm on for a socket it did not make: 40 ms for every request.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    # Connections outlive the client's wish to use them again, or one could end under a request.
    config = uvicorn.Config(app, log_config=None, lifespan="on", timeout_keep_alive=60)
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started and not task.done():  # noqa: ASYNC110  # uvicorn has no event for it
        await asyncio.sleep(0.01)
    if task.done():
        task.result()
        raise RuntimeError("The server did not start.")
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        # Of itself it would wait for ever for a request that does not end.
        async with asyncio.timeout(ENDING_S):
            await task


class _Server(uvicorn.Server):
    """A server that leaves the signals to pytest."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Captures none."""
        yield
