"""Objects that were written as JSON before, and are put into answers as they are.

A picture, a user or a board looks the same to everybody who sees it, as long as its record is the
same; and records that a process has at hand are the same objects from one request to the next. So
where a selection asks for nothing but what follows from a frozen record, its JSON is kept beside
the very object: another version of the record is another object, and nothing has to be told of it.
Who may see the record was decided before it came here.

Only an answer that becomes bytes at once may hold fragments: see `execution.prepared`.
"""

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson
from prometheus_client import Counter

from execution.fields import How
from execution.plan import Branches, Build, FieldPlan, Place, Selection
from resolvers.declared import is_shared

if TYPE_CHECKING:
    from execution.run import Run

fragments_made = Counter("pinery_fragments_made", "Objects of answers that were kept as JSON")

_MOST_BYTES: Final = 16 * 1_048_576
"""What fragments and the objects beside them may take in a process, about."""

_BYTES_PER_OBJECT: Final = 1_500
"""Of a record that may live no longer anywhere else, and of an entry."""


class _Entry(NamedTuple):
    """An object, and what it was written as; None for one that was met once. `size` in bytes."""

    value: Any
    fragment: orjson.Fragment | None
    size: int


class Fragments:
    """The fragments of a process. What was not used for a while goes, half of them at a time."""

    def __init__(self, most_bytes: int = _MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._young: dict[tuple[int, Selection], _Entry] = {}
        self._old: dict[tuple[int, Selection], _Entry] = {}
        self._young_bytes = 0

    def __len__(self) -> int:
        return len(self._young) + len(self._old)

    def find(self, key: tuple[int, Selection]) -> _Entry | None:
        """The entry of an object, by its identity, and a selection."""
        entry = self._young.get(key)
        if entry is None and (entry := self._old.get(key)) is not None:
            self._put(key, entry)
        return entry

    def note(self, selection: Selection, value: Any) -> None:
        """Keeps in mind that an object was met."""
        self._put((id(value), selection), _Entry(value, None, _BYTES_PER_OBJECT))

    def keep(self, selection: Selection, value: Any, written: bytes) -> orjson.Fragment:
        """Keeps what an object was written as."""
        fragment = orjson.Fragment(written)
        entry = _Entry(value, fragment, _BYTES_PER_OBJECT + len(written))
        self._put((id(value), selection), entry)
        return fragment

    def _put(self, key: tuple[int, Selection], entry: _Entry) -> None:
        if self._young_bytes + entry.size > self._most_bytes / 2:
            self._old, self._young, self._young_bytes = self._young, {}, 0
        self._young[key] = entry
        self._young_bytes += entry.size


_kept: Final = Fragments()


def is_shareable(selection: Selection) -> bool:
    """Whether a selection asks for nothing but what follows from the object itself."""
    return bool(selection.fields) and all(map(_follows, selection.fields))


def shared(selection: Selection, build: Build) -> Build:
    """Builds the objects of a shareable selection, or takes what they were written as before.

    What is met for the first time is only noted: most that is met once is never met again.
    """

    def build_or_take(value: Any, run: "Run") -> Any:
        if not run.takes_fragments:
            return build(value, run)
        entry = _kept.find((id(value), selection))
        if entry is not None and entry.value is value and entry.fragment is not None:
            return entry.fragment
        run.takes_fragments = False  # what is inside is part of this one
        try:
            if entry is not None and entry.value is value:
                return _write(selection, build, value, run)
            _kept.note(selection, value)
            return build(value, run)
        finally:
            run.takes_fragments = True

    return build_or_take


def _write(selection: Selection, build: Build, value: Any, run: "Run") -> Any:
    had_failed, pending = run.has_failed, len(run.pending)
    run.has_failed = False
    try:
        built = build(value, run)
        is_whole = not run.has_failed and len(run.pending) == pending
    finally:
        run.has_failed = run.has_failed or had_failed
    if not is_whole:
        return built
    fragments_made.inc()
    return _kept.keep(selection, value, orjson.dumps(built))


def _follows(field: FieldPlan) -> bool:
    """Whether the value of a field follows from its object, and from nothing else."""
    if field.place is Place.CONSTANT:
        return True
    if field.arguments is not None and not field.arguments.are_constant:
        return False
    if isinstance(field.child, Branches):
        return False  # which selections it leads to is not known yet
    if isinstance(field.child, Selection) and not is_shareable(field.child):
        return False
    match field.resolution.how:
        case How.ATTRIBUTE:
            return True
        case How.FUNCTION:
            return not field.resolution.takes_info or is_shared(field.resolution.call)
    return False
