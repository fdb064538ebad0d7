"""Errors, with their paths and locations, and the nulls that they leave (GraphQL, 6.4.4).

A failure stands in the answer where its value would. Only when there is one is the answer walked:
so what succeeds carries neither paths nor locations. Errors come in the order of the document.
Where one takes away what holds others, those further on are not told, as in graphql-core.
"""

from typing import Any, NamedTuple

from graphql import GraphQLError, located_error

from execution.marks import Failure
from execution.plan import FieldPlan

Path = list[str | int]


class _Bubble(NamedTuple):
    """An error whose place may not be null, and so takes away what holds it."""

    error: GraphQLError
    field: FieldPlan


def propagate(
    data: dict[str, Any], most: int | None = None
) -> tuple[dict[str, Any] | None, list[GraphQLError]]:
    """The data with nulls where something failed, and the errors; at most `most` of them."""
    walk = _Walk(most)
    value, bubble = walk.visit(data, 0, [])
    if bubble is not None:
        walk.tell(bubble.error)
        return None, walk.errors
    return value, walk.errors


class _Walk:
    def __init__(self, most: int | None) -> None:
        self.errors: list[GraphQLError] = []
        self._most = most

    def tell(self, error: GraphQLError) -> None:
        """Adds an error to those that are told, if there is room."""
        if self._most is None or len(self.errors) < self._most:
            self.errors.append(error)

    def visit(self, value: Any, depth: int, path: Path) -> tuple[Any, _Bubble | None]:
        """What stands in the place of a value, or what takes away its holder."""
        kind = type(value)
        if kind is Failure:
            return self._failure(value, depth, path)
        if kind is dict:
            return self._object(value, depth, path)
        if kind is list:
            return self._list(value, depth, path)
        return value, None

    def _failure(self, failure: Failure, depth: int, path: Path) -> tuple[None, _Bubble | None]:
        if failure.before:
            kept, bubble = self._list(failure.before, depth, path)
            if kept is None:  # an item took the list away before it broke off
                return None, bubble
        field = failure.field
        error = located_error(failure.error, field.nodes, list(path))
        return self._null(error, field, depth)

    def _object(
        self, value: dict[str, Any], depth: int, path: Path
    ) -> tuple[dict[str, Any] | None, _Bubble | None]:
        for key, each in value.items():
            path.append(key)
            kept, bubble = self.visit(each, 0, path)
            path.pop()
            if bubble is not None:
                holder = bubble.field.parent
                if holder is None:
                    return None, bubble
                return self._null(bubble.error, holder, depth)
            if kept is not each:
                value[key] = kept
        return value, None

    def _list(
        self, value: list[Any], depth: int, path: Path
    ) -> tuple[list[Any] | None, _Bubble | None]:
        for place, each in enumerate(value):
            path.append(place)
            kept, bubble = self.visit(each, depth + 1, path)
            path.pop()
            if bubble is not None:
                return self._null(bubble.error, bubble.field, depth)
            if kept is not each:
                value[place] = kept
        return value, None

    def _null(
        self, error: GraphQLError, field: FieldPlan, depth: int
    ) -> tuple[None, _Bubble | None]:
        """Null, where the type of a field allows it at some depth; else the error goes on."""
        if field.levels[depth].is_non_null:
            return None, _Bubble(error, field)
        self.tell(error)
        return None, None
