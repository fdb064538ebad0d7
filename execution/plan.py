"""What an operation compiles to: selections of fields, without any values.

    Operation ─> Selection (Query) ─> FieldPlan ─> Selection (Pin), or Branches (Pin | PromotedPin)

A plan belongs to one operation and one choice of what its `@skip` and `@include` leave in. It has
no list indices and no objects: whatever is of one request is in `execution.run.Run`.
"""

from collections.abc import Callable, Mapping, Sequence
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from graphql import (
    FieldNode,
    GraphQLAbstractType,
    GraphQLField,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    get_named_type,
)
from graphql.execution.collect_fields import FieldDetailsList

if TYPE_CHECKING:
    from execution.arguments import Arguments
    from execution.fields import Resolution
    from execution.jobs import Job
    from execution.run import Run

Class: TypeAlias = type[Any]
"""A class of Python; a `type` here is mostly GraphQL's."""

JobType: TypeAlias = "type[Job]"
"""What does a field of a layer."""

Build: TypeAlias = "Callable[[Any, Run], Any]"
"""Makes the completed value of a raw one. What cannot be completed at once leaves a mark."""


CompleteLayer: TypeAlias = "Callable[[Sequence[Any], Sequence[dict[str, Any]], Run], None]"
"""Puts what raw values become under the key of a field, into the result of each object."""


class Level:
    """The type of a field, or of the items of its list, or of their items; without its `!`."""

    __slots__ = ("is_non_null", "type")

    def __init__(self, type: GraphQLOutputType) -> None:
        self.is_non_null = isinstance(type, GraphQLNonNull)
        self.type: GraphQLNamedType | GraphQLList[Any] = (
            type.of_type if isinstance(type, GraphQLNonNull) else type
        )

    @property
    def is_list(self) -> bool:
        """Whether there are items, which the next level describes."""
        return isinstance(self.type, GraphQLList)


def levels_of(type: GraphQLOutputType) -> tuple[Level, ...]:
    """The levels of a type: one for itself, and one for each list that it is."""
    level = Level(type)
    if isinstance(level.type, GraphQLList):
        return (level, *levels_of(level.type.of_type))
    return (level,)


class Place(Enum):
    """When a field is resolved."""

    CONSTANT = auto()
    """Never: it is `__typename`."""
    AT_ONCE = auto()
    """While its object is built, one object after the other."""
    IN_LAYER = auto()
    """For all objects of the layer together, once they are all built."""


class FieldPlan:
    """One response key of one selection: where its values come from, and what they become.

    `parent` is the field that holds the object, None for a root field. `child` is there when the
    named type has fields of its own. `value` makes the completed value for one object, of a field
    that is resolved at once and `execution.fragments.may_vary`.
    """

    __slots__ = (
        "arguments",
        "child",
        "complete_layer",
        "definition",
        "details",
        "key",
        "levels",
        "name",
        "nodes",
        "number",
        "parent",
        "parent_type",
        "place",
        "resolution",
        "value",
    )

    def __init__(
        self,
        number: int,
        key: str,
        details: FieldDetailsList,
        definition: GraphQLField,
        parent_type: GraphQLObjectType,
        parent: "FieldPlan | None",
        resolution: "Resolution",
        arguments: "Arguments | None",
    ) -> None:
        self.number = number
        self.key = key
        self.details = details
        self.nodes: list[FieldNode] = [each.node for each in details]
        self.name = self.nodes[0].name.value
        self.definition = definition
        self.parent_type = parent_type
        self.parent = parent
        self.levels = levels_of(definition.type)
        self.resolution = resolution
        self.place = resolution.place
        self.arguments = arguments
        self.child: Selection | Branches | None = None
        self.complete_layer: CompleteLayer
        self.value: Build

    @property
    def named_type(self) -> GraphQLNamedType:
        """The type of the values, below all lists."""
        named: GraphQLNamedType = get_named_type(self.definition.type)
        return named

    @property
    def path(self) -> Sequence[tuple[str, str]]:
        """The response keys that lead here, each with the type that has it; without indices."""
        before = () if self.parent is None else self.parent.path
        return (*before, (self.key, self.parent_type.name))

    def __repr__(self) -> str:
        """The field, for whoever debugs a plan."""
        return f"<{self.parent_type.name}.{self.name} as {self.key!r}, {self.resolution!r}>"


class Selection:
    """The fields of one concrete type in one place of the operation.

    `jobs` are the fields that wait for the layer, each with the kind of job that does it.
    `accepted` are the classes of Python whose objects are known to be of the type, so that no
    object of them is asked again.
    """

    __slots__ = ("accepted", "build", "fields", "jobs", "number", "type")

    def __init__(self, number: int, type: GraphQLObjectType) -> None:
        self.number = number
        self.type = type
        self.fields: Sequence[FieldPlan] = ()
        self.jobs: Sequence[tuple[JobType, FieldPlan]] = ()
        self.accepted: set[Class] = set()
        self.build: Build

    def __repr__(self) -> str:
        """The selection, for whoever debugs a plan."""
        return f"<{self.type.name}: {', '.join(field.key for field in self.fields)}>"


class Branches:
    """An interface or a union in one place: a selection for each concrete type that was met.

    `builders` are by the class of Python, for those whose class decides the type.
    """

    __slots__ = ("builders", "by_type", "holder", "type")

    def __init__(self, type: GraphQLAbstractType, holder: FieldPlan) -> None:
        self.type = type
        self.holder = holder
        self.by_type: dict[str, Selection] = {}
        self.builders: dict[Class, Build] = {}


NO_ARGUMENTS: Final[Mapping[str, Any]] = {}
"""What a field without arguments is called with."""
