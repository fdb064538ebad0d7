"""Objects that were built before, and are put into answers as they are, as far as they are known.

A pin, a user or a board looks the same to everybody who sees it, as long as its record is the same;
and records that a process has at hand are the same objects from one request to the next. What
follows from a frozen record alone is kept beside the very object: another version of the record is
another object, and nothing has to be told of it. Who may see the record was decided before.

- Where a selection asks for nothing else, the whole object is kept as JSON: a fragment.
- Where it does, what is known of the object is kept as the beginning of one: it is copied, and the
  other fields are resolved for each request.

Only an answer that becomes bytes at once may hold fragments: see `execution.prepared`.
"""

from sys import getsizeof
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from weakref import WeakSet

import orjson
from prometheus_client import Counter

from execution.fields import How
from execution.plan import Branches, Build, FieldPlan, Place, Selection
from resolvers.declared import is_shared

if TYPE_CHECKING:
    from execution.run import Run

fragments_made = Counter("pinery_fragments_made", "Objects of answers that were kept as JSON")
beginnings_made = Counter(
    "pinery_beginnings_made", "Objects of answers that were kept as far as they are known"
)

_MOST_BYTES: Final = 32 * 1_048_576
"""What is kept here, and the records it belongs to, may take so much of a process, about."""

_BYTES_PER_OBJECT: Final = 1_500
"""Of a record that may live no longer anywhere else, and of an entry."""

_WORTH_KEEPING: Final = 2
"""Fewer known fields than this are resolved as quickly as they are found."""


class Beginning(NamedTuple):
    """An object without what each request decides: `rest` are the fields to be resolved at once."""

    known: dict[str, Any]
    rest: tuple[FieldPlan, ...]


class _Entry(NamedTuple):
    """An object, and what it became; None for one that was met once. `size` in bytes."""

    value: Any
    became: orjson.Fragment | Beginning | None
    size: int


class Shelf:
    """What is kept of the objects of one selection, by the identity of each.

    An entry holds its object, so no other one can have the same identity while it is here.
    """

    __slots__ = ("__weakref__", "_fragments", "old", "young")

    def __init__(self, fragments: "Fragments") -> None:
        self._fragments = fragments
        self.young: dict[int, _Entry] = {}
        self.old: dict[int, _Entry] = {}
        fragments.shelves.add(self)

    def find(self, value: Any) -> _Entry | None:
        """The entry of an object."""
        entry = self.young.get(id(value))
        if entry is None and (entry := self.old.get(id(value))) is not None:
            self._put(entry)
        return entry

    def meet(self, value: Any) -> _Entry | None:
        """The entry of an object; None for one that is met for the first time, which is noted.

        Most that is met once is never met again.
        """
        entry = self.find(value)
        if entry is None:
            self._put(_Entry(value, None, _BYTES_PER_OBJECT))
        return entry

    def keep(self, value: Any, became: orjson.Fragment | Beginning, size: int) -> None:
        """Keeps what an object became, in `size` bytes."""
        self._put(_Entry(value, became, _BYTES_PER_OBJECT + size))

    def _put(self, entry: _Entry) -> None:
        self._fragments.make_room(entry.size)
        self.young[id(entry.value)] = entry


class Fragments:
    """The shelves of a process. What was not used for a while goes, half of it at a time."""

    def __init__(self, most_bytes: int = _MOST_BYTES) -> None:
        self.shelves: WeakSet[Shelf] = WeakSet()  # as long as their plans
        self._most_bytes = most_bytes
        self._young_bytes = 0

    def __len__(self) -> int:
        return sum(len(shelf.young) + len(shelf.old) for shelf in self.shelves)

    def make_room(self, size: int) -> None:
        """Counts an entry that comes, and lets the old ones go when there are many young ones."""
        if self._young_bytes + size > self._most_bytes / 2:
            self._young_bytes = 0
            for shelf in self.shelves:
                shelf.old, shelf.young = shelf.young, {}
        self._young_bytes += size


_kept: Final = Fragments()


def remembering(selection: Selection, build: Build) -> Build:
    """Builds the objects of a selection of records from what is kept of them, if that is worth it.

    Fields that may have to be resolved for each request must have their `value`.
    """
    if is_known(selection):
        return _whole_or_built(selection, build)
    if sum(map(_may_be_known, selection.fields)) < _WORTH_KEEPING:
        return build
    return _begun_or_built(selection, build)


