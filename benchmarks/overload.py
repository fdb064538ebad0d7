"""Offers a server several times what it can do, and looks at what becomes of it (RELIABILITY G8).

    python -m benchmarks.overload [--operation PinCloseup] [--factor 6] [--seconds 10]

Starts stores with a small demo world and a server with its usual limits, but for those of single
callers. Half of the requests name their operation by hash, half send its text. First clients that
wait for each answer find the capacity; then requests come at a fixed rate, whatever is answered.
"""

import argparse
import asyncio
import os
import random
import secrets
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from hashlib import sha256
from itertools import product
from pathlib import Path
from time import perf_counter

import httpx
import msgspec
import uvloop
from pydantic import SecretStr

from benchmarks.connections import Connections, Sample, get, percentile, post
from config import Settings
from domain.viewer import EVERY_SCOPE
from server import authenticator
from storage.embedded import EmbeddedStores
from storage.mongo import Mongo
from storage.redis import Redis
from storage.storage import Storage
from worlds.demo import DEMO_VIEWERS, build_demo

ROOT = Path(__file__).parents[1]
OPERATIONS = ROOT / "tests" / "operations"

FEED = """
    { viewer { homeFeed(first: 100, includePromoted: false) {
      edges { node { ... on Pin { id } } }
    } } }
"""

WARM_UP_S = 3.0
CAPACITY_S = 5.0
PROBE_EVERY_S = 0.05
RECOVERY_S = 10.0
IN_A_ROW = 10
MOST_CONNECTIONS = 2_000

PERSISTED, TEXT, HEALTH = "persisted", "text", "health"


class World(msgspec.Struct, frozen=True):
    """Who asks, by token, and for which pins."""

    tokens: list[str]
    pins: list[str]

    def variables(self, operation: str) -> list[dict[str, object]]:
        """What an operation is sent with."""
        if operation == "PinCloseup":
            return [{"id": pin, "first": 10} for pin in self.pins]
        return [{"first": 25}]


class Load:
    """The requests of some viewers, and a server to send them to."""

    def __init__(self, port: int, world: World, operation: str) -> None:
        text = (OPERATIONS / f"{operation}.graphql").read_text()
        digest = sha256(text.encode()).hexdigest()
        by_hash = {"persistedQuery": {"version": 1, "sha256Hash": digest}}
        self._requests: list[tuple[str, bytes]] = []
        for token, variables in product(world.tokens, world.variables(operation)):
            named = {"variables": variables, "extensions": by_hash}
            written = {"variables": variables, "query": text}
            self._requests.append((PERSISTED, post("/graphql", named, token)))
            self._requests.append((TEXT, post("/graphql", written, token)))
        self._registration = post("/graphql", {**named, **written}, token)
        self._random = random.Random(8)  # noqa: S311  # repeatable, not secret
        self.connections = Connections(port, most=MOST_CONNECTIONS)

    async def register(self) -> None:
        """Makes the operation known by its hash."""
        sample = await self.connections.ask(TEXT, self._registration)
        if sample.status != 200:
            raise RuntimeError(f"The operation was answered with {sample.status}.")

    async def closed(self, clients: int, seconds: float) -> list[Sample]:
        """What clients see that each wait for their answer before they ask again."""
        samples: list[Sample] = []
        end = perf_counter() + seconds

        async def client() -> None:
            while perf_counter() < end:
                samples.append(await self.connections.ask(*self._next()))

        await asyncio.gather(*(client() for _ in range(clients)))
        return samples

    async def open(self, rate: float, seconds: float) -> list[Sample]:
        """What is answered to requests that come at a rate, as people come."""
        asked: list[asyncio.Task[Sample]] = []
        due, end = perf_counter(), perf_counter() + seconds
        while due < end:
            due += self._random.expovariate(rate)
            if (early := due - perf_counter()) > 0:
                await asyncio.sleep(early)
            asked.append(asyncio.create_task(self.connections.ask(*self._next(), due)))
        return list(await asyncio.gather(*asked))

    async def watch_health(self) -> list[Sample]:
        """What a probe sees until it is cancelled."""
        samples: list[Sample] = []
        try:
            while True:
                samples.append(await self.connections.ask(HEALTH, get("/healthz")))
                await asyncio.sleep(PROBE_EVERY_S)
        except asyncio.CancelledError:
            return samples

    async def recovery_s(self, usual_s: float) -> float | None:
        """When the first of ten answers in a row was asked for that came as ever; None for never.

        As ever is within twice the usual time.
        """
        start, asked = perf_counter(), list[float]()
        while perf_counter() < start + RECOVERY_S and len(asked) < IN_A_ROW:
            sample = await self.connections.ask(*self._next())
            is_well = sample.status == 200 and sample.latency_s <= 2 * usual_s
            asked = [*asked, sample.due] if is_well else []
            await asyncio.sleep(PROBE_EVERY_S)
        return asked[0] - start if len(asked) == IN_A_ROW else None

    def _next(self) -> tuple[str, bytes]:
        return self._random.choice(self._requests)


