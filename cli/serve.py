"""`serve`: GraphQL over HTTP, until SIGTERM or Ctrl-C."""

import argparse
import asyncio
import os
import signal

import uvicorn
from uvicorn.supervisors import Multiprocess

from cli.command import Commands
from cli.console import console
from cli.logs import configure_logging
from cli.stores import running_stores
from cli.worlds import ensure_demo
from config import Settings, load_settings
from server import create_app


def add_to(commands: Commands) -> None:
    """Adds the command."""
    serve = commands.add_parser("serve", help="serve GraphQL over HTTP")
    serve.add_argument("--demo", action="store_true", help="build the demo world if there is none")
    serve.set_defaults(run=_serve)


def _serve(settings: Settings, options: argparse.Namespace) -> int:
    with running_stores(settings, shared=False) as serving:
        if options.demo:
            asyncio.run(ensure_demo(serving))
        for line in settings.summary():
            console.print(f"  [bold]{line.name}[/] {line.value}", highlight=False)
        address = f"http://{settings.host}:{settings.port}/graphql"
        _leave_signals_to_uvicorn()
        console.print(f"Serving [bold]{address}[/] (Ctrl-C ends everything)", highlight=False)
        return _run_uvicorn(serving)


def _run_uvicorn(settings: Settings) -> int:
    """Serves until SIGTERM or Ctrl-C, and lets what was accepted finish."""
    config = uvicorn.Config(
        "cli.serve:app" if settings.workers > 1 else create_app(settings),
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
    configure_logging(settings)
    return create_app(settings)
