"""What a transaction does to counters, derived from what it does to documents (INV-12).

`storage.counters` declares each counter once: what it counts, and where it is stored. A reconciler
counts by those declarations, and so does a `Tally`: it is told of documents that come, go and
change, and knows which counters rise and fall. Nobody writes an increment by hand.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeAlias

from pymongo import UpdateOne

from storage.codec import Document
from storage.counters import COUNTERS, Counter, after_counting, counters_of

Owner: TypeAlias = Any
"""The `_id` of the document that a counter belongs to, as BSON has it."""

_BY_SOURCE: Final[Mapping[str, list[Counter]]] = {
    source: [counter for counter in COUNTERS if counter.source == source]
    for source in {counter.source for counter in COUNTERS}
}


class Tally:
    """Increments that wait to be written, by collection and document."""

    def __init__(self) -> None:
        self._pending: defaultdict[str, defaultdict[Owner, defaultdict[str, int]]] = defaultdict(
            lambda: defaultdict(lambda: defaultdict(int))
        )

    def added(self, source: str, documents: Iterable[Document]) -> None:
        """Documents came."""
        for document in documents:
            self._count(source, document, 1)

    def removed(self, source: str, documents: Iterable[Document]) -> None:
        """Documents went."""
        for document in documents:
            self._count(source, document, -1)

    def changed(self, source: str, before: Document, after: Document) -> None:
        """A document is another now."""
        self._count(source, before, -1)
        self._count(source, after, 1)

    def take(self) -> dict[str, dict[Owner, UpdateOne]]:
        """The updates that are due, by collection and document; they wait no longer."""
        pending, self._pending = self._pending, defaultdict(self._pending.default_factory)
        due: dict[str, dict[Owner, UpdateOne]] = {}
        for target, owners in pending.items():
            updates = {
                owner: UpdateOne({"_id": owner}, _update(target, increments))
                for owner, each in sorted(owners.items())
                if (increments := {field: n for field, n in each.items() if n})
            }
            if updates:
                due[target] = updates
        return due

    def _count(self, source: str, document: Document, step: int) -> None:
        for counter in _BY_SOURCE.get(source, ()):
            if _matches(document, counter.match):
                for owner in _owners(counter, document):
                    self._pending[counter.target][owner][counter.field] += step


def counted(target: str, numbers: Iterable[tuple[Counter, int]]) -> list[Document]:
    """The update that sets the counters of a document to numbers that were counted."""
    values = {
        counter.field: "$$REMOVE" if counter.sparse and number == 0 else number
        for counter, number in numbers
    }
    return [{"$set": values}, *after_counting(target)]


def _update(target: str, increments: Mapping[str, int]) -> list[Document]:
    sparse = {counter.field for counter in counters_of(target) if counter.sparse}
    values: Document = {}
    for field, step in increments.items():
        # Never below 0, whatever was wrong before: clients show these numbers (INV-12).
        value = {"$max": [0, {"$add": [{"$ifNull": [f"${field}", 0]}, step]}]}
        values[field] = _absent_at_zero(value) if field in sparse else value
    return [{"$set": values}, *after_counting(target)]


def _absent_at_zero(value: Document) -> Document:
    shown = {"$cond": [{"$eq": ["$$n", 0]}, "$$REMOVE", "$$n"]}
    return {"$let": {"vars": {"n": value}, "in": shown}}


def _owners(counter: Counter, document: Document) -> list[Owner]:
    value = document.get(counter.by)
    if counter.by_each:
        return list(value or ())
    return [] if value is None else [value]


def _matches(document: Document, match: Document) -> bool:
    return all(_passes(document.get(field), condition) for field, condition in match.items())


def _passes(value: Any, condition: Any) -> bool:
    if not isinstance(condition, dict):
        return bool(value == condition)
    for operator, operand in condition.items():
        match operator:
            case "$ne":
                passed = value != operand
            case "$in":
                passed = value in operand
            case _:
                raise ValueError(f"A counter's match may use $ne and $in; it has {operator}.")
        if not passed:
            return False
    return True
