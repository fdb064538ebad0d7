"""Operations that ask for their price alone: `rateLimit(dryRun: true)` at the root of a query.

Nothing else of such a query is executed. Its other root fields are null in the answer, in their
places, so that a client reads it as it reads any answer; what begins with two underscores is
answered, for it is about the schema, and has no null.

Whether a document may be a dry run is known once it is prepared. Whether it is one now may depend
on its variables, through `$dryRun`, `@skip` or `@include`: so the root is collected as it is for
execution, and a document with what is to be executed takes the place of the whole.
"""

from collections.abc import Collection, Mapping
from typing import Any, Final

import msgspec
from graphql import (
    BooleanValueNode,
    DocumentNode,
    FieldNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionNode,
    SelectionSetNode,
    get_argument_values,
    get_variable_values,
)
from graphql.execution.collect_fields import FieldDetails, FragmentDetails, collect_fields
from graphql.execution.values import VariableValues

from protocol.definitions import fragments_of

FIELD: Final = "rateLimit"
ARGUMENT: Final = "dryRun"


class DryRun(msgspec.Struct, frozen=True):
    """What is executed in place of a query: `document`. `keys` are those of the whole answer."""

    document: DocumentNode
    keys: tuple[str, ...]

    def complete(self, data: Mapping[str, Any] | None) -> dict[str, Any] | None:
        """The data of the whole query: null for what was not executed."""
        return None if data is None else {key: data.get(key) for key in self.keys}


def may_be_dry_run(document: DocumentNode, operation: OperationDefinitionNode) -> bool:
    """Whether some variables make a dry run of an operation.

    Enters each fragment once: linear in the size of the document.
    """
    if operation.operation is not OperationType.QUERY:
        return False
    fragments = fragments_of(document)
    entered: set[str] = set()
    remaining: list[SelectionNode] = [*operation.selection_set.selections]
    while remaining:
        node = remaining.pop()
        if isinstance(node, FieldNode):
            if node.name.value == FIELD and _may_ask(node):
                return True
        elif isinstance(node, InlineFragmentNode):
            remaining.extend(node.selection_set.selections)
        elif isinstance(node, FragmentSpreadNode) and node.name.value not in entered:
            entered.add(node.name.value)
            fragment = fragments.get(node.name.value)
            remaining.extend(fragment.selection_set.selections if fragment else ())
    return False


def dry_run(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: Mapping[str, Any] | None,
) -> DryRun | None:
    """What to execute of a valid operation that `may_be_dry_run`, when it is one.

    None for one that is not, and for variables that do not fit: what is wrong with them is said
    where the operation is executed. `variables` are as the client sent them.
    """
    root = schema.query_type
    values = get_variable_values(
        schema, operation.variable_definitions or (), dict(variables or {}), max_errors=1
    )
    if root is None or not isinstance(values, VariableValues):
        return None
    fragments = {name: FragmentDetails(each) for name, each in fragments_of(document).items()}
    try:
        collected = collect_fields(schema, fragments, values, root, operation).grouped_field_set
        asks = any(_asks(root, field, values) for fields in collected.values() for field in fields)
    except GraphQLError:
        return None
    if not asks:
        return None
    kept = [
        field.node for fields in collected.values() for field in fields if _is_executed(field.node)
    ]
    return DryRun(_reduced(document, operation, kept), tuple(collected))


def _reduced(
    document: DocumentNode, operation: OperationDefinitionNode, fields: Collection[FieldNode]
) -> DocumentNode:
    """The document with no more than some fields at the root of an operation."""
    reduced = OperationDefinitionNode(
        operation=operation.operation,
        name=operation.name,
        variable_definitions=operation.variable_definitions,
        directives=operation.directives,
        selection_set=SelectionSetNode(selections=tuple(fields)),
        loc=operation.loc,
    )
    definitions = tuple(reduced if each is operation else each for each in document.definitions)
    return DocumentNode(definitions=definitions, loc=document.loc)


def _may_ask(node: FieldNode) -> bool:
    """Whether some variables make a `rateLimit` ask for a dry run."""
    return any(
        argument.name.value == ARGUMENT
        and not (isinstance(argument.value, BooleanValueNode) and not argument.value.value)
        for argument in node.arguments or ()
    )


def _asks(root: GraphQLObjectType, field: FieldDetails, values: VariableValues) -> bool:
    node = field.node
    return (
        node.name.value == FIELD
        and get_argument_values(root.fields[FIELD], node, values).get(ARGUMENT) is True
    )


def _is_executed(node: FieldNode) -> bool:
    return node.name.value == FIELD or node.name.value.startswith("__")
