"""`demo` and `import`: worlds to serve."""

import argparse
import asyncio
from pathlib import Path

from cli.command import Commands
from cli.console import console, progress_bars
from cli.stores import open_stores, running_stores
from config import Settings
from storage import keys
from worlds.demo import DEFAULT_PINS, DEFAULT_SEED, DEFAULT_USERS, build_demo, needs_demo
from worlds.importer import import_world


def add_to(commands: Commands) -> None:
    """Adds the commands."""
    demo = commands.add_parser("demo", help="build the demo world in an empty database")
    demo.add_argument("--users", type=int, default=DEFAULT_USERS)
    demo.add_argument("--pins", type=int, default=DEFAULT_PINS)
    demo.add_argument("--seed", type=int, default=DEFAULT_SEED)
    demo.set_defaults(run=_demo)

    world = commands.add_parser("import", help="import a world of JSON lines")
    world.add_argument("folder", type=Path)
    world.add_argument("--strict", action="store_true", help="end with 1 when a row was bad")
    world.set_defaults(run=_import)


def _demo(settings: Settings, options: argparse.Namespace) -> int:
    async def run(serving: Settings) -> int:
        async with open_stores(serving) as storage:
            with progress_bars() as progress:
                report = await build_demo(
                    storage.mongo,
                    users=options.users,
                    pins=options.pins,
                    seed=options.seed,
                    progress=progress,
                )
        what = "built" if report.built else "was already there"
        console.print(f"The demo world {what} ({report.seconds:.1f} s).", highlight=False)
        return 0

    with running_stores(settings) as serving:
        return asyncio.run(run(serving))


async def ensure_demo(settings: Settings) -> None:
    """Builds the demo world if there is no world at all."""
    async with open_stores(settings) as storage:
        if await needs_demo(storage.mongo):
            console.print("Building the demo world …")
            with progress_bars() as progress:
                await build_demo(storage.mongo, progress=progress)


def _import(settings: Settings, options: argparse.Namespace) -> int:
    async def run(serving: Settings) -> int:
        async with open_stores(serving) as storage:
            with progress_bars() as progress:
                report = await import_world(
                    storage.mongo, options.folder, strict=options.strict, progress=progress
                )
            await storage.redis.clear(keys.CACHED)
        for line in report.lines():
            console.print(line, highlight=False)
        return report.exit_status

    with running_stores(settings) as serving:
        return asyncio.run(run(serving))
