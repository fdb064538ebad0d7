"""What an import did: the rows it read, the documents it wrote, and the rows it could not take."""

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from worlds.format import file_name

MAX_NAMED = 50
"""Bad rows that are kept by name; the rest are only counted."""


class BadRow(Exception):
    """A row that cannot be imported; its text is the reason."""


class NamedBadRow(NamedTuple):
    """A bad row and where it stands."""

    file: str
    line: int
    reason: str

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}: {self.reason}"


class ImportReport(msgspec.Struct, kw_only=True):
    """The result of an import; complete when `import_world` has returned it.

    By kind of row, `rows` counts the lines read, `bad` those that were rejected and `repeated`
    those that say again what is known already (the same save or follow). `inserted` and
    `present` count documents per collection: new ones, and ones that an earlier import had made.
    """

    strict: bool = False
    rows: Counter[str] = msgspec.field(default_factory=Counter)
    bad: Counter[str] = msgspec.field(default_factory=Counter)
    repeated: Counter[str] = msgspec.field(default_factory=Counter)
    named: list[NamedBadRow] = msgspec.field(default_factory=list)
    inserted: Mapping[str, int] = msgspec.field(default_factory=dict)
    present: Mapping[str, int] = msgspec.field(default_factory=dict)
    seconds: float = 0.0

    def reject(self, kind: str, line: int, reason: str) -> None:
        """Counts a bad row of a kind, and names it while there is room."""
        self.bad[kind] += 1
        if len(self.named) < MAX_NAMED:
            self.named.append(NamedBadRow(file_name(kind), line, reason))

    @property
    def bad_rows(self) -> int:
        """How many rows were rejected."""
        return self.bad.total()

    @property
    def exit_status(self) -> int:
        """What a command ends with: 1 when it is strict and a row was bad, else 0."""
        return 1 if self.strict and self.bad_rows else 0

    def lines(self) -> list[str]:
        """The report as text, a line each."""
        read = [self._kind_line(kind) for kind in self.rows]
        written = [
            f"{name}: {new:,} new, {self.present.get(name, 0):,} already there"
            for name, new in self.inserted.items()
        ]
        named = [str(row) for row in self.named]
        unnamed = self.bad_rows - len(self.named)
        more = [f"and {unnamed:,} more bad rows"] if unnamed else []
        return [*read, *written, *named, *more, f"done in {self.seconds:.1f} s"]

    def _kind_line(self, kind: str) -> str:
        counts = [f"{self.rows[kind]:,} rows"]
        counts += [f"{self.bad[kind]:,} bad"] if self.bad[kind] else []
        counts += [f"{self.repeated[kind]:,} repeated"] if self.repeated[kind] else []
        return f"read {kind}: {', '.join(counts)}"
