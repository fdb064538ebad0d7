"""A document's operation, and a plan for each choice of what `@skip` and `@include` leave in."""

from collections.abc import Iterable, Mapping
from typing import Final

from graphql import (
    BooleanValueNode,
    DirectiveNode,
    GraphQLSchema,
    Node,
    OperationDefinitionNode,
    VariableNode,
    Visitor,
    visit,
)
from graphql.execution.collect_fields import FragmentDetails
from graphql.execution.values import VariableValues

from execution.compiling import Compiler, Unsupported
from execution.plan import Selection

MOST_PLANS: Final = 32
"""Choices of one operation that are compiled; more are no operation of any app."""

_IN_PARTS: Final = frozenset({"defer", "stream"})
_CHOICES: Final = frozenset({"skip", "include"})
_WITHOUT_PROPAGATION: Final = "experimental_disableErrorPropagation"


class Plan:
    """A compiled choice of an operation: its root selections, one each where they are serial."""

    __slots__ = ("is_serial", "roots", "schema")

    def __init__(self, schema: GraphQLSchema, *, is_serial: bool) -> None:
        self.schema = schema
        self.is_serial = is_serial
        self.roots: list[Selection] = []


class CompiledOperation:
    """An operation and its plans.

    Raises `Unsupported` for what is better left to graphql-core, when it is made or asked for a
    plan.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        operation: OperationDefinitionNode,
        fragments: Mapping[str, FragmentDetails],
        *,
        writes_source: bool = True,
    ) -> None:
        self._schema = schema
        self._operation = operation
        self._fragments = fragments
        self._writes_source = writes_source
        if any(each.variable_signatures for each in fragments.values()):
            raise Unsupported("fragment_variables")
        self._choices = _choices([operation, *(each.definition for each in fragments.values())])
        self._plans: dict[tuple[bool, tuple[object, ...]], Plan] = {}

    def plan(self, variables: VariableValues, *, is_serial: bool) -> Plan:
        """The plan for some variables, compiled when it is new."""
        values = variables.coerced
        chosen = tuple([values.get(name) for name in self._choices])
        known = self._plans.get((is_serial, chosen))
        if known is not None:
            return known
        if not all(isinstance(each, bool) for each in chosen):
            raise Unsupported("no_choice")  # graphql-core has an error for it
        if len(self._plans) >= MOST_PLANS:
            raise Unsupported("many_choices")
        plan = self._plans[is_serial, chosen] = self._compiled(variables, is_serial=is_serial)
        return plan

    def _compiled(self, variables: VariableValues, *, is_serial: bool) -> Plan:
        root_type = self._schema.get_root_type(self._operation.operation)
        if root_type is None:
            raise Unsupported("no_root_type")
        plan = Plan(self._schema, is_serial=is_serial)
        compiler = Compiler(
            plan,
            self._operation,
            self._fragments,
            self._chosen(variables),
            writes_source=self._writes_source,
        )
        try:
            plan.roots = compiler.roots(root_type, each=is_serial)
        except RecursionError:
            raise Unsupported("nesting") from None
        return plan

    def _chosen(self, variables: VariableValues) -> VariableValues:
        """The variables that choose: a plan keeps nothing else of its first request."""
        return VariableValues(
            {name: variables.sources[name] for name in self._choices},
            {name: variables.coerced[name] for name in self._choices},
        )


def _choices(nodes: Iterable[Node]) -> tuple[str, ...]:
    """The variables that `@skip` and `@include` ask. Raises `Unsupported` for other directives."""
    found = _Directives()
    for node in nodes:
        visit(node, found)
    return tuple(sorted(found.choices))


class _Directives(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.choices: set[str] = set()

    def enter_directive(self, node: DirectiveNode, *_: object) -> None:
        """Looks at what a directive is about."""
        name = node.name.value
        if name in _IN_PARTS:
            raise Unsupported("in_parts")
        if name == _WITHOUT_PROPAGATION:
            raise Unsupported("error_propagation")
        if name in _CHOICES:
            for argument in node.arguments or ():
                if isinstance(argument.value, VariableNode):
                    self.choices.add(argument.value.name.value)
                elif not isinstance(argument.value, BooleanValueNode):
                    raise Unsupported("no_choice")
            if not node.arguments:
                raise Unsupported("no_choice")
