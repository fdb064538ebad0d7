"""The key that makes a mutation happen once, however often it is sent (DOMAIN b.3).

A client makes up a key for each thing that its user does, and sends it again with each attempt: in
the directive `@idempotent(key:)` on the field of the mutation, or, where it cannot write one, in
the header `Idempotency-Key`. The directive belongs to one field; the header to the whole request,
which may then have one field of `Mutation` only.

The directive is a plain one of graphql-core. One of Strawberry's would bring an extension that
wraps every resolver of every operation.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from typing import Any, Final, Protocol, TypeVar

import strawberry
from graphql import (
    ArgumentNode,
    ASTValidationRule,
    DirectiveLocation,
    DirectiveNode,
    FieldNode,
    GraphQLArgument,
    GraphQLDirective,
    GraphQLError,
    GraphQLNonNull,
    GraphQLSchema,
    GraphQLString,
    StringValueNode,
    ValidationContext,
    VariableNode,
)

from domain.errors import BadUserInput
from protocol.errors import RequestError
from protocol.incoming import Incoming
from protocol.status import Condition

HEADER: Final = "Idempotency-Key"
"""Its name, as the HTTP working group's draft has it."""

LONGEST_KEY: Final = 128

_NAME: Final = HEADER.lower().encode()
_VISIBLE: Final = re.compile(r"[!-~]+")
_QUOTED: Final = re.compile(r'"(?:[ !#-\[\]-~]|\\["\\])*"')
_ESCAPE: Final = re.compile(r"\\(.)")

_RULE: Final = f"1 to {LONGEST_KEY} visible ASCII characters; a UUID is best"

IDEMPOTENT: Final = GraphQLDirective(
    "idempotent",
    [DirectiveLocation.FIELD],
    {
        "key": GraphQLArgument(
            GraphQLNonNull(GraphQLString),
            description=f"Made up once for what the user did, and sent with each attempt: {_RULE}.",
        )
    },
    description="On a field of a mutation: what is sent again with the same key and the same input "
    "within a day is done once, and gets the first answer again.",
)
"""`@idempotent`."""


def declare_idempotent(schema: GraphQLSchema) -> None:
    """Gives a schema the directive."""
    schema.directives = (*schema.directives, IDEMPOTENT)


class KeyedContext(Protocol):
    """What resolvers get, as far as this module reads it."""

    @property
    def idempotency_key(self) -> str | None:
        """The key of the request's header."""


C = TypeVar("C", bound=KeyedContext)


def idempotency_key(info: strawberry.Info[C, Any]) -> str | None:
    """The key under which the field of a mutation is to happen once; None if it has none.

    Raises `BadUserInput` for a key that is none, or for two that differ.
    """
    given = set(_directive_keys(info))
    if info.context.idempotency_key is not None:
        given.add(info.context.idempotency_key)
    if len(given) > 1:
        raise BadUserInput(
            "A field may have one idempotency key; its directives and the header "
            f"{HEADER} have {len(given)} that differ."
        )
    return given.pop() if given else None


def header_key(request: Incoming) -> str | None:
    """The key in a request's header: bare, or in quotes as the draft has it.

    Raises `RequestError` with 400 for one that is none, and for several.
    """
    values = request.headers.all(_NAME)
    if not values:
        return None
    if len(values) > 1:
        raise RequestError(
            Condition.MALFORMED, f"There may be one {HEADER} header; there were {len(values)}."
        )
    try:
        return _checked(_unquoted(values[0]))
    except BadUserInput as error:
        raise RequestError(Condition.MALFORMED, f"{HEADER}: {error}") from None


def check_header(key: str | None, fields: Collection[str]) -> None:
    """Raises `RequestError` with 400 when a header's key would be of several fields of a mutation.

    `fields` are those that are executed, by the keys of their answers.
    """
    if key is not None and len(fields) > 1:
        raise RequestError(
            Condition.MALFORMED,
            f"The header {HEADER} goes with a mutation of one field; this one has {len(fields)}. "
            f"Give each its own key with @{IDEMPOTENT.name}.",
        )


class IdempotentMutations(ASTValidationRule):
    """`@idempotent` stands on fields of the mutation type only: nothing else happens twice."""

    context: ValidationContext

    def enter_field(self, node: FieldNode, *_: object) -> None:
        """Looks at the directives of a field."""
        directive = _directive(node)
        if directive is None:
            return
        parent = self.context.get_parent_type()
        if parent is not None and parent is not self.context.schema.mutation_type:
            self.report_error(
                GraphQLError(
                    f"Directive '@{IDEMPOTENT.name}' belongs on a field of a mutation; "
                    f"'{node.name.value}' is a field of '{parent.name}'.",
                    directive,
                )
            )


def _directive_keys(info: strawberry.Info[C, Any]) -> Iterator[str]:
    """The keys of the directives on a field: it may be selected more than once."""
    for node in info._raw_info.field_nodes:
        for argument in _arguments(_directive(node)):
            match argument.value:
                case StringValueNode(value=key):
                    yield _checked(key)
                case VariableNode(name=name):
                    yield _checked(info.variable_values.get(name.value))


def _directive(node: FieldNode) -> DirectiveNode | None:
    for each in node.directives or ():
        if each.name.value == IDEMPOTENT.name:
            return each
    return None


def _arguments(directive: DirectiveNode | None) -> Sequence[ArgumentNode]:
    return (directive and directive.arguments) or ()


def _unquoted(value: str) -> str:
    """The text of a structured field string; any other value as it is."""
    if _QUOTED.fullmatch(value):
        return _ESCAPE.sub(r"\1", value[1:-1])
    if value.startswith('"'):
        raise BadUserInput("A quoted key must be one string, with nothing before or after it.")
    return value


def _checked(key: str | None) -> str:
    if key is None or len(key) > LONGEST_KEY or not _VISIBLE.fullmatch(key):
        came = "null" if key is None else f"{len(key)} characters"
        raise BadUserInput(f"An idempotency key is {_RULE}. It was {came}.")
    return key
