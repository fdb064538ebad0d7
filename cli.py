"""The command line, `python -m cli COMMAND`: each command is a few lines over other packages."""

import argparse
import asyncio
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import structlog
import uvicorn
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from uvicorn.supervisors import Multiprocess

import cli_documents
from config import Settings, SettingsError, load_settings
from domain.documents import IdTaken
from domain.errors import StoreError
from domain.manifests import InvalidManifest
from domain.viewer import EVERY_SCOPE, Scope
from protocol.publishing import ManifestRefused
from schema.api import print_schema
from schema.evolution import SchemaTextError, compare, describe
from server import authenticator, create_app, open_storage
from storage import keys
from storage.embedded import EmbeddedStoreError, EmbeddedStores
from storage.storage import Storage
from worlds.demo import (
    DEFAULT_PINS,
    DEFAULT_SEED,
    DEFAULT_USERS,
    DatabaseNotEmpty,
    build_demo,
    needs_demo,
)
from worlds.importer import WorldNotFound, import_world

console = Console(stderr=True)

MONGO_CACHE_GB = 1.0
TOKEN_LIFETIME = timedelta(days=30)

DOCUMENTS_DEADLINE_MS = 60_000
"""Nobody waits for these commands as for a request, and a manifest is one large transaction."""


def main(arguments: list[str] | None = None) -> int:
    """Runs one command and gives the process's exit status."""
    options = _parser().parse_args(arguments)
    try:
        settings = load_settings()
        _configure_logging(settings)
        status: int = options.run(settings, options)
    except (
        SettingsError,
        SchemaTextError,
        EmbeddedStoreError,
        DatabaseNotEmpty,
        WorldNotFound,
        UserNotFound,
        InvalidManifest,
        ManifestRefused,
        IdTaken,
        StoreError,
    ) as error:
        # Messages quote what was given, brackets and all.
        console.print(str(error), style="bold red", highlight=False, markup=False, soft_wrap=True)
        return 1
    except KeyboardInterrupt:
        return 130
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m cli", description="Pinery, a GraphQL server.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    serve = commands.add_parser("serve", help="serve GraphQL over HTTP")
    serve.add_argument("--demo", action="store_true", help="build the demo world if there is none")
    serve.set_defaults(run=_serve)

    demo = commands.add_parser("demo", help="build the demo world in an empty database")
    demo.add_argument("--users", type=int, default=DEFAULT_USERS)
    demo.add_argument("--pins", type=int, default=DEFAULT_PINS)
    demo.add_argument("--seed", type=int, default=DEFAULT_SEED)
    demo.set_defaults(run=_demo)

    world = commands.add_parser("import", help="import a world of JSON lines")
    world.add_argument("folder", type=Path)
    world.add_argument("--strict", action="store_true", help="end with 1 when a row was bad")
    world.set_defaults(run=_import)

    token = commands.add_parser("token", help="print a bearer token for a user (development)")
    token.add_argument("username")
    token.add_argument(
        "--developer",
        action="store_true",
        help="allow any text, and the schema, also where only trusted documents are served",
    )
    token.set_defaults(run=_token)

    schema = commands.add_parser("schema", help="print the schema as SDL")
    schema.add_argument(
        "--check",
        type=Path,
        metavar="FILE",
        help="compare with the SDL of a released schema; end with 1 when a change breaks clients",
    )
    schema.add_argument(
        "--today",
        type=date.fromisoformat,
        metavar="DATE",
        help="check as if it were this day (by default today, UTC)",
    )
    schema.set_defaults(run=_schema)

    documents = commands.add_parser("documents", help="publish operations, and look after them")
    documents.set_defaults(run=_documents)
    cli_documents.add_commands(documents)
    return parser


def _serve(settings: Settings, options: argparse.Namespace) -> int:
    with _stores(settings, shared=False) as serving:
        if options.demo:
            asyncio.run(_ensure_demo(serving))
        for line in settings.summary():
            console.print(f"  [bold]{line.name}[/] {line.value}", highlight=False)
        address = f"http://{settings.host}:{settings.port}/graphql"
        _leave_signals_to_uvicorn()
        console.print(f"Serving [bold]{address}[/] (Ctrl-C ends everything)", highlight=False)
        return _run_uvicorn(serving)


def _run_uvicorn(settings: Settings) -> int:
    """Serves until SIGTERM or Ctrl-C, and lets what was accepted finish."""
    config = uvicorn.Config(
        "cli:app" if settings.workers > 1 else create_app(settings),
        factory=settings.workers > 1,
        host=settings.host,
        port=settings.port,
        workers=settings.workers,
        timeout_graceful_shutdown=settings.shutdown_grace_s,
        log_config=None,
        access_log=False,
        server_header=False,
        ws_max_size=128 * 1024,
        h11_max_incomplete_event_size=32 * 1024,
    )
    if settings.workers == 1:
        server = uvicorn.Server(config)
        server.run()
        return 0 if server.started else 1
    os.environ["PINERY_MONGO_URL"] = settings.mongo_url or ""
    os.environ["PINERY_REDIS_URL"] = settings.redis_url or ""
    Multiprocess(config, [config.bind_socket()]).run()
    return 0


