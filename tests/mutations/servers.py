"""Server processes of their own over the stores of a test, and links that can be slow."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Self
from urllib.parse import quote_plus

from storage.embedded import EmbeddedStores
from tests.client import Client, settings_of
from tests.protocol.product import process
from tests.storage.loads import Tally


@asynccontextmanager
async def server_process(stores: EmbeddedStores, **environment: str) -> AsyncIterator[Client]:
    """A server process over the database of the tests, and a client that makes tokens for it."""
    settings = settings_of(stores)
    assert settings.jwt_secret is not None
    assert settings.signing_key is not None
    usual = {
        "PINERY_MONGO_DATABASE": settings.mongo_database,
        "PINERY_JWT_SECRET": settings.jwt_secret.get_secret_value(),
        "PINERY_SIGNING_KEY": settings.signing_key.get_secret_value(),
        "PINERY_RATE_LIMIT_POINTS": "0",
        "PINERY_MUTATION_BURSTS": "false",
        "PINERY_MAX_WAITING": "1000",
        "PINERY_MAX_WAIT_MS": "5000",
    }
    async with process(stores, **usual | environment) as http:
        client = Client(str(http.base_url), settings)
        try:
            yield client
        finally:
            await client.http.aclose()


class SlowLink:
    """Stands between a server and MongoDB, whose answer to one command it can keep to itself.

    The name of `socket` ends in `.sock`, by which drivers know one.
    """

    def __init__(self, mongo: Path, socket: Path) -> None:
        self.answered = Tally()
        self._mongo = mongo
        self._socket = socket
        self._word: bytes | None = None
        self._gate = asyncio.Event()

    @property
    def url(self) -> str:
        """For the server that is to be kept waiting."""
        return f"mongodb://{quote_plus(str(self._socket))}/?directConnection=true"

    def hold(self, word: bytes) -> None:
        """Holds the answer to the next command with these bytes; `answered` counts it then."""
        self._word = word
        self._gate.clear()

    def let_go(self) -> None:
        """Lets through what was held."""
        self._gate.set()

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Self]:
        """Takes connections."""
        async with await asyncio.start_unix_server(self._serve, self._socket):
            yield self

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        mongo_reader, mongo_writer = await asyncio.open_unix_connection(self._mongo)
        is_held = asyncio.Event()

        async def forth() -> None:
            while data := await reader.read(65_536):
                if self._word is not None and self._word in data:
                    self._word = None
                    is_held.set()
                mongo_writer.write(data)
            mongo_writer.close()

        async def back() -> None:
            while data := await mongo_reader.read(65_536):
                if is_held.is_set():
                    self.answered.add()
                    await self._gate.wait()
                    is_held.clear()
                writer.write(data)
            writer.close()

        try:
            with suppress(OSError):
                await asyncio.gather(forth(), back())
        finally:
            writer.close()
            mongo_writer.close()
