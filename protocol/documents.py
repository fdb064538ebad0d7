"""Documents, parsed and validated once each, and kept by their text.

Whatever can be known of an operation before its variables come is known here, once: that it is
valid, how large it is, the plan of its price, and how long its answer may be cached. A document
sent as text and the same one found by its hash or id share one entry.
"""

from collections.abc import Callable, Iterable, Sequence

import msgspec
from cachetools import LRUCache
from graphql import (
    ASTValidationRule,
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    OperationType,
    parse,
    specified_rules,
    validate,
)
from graphql.validation.rules import overlapping_fields_can_be_merged
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from domain.errors import ErrorCode
from protocol.caching import CachePolicy, operation_policy
from protocol.cost import PricePlan, plan_price
from protocol.definitions import operations_of
from protocol.dry_run import may_be_dry_run
from protocol.errors import InvalidOperation, RequestError, without_hint
from protocol.executing import Execution
from protocol.idempotency import IdempotentMutations
from protocol.limits import Limits
from protocol.shape import measure, violations
from protocol.status import Condition

# Comparing fields that may be merged is quadratic at worst. The default of 500,000 steps blocks the
# event loop for a second (RELIABILITY, trap 1). Our largest operations take 30 of them.
overlapping_fields_can_be_merged.MAX_COMPLEXITY_BUDGET = 20_000

_ABORTED = "Parsing aborted."
"""How graphql-core ends the message of a limit that a document exceeds while it is parsed."""


class PreparedOperation(msgspec.Struct, frozen=True):
    """What is known of a valid operation before it is run: its price is a plan for variables.

    `execution` is there where documents are kept to be run.
    """

    node: OperationDefinitionNode
    price: PricePlan
    policy: CachePolicy
    may_be_dry_run: bool
    execution: Execution | None = None

    @property
    def is_mutation(self) -> bool:
        """Whether it writes."""
        return self.node.operation is OperationType.MUTATION

    @property
    def name(self) -> str | None:
        """What its author called it."""
        return self.node.name.value if self.node.name else None


MakeExecution = Callable[[DocumentNode, OperationDefinitionNode], Execution]


class Document(msgspec.Struct, frozen=True):
    """A document that parsed, and what is `too_large` about it for those who are not trusted.

    `introspection` is what is wrong with it for those who may not ask for the schema; it is known,
    as `prepared` is, once the document is validated.
    """

    text: str
    ast: DocumentNode
    too_large: Sequence[str] = ()
    is_valid: bool = False
    introspection: Sequence[GraphQLError] = ()
    prepared: dict[str | None, PreparedOperation] = {}

    @property
    def tokens(self) -> int:
        """How many tokens were parsed, comments included."""
        count: int = getattr(self.ast, "token_count", 0)
        return count

    def operation(self, name: str | None) -> OperationDefinitionNode:
        """The operation that is asked for. Raises `RequestError` unless there is exactly one."""
        operations = operations_of(self.ast)
        if name is not None:
            operations = [each for each in operations if each.name and each.name.value == name]
        if len(operations) != 1:
            raise RequestError(
                Condition.UNEXECUTABLE,
                _what_is_missing(len(operations), name),
                ErrorCode.OPERATION_RESOLUTION_FAILURE,
            )
        return operations[0]


class DocumentCache:
    """Parses and validates documents for one schema, and keeps the latest valid ones.

    Without `hints` no message suggests a name that the schema has. `make_execution` is given where
    documents are to be run.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        limits: Limits,
        *,
        hints: bool,
        make_execution: MakeExecution | None = None,
    ) -> None:
        self._schema = schema
        self._make_execution = make_execution
        self._limits = limits
        self._trusted_limits = limits.for_trusted()
        self._hints = hints
        self._rules: tuple[type[ASTValidationRule], ...] = (
            *specified_rules,
            MaybeNullValidationRule,
            OneOfInputValidationRule,
            IdempotentMutations,
        )
        self._kept: LRUCache[str, Document] = LRUCache(
            limits.cached_tokens, getsizeof=lambda document: document.tokens
        )

    def knows(self, text: str) -> bool:
        """Whether a text was found valid lately, so that it costs nothing to prepare."""
        return text in self._kept

    def parse(self, text: str, *, is_trusted: bool = False) -> Document:
        """The document of a text.

        Raises `InvalidOperation` with its syntax error, or for more tokens than its sender may use.
        """
        limits = self._trusted_limits if is_trusted else self._limits
        kept = self._kept.get(text)
        # A long one may have been kept for those who are trusted.
        if kept is not None and kept.tokens <= limits.document_tokens:
            return kept
        try:
            ast = parse(
                text,
                max_lexical_tokens=limits.document_tokens,
                max_comments=limits.document_comments,
            )
        except GraphQLSyntaxError as error:
            if error.message.endswith(_ABORTED):
                condition, code = Condition.OVER_LIMIT, ErrorCode.QUERY_TOO_EXPENSIVE
            else:
                condition, code = Condition.SYNTAX_ERROR, ErrorCode.GRAPHQL_PARSE_FAILED
            raise InvalidOperation(condition, [error], code) from None
        return Document(text, ast, violations(measure(ast), self._limits))

    def validate(self, document: Document) -> Document:
        """The document, checked and kept. Raises `InvalidOperation` with what is wrong."""
        if document.is_valid:
            return document
        kept = self._kept.get(document.text)
        if kept is not None:
            return kept
        self.check(document, self._rules)
        introspection = validate(self._schema, document.ast, [NoSchemaIntrospectionCustomRule])
        valid = Document(
            document.text,
            document.ast,
            document.too_large,
            is_valid=True,
            introspection=introspection[: self._limits.request_errors],
            prepared={},
        )
        if valid.tokens <= self._kept.maxsize:
            self._kept[valid.text] = valid
            while len(self._kept) > self._limits.cached_documents:
                self._kept.popitem()
        return valid

    def prepare(self, document: Document, name: str | None) -> PreparedOperation:
        """The operation of a valid document that is asked for.

        Raises `RequestError` unless there is exactly one.
        """
        known = document.prepared.get(name)
        if known is None:
            node = document.operation(name)
            known = document.prepared[name] = PreparedOperation(
                node,
                plan_price(self._schema, document.ast, node),
                operation_policy(self._schema, document.ast, node),
                may_be_dry_run(document.ast, node),
                self._make_execution(document.ast, node) if self._make_execution else None,
            )
        return known

    def check(self, document: Document, rules: Iterable[type[ASTValidationRule]]) -> None:
        """Checks a document by some rules. Raises `InvalidOperation` with what is wrong."""
        errors = validate(
            self._schema,
            document.ast,
            tuple(rules),
            # Beyond this many graphql-core adds one of its own, which says that there are more.
            max_errors=self._limits.request_errors - 1,
            hide_suggestions=not self._hints,
        )
        self.refuse(errors)

    def refuse(self, errors: Sequence[GraphQLError]) -> None:
        """Raises `InvalidOperation` with what validation found, if it found anything."""
        if errors:
            raise InvalidOperation(
                Condition.UNEXECUTABLE,
                errors if self._hints else map(without_hint, errors),
                ErrorCode.GRAPHQL_VALIDATION_FAILED,
            )


def _what_is_missing(found: int, name: str | None) -> str:
    if name is not None:
        return f"The document has no operation called {name[:100]!r}."
    if found:
        return f"The document has {found} operations: `operationName` must say which one to run."
    return "The document has no operation to run."
