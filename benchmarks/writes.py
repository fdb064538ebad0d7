"""What writing costs: time, CPU, and commands to MongoDB, a mutation at a time and many at once.

    python -m benchmarks.writes [--writes 200] [--at-once 32]

Starts stores with a small world and a server process, and measures `savePin`, `followUser` and
`addComment`, with and without an idempotency key, each on a pin or user of its own and all on the
same. CPU is that of the server process, and of MongoDB, for each mutation. The commands are counted
in a server within this process, at the driver, one mutation at a time.
"""

import argparse
import asyncio
import os
import secrets
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, Final

import msgspec
import uvicorn
import uvloop
from pydantic import SecretStr
from pymongo.monitoring import (
    CommandFailedEvent,
    CommandListener,
    CommandStartedEvent,
    CommandSucceededEvent,
)

from benchmarks.connections import Connections, Sample, get, percentile, post
from benchmarks.overload import ROOT
from config import Settings
from domain.boards import BoardRecord
from domain.ids import to_global_id
from domain.media import Image, ImageMedia
from domain.pins import Engagement, PinRecord, trend
from domain.positions import at_top
from domain.users import UserRecord
from domain.viewer import EVERY_SCOPE
from server import authenticator, create_app
from storage.codec import document, new_id
from storage.embedded import EmbeddedStores
from storage.mongo import Mongo
from storage.redis import Redis
from storage.storage import Storage

DATABASE: Final = "writes"
WARM_UP: Final = 10
SETTLE_S: Final = 0.5
PAUSE_S: Final = 0.05
TARGETS: Final = 500

_SELECTIONS: Final = {
    "savePin": "pinEdge { node { id note } } savedPin { saveCount } board { pinCount }",
    "followUser": "user { followerCount viewerFollows } follower { followingCount }",
    "addComment": "commentEdge { node { id text } } pin { commentCount }",
}


class Scene(msgspec.Struct, frozen=True):
    """A mutation in some circumstances."""

    mutation: str
    is_keyed: bool
    is_hot: bool

    def __str__(self) -> str:
        key, target = "keyed" if self.is_keyed else "", "hot" if self.is_hot else "distinct"
        return f"{self.mutation:<11}{target:<9}{key:<6}"


SCENES: Final = [
    Scene(mutation, is_keyed, is_hot)
    for mutation in _SELECTIONS
    for is_hot in (False, True)
    for is_keyed in (False, True)
]


class World(msgspec.Struct, frozen=True):
    """Viewers, each with a token and a board, and what they write about: the first is the hot one.

    Every request has a viewer of its own, as the requests of a real server do.
    """

    tokens: list[str]
    boards: list[str]
    pins: list[str]
    users: list[str]


