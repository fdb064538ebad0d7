"""Compares servers: Pinery, hand-written Python, Mercurius on Node, and ordinary Strawberry.

    python -m benchmarks.compare [--quick] [--workload home_feed] [--server pinery] [--rounds 5]
                                 [--seconds 1.5] [--scaling] [--write docs/performance.md]

All stand on one MongoDB, one Redis and one demo world, which is kept for the next run. They must
first give equal answers to the same questions. Then short rounds take turns: each server, each
workload, by text and by id, over 1 connection and over 32. Figures are medians of the rounds.
"""

import argparse
import resource
import secrets
import signal
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from time import perf_counter
from typing import Final

import uvloop

from benchmarks import scaling
from benchmarks.agreement import Disagreement, check_agreement
from benchmarks.audience import build_world, gather_audience, renew_feeds
from benchmarks.contestants import (
    ROOT,
    Contestant,
    Grounds,
    NotStarted,
    Running,
    contestants,
    running,
)
from benchmarks.results import Results, collect, report, save, write_into
from benchmarks.rounds import Entry, Naming, entry, run_rounds
from benchmarks.workloads import WORKLOADS, Audience, Workload
from storage.embedded import EmbeddedStores

DATA_DIR: Final = ROOT / ".pinery" / "bench"
RESULTS: Final = DATA_DIR / "results.json"
USERS: Final = 2_000
PINS: Final = 50_000
CONNECTIONS: Final = (1, 32)

_MONGO_CACHE_GB: Final = 2.0
_COMPARED: Final = 24
_RENEW_S: Final = 1_200.0
_OPEN_FILES: Final = 4_096


class Comparison:
    """The servers that run, and who asks them."""

    def __init__(
        self, grounds: Grounds, servers: list[Running], audience: Audience, missing: dict[str, str]
    ) -> None:
        self.grounds = grounds
        self.servers = servers
        self.audience = audience
        self.missing = missing
        self._renewed_at = perf_counter()

    async def agree(self, workloads: Sequence[Workload]) -> None:
        """Lets those go whose answers are not those of the first server.

        Raises `Disagreement` where that one answers a text and its id differently.
        """
        reference, *others = self.servers
        for server in (reference, *others):
            name = server.contestant.name
            try:
                compared = 0
                for workload in workloads:
                    compared += await check_agreement(
                        reference, server, workload, self.audience, most=_COMPARED
                    )
            except Disagreement as error:
                if server is reference:
                    raise
                print(f"  {name}: DIFFERS. {error}", flush=True)
                self.missing[name] = f"its answers differ ({error})"
                self.servers.remove(server)
            else:
                print(f"  {name}: {compared} answers are equal", flush=True)

    def entries(self, workloads: Sequence[Workload], connections: Sequence[int]) -> list[Entry]:
        """All heats."""
        return [
            entry(server, workload, naming, most, self.audience)
            for workload in workloads
            for server in self.servers
            for naming in Naming
            if naming is Naming.PERSISTED or server.contestant.speaks_graphql
            for most in connections
        ]

    async def run(self, entries: Sequence[Entry], *, rounds: int, seconds: float) -> Results:
        """Measures them."""

        measured = await run_rounds(
            entries, rounds=rounds, seconds=seconds, before_each=self._before_round
        )
        world = f"{USERS:,} users, {PINS:,} pins"
        return collect(measured, world=world, seconds=seconds, missing=self.missing)

    async def _before_round(self, number: int) -> None:
        """Related pins end after an hour; a round must not be the one that finds them again."""
        print(f"  round {number}" if number else "  to warm", flush=True)
        if perf_counter() - self._renewed_at > _RENEW_S:
            await renew_feeds(self.grounds, self.servers[0].port, self.audience)
            self._renewed_at = perf_counter()


async def start(
    stack: AsyncExitStack, grounds: Grounds, chosen: Sequence[Contestant]
) -> Comparison:
    """Starts what can be started. Raises `NotStarted` when that is not Pinery."""
    servers: list[Running] = []
    missing: dict[str, str] = {}
    for contestant in chosen:
        try:
            if contestant.lacks is not None:
                raise NotStarted(contestant.lacks)
            servers.append(await stack.enter_async_context(running(contestant, grounds)))
            print(f"  {contestant.name}", flush=True)
        except NotStarted as error:
            if not servers:
                raise
            missing[contestant.name] = str(error)
            print(f"  {contestant.name} does not take part. {error}", flush=True)
    audience = await gather_audience(grounds, servers[0].port)
    await renew_feeds(grounds, servers[0].port, audience)
    return Comparison(grounds, servers, audience, missing)


async def run(options: argparse.Namespace, grounds: Grounds) -> str:
    """The comparison; gives the report."""
    print("The world", flush=True)
    await build_world(grounds, users=USERS, pins=PINS)
    if options.scaling:
        return await scaling.run(grounds, pins=PINS, rounds=options.rounds, seconds=options.seconds)
    ours, *others = contestants()
    chosen = [ours, *(each for each in others if _is_chosen(each.slug, options.server))]
    workloads = [each for each in WORKLOADS if _is_chosen(each.name, options.workload)]
    async with AsyncExitStack() as stack:
        print("Servers", flush=True)
        comparison = await start(stack, grounds, chosen)
        print("Answers", flush=True)
        await comparison.agree(workloads)
        print("Load", flush=True)
        entries = comparison.entries(workloads, options.connections)
        results = await comparison.run(entries, rounds=options.rounds, seconds=options.seconds)
    save(results, RESULTS)
    return report(results)


def _is_chosen(name: str, wanted: Sequence[str]) -> bool:
    return not wanted or any(each in name for each in wanted)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Compares servers side by side.")
    parser.add_argument("--workload", action="append", default=[], help="only those so named")
    parser.add_argument("--server", action="append", default=[], help="Pinery, and those so named")
    parser.add_argument("--rounds", type=int, help="how many; 5")
    parser.add_argument("--seconds", type=float, help="of each round; 1.5")
    parser.add_argument("--connections", type=int, nargs="+", help="at once; 1 and 32")
    parser.add_argument("--quick", action="store_true", help="3 rounds of 0.5 s, 32 connections")
    parser.add_argument("--scaling", action="store_true", help="how Pinery's cost grows, instead")
    parser.add_argument("--write", type=Path, metavar="PAGE", help="put the tables into a page")
    options = parser.parse_args()
    rounds, seconds, connections = (3, 0.5, (32,)) if options.quick else (5, 1.5, CONNECTIONS)
    options.rounds = options.rounds or rounds
    options.seconds = options.seconds or seconds
    options.connections = options.connections or connections
    return options


def main() -> None:
    """The program."""
    options = _options()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that nothing is left running
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(_OPEN_FILES, most), most))
    DATA_DIR.mkdir(parents=True, exist_ok=True)
    with EmbeddedStores(DATA_DIR, mongo_cache_gb=_MONGO_CACHE_GB) as stores:
        grounds = Grounds(
            mongo_url=stores.mongo_url,
            redis_url=stores.redis_url,
            database="bench",
            secret=secrets.token_hex(32),
            data_dir=DATA_DIR,
        )
        try:
            said = uvloop.run(run(options, grounds))
        except (NotStarted, Disagreement) as error:
            sys.exit(str(error))
    print(said)
    if options.write is not None:
        write_into(options.write, "scaling" if options.scaling else "compare", said)


if __name__ == "__main__":
    main()
