"""Makes a failing query smaller, a selection, a directive or an argument at a time."""

from collections.abc import Awaitable, Callable, Iterator

from graphql import (
    REMOVE,
    ArgumentNode,
    DirectiveNode,
    DocumentNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    Node,
    SelectionNode,
    VariableDefinitionNode,
    VariableNode,
    Visitor,
    parse,
    print_ast,
    validate,
    visit,
)

from tests.execution.random_queries import Query

_REMOVABLE = (SelectionNode, DirectiveNode, ArgumentNode)


async def shrink(
    schema: GraphQLSchema, query: Query, fails: Callable[[Query], Awaitable[bool]]
) -> Query:
    """A query that still fails, and from which nothing can be taken."""
    smallest = query
    has_changed = True
    while has_changed:
        has_changed = False
        for text in _smaller(smallest.text):
            # An empty selection set parses, and selects nothing.
            if "{}" in text or validate(schema, parse(text)):
                continue
            names = {each.name.value for each in _variables(parse(text))}
            variables = [{k: v for k, v in each.items() if k in names} for each in query.variables]
            if await fails(Query(text, variables)):
                smallest = Query(text, variables)
                has_changed = True
                break
    for each in smallest.variables:
        if await fails(Query(smallest.text, [each])):
            return Query(smallest.text, [each])
    return smallest


def _smaller(text: str) -> Iterator[str]:
    count = _Taking(-1)
    visit(parse(text), count)
    for index in range(count.seen):
        document = visit(parse(text), _Taking(index))
        yield print_ast(_without_unused(document))


class _Taking(Visitor):
    """Takes away the removable node of some index."""

    def __init__(self, index: int) -> None:
        super().__init__()
        self.index = index
        self.seen = 0

    def enter(self, node: Node, *_args: object) -> object:
        """Called for each node."""
        if not isinstance(node, _REMOVABLE):
            return None
        self.seen += 1
        return REMOVE if self.seen == self.index + 1 else None


def _variables(document: DocumentNode) -> list[VariableNode]:
    return _Names(document, VariableNode).nodes


class _Names(Visitor):
    """All nodes of a class, but in the definitions of variables."""

    def __init__(self, document: DocumentNode, kind: type[Node]) -> None:
        super().__init__()
        self.kind = kind
        self.nodes: list[VariableNode] = []
        visit(document, self)

    def enter(self, node: Node, *_args: object) -> object:
        """Called for each node."""
        if isinstance(node, self.kind):
            self.nodes.append(node)  # type: ignore[arg-type]
        return False if isinstance(node, VariableDefinitionNode) else None


def _without_unused(document: DocumentNode) -> DocumentNode:
    """The document without fragments that are not spread and variables that are not used."""
    for _ in range(9):
        used = {each.name.value for each in _Names(document, FragmentSpreadNode).nodes}
        document = DocumentNode(
            definitions=tuple(
                each
                for each in document.definitions
                if not isinstance(each, FragmentDefinitionNode) or each.name.value in used
            )
        )
    names = {each.name.value for each in _variables(document)}

    class Unused(Visitor):
        def enter_variable_definition(self, node: VariableDefinitionNode, *_args: object) -> object:
            return None if node.variable.name.value in names else REMOVE

    smaller: DocumentNode = visit(document, Unused())
    return smaller