class Requests:
    """Mutations, each of which is a new one."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._numbers = count()

    def next(self, scene: Scene) -> bytes:
        """A request of a scene."""
        world, number = self._world, next(self._numbers)
        target = 0 if scene.is_hot else 1 + number % (len(world.pins) - 1)
        asked: dict[str, Any] = {
            "savePin": {"pinId": world.pins[target], "boardId": world.boards[number]},
            "followUser": {"userId": world.users[target]},
            "addComment": {"pinId": world.pins[target], "text": f"Number {number}"},
        }[scene.mutation]
        variables = {"input": asked} | ({"key": f"key-{number}"} if scene.is_keyed else {})
        body = {"query": _document(scene), "variables": variables}
        return post("/graphql", body, world.tokens[number])


class Figures(msgspec.Struct, frozen=True):
    """What a mutation of a scene took, in milliseconds; CPU is for each."""

    p50: float
    p99: float
    per_s: float
    server_cpu: float
    mongo_cpu: float
    failed: int

    def __str__(self) -> str:
        failed = f"  {self.failed} FAILED" if self.failed else ""
        return (
            f"{self.p50:7.1f}{self.p99:8.1f}{self.per_s:8.0f}"
            f"{self.server_cpu:8.1f}{self.mongo_cpu:7.1f}{failed}"
        )


HEADER: Final = f"{'':<26}{'p50':>7}{'p99':>8}{'/s':>8}{'CPU':>8}{'mongo':>7}"


async def measure(
    scene: Scene,
    requests: Requests,
    connections: Connections,
    pids: Sequence[int],
    *,
    writes: int,
    at_once: int,
) -> Figures:
    """Sends so many of a scene, some at once, from clients that wait for each answer."""
    samples: list[Sample] = []
    left = iter(range(writes))

    async def client() -> None:
        for _ in left:
            samples.append(await connections.ask("write", requests.next(scene)))

    began, before = perf_counter(), [_cpu_s(pid) for pid in pids]
    await asyncio.gather(*(client() for _ in range(at_once)))
    took_s = perf_counter() - began
    server, mongo = (
        (_cpu_s(pid) - each) / writes * 1000 for pid, each in zip(pids, before, strict=True)
    )
    return Figures(
        p50=median(each.latency_s for each in samples) * 1000,
        p99=percentile(samples, 99) * 1000,
        per_s=writes / took_s,
        server_cpu=server,
        mongo_cpu=mongo,
        failed=sum(each.status != 200 for each in samples),
    )


class CommandLog(CommandListener):
    """The commands that MongoDB was sent, in order: `find pins`."""

    def __init__(self) -> None:
        self.commands: list[str] = []

    def started(self, event: CommandStartedEvent) -> None:
        """Called by the driver."""
        target = event.command[event.command_name]
        of = f" {target}" if isinstance(target, str) else ""
        self.commands.append(f"{event.command_name}{of}")

    def succeeded(self, event: CommandSucceededEvent) -> None:
        """Called by the driver."""

    def failed(self, event: CommandFailedEvent) -> None:
        """Called by the driver."""


async def count_commands(settings: Settings, stores: EmbeddedStores, requests: Requests) -> None:
    """Prints what each kind of mutation sends to MongoDB, when nothing else is asked."""
    log = CommandLog()
    mongo = Mongo(stores.mongo_url, database=DATABASE, event_listeners=[log])
    storage = Storage(mongo, Redis(stores.redis_url))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(create_app(settings, storage), log_config=None)
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        connections = Connections(listener.getsockname()[1], most=1)
        await until_ready(connections, serving.done)
        await asyncio.sleep(SETTLE_S)
        for scene in SCENES:
            if scene.is_hot:
                continue
            for _ in range(2):
                log.commands.clear()
                await connections.ask("write", requests.next(scene))
            print(f"{scene!s:<26}{len(log.commands):3}  {', '.join(log.commands)}")
        connections.close()
        server.should_exit = True
        await serving
    await storage.close()


async def until_ready(connections: Connections, has_ended: Callable[[], bool]) -> None:
    """Returns once a server serves; raises `RuntimeError` when it has ended instead."""
    while (await connections.ask("ready", get("/readyz"))).status != 200:
        if has_ended():
            raise RuntimeError("The server ended while it started.")
        await asyncio.sleep(PAUSE_S)


async def build_world(
    settings: Settings, stores: EmbeddedStores, *, viewers: int, targets: int
) -> World:
    """Fills the stores, and the cache as if all had just looked around."""
    storage = Storage(Mongo(stores.mongo_url, database=DATABASE), Redis(stores.redis_url))
    await storage.prepare()
    now = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)
    users = [_user(number, now) for number in range(viewers + targets)]
    boards = [_board(user, now) for user in users]
    pins = [_pin(users[-1], boards[-1], now) for _ in range(targets)]
    for name, made in (("users", users), ("boards", boards), ("pins", pins)):
        await storage.mongo.collection(name).insert_many([document(each) for each in made])
    await storage.users.get_many([each.id for each in users])
    await storage.boards.get_many([each.id for each in boards])
    await storage.pins.get_many([each.id for each in pins])
    await storage.close()
    signer = authenticator(settings)
    return World(
        tokens=[signer.mint(user.id, EVERY_SCOPE, timedelta(hours=1)) for user in users[:viewers]],
        boards=[to_global_id("Board", board.id) for board in boards[:viewers]],
        pins=[to_global_id("Pin", pin.id) for pin in pins],
        users=[to_global_id("User", user.id) for user in users[viewers:]],
    )


def _document(scene: Scene) -> str:
    name = scene.mutation
    key, directive = (", $key: String!", " @idempotent(key: $key)") if scene.is_keyed else ("", "")
    return (
        f"mutation Write($input: {name[0].upper()}{name[1:]}Input!{key}) {{ "
        f"{name}(input: $input){directive} {{ "
        f"{_SELECTIONS[name]} userErrors {{ code field message }} }} }}"
    )


def _user(number: int, now: datetime) -> UserRecord:
    name = f"user{number}"
    return UserRecord(id=new_id(), username=name, full_name=name, created_at=now)


def _board(owner: UserRecord, now: datetime) -> BoardRecord:
    return BoardRecord(
        id=new_id(),
        owner_id=owner.id,
        name="Mine",
        slug="mine",
        created_at=now,
        pins_modified_at=now,
        position=at_top(now),
    )


def _pin(owner: UserRecord, board: BoardRecord, now: datetime) -> PinRecord:
    id = new_id()
    picture = Image(source_url="https://img.example/1.jpg", width=600, height=900)
    return PinRecord(
        id=id,
        owner_id=owner.id,
        creator_id=owner.id,
        board_id=board.id,
        root_id=id,
        privacy=board.privacy,
        created_at=now,
        position=at_top(now, id),
        trend=trend(Engagement(), now),
        media=ImageMedia(image=picture),
    )


def _cpu_s(pid: int) -> float:
    """The CPU time that a process has used, its own and the system's for it."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@asynccontextmanager