def is_known(selection: Selection) -> bool:
    """Whether a selection asks for nothing but what follows from the object itself."""
    return bool(selection.fields) and all(map(_is_known, selection.fields))


def may_vary(field: FieldPlan) -> bool:
    """Whether a field that is resolved with its object may have to be for each request."""
    return field.place is Place.AT_ONCE and (
        isinstance(field.child, Branches) or not _is_known(field)
    )


def _whole_or_built(selection: Selection, build: Build) -> Build:
    shelf = Shelf(_kept)
    meet = shelf.meet

    def take(value: Any, run: "Run") -> Any:
        if not run.takes_fragments:
            return build(value, run)
        entry = shelf.young.get(id(value)) or meet(value)
        if entry is None:
            return build(value, run)
        return entry.became or _write(shelf, build, value, run)

    return take


def _begun_or_built(selection: Selection, build: Build) -> Build:
    shelf, has_jobs = Shelf(_kept), bool(selection.jobs)
    meet = shelf.meet

    def begin(value: Any, run: "Run") -> Any:
        if not run.takes_fragments:
            return build(value, run)
        entry = shelf.young.get(id(value)) or meet(value)
        if entry is None:
            return build(value, run)
        if entry.became is None:
            return _begin(shelf, selection, build, value, run)
        known, rest = entry.became
        result = known.copy()
        for field in rest:
            result[field.key] = field.value(value, run)
        if has_jobs:
            objects, results = run.queues[selection]
            objects.append(value)
            results.append(result)
        return result

    return begin


def _write(shelf: Shelf, build: Build, value: Any, run: "Run") -> Any:
    """Builds an object, and keeps it as JSON."""
    built, is_whole = _watched(build, value, run)
    if not is_whole:
        return built
    fragments_made.inc()
    written = orjson.dumps(built)
    fragment = orjson.Fragment(written)
    shelf.keep(value, fragment, len(written))
    return fragment


def _begin(shelf: Shelf, selection: Selection, build: Build, value: Any, run: "Run") -> Any:
    """Builds an object, and keeps what is known of it."""
    built, is_whole = _watched(build, value, run)
    if not is_whole:
        return built
    beginnings_made.inc()
    known: dict[str, Any] = {}
    rest = []
    for field in selection.fields:
        is_lasting = _is_known(field)
        known[field.key] = _lasting(built[field.key]) if is_lasting else None
        if not is_lasting and field.place is Place.AT_ONCE:
            rest.append(field)
    size = getsizeof(known) + sum(map(getsizeof, known.values()))
    shelf.keep(value, Beginning(known, tuple(rest)), size)
    return built


def _watched(build: Build, value: Any, run: "Run") -> tuple[Any, bool]:
    """What is built, and whether nothing of it failed or is still to come."""
    had_failed, pending = run.has_failed, len(run.pending)
    run.has_failed = False
    try:
        built = build(value, run)
        return built, not run.has_failed and len(run.pending) == pending
    finally:
        run.has_failed = run.has_failed or had_failed


def _lasting(completed: Any) -> Any:
    """A completed value that many answers may share: nobody can change it."""
    return (
        orjson.Fragment(orjson.dumps(completed)) if type(completed) in (dict, list) else completed
    )


def _is_known(field: FieldPlan) -> bool:
    """Whether the value of a field follows from its object, and from nothing else."""
    return _may_be_known(field) and _is_child_known(field)


def _may_be_known(field: FieldPlan) -> bool:
    """The same, as far as the field itself can tell."""
    if field.place is Place.CONSTANT:
        return True
    if field.arguments is not None and not field.arguments.are_constant:
        return False
    match field.resolution.how:
        case How.ATTRIBUTE:
            return True
        case How.FUNCTION:
            return not field.resolution.takes_info or is_shared(field.resolution.call)
    return False


def _is_child_known(field: FieldPlan) -> bool:
    if isinstance(field.child, Branches):
        # Of the types that were met: so what is asked when a plan is made is no, and when an
        # object was built it is whether that one follows.
        met = field.child.by_type.values()
        return bool(met) and all(map(is_known, met))
    return field.child is None or is_known(field.child)
