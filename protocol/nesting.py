"""How deep an operation may be nested: a validation rule.

Strawberry's limiter walks a fragment wherever it is spread, so that time doubles with each level of
fragments (RELIABILITY, trap 1). This one goes through an operation level by level and enters a
fragment once a level: never more work than the document's size times the limit.
"""

from collections.abc import Iterator
from typing import Any

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValidationContext,
    ValidationRule,
)


def nesting_rule(most_levels: int) -> type[ValidationRule]:
    """A rule that allows so many selection sets inside each other; fragments are no level."""

    class NestingRule(ValidationRule):
        def enter_operation_definition(self, node: OperationDefinitionNode, *_: Any) -> None:
            if _is_deeper(node, most_levels, self.context):
                message = f"The operation is nested more than {most_levels} levels deep."
                self.report_error(GraphQLError(message, node))

    return NestingRule


def _is_deeper(
    operation: OperationDefinitionNode, most_levels: int, context: ValidationContext
) -> bool:
    level = [operation.selection_set]
    for _ in range(most_levels):
        level = list(_next_level(level, context))
        if not level:
            return False
    return True


def _next_level(
    level: list[SelectionSetNode], context: ValidationContext
) -> Iterator[SelectionSetNode]:
    """The selection sets of all fields of a level, those in fragments too."""
    pending = list(level)
    entered = set()
    while pending:
        for selection in pending.pop().selections:
            match selection:
                case FieldNode(selection_set=SelectionSetNode() as inner):
                    yield inner
                case InlineFragmentNode(selection_set=inner):
                    pending.append(inner)
                case FragmentSpreadNode(name=name) if name.value not in entered:
                    entered.add(name.value)
                    fragment = context.get_fragment(name.value)
                    if fragment is not None:
                        pending.append(fragment.selection_set)