async def server_process(settings: Settings, jwt_secret: str) -> AsyncIterator[tuple[int, int]]:
    """A server process; gives its port and its process id."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "cli", "serve"),
        cwd=ROOT,
        env={
            **os.environ,
            "PINERY_MONGO_URL": settings.mongo_url or "",
            "PINERY_REDIS_URL": settings.redis_url or "",
            "PINERY_MONGO_DATABASE": settings.mongo_database,
            "PINERY_DATA_DIR": str(settings.data_dir),
            "PINERY_PORT": str(port),
            "PINERY_JWT_SECRET": jwt_secret,
            "PINERY_LOG_LEVEL": "warning",
            "PINERY_RATE_LIMIT_POINTS": "0",
            "PINERY_MUTATION_BURSTS": "false",
            "PINERY_MAX_WAITING": "1000",
            "PINERY_MAX_WAIT_MS": "5000",
        },
        stdout=asyncio.subprocess.DEVNULL,
    )
    try:
        connections = Connections(port, most=1)
        await until_ready(connections, lambda: process.returncode is not None)
        connections.close()
        yield port, process.pid
    finally:
        process.terminate()
        await process.wait()


async def run(options: argparse.Namespace, stores: EmbeddedStores, data_dir: Path) -> None:
    """The measurement, over stores that run."""
    jwt_secret = secrets.token_hex(32)
    settings = Settings(
        mongo_url=stores.mongo_url,
        redis_url=stores.redis_url,
        mongo_database=DATABASE,
        data_dir=data_dir,
        jwt_secret=SecretStr(jwt_secret),
    )
    viewers = len(SCENES) * (2 * options.writes + 2 * WARM_UP + 2)
    world = await build_world(settings, stores, viewers=viewers, targets=TARGETS)
    requests = Requests(world)
    print("Commands to MongoDB, and what they are about")
    await count_commands(settings, stores, requests)
    async with server_process(settings, jwt_secret) as (port, pid):
        connections = Connections(port, most=options.at_once)
        for at_once in (1, options.at_once):
            print(f"\n{at_once} at once; ms, and CPU ms for each\n{HEADER}")
            for scene in SCENES:
                pids = (pid, stores.mongo.pid)
                for writes in (WARM_UP, options.writes):
                    figures = await measure(
                        scene, requests, connections, pids, writes=writes, at_once=at_once
                    )
                print(f"{scene!s:<26}{figures}")
        connections.close()


def main() -> None:
    """The program."""
    parser = argparse.ArgumentParser(description="Measures what mutations cost.")
    parser.add_argument("--writes", type=int, default=200, help="of each kind")
    parser.add_argument("--at-once", type=int, default=32)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that nothing is left running
    with tempfile.TemporaryDirectory(prefix="writes-") as folder:
        data_dir = Path(folder)
        with EmbeddedStores(data_dir) as stores:
            uvloop.run(run(options, stores, data_dir))


if __name__ == "__main__":
    main()
