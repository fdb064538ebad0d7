"""`documents`: commands that publish operations, and look after them.

Each command first looks at what it was given, so that a mistake is named before any store is
opened, and returns what is then to be done with the stores.
"""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from graphql import GraphQLSchema, validate_schema

from cli.command import Commands
from cli.stores import PATIENCE, open_stores, running_stores
from config import Settings
from domain.documents import AppVersion, is_release_name
from domain.manifests import MOST_BYTES, InvalidManifest
from protocol import inventory
from protocol.publishing import Verifier, publish, read_documents
from schema.api import build_schema
from schema.evolution import SchemaTextError, read_schema
from storage.storage import Storage

Work = Callable[[Storage], Awaitable[int]]
"""What a command does with the stores; it gives the process's exit status."""

MOST_DAYS = 365
"""How far back uses are looked at: they are known for a little longer."""


def add_to(commands: Commands) -> None:
    """Adds the command, and those under it.

    Each of those sets `work`, which makes its `Work` from the parsed options.
    """
    documents = commands.add_parser("documents", help="publish operations, and look after them")
    documents.set_defaults(run=_documents)
    _add_commands(documents.add_subparsers(required=True, metavar="COMMAND"))


def _add_commands(commands: Commands) -> None:
    push = commands.add_parser("push", help="publish the manifest of a version of an app")
    push.add_argument("manifest", type=Path, help="of Apollo's tools, Relay's or graphql-codegen")
    _add_version(push)
    push.set_defaults(work=_push)

    listing = commands.add_parser("list", help="list operations, their versions and their uses")
    listing.add_argument("--app", type=_name, help="only the operations of this app")
    listing.add_argument(
        "--unused-days", type=_days, metavar="DAYS", help="only those that nobody used so long"
    )
    listing.set_defaults(work=_list)

    retire = commands.add_parser("retire", help="say that a version of an app is gone")
    _add_version(retire)
    retire.set_defaults(work=_retire)

    prune = commands.add_parser("prune", help="name the operations that nobody needs")
    _add_unused_days(prune)
    prune.add_argument("--apply", action="store_true", help="delete them")
    prune.set_defaults(work=_prune)

    check = commands.add_parser("check", help="end with 1 when a schema breaks an operation")
    check.add_argument("--schema", type=Path, metavar="FILE", help="SDL; by default, of this code")
    _add_unused_days(check)
    check.set_defaults(work=_check)


def _documents(settings: Settings, options: argparse.Namespace) -> int:
    work: Work = options.work(options)

    async def run(serving: Settings) -> int:
        async with open_stores(serving) as storage:
            return await work(storage)

    patient = settings.model_copy(update=PATIENCE)
    with running_stores(patient) as serving:
        return asyncio.run(run(serving))


def _add_version(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--app", type=_name, required=True)
    parser.add_argument("--version", type=_name, required=True)


def _add_unused_days(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--unused-days",
        type=_days,
        metavar="DAYS",
        default=inventory.UNUSED_FOR,
        help=f"a version that nobody pushed or used so long is gone ({inventory.UNUSED_FOR.days})",
    )


def _name(text: str) -> str:
    if not is_release_name(text):
        raise argparse.ArgumentTypeError(
            f"{text[:80]!r} must be 1 to 64 letters, digits, spaces or ._()+@/-, "
            "and neither 'unknown' nor 'other'"
        )
    return text


def _days(text: str) -> timedelta:
    if not (text.isdecimal() and 1 <= int(text[:9]) <= MOST_DAYS):
        raise argparse.ArgumentTypeError(f"{text[:80]!r} must be a number from 1 to {MOST_DAYS}")
    return timedelta(days=int(text))


def _push(options: argparse.Namespace) -> Work:
    version = AppVersion(options.app, options.version)
    content = _read_manifest(options.manifest)
    documents = read_documents(content, Verifier(_own_schema()), app=version.app)

    async def work(storage: Storage) -> int:
        result = await publish(storage.documents, documents, version)
        _print([f"{version}: {result.added:,} documents are new, {result.known:,} were known."])
        return 0

    return work


def _read_manifest(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except OSError as error:
        raise InvalidManifest([f"{path} cannot be read: {error.strerror}."]) from error


def _list(options: argparse.Namespace) -> Work:
    async def work(storage: Storage) -> int:
        items = await inventory.listed(
            storage, app=options.app, unused_for=options.unused_days, now=datetime.now(UTC)
        )
        _print(line for item in items for line in item.lines())
        return 0

    return work


def _retire(options: argparse.Namespace) -> Work:
    version = AppVersion(options.app, options.version)

    async def work(storage: Storage) -> int:
        count = await storage.documents.retire(version)
        had = inventory.counted(count, "document")
        _print([f"{version}: had {had}. `prune` deletes those that nobody needs now."])
        return 0

    return work


def _prune(options: argparse.Namespace) -> Work:
    async def work(storage: Storage) -> int:
        pruned = await inventory.prune(
            storage, unused_for=options.unused_days, now=datetime.now(UTC), apply=options.apply
        )
        _print(line for item in pruned.removable for line in item.lines())
        if options.apply:
            _print([f"Deleted {inventory.counted(pruned.deleted, 'document')}."])
        else:
            found = inventory.counted(len(pruned.removable), "document")
            _print([f"Nobody needs {found}: `--apply` deletes."])
        return 0

    return work


def _check(options: argparse.Namespace) -> Work:
    verifier = Verifier(_read_schema(options.schema) if options.schema else _own_schema())

    async def work(storage: Storage) -> int:
        checked = await inventory.check(
            storage, verifier, unused_for=options.unused_days, now=datetime.now(UTC)
        )
        _print(checked.lines())
        return 1 if checked.broken else 0

    return work


def _read_schema(path: Path) -> GraphQLSchema:
    try:
        schema = read_schema(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise SchemaTextError(f"{path} cannot be read: {error}") from error
    if errors := validate_schema(schema):
        raise SchemaTextError("\n".join(error.message for error in errors))
    return schema


def _own_schema() -> GraphQLSchema:
    return build_schema()._schema


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        sys.stdout.write(line + "\n")
