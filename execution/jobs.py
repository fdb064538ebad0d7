"""One field of one layer: how the values of all its objects are had, and put into the answer.

`start` gives a list when the values are there already, else something to be awaited that gives
one. An exception in the place of a value is that object's error alone.
"""

import asyncio
from collections.abc import Awaitable, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from execution.fields import How
from execution.marks import Pending
from execution.plan import FieldPlan
from resolvers.declared import Batch, FromLoader

if TYPE_CHECKING:
    from execution.run import Run

Values: TypeAlias = list[Any]


class Job:
    """A field of a layer: `objects` have it, and `results` are what they become."""

    __slots__ = ("field", "objects", "results")

    def __init__(
        self, field: FieldPlan, objects: Sequence[Any], results: Sequence[dict[str, Any]]
    ) -> None:
        self.field = field
        self.objects = objects
        self.results = results

    def start(self, run: "Run") -> Values | Awaitable[Any]:
        """The values, or what gives them when it is awaited. Never raises."""
        try:
            return self.begin(run)
        except Exception as error:
            return [error] * len(self.objects)

    def begin(self, run: "Run") -> Values | Awaitable[Any]:
        """As `start`; what it raises is the error of every object."""
        raise NotImplementedError

    def land(self, values: Any, run: "Run") -> None:
        """Takes what was awaited."""
        self.finish(values, run)

    def fail(self, error: BaseException, run: "Run") -> None:
        """Takes what was raised instead: the error of every object."""
        self.finish([failure(error)] * len(self.objects), run)

    def finish(self, values: Values, run: "Run") -> None:
        """Puts the values into the answer, and goes on with the layer below."""
        self.field.complete_layer(values, self.results, run)
        run.settle_layer(self.results, self.field.key)


class LoaderJob(Job):
    """A key of each object, given to a loader all together."""

    __slots__ = ()

    def begin(self, run: "Run") -> Values | Awaitable[Values]:
        """What the loader has, or its future."""
        declared = self.field.resolution.call
        assert isinstance(declared, FromLoader)  # noqa: S101  # for the type checker
        return declared.load_layer(self.objects, run.context.loaders)

    def finish(self, values: Values, run: "Run") -> None:
        """Puts the declared default where the loader has nothing."""
        declared = self.field.resolution.call
        assert isinstance(declared, FromLoader)  # noqa: S101  # for the type checker
        default = declared.default
        if default is not None:
            values = [default if each is None else each for each in values]
        super().finish(values, run)


class BatchJob(Job):
    """A function of all objects."""

    __slots__ = ()

    def begin(self, run: "Run") -> Awaitable[Any]:
        """The function's coroutine."""
        declared = self.field.resolution.call
        assert isinstance(declared, Batch)  # noqa: S101  # for the type checker
        arguments = run.arguments[self.field]
        return declared.function(self.objects, run.infos[self.field], **arguments)

    def land(self, values: Any, run: "Run") -> None:
        """Takes a value for each object, and nothing else."""
        expected = len(self.objects)
        if not isinstance(values, list):
            values = list(values)
        if len(values) != expected:
            name = f"{self.field.parent_type}.{self.field.name}"
            wrong = f"{name} gave {len(values)} values for {expected} objects."
            self.fail(TypeError(wrong), run)
            return
        self.finish(values, run)


class CoroutineJob(Job):
    """A coroutine for each object."""

    __slots__ = ()

    def begin(self, run: "Run") -> Awaitable[Any]:
        """The only coroutine, or all of them together."""
        call = self.field.resolution.call
        arguments = run.arguments[self.field]
        assert call is not None  # noqa: S101  # for the type checker
        if not self.field.resolution.takes_info:
            return together([call(each, **arguments) for each in self.objects])
        info = run.infos[self.field]
        return together([call(each, info=info, **arguments) for each in self.objects])

    def land(self, values: Any, run: "Run") -> None:
        """Takes the only value, or each of them."""
        self.finish([values] if len(self.objects) == 1 else settled(values), run)


class ResolverJob(CoroutineJob):
    """A coroutine of graphql-core's kind for each object."""

    __slots__ = ()

    def begin(self, run: "Run") -> Awaitable[Any]:
        """The only coroutine, or all of them together."""
        call = self.field.resolution.call
        arguments = run.arguments[self.field]
        info = run.raw_infos[self.field]
        assert call is not None  # noqa: S101  # for the type checker
        return together([call(each, info, **arguments) for each in self.objects])


class LateJob(Job):
    """What a function gave to be awaited although nothing said that it would."""

    __slots__ = ("_pending",)

    def __init__(self, pending: Sequence[Pending]) -> None:
        super().__init__(pending[0].field, pending, ())
        self._pending = pending

    def begin(self, run: "Run") -> Awaitable[Any]:
        """All of it together."""
        return together([each.awaitable for each in self._pending])

    def land(self, values: Any, run: "Run") -> None:
        """Takes the only value, or each of them."""
        self.finish([values] if len(self._pending) == 1 else settled(values), run)

    def finish(self, values: Values, run: "Run") -> None:
        """Puts each value where it belongs."""
        for pending, value in zip(self._pending, values, strict=True):
            if isinstance(value, Exception):
                completed: Any = run.fail(value, pending.field, pending.depth)
            else:
                completed = pending.then(value, run)
            pending.container[pending.key] = completed
        if run.pending:
            for pending in self._pending:
                run.adopt(pending.container, pending.key)
        run.settle()


JOBS: Final[dict[How, type[Job]]] = {
    How.LOADER: LoaderJob,
    How.BATCH: BatchJob,
    How.COROUTINE: CoroutineJob,
    How.ASYNC_RESOLVER: ResolverJob,
}
"""By what each field that waits for its layer is done."""


class Cancelled(Exception):
    """A resolver that was cancelled, and not with its request."""


def failure(error: BaseException) -> Exception:
    """What was raised, as the error of a field."""
    if isinstance(error, Exception):
        return error
    if isinstance(error, asyncio.CancelledError):
        return Cancelled("The resolver was cancelled.")
    raise error


def settled(values: Sequence[Any]) -> Values:
    """Values and exceptions, where those that were cancelled are errors like others."""
    return [failure(each) if isinstance(each, BaseException) else each for each in values]


def together(work: Sequence[Awaitable[Any]]) -> Awaitable[Any]:
    """The only one itself, or all of them at once, each with its value or its exception."""
    return work[0] if len(work) == 1 else asyncio.gather(*work, return_exceptions=True)