def _leave_signals_to_uvicorn() -> None:
    """Lets a drained server return to us, with our stores still to be stopped.

    uvicorn raises the signal again once it has drained; it must find a handler that does nothing,
    or the process would end by the signal.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)


def app() -> object:
    """The application of one of several workers, whose environment names the stores."""
    settings = load_settings()
    _configure_logging(settings)
    return create_app(settings)


def _demo(settings: Settings, options: argparse.Namespace) -> int:
    async def run(serving: Settings) -> int:
        async with _open(serving) as storage:
            with _progress() as progress:
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

    with _stores(settings) as serving:
        return asyncio.run(run(serving))


async def _ensure_demo(settings: Settings) -> None:
    async with _open(settings) as storage:
        if await needs_demo(storage.mongo):
            console.print("Building the demo world …")
            with _progress() as progress:
                await build_demo(storage.mongo, progress=progress)


def _import(settings: Settings, options: argparse.Namespace) -> int:
    async def run(serving: Settings) -> int:
        async with _open(serving) as storage:
            with _progress() as progress:
                report = await import_world(
                    storage.mongo, options.folder, strict=options.strict, progress=progress
                )
            await storage.redis.clear(keys.CACHED)
        for line in report.lines():
            console.print(line, highlight=False)
        return report.exit_status

    with _stores(settings) as serving:
        return asyncio.run(run(serving))


class UserNotFound(Exception):
    """No user has the name that a token was asked for."""


def _token(settings: Settings, options: argparse.Namespace) -> int:
    async def find(serving: Settings) -> str:
        async with _open(serving) as storage:
            ids = await storage.users.ids_by_username([options.username.lower()])
        if not ids:
            raise UserNotFound(f"No user is called {options.username!r}.")
        return next(iter(ids.values()))

    with _stores(settings) as serving:
        user_id = asyncio.run(find(serving))
    scopes = EVERY_SCOPE | ({Scope.DEVELOPER} if options.developer else set())
    sys.stdout.write(authenticator(settings).mint(user_id, scopes, TOKEN_LIFETIME) + "\n")
    return 0


def _schema(_settings: Settings, options: argparse.Namespace) -> int:
    if options.check is None:
        sys.stdout.write(print_schema())
        return 0
    try:
        released = options.check.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SchemaTextError(f"{options.check} cannot be read: {error}") from error
    changes = compare(released, print_schema(), options.today or datetime.now(UTC).date())
    for line in describe(changes):
        sys.stdout.write(line + "\n")
    return int(any(change.is_refused for change in changes))


def _documents(settings: Settings, options: argparse.Namespace) -> int:
    work: cli_documents.Work = options.work(options)

    async def run(serving: Settings) -> int:
        async with _open(serving) as storage:
            return await work(storage)

    patient = settings.model_copy(update={"read_deadline_ms": DOCUMENTS_DEADLINE_MS})
    with _stores(patient) as serving:
        return asyncio.run(run(serving))


@contextmanager
def _stores(settings: Settings, *, shared: bool = True) -> Iterator[Settings]:
    """The settings with the URLs of stores that run: those given, or embedded ones.

    Unless `shared` is False, embedded stores that a running server has started are used as they
    are. They end with that server, so a second server must not.
    """
    if not settings.embedded:
        yield settings
        return
    stores = EmbeddedStores(settings.data_dir, mongo_cache_gb=MONGO_CACHE_GB)
    serving = settings.model_copy(
        update={"mongo_url": stores.mongo_url, "redis_url": stores.redis_url}
    )
    if shared and stores.is_serving:
        yield serving
        return
    with stores:
        yield serving


@asynccontextmanager
async def _open(settings: Settings) -> AsyncIterator[Storage]:
    storage = open_storage(settings)
    try:
        await storage.prepare()
        yield storage
    finally:
        await storage.close()


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        console=console,
    )


def _configure_logging(settings: Settings) -> None:
    is_json = settings.log_format == "json"
    # Plain tracebacks: the default shows the variables of every frame, and so tokens.
    for_people = structlog.dev.ConsoleRenderer(
        colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
    )
    renderer = structlog.processors.JSONRenderer() if is_json else for_people
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *([structlog.processors.format_exc_info] if is_json else []),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            getattr(logging, settings.log_level.upper())
        ),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")


if __name__ == "__main__":
    sys.exit(main())
