"""Reads what was typed, and runs the command."""

import argparse
import sys

from cli import documents, reconcile, schema, serve, tokens, worlds
from cli.console import console
from cli.logs import configure_logging
from config import SettingsError, load_settings
from domain.documents import IdTaken
from domain.errors import StoreError
from domain.manifests import InvalidManifest
from protocol.publishing import ManifestRefused
from schema.evolution import SchemaTextError
from storage.embedded import EmbeddedStoreError
from worlds.demo import DatabaseNotEmpty
from worlds.importer import WorldNotFound

COMMANDS = (serve, worlds, tokens, schema, documents, reconcile)


def main(arguments: list[str] | None = None) -> int:
    """Runs one command and gives the process's exit status."""
    options = _parser().parse_args(arguments)
    try:
        settings = load_settings()
        configure_logging(settings)
        status: int = options.run(settings, options)
    except (
        SettingsError,
        SchemaTextError,
        EmbeddedStoreError,
        DatabaseNotEmpty,
        WorldNotFound,
        tokens.UserNotFound,
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
    for command in COMMANDS:
        command.add_to(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
