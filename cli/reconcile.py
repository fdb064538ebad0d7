"""`reconcile`: proves that counters and documents agree, and with `--fix` makes them agree."""

import argparse
import asyncio
import sys
from collections.abc import Iterator

import msgspec
from rich import box
from rich.console import Console
from rich.table import Table

from cli.command import Commands
from cli.console import console
from cli.stores import PATIENCE, open_stores, running_stores
from config import Settings
from domain.errors import StoreError
from storage.embedded import EmbeddedStoreError
from storage.reconciler import Finding, Report, reconcile

AWAY = 2
"""The exit status when there is no database to look at; 1 says that something is wrong in it."""

COLUMNS = ("looked at", "wrong", "in progress", "fixed")

UNBOUNDED = 500
"""Columns of a table that no terminal shows: nothing in it is cut off or wrapped."""


def add_to(commands: Commands) -> None:
    """Adds the command."""
    command = commands.add_parser(
        "reconcile", help="count everything anew; end with 1 when something is wrong"
    )
    command.add_argument("--fix", action="store_true", help="set right what can be set right")
    command.add_argument("--json", action="store_true", help="print the findings as JSON")
    command.set_defaults(run=_reconcile)


def _reconcile(settings: Settings, options: argparse.Namespace) -> int:
    async def run(serving: Settings) -> Report:
        async with open_stores(serving) as storage:
            return await reconcile(storage.mongo, storage.transactions, fix=options.fix)

    try:
        with running_stores(settings.model_copy(update=PATIENCE)) as serving:
            report = asyncio.run(run(serving))
    except (StoreError, EmbeddedStoreError) as error:
        console.print(str(error), style="bold red", highlight=False, markup=False, soft_wrap=True)
        return AWAY
    if options.json:
        sys.stdout.write(_json(report))
    else:
        _print_table(report)
    return 1 if report.left else 0


def _json(report: Report) -> str:
    whole = {**msgspec.to_builtins(report), "left": report.left}
    return msgspec.json.format(msgspec.json.encode(whole), indent=2).decode() + "\n"


def _print_table(report: Report) -> None:
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("counter or check", no_wrap=True)
    table.add_column("of", no_wrap=True)
    for column in COLUMNS:
        table.add_column(column, justify="right", no_wrap=True)
    table.add_column("examples")
    for finding in report.findings:
        table.add_row(*_cells(finding), style="bold red" if finding.left else None)
    output = Console(width=None if sys.stdout.isatty() else UNBOUNDED)
    output.print(table)
    output.print(_summary(report), highlight=False)


def _cells(finding: Finding) -> Iterator[str]:
    yield finding.name
    yield finding.invariant
    for number in (finding.looked_at, finding.wrong, finding.in_progress, finding.fixed):
        yield f"{number:,}"
    yield ", ".join(finding.examples)


def _summary(report: Report) -> str:
    wrong = sum(finding.wrong for finding in report.findings)
    found = f"{wrong:,} wrong, {wrong - report.left:,} fixed" if wrong else "Nothing is wrong"
    return f"{found}: {len(report.findings)} counters and checks in {report.seconds:.1f} s."
