"""The servers of a comparison: what each is, and how it is started.

Those that this machine cannot run say why, and the others run without them.
"""

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from time import perf_counter
from typing import Final

import msgspec

from benchmarks.connections import Connections, get
from benchmarks.servers.serving import MONGO_DEADLINE_MS, READY, REDIS_DEADLINE_MS
from config import Settings

ROOT: Final = Path(__file__).parents[1]
MERCURIUS: Final = ROOT / "benchmarks" / "servers" / "mercurius"
IMAGE_PROXY_URL: Final = "https://images.example"

_START_S: Final = 30.0
_STOP_S: Final = 10.0
_PAUSE_S: Final = 0.05
_SEARCH: Final = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])


class Grounds(msgspec.Struct, frozen=True):
    """What all servers stand on: the stores, the secret of tokens, and a directory for logs."""

    mongo_url: str
    redis_url: str
    database: str
    secret: str
    data_dir: Path


class Contestant(msgspec.Struct, frozen=True):
    """One server. `speaks_graphql` is false where a text and its id are the same to it.

    `is_ours` ones have Pinery's own settings, all others those of `benchmarks.servers.serving`.
    """

    name: str
    about: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = {}
    is_ours: bool = False
    speaks_graphql: bool = True
    lacks: str | None = None
    """What this machine needs before it can run it; None when it can."""

    @property
    def slug(self) -> str:
        """The name as a file and a command line have it."""
        return self.name.lower().replace(", ", "-").replace(" ", "-")

    def variables(self, grounds: Grounds, port: int) -> dict[str, str]:
        """Its environment."""
        given = _ours(grounds, port) if self.is_ours else _theirs(grounds, port)
        return {**os.environ, "PATH": _SEARCH, **given, **self.environment}


class Running(msgspec.Struct, frozen=True):
    """A server that serves."""

    contestant: Contestant
    port: int
    pid: int


class NotStarted(Exception):
    """A server did not start; the message has the end of its log."""


def contestants() -> list[Contestant]:
    """All there are, Pinery as it is served by default first."""
    return [*_pinery(), *_hand_written(), *_mercurius(), *_plain()]


def _pinery() -> list[Contestant]:
    serve = (sys.executable, "-m", "cli", "serve")
    if "executor" not in Settings.model_fields:
        return [Contestant("Pinery", "as it is", serve, is_ours=True)]
    return [
        Contestant(f"Pinery, {executor}", about, serve, {"PINERY_EXECUTOR": executor}, is_ours=True)
        for executor, about in (
            ("compiled", "operations compiled once, executed breadth-first"),
            ("core", "the same resolvers and loaders, executed by graphql-core"),
        )
    ]


def _hand_written() -> list[Contestant]:
    program = (sys.executable, "-m", "benchmarks.servers.hand_written")
    return [
        Contestant(
            f"Hand-written, {records}",
            f"one function for each workload, no GraphQL; {about}",
            program,
            {"RECORDS": records},
            speaks_graphql=False,
        )
        for records, about in (
            ("cached", "with Pinery's layers of cache"),
            ("mongo", "records from MongoDB"),
        )
    ]


def _mercurius() -> list[Contestant]:
    return [
        Contestant(
            name,
            f"Fastify and Mercurius with jit on Node; {about}",
            ("node", str(MERCURIUS / "server.mjs")),
            {"CACHE": cache, "NODE_ENV": "production"},
            lacks=_what_node_lacks(),
        )
        for name, cache, about in (
            ("Mercurius", "0", "records from MongoDB"),
            ("Mercurius, cached", "1", "with a cache of records in the process"),
            ("Mercurius, all cached", "all", "with lists and the viewer's own in the cache, too"),
        )
    ]


def _plain() -> list[Contestant]:
    about = "async resolvers and a DataLoader for each kind, Strawberry's own view, no cache"
    program = (sys.executable, "-m", "benchmarks.servers.plain_strawberry")
    return [Contestant("Strawberry", about, program)]


