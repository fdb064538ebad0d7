"""Runs one request through a Strawberry schema: prepared document, extensions, executor.

`Schema.execute` does the same and parses, validates and logs on its own terms; this keeps its order
of hooks (`on_operation`, `on_parse`, `on_validate`, `on_execute`), so that any extension works, and
its `execution_context_class`, so that any executor does.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

import msgspec
import structlog
from graphql import (
    DocumentNode,
    GraphQLError,
    MiddlewareManager,
    OperationDefinitionNode,
    specified_rules,
)
from graphql import OperationType as Kind
from strawberry import Schema
from strawberry.extensions import SchemaExtension
from strawberry.extensions.runner import SchemaExtensionsRunner
from strawberry.types.execution import ExecutionContext
from strawberry.types.graphql import OperationType

from protocol.bursts import BurstLimits
from protocol.caching import CachePolicy
from protocol.callers import Caller
from protocol.documents import Document, DocumentCache, PreparedOperation
from protocol.dry_run import DryRun, dry_run
from protocol.errors import RequestError, format_field_errors
from protocol.executing import Execution
from protocol.expense import check_price, check_shape
from protocol.idempotency import check_header
from protocol.limits import Limits
from protocol.metering import Charge, Meter
from protocol.mutations import executed_fields
from protocol.persisted import FoundText, PersistedDocuments
from protocol.request import GraphQLRequest
from protocol.responses import GraphQLResponse
from protocol.status import Condition
from protocol.supervision import Deadline
from protocol.throttle import Throttle
from protocol.usage import UsageCounter


class Outcome(msgspec.Struct, frozen=True):
    """An answer, and how long it may be kept."""

    answer: GraphQLResponse
    policy: CachePolicy
    operation: str | None


class OperationRunner:
    """Runs the operations of one schema, and finds the documents that requests name.

    `introspection` is for everybody; a developer may always ask for the schema. `hints` are as for
    `DocumentCache`. Without a `throttle` nobody is charged, without `bursts` nothing is counted.
    """

    def __init__(
        self,
        schema: Schema,
        limits: Limits,
        *,
        introspection: bool,
        hints: bool,
        persisted: PersistedDocuments,
        throttle: Throttle | None = None,
        bursts: BurstLimits | None = None,
        usage: UsageCounter | None = None,
    ) -> None:
        if schema.config.enable_experimental_incremental_execution:
            raise ValueError("@defer and @stream have answers in parts; this sends them whole.")
        self._schema = schema
        self._limits = limits
        self._trusted_limits = limits.for_trusted()
        self._introspection = introspection
        self._hints = hints
        self._documents = DocumentCache(
            schema._schema, limits, hints=hints, make_execution=self._execution
        )
        self._is_extended = bool(schema.get_extensions())
        self._persisted = persisted
        self._throttle = throttle
        self._bursts = bursts
        self._usage = usage

    async def run(
        self,
        asked: GraphQLRequest,
        context: object,
        *,
        caller: Caller,
        meter: Meter,
        deadline: Deadline,
        may_write: bool,
    ) -> Outcome:
        """The answer to a request whose operation was executed, if with errors.

        A mutation moves the `deadline`.

        Raises `RequestError` when nothing was executed, `StoreError` when no store knows the
        document, and what an extension raises.
        """
        found = await self._find(asked, caller)
        run = _Run(asked, context, caller, meter, deadline, may_write, found)
        if self._is_extended:
            return await self._run_extended(run)
        document = self._validate(self._parse(found), found, caller)
        operation, execution, dry = await self._admit(run, document)
        result = await execution.run(asked, context)
        return Outcome(_answer(result, dry, {}), operation.policy, operation.name)

    async def _run_extended(self, run: "_Run") -> Outcome:
        """The same between the hooks of the schema's extensions."""
        asked, found = run.asked, run.found
        execution = self._execution_context(asked, found, run.context)
        extensions = self._schema.get_extensions()
        for extension in extensions:
            extension.execution_context = execution
        runner = self._schema.create_extensions_runner(execution, extensions)
        refusal = Refusal()
        async with runner.operation():
            with refusal:
                document = await self._prepare(found, execution, runner, run.caller)
                operation, executable, dry = await self._admit(run, document)
                async with runner.executing():
                    with refusal:
                        if execution.result is None:
                            execution.result = await executable.run(
                                asked, run.context, middleware=_middleware(extensions)
                            )
        refusal.raise_again()
        added = await runner.get_extensions_results(execution)
        return Outcome(_answer(execution.result, dry, added), operation.policy, operation.name)

    async def _admit(
        self, run: "_Run", document: Document
    ) -> tuple[PreparedOperation, Execution, DryRun | None]:
        """The operation that is asked for, once it is charged and may be run."""
        asked, caller = run.asked, run.caller
        operation = self._documents.prepare(document, asked.operation_name)
        _require_runnable(operation.node, may_write=run.may_write)
        if operation.is_mutation:
            run.deadline.move(self._limits.mutation_deadline_ms)
        dry = self._dry_run(document, operation, asked)
        run.meter.charge = await self._charge(caller, run.found, operation, asked, dry)
        if operation.is_mutation:
            await self._check_mutation(document, operation, asked, caller)
        await self._keep(run.found, caller)
        if dry is not None:
            execution = self._execution(dry.document, operation.node, is_kept=False)
        else:
            execution = operation.execution or self._execution(document.ast, operation.node)
        return operation, execution, dry

    def _execution(
        self, document: DocumentNode, operation: OperationDefinitionNode, *, is_kept: bool = True
    ) -> Execution:
        return Execution(
            self._schema, document, operation, self._limits, hints=self._hints, is_kept=is_kept
        )

    async def _find(self, asked: GraphQLRequest, caller: Caller) -> FoundText:
        """The text to run. What this process has not at hand is charged before it is looked at."""
        if asked.reference is not None and asked.query is None:
            remembered = self._persisted.recall(asked.reference)
            if remembered is not None:
                return remembered
            await self._charge_preparation(caller)
            return await self._persisted.look_up(asked.reference)
        found = self._persisted.sent(asked, is_developer=caller.is_developer)
        if not self._documents.knows(found.text):
            await self._charge_preparation(caller)
        return found

    async def _charge_preparation(self, caller: Caller) -> None:
        if self._throttle is not None:
            await self._throttle.charge_preparation(caller, maximum=self._limits.operation_cost)

    async def _prepare(
        self,
        found: FoundText,
        execution: ExecutionContext,
        runner: SchemaExtensionsRunner,
        caller: Caller,
    ) -> Document:
        refusal = Refusal()
        async with runner.parsing():
            with refusal:
                document = self._parse(found)
                execution.graphql_document = document.ast
        refusal.raise_again()
        async with runner.validation():
            with refusal:
                document = self._validate(document, found, caller)
                # Rules of extensions may be made for the request, so what they say is not kept.
                if added := set(execution.validation_rules).difference(specified_rules):
                    self._documents.check(document, added)
        refusal.raise_again()
        return document

    def _parse(self, found: FoundText) -> Document:
        is_trusted = found.trusted is not None
        document = self._documents.parse(found.text, is_trusted=is_trusted)
        if not is_trusted:
            check_shape(document.too_large, self._limits)
        return document

    def _validate(self, document: Document, found: FoundText, caller: Caller) -> Document:
        document = self._documents.validate(document)
        if not (self._introspection or found.trusted is not None or caller.is_developer):
            self._documents.refuse(document.introspection)
        return document

    async def _charge(
        self,
        caller: Caller,
        found: FoundText,
        operation: PreparedOperation,
        asked: GraphQLRequest,
        dry: DryRun | None,
    ) -> Charge | None:
        """Refuses what is too dear for its sender, then takes its price from their account.

        Who only asks for the price gets it, however high, and pays nothing.
        """
        is_trusted = found.trusted is not None
        price = operation.price.price(asked.variables or {})
        limits = self._trusted_limits if is_trusted else self._limits
        if dry is None:
            check_price(price, limits)
        if self._throttle is None:
            return None
        return await self._throttle.charge(
            caller,
            price,
            maximum=limits.operation_cost,
            is_trusted=is_trusted,
            is_free=dry is not None,
        )

    async def _check_mutation(
        self,
        document: Document,
        operation: PreparedOperation,
        asked: GraphQLRequest,
        caller: Caller,
    ) -> None:
        """Refuses a mutation whose key is for too many fields, or whose viewer does too much."""
        fields = executed_fields(document.ast, operation.node, asked.variables or {})
        check_header(asked.idempotency_key, fields)
        if self._bursts is not None:
            await self._bursts.draw(caller.viewer, fields.values())

    def _dry_run(
        self, document: Document, operation: PreparedOperation, asked: GraphQLRequest
    ) -> DryRun | None:
        if not operation.may_be_dry_run:
            return None
        return dry_run(self._schema._schema, document.ast, operation.node, asked.variables)

    async def _keep(self, found: FoundText, caller: Caller) -> None:
        """Remembers a text that its client will name from now on, and counts the use of others."""
        if found.to_keep is not None:
            await self._persisted.keep(found)
        if found.trusted is not None and self._usage is not None:
            self._usage.note(found.trusted.sha256, caller.app, caller.version)

    def _execution_context(
        self, asked: GraphQLRequest, found: FoundText, context: object
    ) -> ExecutionContext:
        return ExecutionContext(
            query=found.text,
            schema=self._schema,
            allowed_operations=OperationType,
            context=context,
            variables=asked.variables,
            provided_operation_name=asked.operation_name,
            operation_extensions=asked.extensions,
        )


