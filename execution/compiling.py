"""Selection sets to plans: graphql-core collects the fields, and each finds how it is resolved.

So what fragments, aliases, type conditions, `@skip` and `@include` mean is graphql-core's to say.
A concrete type behind an interface or a union is compiled when the first object of it is met.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from graphql import (
    GraphQLField,
    GraphQLObjectType,
    OperationDefinitionNode,
    is_abstract_type,
    is_object_type,
)
from graphql.execution.collect_fields import (
    FieldDetailsList,
    FragmentDetails,
    GroupedFieldSet,
    collect_fields,
    collect_subfields,
)
from graphql.execution.values import VariableValues

from execution.arguments import Arguments, Convert
from execution.fields import Resolution, resolution_of, strawberry_field
from execution.interpreting import Interpreter
from execution.jobs import JOBS
from execution.plan import Branches, FieldPlan, Place, Selection
from execution.source import SourceWriter

if TYPE_CHECKING:
    from execution.operations import Plan


class Unsupported(Exception):
    """An operation that runs on graphql-core, for a `reason` of one word."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Compiler:
    """Compiles one plan, and later the branches of it that are met.

    `choices` are the values of the variables that `@skip` and `@include` ask, and of no others.
    """

    def __init__(
        self,
        plan: "Plan",
        operation: OperationDefinitionNode,
        fragments: Mapping[str, FragmentDetails],
        choices: VariableValues,
        *,
        writes_source: bool,
    ) -> None:
        self._schema = plan.schema
        self._operation = operation
        self._fragments = dict(fragments)
        self._choices = choices
        self._numbers = 0
        self._selections = 0
        name = operation.name.value if operation.name else "without a name"
        writer = SourceWriter if writes_source else Interpreter
        self._writer: SourceWriter | Interpreter = writer(plan.schema, name, self.branch)

    def roots(self, root_type: GraphQLObjectType, *, each: bool) -> list[Selection]:
        """The root selection, or one for `each` of its fields. Raises `Unsupported`."""
        collected = collect_fields(
            self._schema, self._fragments, self._choices, root_type, self._operation
        )
        fields = collected.grouped_field_set
        groups = [{key: details} for key, details in fields.items()] if each else [fields]
        return [self._selection(root_type, group, None) for group in groups]

    def branch(self, branches: Branches, type: GraphQLObjectType) -> Selection:
        """The selection of one type behind an interface or a union."""
        known = branches.by_type.get(type.name)
        if known is None:
            known = branches.by_type[type.name] = self._subselection(type, branches.holder)
        return known

    def _subselection(self, type: GraphQLObjectType, holder: FieldPlan) -> Selection:
        collected = collect_subfields(
            self._schema, self._fragments, self._choices, self._operation, type, holder.details
        )
        return self._selection(type, collected.grouped_field_set, holder)

    def _selection(
        self, type: GraphQLObjectType, fields: GroupedFieldSet, holder: FieldPlan | None
    ) -> Selection:
        self._selections += 1
        selection = Selection(self._selections, type)
        planned = [self._field(type, key, details, holder) for key, details in fields.items()]
        selection.fields = [field for field in planned if field is not None]
        selection.jobs = [
            (JOBS[field.resolution.how], field)
            for field in selection.fields
            if field.place is Place.IN_LAYER
        ]
        self._writer.selection(selection)
        return selection

    def _field(
        self,
        type: GraphQLObjectType,
        key: str,
        details: FieldDetailsList,
        parent: FieldPlan | None,
    ) -> FieldPlan | None:
        """A field's plan; None for one that its type lacks, which nobody but validation forbids."""
        name = details[0].node.name.value
        if parent is None and name in ("__schema", "__type"):
            raise Unsupported("introspection")
        definition = self._schema.get_field(type, name)
        if definition is None:
            return None
        self._numbers += 1
        resolution = resolution_of(name, definition)
        field = FieldPlan(
            self._numbers,
            key,
            details,
            definition,
            type,
            parent,
            resolution,
            self._arguments(definition, details, resolution),
        )
        named = field.named_type
        if is_object_type(named):
            field.child = self._subselection(named, field)
        elif is_abstract_type(named):
            field.child = Branches(named, field)
        return field

    def _arguments(
        self, definition: GraphQLField, details: FieldDetailsList, resolution: Resolution
    ) -> Arguments | None:
        node = details[0].node
        if not definition.args and not node.arguments:
            return None
        return Arguments(definition, node, self._operation, self._convert(definition, resolution))

    def _convert(self, definition: GraphQLField, resolution: Resolution) -> Convert | None:
        field = strawberry_field(definition)
        if field is None or resolution.declaration is None:
            return None
        return Convert(field, resolution.declaration, self._schema._strawberry_schema)  # type: ignore[attr-defined]  # put there by Strawberry
