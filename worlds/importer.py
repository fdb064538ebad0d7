"""Imports a world: a folder of gzip-compressed JSON lines, as `worlds.format` describes it.

    report = await import_world(mongo, Path("world"), progress=progress)

Memory is bounded by batches and a page cache, whatever the world's size. Ids come from the rows
alone (`worlds.ids`), what is there already stays as it is, and counters are recounted from the
truth; so importing twice changes nothing, and an import that was interrupted is completed by the
next one.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple, TypeAlias

import msgspec
from rich.progress import Progress

from storage.bulk import BulkInsert, without_indexes
from storage.counters import mark_promoted, raise_pins_modified_at, recount_all
from storage.mongo import Mongo
from worlds.conversion import (
    RepeatedRow,
    Write,
    convert_board,
    convert_comment,
    convert_follow,
    convert_pin,
    convert_save,
    convert_user,
    implied_follows,
)
from worlds.format import KINDS, ROW_TYPES, file_name
from worlds.ids import Kind
from worlds.promotions import convert_promotion
from worlds.references import References
from worlds.report import BadRow, ImportReport
from worlds.source import Line, read_lines

Converter: TypeAlias = Callable[[Any, References], Iterator[Write]]

CONVERTERS: dict[str, Converter] = {
    "users": convert_user,
    "boards": convert_board,
    "pins": convert_pin,
    "saves": convert_save,
    "follows": convert_follow,
    "promotions": convert_promotion,
    "comments": convert_comment,
}

COLLECTIONS = (
    "users",
    "boards",
    "topics",
    "pins",
    "follows",
    "comments",
    "ad_accounts",
    "campaigns",
    "ad_groups",
    "ads",
)
"""What an import writes to."""

_PROGRESS_EVERY = 500


class WorldNotFound(Exception):
    """The folder holds none of the files of a world."""


class _Origin(NamedTuple):
    """The row that a document came from: asked for when another document is in its place."""

    kind: str
    line: int
    name: str


_TAKEN = {
    "users": "username: is taken by a user who is not of this world",
    "boards": "name: its owner has another board that is called so",
}
_REFERRED_TO = {"users": Kind.USER, "boards": Kind.BOARD}


async def import_world(
    mongo: Mongo, folder: Path, *, strict: bool = False, progress: Progress | None = None
) -> ImportReport:
    """Imports all that can be imported; the report names what could not.

    `strict` changes only the report's `exit_status`. Raises `WorldNotFound` for a folder without a
    world, and what the driver raises when the database fails; then start it again.
    """
    if not any((folder / file_name(kind)).exists() for kind in KINDS):
        raise WorldNotFound(f"{folder} holds none of {', '.join(map(file_name, KINDS))}")
    started = perf_counter()
    with References() as references:
        run = _Import(mongo, folder, references, progress or Progress(disable=True), strict)
        async with without_indexes(mongo, COLLECTIONS):
            await run.load()
            await run.count()
            task = run.progress.add_task("indexes", total=None)
        run.progress.update(task, total=1, completed=1)
    run.report.seconds = perf_counter() - started
    return run.report


class _Import:
    """One run over a folder."""

    def __init__(
        self,
        mongo: Mongo,
        folder: Path,
        references: References,
        progress: Progress,
        strict: bool,
    ) -> None:
        self.report = ImportReport(strict=strict)
        self._mongo = mongo
        self._folder = folder
        self._references = references
        self.progress = progress

    async def load(self) -> None:
        """Stores the rows of every kind, in the order in which they refer to each other."""
        async with BulkInsert(self._mongo, on_conflict=self._refuse) as bulk:
            for kind in KINDS:
                await self._load_kind(kind, bulk)
                if kind == "follows":
                    for write in implied_follows(self._references):
                        await bulk.add(*write, _Origin(kind, 0, ""))
                # Later rows may refer to what is stored, and not to what was refused.
                await bulk.flush()
        self.report.inserted = bulk.inserted
        self.report.present = bulk.present

    async def count(self) -> None:
        """Sets all that is derived from what is stored."""
        task = self.progress.add_task("counters", total=3)
        for derive in (raise_pins_modified_at, mark_promoted, recount_all):
            await derive(self._mongo)
            self.progress.advance(task)

    async def _load_kind(self, kind: str, bulk: BulkInsert[_Origin]) -> None:
        path = self._folder / file_name(kind)
        if not path.exists():
            return
        size = path.stat().st_size
        task = self.progress.add_task(kind, total=size)
        decode = msgspec.json.Decoder(ROW_TYPES[kind]).decode
        convert = CONVERTERS[kind]
        for line in read_lines(path):
            self.report.rows[kind] += 1
            try:
                row = decode(_readable(line))
                origin = _Origin(kind, line.number, getattr(row, "id", ""))
                for write in convert(row, self._references):
                    await bulk.add(*write, origin)
            except RepeatedRow:
                self.report.repeated[kind] += 1
            except (BadRow, msgspec.ValidationError) as error:
                self.report.reject(kind, line.number, str(error))
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                self.report.reject(kind, line.number, f"is not JSON: {error}")
            if line.number % _PROGRESS_EVERY == 0:
                self.progress.update(task, completed=line.offset)
        self.progress.update(task, completed=size)

    def _refuse(self, collection: str, origin: _Origin) -> None:
        """A unique index kept a document out: somebody made another one, not through this world."""
        if collection == "follows":
            self.report.repeated["follows"] += 1
            return
        reason = _TAKEN.get(collection, f"another document of {collection} stands in its place")
        self.report.reject(origin.kind, origin.line, reason)
        if kind := _REFERRED_TO.get(collection):
            self._references.forget(kind, origin.name)


def _readable(line: Line) -> bytes:
    if line.error is not None:
        raise BadRow(line.error)
    return line.text