def _what_node_lacks() -> str | None:
    if shutil.which("node", path=_SEARCH) is None:
        return "There is no Node here."
    if not (MERCURIUS / "server.mjs").is_file():
        return "The server is not there."
    if not (MERCURIUS / "node_modules").is_dir():
        return "Its packages are not installed: `make bench` does it."
    return None


def node_version() -> str | None:
    """The version of Node that is used; None without one."""
    node = shutil.which("node", path=_SEARCH)
    if node is None:
        return None
    asked = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)  # noqa: S603
    return asked.stdout.strip() or None


@asynccontextmanager
async def running(contestant: Contestant, grounds: Grounds) -> AsyncIterator[Running]:
    """A server process, ended afterwards. Raises `NotStarted`."""
    port = _free_port()
    log = grounds.data_dir / f"{contestant.slug}.log"
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *contestant.command,
            cwd=ROOT,
            env=contestant.variables(grounds, port),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,  # a group to end: Node from a wheel has a parent of its own
        )
    try:
        await _until_ready(contestant, process, port, log)
        yield Running(contestant, port, process.pid)
    finally:
        await _end(process)


async def _until_ready(
    contestant: Contestant, process: asyncio.subprocess.Process, port: int, log: Path
) -> None:
    deadline = perf_counter() + _START_S
    connections = Connections(port, most=1)
    while not await _is_ready(contestant, connections, log):
        if process.returncode is not None or perf_counter() > deadline:
            raise NotStarted(f"{contestant.name} did not start.\n{_said(log).strip()[-2_000:]}")
        await asyncio.sleep(_PAUSE_S)
    connections.close()


async def _is_ready(contestant: Contestant, connections: Connections, log: Path) -> bool:
    if contestant.is_ours:
        return (await connections.ask("ready", get("/readyz"))).status == 200
    return READY in _said(log).split()


def _said(log: Path) -> str:
    return log.read_text("utf-8", "replace")


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    os.killpg(process.pid, signal.SIGTERM)
    try:
        async with asyncio.timeout(_STOP_S):
            await process.wait()
    except TimeoutError:
        os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port


def _ours(grounds: Grounds, port: int) -> dict[str, str]:
    """Production's settings, without the limits of single callers, as the others have none.

    Requests are not logged, which the others do not either. Deadlines are long: on a machine that
    is too busy, fallbacks and refusals would be measured in place of answers.
    """
    return {
        "PINERY_ENV": "production",
        "PINERY_MONGO_URL": grounds.mongo_url,
        "PINERY_REDIS_URL": grounds.redis_url,
        "PINERY_MONGO_DATABASE": grounds.database,
        "PINERY_DATA_DIR": str(grounds.data_dir),
        "PINERY_PORT": str(port),
        "PINERY_JWT_SECRET": grounds.secret,
        "PINERY_SIGNING_KEY": grounds.secret,
        "PINERY_ALLOWED_HOSTS": "localhost,127.0.0.1",
        "PINERY_MEDIA_URL": f"{IMAGE_PROXY_URL}/media",
        "PINERY_IMAGE_PROXY_URL": IMAGE_PROXY_URL,
        "PINERY_LOG_LEVEL": "warning",
        "PINERY_LOG_FORMAT": "json",
        "PINERY_RATE_LIMIT_POINTS": "0",
        "PINERY_REDIS_DEADLINE_MS": str(REDIS_DEADLINE_MS),
        "PINERY_READ_DEADLINE_MS": str(MONGO_DEADLINE_MS),
        "PINERY_REQUEST_DEADLINE_MS": "30000",
        "PINERY_MUTATION_DEADLINE_MS": "30000",
        "PINERY_MAX_COST": "1000000",
        "PINERY_MAX_WAITING": "1000",
        "PINERY_MAX_WAIT_MS": "30000",
    }


def _theirs(grounds: Grounds, port: int) -> dict[str, str]:
    return {
        "MONGO_URL": grounds.mongo_url,
        "REDIS_URL": grounds.redis_url,
        "DATABASE": grounds.database,
        "PORT": str(port),
        "SECRET": grounds.secret,
        "IMAGE_PROXY_URL": IMAGE_PROXY_URL,
    }
