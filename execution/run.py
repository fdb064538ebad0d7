"""One execution of a plan: layers of objects, and the jobs that fill their fields.

Objects are built one after the other with all of their fields that can be had at once. Fields that
take longer have their place in each object, and wait: when a layer is built, each of them is one
job for all objects that have it. Jobs that are ready start in the same turn of the loop, so that
loaders gather what they ask for; each goes on with the layer below when it ends, and waits for no
other.

    build ──> objects ──> jobs ──> values ──> objects ──> jobs ──> …
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from graphql import ExecutionResult, GraphQLError
from graphql.execution.executor import Executor
from graphql.execution.values import VariableValues

from domain.errors import ErrorCode
from execution.info import Infos, RawInfos
from execution.jobs import Job, LateJob
from execution.marks import Failure, Pending
from execution.plan import NO_ARGUMENTS, FieldPlan, Selection
from execution.propagation import propagate

if TYPE_CHECKING:
    from execution.operations import Plan

Result: TypeAlias = ExecutionResult | Awaitable[ExecutionResult]

Answer: TypeAlias = tuple[dict[str, Any] | None, list[GraphQLError]]
"""The data, and the errors in the order of the document."""

MOST_OBJECTS: Final = 250_000
"""Items of all lists of objects in one answer. The price of an operation keeps it far below."""


class TooLarge(BaseException):
    """An answer has more objects than any may have. It passes all that handles a field's errors."""


class Queues(dict[Selection, tuple[list[Any], list[dict[str, Any]]]]):
    """The objects of a layer whose fields wait, and what they become, by selection."""

    __slots__ = ()

    def __missing__(self, selection: Selection) -> tuple[list[Any], list[dict[str, Any]]]:
        """The queue of a selection of which no object was built before."""
        queue: tuple[list[Any], list[dict[str, Any]]] = ([], [])
        self[selection] = queue
        return queue


class _ArgumentsOf(dict[FieldPlan, Mapping[str, Any]]):
    """The arguments of each field of one execution; what is wrong with them is raised each time."""

    __slots__ = ("_run",)

    def __init__(self, run: "Run") -> None:
        super().__init__()
        self._run = run

    def __missing__(self, field: FieldPlan) -> Mapping[str, Any]:
        """The arguments of a field that was not called before."""
        arguments = field.arguments
        found = self[field] = NO_ARGUMENTS if arguments is None else arguments.of(self._run)
        return found