async def measure(load: Load, *, clients: int, factor: float, seconds: float) -> None:
    """Runs the whole and prints what came of it."""
    await load.register()
    await load.closed(clients, WARM_UP_S)
    usual = await load.closed(clients, CAPACITY_S)
    capacity = len(answered(usual)) / CAPACITY_S
    alone = answered(await load.closed(1, 1.0))
    rate = factor * capacity
    print(f"capacity   {capacity:7.0f}/s with {clients} clients; {latencies(answered(usual))}")

    watching = asyncio.create_task(load.watch_health())
    offered = await load.open(rate, seconds)
    recovery_s = await load.recovery_s(percentile(alone, 99))
    watching.cancel()

    done, refused = answered(offered), [each for each in offered if each.status == 503]
    goodput = len(done) / seconds
    print(f"offered    {len(offered) / seconds:7.0f}/s for {seconds:.0f} s ({factor:g} x)")
    print(f"goodput    {goodput:7.0f}/s = {goodput / capacity:.0%} of capacity (goal 80 %)")
    for kind in (PERSISTED, TEXT):
        share = sum(each.kind == kind for each in done) / sum(each.kind == kind for each in offered)
        print(f"  {kind:<10} {share:.0%} answered")
    print(f"answered   {len(done):7}  {latencies(done)} (goal: p99 1,000)")
    print(f"refused    {len(refused):7}  {latencies(refused)} (goal: 50)")
    print(f"neither    {len(offered) - len(done) - len(refused):7}")
    health = await watching
    well = answered(health)
    print(f"health     {len(well):7} of {len(health)}; {latencies(well)}")
    recovery = "never" if recovery_s is None else f"{recovery_s:.2f} s"
    print(f"recovery   {recovery:>7} (goal 3)")


def answered(samples: Iterable[Sample]) -> list[Sample]:
    """Those that got what they asked for."""
    return [each for each in samples if each.status == 200]


def latencies(samples: Sequence[Sample]) -> str:
    """Percentiles in milliseconds, for people."""
    p50, p90, p99, worst = (percentile(samples, each) * 1000 for each in (50, 90, 99, 100))
    return f"p50 {p50:.0f}, p90 {p90:.0f}, p99 {p99:.0f}, slowest {worst:.0f} ms"


@asynccontextmanager
async def server(stores: EmbeddedStores, data_dir: Path, jwt_secret: str) -> AsyncIterator[int]:
    """A server process over some stores; gives its port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {
        "PINERY_MONGO_URL": stores.mongo_url,
        "PINERY_REDIS_URL": stores.redis_url,
        "PINERY_DATA_DIR": str(data_dir),
        "PINERY_PORT": str(port),
        "PINERY_JWT_SECRET": jwt_secret,
        "PINERY_LOG_LEVEL": "warning",
        "PINERY_RATE_LIMIT_POINTS": "0",
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "cli", "serve"),
        cwd=ROOT,
        env={**environment, **os.environ},
        stdout=asyncio.subprocess.DEVNULL,
    )
    try:
        connections = Connections(port, most=1)
        while (await connections.ask(HEALTH, get("/readyz"))).status != 200:
            if process.returncode is not None:
                raise RuntimeError(f"The server ended with {process.returncode}.")
            await asyncio.sleep(0.1)
        connections.close()
        yield port
    finally:
        process.terminate()
        await process.wait()


async def build_world(settings: Settings, *, users: int, pins: int) -> list[str]:
    """Fills the stores; gives the tokens of those who ask."""
    if settings.mongo_url is None or settings.redis_url is None:
        raise ValueError("The stores must run.")
    storage = Storage(
        Mongo(settings.mongo_url, database=settings.mongo_database), Redis(settings.redis_url)
    )
    await storage.prepare()
    await build_demo(storage.mongo, users=users, pins=pins)
    ids = await storage.users.ids_by_username([each.username for each in DEMO_VIEWERS])
    await storage.close()
    signer = authenticator(settings)
    return [signer.mint(each, EVERY_SCOPE, timedelta(hours=1)) for each in ids.values()]


async def look_around(port: int, tokens: Sequence[str]) -> World:
    """What the viewers are shown in their feeds."""
    pins: set[str] = set()
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as http:
        for token in tokens:
            answer = await http.post(
                "/graphql", json={"query": FEED}, headers={"Authorization": f"Bearer {token}"}
            )
            edges = answer.json()["data"]["viewer"]["homeFeed"]["edges"]
            pins.update(edge["node"]["id"] for edge in edges if edge["node"])
    return World(list(tokens), sorted(pins))


async def run(options: argparse.Namespace, stores: EmbeddedStores, data_dir: Path) -> None:
    """The measurement, over stores that run."""
    jwt_secret = secrets.token_hex(32)
    settings = Settings(
        mongo_url=stores.mongo_url,
        redis_url=stores.redis_url,
        data_dir=data_dir,
        jwt_secret=SecretStr(jwt_secret),
    )
    tokens = await build_world(settings, users=options.users, pins=options.pins)
    async with server(stores, data_dir, jwt_secret) as port:
        load = Load(port, await look_around(port, tokens), options.operation)
        for _ in range(options.rounds):
            await measure(
                load, clients=options.clients, factor=options.factor, seconds=options.seconds
            )
        load.connections.close()


def main() -> None:
    """The program."""
    parser = argparse.ArgumentParser(description="Offers a server more than it can do.")
    parser.add_argument("--operation", choices=("PinCloseup", "HomeFeed"), default="PinCloseup")
    parser.add_argument("--factor", type=float, default=6, help="how many times the capacity")
    parser.add_argument("--seconds", type=float, default=10, help="for how long")
    parser.add_argument("--clients", type=int, default=4, help="who find the capacity")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--users", type=int, default=300)
    parser.add_argument("--pins", type=int, default=5_000)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that nothing is left running
    with tempfile.TemporaryDirectory(prefix="overload-") as folder:
        data_dir = Path(folder)
        with EmbeddedStores(data_dir) as stores:
            uvloop.run(run(options, stores, data_dir))


if __name__ == "__main__":
    main()
