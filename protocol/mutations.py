"""The fields of a mutation that are executed, known before they are.

They are found as the executor finds them: through fragments, each entered once, without what
`@skip` and `@include` leave out, and those of one key in the answer as one.
"""

from collections.abc import Mapping

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
)

from protocol.definitions import fragments_of
from protocol.strict_json import Json
from protocol.variables import ALWAYS, defaults_of, holds, narrowed


def executed_fields(
    document: DocumentNode, operation: OperationDefinitionNode, variables: Mapping[str, Json]
) -> dict[str, str]:
    """The names of a valid mutation's root fields, by their keys in the answer.

    `__typename` is none of them. Linear in the size of what is selected at the root.
    """
    known = {**defaults_of(operation), **variables}
    fragments = fragments_of(document)
    found: dict[str, str] = {}
    entered: set[str] = set()
    pending = [operation.selection_set]
    while pending:
        for selection in pending.pop().selections:
            condition = narrowed(ALWAYS, selection)
            if condition is None or not holds(condition, known):
                continue
            match selection:
                case FieldNode(name=name, alias=alias):
                    if not name.value.startswith("__"):
                        found[(alias or name).value] = name.value
                case InlineFragmentNode(selection_set=inside):
                    pending.append(inside)
                case FragmentSpreadNode(name=name) if name.value not in entered:
                    entered.add(name.value)
                    pending.append(fragments[name.value].selection_set)
    return found
