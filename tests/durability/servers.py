"""Server processes as a person starts them, for tests that kill them or run several at once."""

import asyncio
import random
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx

from config import Settings
from tests.client import Client
from tests.programs import Program, usual_environment

START_TIMEOUT_S = 60
STOP_TIMEOUT_S = 30

_SECRET = "a secret of the tests, and only of them"
_PORTS = range(20_000, 32_000)
"""Below those that clients get: a client must not take the port of a server that starts anew."""


class ServerProcess:
    """One server over some stores. `start`, `kill` and `stop` may follow each other."""

    def __init__(self, mongo_url: str, redis_url: str, directory: Path, **environment: str) -> None:
        """Its log and secrets are in `directory`; `environment` has settings of its own."""
        self.settings = Settings(
            mongo_url=mongo_url,
            redis_url=redis_url,
            mongo_database="tests",
            data_dir=directory,
            jwt_secret=_SECRET,  # type: ignore[arg-type]  # pydantic makes it a SecretStr
            signing_key=_SECRET,  # type: ignore[arg-type]
        )
        self.port = _free_port()
        self.log = directory / f"server-{self.port}.log"
        self._environment = {
            "PINERY_MONGO_URL": mongo_url,
            "PINERY_REDIS_URL": redis_url,
            "PINERY_MONGO_DATABASE": "tests",
            "PINERY_DATA_DIR": str(directory),
            "PINERY_JWT_SECRET": _SECRET,
            "PINERY_SIGNING_KEY": _SECRET,
            "PINERY_PORT": str(self.port),
            "PINERY_LOG_LEVEL": "warning",
            # All tests share one address, and none writes as slowly as people click.
            "PINERY_RATE_LIMIT_POINTS": "0",
            "PINERY_MUTATION_BURSTS": "false",
            "PINERY_MAX_WAITING": "1000",
            "PINERY_MAX_WAIT_MS": "5000",
            **environment,
        }
        self._process: Program | None = None

    @property
    def url(self) -> str:
        """Where it is; the same after every start."""
        return f"http://127.0.0.1:{self.port}"

    @asynccontextmanager
    async def client(self) -> AsyncIterator[Client]:
        """A client of it."""
        client = Client(self.url, self.settings)
        async with client.http:
            yield client

    async def start(self) -> None:
        """Starts it, and returns when it is ready."""
        environment = usual_environment() | self._environment
        with self.log.open("ab") as log:
            self._process = Program("serve", environment=environment, stdout=log, stderr=log)
        async with asyncio.timeout(START_TIMEOUT_S), httpx.AsyncClient(base_url=self.url) as http:
            while not await _is_ready(http):
                assert self._process.poll() is None, self.log.read_text()[-2_000:]
                await asyncio.sleep(0.05)

    async def kill(self) -> None:
        """Ends it at once, with kill -9."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        await self._process.ends()

    def terminate(self) -> None:
        """Sends it SIGTERM."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)

    async def exit_code(self) -> int:
        """How it ended, once it has."""
        assert self._process is not None
        return await self._process.ends(STOP_TIMEOUT_S)


@asynccontextmanager
async def running(*servers: ServerProcess) -> AsyncIterator[None]:
    """Servers that run in the block; they are killed at its end, whatever became of them."""
    try:
        await asyncio.gather(*(server.start() for server in servers))
        yield
    finally:
        for server in servers:
            if server._process is not None:
                await server.kill()


async def _is_ready(http: httpx.AsyncClient) -> bool:
    try:
        return (await http.get("/readyz")).status_code == 200
    except httpx.TransportError:
        return False


def _free_port() -> int:
    while True:
        port = random.choice(_PORTS)  # noqa: S311  # not secret
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