class Executed(Protocol):
    """A result, graphql-core's or Strawberry's."""

    @property
    def data(self) -> dict[str, Any] | None:
        """What was asked for."""

    @property
    def errors(self) -> list[GraphQLError] | None:
        """Why some of it is missing."""


class _Run(NamedTuple):
    """One request on its way."""

    asked: GraphQLRequest
    context: object
    caller: Caller
    meter: Meter
    deadline: Deadline
    may_write: bool
    found: FoundText


class Refusal:
    """Keeps a `RequestError` until the hooks around it have ended.

    Hooks of extensions are generators, and most go on after their `yield` without a `finally`: as
    in `Schema.execute`, a request that is refused must not end them with an exception.
    """

    def __init__(self) -> None:
        self._error: RequestError | None = None

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, _type: object, error: BaseException | None, _traceback: object) -> bool:
        """Keeps a `RequestError`; anything else passes."""
        if isinstance(error, RequestError):
            self._error = error
        return self._error is error and error is not None

    def raise_again(self) -> None:
        """Raises what was kept, if anything was."""
        if self._error is not None:
            raise self._error


def _answer(
    result: Executed | None, dry: DryRun | None, extensions: dict[str, object]
) -> GraphQLResponse:
    if result is None:
        raise RuntimeError("An extension took the result away.")
    answer = GraphQLResponse(data=dry.complete(result.data) if dry else result.data)
    if result.errors:
        answer["errors"] = format_field_errors(result.errors)
    if extensions:
        answer["extensions"] = extensions
    return answer


def _require_runnable(operation: OperationDefinitionNode, *, may_write: bool) -> None:
    """Refuses what this transport must not or cannot run; names the operation in the logs."""
    structlog.contextvars.bind_contextvars(
        operation=operation.name.value if operation.name else None
    )
    if operation.operation is Kind.SUBSCRIPTION:
        raise RequestError(
            Condition.MALFORMED, "A subscription has many answers; this connection carries one."
        )
    if operation.operation is Kind.MUTATION and not may_write:
        raise RequestError(
            Condition.METHOD_NOT_ALLOWED,
            "A mutation must be sent by POST.",
            headers={"Allow": "POST"},
        )


def _middleware(extensions: Sequence[SchemaExtension]) -> MiddlewareManager | None:
    """What wraps every resolver; None costs nothing, an empty one does."""
    wrapping = [each for each in extensions if type(each).resolve is not SchemaExtension.resolve]
    return MiddlewareManager(*wrapping) if wrapping else None