class Run:
    """One execution of a plan. `make_executor` makes graphql-core's, for what is not usual.

    With `takes_fragments` the data may hold JSON that was written before, for orjson to put in.
    """

    def __init__(
        self,
        plan: "Plan",
        variables: VariableValues,
        context: Any,
        root: Any,
        make_executor: Callable[[], Executor[Any]],
        *,
        hides_suggestions: bool,
        takes_fragments: bool = False,
        most_errors: int | None = None,
    ) -> None:
        self.plan = plan
        self.variables = variables
        self.context = context
        self.hides_suggestions = hides_suggestions
        self.takes_fragments = takes_fragments
        self.queues = Queues()
        self.infos = Infos(self)
        self.raw_infos = RawInfos(self)
        self.arguments = _ArgumentsOf(self)
        self.has_failed = False
        self.pending: list[Pending] = []
        self._root = root
        self._make_executor = make_executor
        self._executor: Executor[Any] | None = None
        self._most_errors = most_errors
        self._room = MOST_OBJECTS
        self._ready: list[Job] = []
        self._waiting: dict[asyncio.Future[Any], Job] = {}
        self._landed: list[asyncio.Future[Any]] = []
        self._wake: asyncio.Future[None] | None = None

    @property
    def executor(self) -> Executor[Any]:
        """graphql-core's executor of the same operation."""
        if self._executor is None:
            self._executor = self._make_executor()
        return self._executor

    def execute(self) -> Result:
        """The result, at once where nothing takes longer."""
        if self.plan.is_serial:
            return self._execute_serially()
        try:
            data = self._build(self.plan.roots[0])
        except TooLarge:
            return self._too_large()
        if self._ready:
            return self._finish(data)
        return self._result(*self._answer(data))

    def fail(self, error: Exception, field: FieldPlan, depth: int = 0) -> Failure:
        """What stands for a value that could not be had."""
        self.has_failed = True
        return Failure(error, field, depth)

    def take(self, items: Sequence[Any]) -> Sequence[Any]:
        """Items of a list, if the answer may have them. Raises `TooLarge`."""
        self._room -= len(items)
        if self._room < 0:
            raise TooLarge
        return items

    def settle_layer(self, objects: Sequence[dict[str, Any]], key: str) -> None:
        """Makes jobs of what was built under a key of some objects."""
        if self.pending:
            for each in objects:
                self.adopt(each, key)
        self.settle()

    def settle(self) -> None:
        """Makes jobs of what was built and waits; what is pending was adopted before."""
        if self.pending:
            self._settle_pending()
        if self.queues:
            self._launch()

    def adopt(self, container: Any, key: Any) -> None:
        """Tells what is pending in a place of the answer that it belongs there."""
        value = container[key]
        kind = type(value)
        if kind is Pending:
            container[key] = None
            value.container, value.key = container, key
        elif kind is dict:
            for each in value:
                self.adopt(value, each)
        elif kind is list:
            for place in range(len(value)):
                self.adopt(value, place)

    def _build(self, root: Selection) -> dict[str, Any]:
        built: dict[str, Any] = root.build(self._root, self)
        if self.pending:
            self.adopt([built], 0)
        self.settle()
        return built

    async def _finish(self, data: dict[str, Any]) -> ExecutionResult:
        try:
            await self._drain()
        except TooLarge:
            return self._too_large()
        return self._result(*self._answer(data))

    def _execute_serially(self) -> Result:
        """One root field after the other, until one of them leaves no data."""
        results: dict[str, Any] | None = {}
        errors: list[GraphQLError] = []
        roots = iter(self.plan.roots)

        def advance() -> dict[str, Any] | None:
            """Goes on until something takes longer; what it is for, or None at the end."""
            for root in roots:
                built = self._build(root)
                if self._ready:
                    return built
                if not collect(built):
                    return None
            return None

        def collect(built: dict[str, Any]) -> bool:
            nonlocal results
            data, found = self._answer(built)
            errors.extend(found)
            results = None if data is None or results is None else results | data
            return results is not None

        async def go_on(built: dict[str, Any] | None) -> ExecutionResult:
            try:
                while built is not None:
                    await self._drain()
                    built = advance() if collect(built) else None
            except TooLarge:
                return self._too_large()
            return self._result(results, errors)

        try:
            first = advance()
        except TooLarge:
            return self._too_large()
        if first is not None:
            return go_on(first)
        return self._result(results, errors)

    async def _drain(self) -> None:
        """Runs all jobs, and those that come of them. Nothing of them goes on when it ends."""
        try:
            while True:
                jobs, self._ready = self._ready, []
                if len(jobs) == 1 and not self._waiting:
                    await self._run_alone(jobs[0])
                    continue
                for job in jobs:
                    self._start(job)
                if self._ready:
                    continue
                if not self._waiting:
                    return
                await self._wait()
        finally:
            for future in self._waiting:
                future.cancel()
                future.add_done_callback(_retrieve_failure)
            self._waiting.clear()
            self._ready.clear()

    async def _run_alone(self, job: "Job") -> None:
        """Runs the only job there is in this very task: there is nothing to overlap."""
        work = job.start(self)
        if isinstance(work, list):
            job.finish(work, self)
            return
        try:
            values = await work
        except asyncio.CancelledError as error:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            job.fail(error, self)
        except Exception as error:
            job.fail(error, self)
        else:
            job.land(values, self)

    def _start(self, job: "Job") -> None:
        work = job.start(self)
        if isinstance(work, list):
            job.finish(work, self)
            return
        future = asyncio.ensure_future(work)
        self._waiting[future] = job
        future.add_done_callback(self._land)

    def _land(self, future: "asyncio.Future[Any]") -> None:
        self._landed.append(future)
        if self._wake is not None and not self._wake.done():
            self._wake.set_result(None)

    async def _wait(self) -> None:
        """Until a job has ended; then all that have."""
        if not self._landed:
            self._wake = asyncio.get_running_loop().create_future()
            await self._wake
        landed, self._landed = self._landed, []
        for future in landed:
            job = self._waiting.pop(future)
            if future.cancelled():
                job.fail(asyncio.CancelledError(), self)
            elif (error := future.exception()) is None:
                job.land(future.result(), self)
            elif isinstance(error, Exception):
                job.fail(error, self)
            else:
                raise error

    def _launch(self) -> None:
        """Makes jobs of the fields that wait in the layer that was built."""
        queues, self.queues = self.queues, Queues()
        ready = self._ready
        for selection, (objects, results) in queues.items():
            for job_type, field in selection.jobs:
                ready.append(job_type(field, objects, results))

    def _settle_pending(self) -> None:
        """Makes jobs of what is pending, one for each field."""
        pending, self.pending = self.pending, []
        by_field: dict[FieldPlan, list[Pending]] = {}
        lost = []
        for each in pending:
            if each.container is None:
                lost.append(each.awaitable)  # what it was part of failed as a whole
            else:
                by_field.setdefault(each.field, []).append(each)
        if lost:
            self.executor.settle_in_background(lost)
        self._ready += map(LateJob, by_field.values())

    def _answer(self, data: dict[str, Any]) -> Answer:
        """The data without what failed, and why it did."""
        if not self.has_failed:
            return data, []
        self.has_failed = False
        return propagate(data, self._most_errors)

    def _result(self, data: dict[str, Any] | None, errors: list[GraphQLError]) -> ExecutionResult:
        # These know this execution, which knows them.
        self.infos.clear()
        self.raw_infos.clear()
        self.arguments.clear()
        return ExecutionResult(data, errors or None)

    def _too_large(self) -> ExecutionResult:
        message = f"An answer may have {MOST_OBJECTS} objects; this one has more. Ask for less."
        code = {"code": ErrorCode.QUERY_TOO_EXPENSIVE.value}
        return self._result(None, [GraphQLError(message, extensions=code)])


def _retrieve_failure(work: "asyncio.Future[Any]") -> None:
    """Looks at the failure of what was cancelled: nobody else will, and it is no news."""
    if not work.cancelled():
        work.exception()
