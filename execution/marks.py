"""What stands in an answer for a value that is not there, or not yet."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from execution.plan import FieldPlan
    from execution.run import Run


class Failure:
    """A value that could not be had. `depth` says in how many lists of its field it is.

    `before` is what a list had until it broke off: it is not part of the answer, its errors are.
    """

    __slots__ = ("before", "depth", "error", "field")

    def __init__(self, error: Exception, field: "FieldPlan", depth: int) -> None:
        self.error = error
        self.field = field
        self.depth = depth
        self.before: list[Any] = []


class Pending:
    """A value that must be awaited, and what it then becomes.

    `container` and `key` are its place in the answer, as soon as it has one.
    """

    __slots__ = ("awaitable", "container", "depth", "field", "key", "then")

    def __init__(
        self,
        awaitable: Awaitable[Any],
        field: "FieldPlan",
        depth: int,
        then: "Callable[[Any, Run], Any]",
    ) -> None:
        self.awaitable = awaitable
        self.field = field
        self.depth = depth
        self.then = then
        self.container: Any = None
        self.key: Any = None
