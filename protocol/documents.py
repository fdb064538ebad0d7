"""Documents, parsed and validated once each, and kept by the hash of their text.

This is also the seam for persisted operations: they are documents that are found by hash.
"""

from collections import OrderedDict
from collections.abc import Iterable
from hashlib import sha256

import msgspec
from graphql import (
    ASTValidationRule,
    DocumentNode,
    GraphQLSchema,
    GraphQLSyntaxError,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    parse,
    specified_rules,
    validate,
)
from graphql.validation.rules import overlapping_fields_can_be_merged
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from domain.errors import ErrorCode
from protocol.errors import InvalidOperation, RequestError, without_hint
from protocol.limits import Limits
from protocol.nesting import nesting_rule
from protocol.status import Condition

# Comparing fields that may be merged is quadratic at worst. The default of 500,000 steps blocks the
# event loop for a second (RELIABILITY, trap 1); no real document comes near a tenth of that.
overlapping_fields_can_be_merged.MAX_COMPLEXITY_BUDGET = 50_000

_ABORTED = "Parsing aborted."
"""How graphql-core ends the message of a limit that a document exceeds while it is parsed."""


class Document(msgspec.Struct, frozen=True):
    """A document that parsed. `digest` is the SHA-256 of its text."""

    digest: bytes
    ast: DocumentNode

    @property
    def tokens(self) -> int:
        """How many tokens were parsed, comments included."""
        count: int = getattr(self.ast, "token_count", 0)
        return count

    def operation(self, name: str | None) -> OperationDefinitionNode:
        """The operation that is asked for. Raises `RequestError` unless there is exactly one."""
        operations = [
            each for each in self.ast.definitions if isinstance(each, OperationDefinitionNode)
        ]
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

    Without `hints` no message suggests a name that the schema has.
    """

    def __init__(
        self, schema: GraphQLSchema, limits: Limits, *, introspection: bool, hints: bool
    ) -> None:
        self._schema = schema
        self._limits = limits
        self._hints = hints
        self._rules: tuple[type[ASTValidationRule], ...] = (
            nesting_rule(limits.document_depth),
            *specified_rules,
            MaybeNullValidationRule,
            OneOfInputValidationRule,
            *(() if introspection else (NoSchemaIntrospectionCustomRule,)),
        )
        self._kept: OrderedDict[bytes, Document] = OrderedDict()
        self._kept_tokens = 0

    def parse(self, text: str) -> Document:
        """The document of a text. Raises `InvalidOperation` with its syntax error."""
        digest = sha256(text.encode()).digest()
        kept = self._kept.get(digest)
        if kept is not None:
            self._kept.move_to_end(digest)
            return kept
        try:
            ast = parse(
                text,
                max_lexical_tokens=self._limits.document_tokens,
                max_comments=self._limits.document_comments,
            )
        except GraphQLSyntaxError as error:
            is_limit = error.message.endswith(_ABORTED)
            condition = Condition.OVER_LIMIT if is_limit else Condition.SYNTAX_ERROR
            raise InvalidOperation(condition, [error], ErrorCode.GRAPHQL_PARSE_FAILED) from None
        return Document(digest, ast)

    def validate(self, document: Document) -> None:
        """Checks a document and keeps it. Raises `InvalidOperation` with what is wrong."""
        if document.digest in self._kept:
            return
        self.check(document, self._rules)
        self._keep(document)

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
        if errors:
            raise InvalidOperation(
                Condition.UNEXECUTABLE,
                errors if self._hints else map(without_hint, errors),
                ErrorCode.GRAPHQL_VALIDATION_FAILED,
            )

    def _keep(self, document: Document) -> None:
        self._kept[document.digest] = document
        self._kept_tokens += document.tokens
        while (
            len(self._kept) > self._limits.cached_documents
            or self._kept_tokens > self._limits.cached_tokens
        ):
            _, oldest = self._kept.popitem(last=False)
            self._kept_tokens -= oldest.tokens


def _what_is_missing(found: int, name: str | None) -> str:
    if name is not None:
        return f"The document has no operation called {name[:100]!r}."
    if found:
        return f"The document has {found} operations: `operationName` must say which one to run."
    return "The document has no operation to run."
