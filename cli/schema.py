"""`schema`: prints the schema, or compares it with one that was released."""

import argparse
import sys
from datetime import UTC, date, datetime
from pathlib import Path

from cli.command import Commands
from config import Settings
from schema.api import print_schema
from schema.evolution import SchemaTextError, compare, describe


def add_to(commands: Commands) -> None:
    """Adds the command."""
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
