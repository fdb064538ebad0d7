"""What an operation asks for, in points, before it is executed (DOMAIN g.13).

The schema says what a field costs and how many items it gives: `Cost` and `ListSize`. From that
each operation has a plan, made once, and from the plan a price with each request's variables. It is
the price of what is asked for: a page costs its length, however little is found.

- An object costs 1, a leaf nothing, a field of a mutation 10, unless its `Cost` has a weight.
- A list costs its items. A connection costs itself, and as many items as its arguments ask for;
  its edges and `pageInfo` are wrappers and free, and so is introspection.
- Of an interface or union the dearest type counts, since each object is of one type only.
- What `@skip` and `@include` leave out does not count.
- A fragment counts once in a selection, in whatever ways it got there, as when it is executed.
  Other fields that the executor merges count each time: the price is an upper bound.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

import msgspec
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
    is_abstract_type,
    is_composite_type,
    is_list_type,
    is_object_type,
    is_wrapping_type,
)
from strawberry.schema.schema_converter import GraphQLCoreConverter

from protocol.definitions import fragments_of
from protocol.ordering import children_first
from protocol.strict_json import Json
from protocol.variables import ALWAYS, Condition, Size, Variables, defaults_of, holds, narrowed

MUTATION_WEIGHT: Final = 10
"""What a field of a mutation costs: it writes."""

UNDECLARED_SIZE: Final = 10
"""How many items a list is taken to have whose size nobody declared."""

CEILING: Final = 2**53
"""Where prices end: fragments multiply, and beyond this not every client reads an integer."""


class ListSize(msgspec.Struct, frozen=True):
    """How many items a field gives.

    The largest of the `arguments` that are given says so: an integer by its value, a list by its
    length. Without any it is `assumed`. `fields` are the fields of a connection that hold its
    items; none are named when the field is the list itself.
    """

    assumed: int
    arguments: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()


class Cost(msgspec.Struct, frozen=True):
    """What a field costs: its `weight` for itself, and how many times its selection is resolved.

    Without a weight it is 1 for an object, 0 for a leaf and 10 for a mutation.
    """

    weight: int | None = None
    size: ListSize | None = None


class Price(msgspec.Struct, frozen=True):
    """What an operation asks for: `cost` in points, and how many objects its answer may hold.

    Connections, their edges and `pageInfo` are not among the `nodes`. Neither number is larger
    than `CEILING`.
    """

    cost: int
    nodes: int


def cost_of(element: GraphQLField) -> Cost:
    """What a field of a Strawberry schema declares; nothing at all if it has no `cost`."""
    definition = element.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    cost = getattr(definition, "metadata", {}).get("cost")
    return cost if isinstance(cost, Cost) else Cost()


class PricePlan:
    """What is known of an operation's price before its variables: all that they do not change."""

    def __init__(
        self, root: "_Level | None", open_levels: "list[_Level]", defaults: Variables
    ) -> None:
        self._root = root
        self._open = open_levels
        self._defaults = defaults

    def price(self, variables: Mapping[str, Json]) -> Price:
        """The price with variables as the client sent them."""
        if self._root is None:
            return _FREE
        known = _Known({**self._defaults, **variables})
        for level in self._open:
            known.totals[level] = level.total(known)
        total = known.total(self._root)
        return Price(min(total.cost, CEILING), min(total.nodes, CEILING))


def plan_price(
    schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode
) -> PricePlan:
    """The plan of an operation of a valid document.

    Reads each selection once for each type that it may be of, and adds up the fragments in it: the
    time grows as the document does, times the types and the fragments that one selection has.
    """
    defaults = defaults_of(operation)
    root_type = schema.get_root_type(operation.operation)
    if root_type is None:
        return PricePlan(None, [], defaults)
    planner = _Planner(schema, document)
    root = planner.level(operation.selection_set, root_type, ())
    open_levels = []
    for level in children_first([root], planner.open):
        level.close()
        if level.known is None:
            open_levels.append(level)
    return PricePlan(root, open_levels, defaults)


_FREE: Final = Price(0, 0)
_OBJECT: Final = Price(1, 1)
_CONNECTION: Final = Price(1, 0)


@dataclass(slots=True)
class _Total:
    """What a selection asks for: of each object, and once more for each item of a page."""

    cost: int = 0
    nodes: int = 0
    item_cost: int = 0
    item_nodes: int = 0

    def add(self, other: "_Total") -> None:
        """Adds what another selection of the same object asks for."""
        self.cost += other.cost
        self.nodes += other.nodes
        self.item_cost += other.item_cost
        self.item_nodes += other.item_nodes

    def add_field(self, price: Price, *, is_item: bool) -> None:
        """Adds a field, which may be of each item."""
        if is_item:
            self.item_cost += price.cost
            self.item_nodes += price.nodes
        else:
            self.cost += price.cost
            self.nodes += price.nodes


_NOTHING: Final = _Total()


class _Known:
    """What is known while a price is made: the variables, and the totals that depend on them."""

    def __init__(self, variables: Variables) -> None:
        self.variables = variables
        self.totals: dict[_Level, _Total] = {}

    def total(self, level: "_Level") -> _Total:
        """The total of a level whose turn has come."""
        return level.known or self.totals.get(level, _NOTHING)


class _PricedField(msgspec.Struct, frozen=True):
    """A field in a selection.

    It costs `once` for itself, and `copies` times an `item` with its selection, which is one of
    `levels`: one for each type that the item may be of. `page` is how many items a connection has.
    """

    condition: Condition
    is_item: bool
    once: Price
    item: Price
    copies: Size
    page: Size
    levels: tuple["_Level", ...]

    @property
    def is_known(self) -> bool:
        """Whether its price depends on no variable."""
        return (
            not self.condition
            and self.copies.is_known
            and self.page.is_known
            and all(level.known for level in self.levels)
        )

    def price(self, known: _Known) -> Price:
        """The price of each parent."""
        page = self.page.count(known.variables)
        copies = self.copies.count(known.variables)
        cost = nodes = 0
        for level in self.levels:
            total = known.total(level)
            cost = max(cost, total.cost + total.item_cost * page)
            nodes = max(nodes, total.nodes + total.item_nodes * page)
        return Price(
            self.once.cost + (self.item.cost + cost) * copies,
            self.once.nodes + (self.item.nodes + nodes) * copies,
        )


@dataclass(slots=True, eq=False)
class _Level:
    """A selection on one type: of an operation, a field or a fragment.

    `items` are the fields that a page multiplies. `sum` is what depends on no variable, `fields`
    those that do. `known` is the total if nothing does. That of a fragment is without the fragments
    in it, which each selection adds up for itself, so that none counts twice.
    """

    selections: SelectionSetNode
    type_: GraphQLObjectType
    items: tuple[str, ...]
    is_fragment: bool
    sum: _Total = field(default_factory=_Total)
    fields: list[_PricedField] = field(default_factory=list)
    spreads: dict[tuple[Condition, "_Level"], None] = field(default_factory=dict)
    known: _Total | None = None

    def children(self) -> Iterator["_Level"]:
        """The selections inside, and the fragments beside."""
        for each in self.fields:
            yield from each.levels
        for _, fragment in self.spreads:
            yield fragment

    def close(self) -> None:
        """Adds up what depends on no variable; all children have been closed before."""
        nothing = _Known({})
        open_fields = []
        for each in self.fields:
            if each.is_known:
                self.sum.add_field(each.price(nothing), is_item=each.is_item)
            else:
                open_fields.append(each)
        self.fields = open_fields
        if not open_fields and all(
            not condition and fragment.known for condition, fragment in self.spreads
        ):
            self.known = self.total(nothing)

    def total(self, known: _Known) -> _Total:
        """What it asks for of an object."""
        total = _Total()
        total.add(self.sum)
        for each in self.fields:
            if holds(each.condition, known.variables):
                total.add_field(each.price(known), is_item=each.is_item)
        if not self.is_fragment:
            for fragment in self._fragments(known.variables):
                total.add(known.total(fragment))
        return total

    def _fragments(self, variables: Variables) -> "Iterable[_Level]":
        """The fragments in it, also those in others, once each."""
        pending = list(self.spreads)
        found: set[_Level] = set()
        while pending:
            condition, fragment = pending.pop()
            if fragment not in found and holds(condition, variables):
                found.add(fragment)
                pending.extend(fragment.spreads)
        return found


class _Planner:
    """Finds the levels of an operation: each selection once for each type it may be of."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode) -> None:
        self._schema = schema
        self._fragments = fragments_of(document)
        self._levels: dict[tuple[int, str, tuple[str, ...]], _Level] = {}

    def level(
        self,
        selections: SelectionSetNode,
        type_: GraphQLObjectType,
        items: tuple[str, ...],
        *,
        is_fragment: bool = False,
    ) -> _Level:
        """The level of a selection on a type, whose fields named in `items` a page multiplies."""
        key = (id(selections), type_.name, items)
        level = self._levels.get(key)
        if level is None:
            level = self._levels[key] = _Level(selections, type_, items, is_fragment)
        return level

    def open(self, level: _Level) -> Iterator[_Level]:
        """Reads the selection of a level; gives the levels that it needs."""
        pending = [(level.selections, ALWAYS)]
        while pending:
            selections, outer = pending.pop()
            for selection in selections.selections:
                condition = narrowed(outer, selection)
                if condition is None:
                    continue
                match selection:
                    case FieldNode():
                        level.fields.extend(self._field(level, selection, condition))
                    case InlineFragmentNode() if self._applies(selection, level.type_):
                        pending.append((selection.selection_set, condition))
                    case FragmentSpreadNode(name=name):
                        level.spreads.update(self._spread(level, name.value, condition))
        return level.children()

    def _spread(
        self, level: _Level, name: str, condition: Condition
    ) -> dict[tuple[Condition, _Level], None]:
        fragment = self._fragments.get(name)
        if fragment is None or not self._applies(fragment, level.type_):
            return {}
        inside = self.level(fragment.selection_set, level.type_, level.items, is_fragment=True)
        return {(condition, inside): None}

    def _applies(
        self, fragment: InlineFragmentNode | FragmentDefinitionNode, type_: GraphQLObjectType
    ) -> bool:
        if fragment.type_condition is None:
            return True
        wanted = self._schema.get_type(fragment.type_condition.name.value)
        return wanted is type_ or (
            is_abstract_type(wanted) and self._schema.is_sub_type(wanted, type_)
        )

    def _field(
        self, level: _Level, node: FieldNode, condition: Condition
    ) -> Iterator[_PricedField]:
        """The field in a selection; nothing if it is free: a leaf, `__typename`, introspection."""
        element = level.type_.fields.get(node.name.value)
        if element is None:
            return
        cost = cost_of(element)
        is_item = node.name.value in level.items
        object_ = _object_price(get_named_type(element.type), cost.size, is_item)
        weight = cost.weight
        if weight is None and level.type_ is self._schema.mutation_type:
            weight = MUTATION_WEIGHT
        lists = 0 if is_item else _list_levels(element.type)
        if lists:
            once, item = Price(weight or 0, 0), object_
        else:
            once = object_ if weight is None else Price(weight, object_.nodes)
            item = _FREE
        pages, copies = _sizes(node, element, cost.size, lists)
        levels = self._inside(node, element, cost.size)
        if levels or once != _FREE:
            yield _PricedField(condition, is_item, once, item, copies, pages, levels)

    def _inside(
        self, node: FieldNode, element: GraphQLField, size: ListSize | None
    ) -> tuple[_Level, ...]:
        """The levels of a field's selection: one for each type that it may be of."""
        type_ = get_named_type(element.type)
        if node.selection_set is None:
            return ()
        items = size.fields if size else ()
        types: Iterable[GraphQLObjectType] = ()
        if is_object_type(type_):
            types = [type_]
        elif is_abstract_type(type_):
            types = self._schema.get_possible_types(type_)
        return tuple(self.level(node.selection_set, each, items) for each in types)


def _object_price(type_: GraphQLNamedType, size: ListSize | None, is_item: bool) -> Price:
    """What one object of a field costs, if the field has no weight."""
    is_wrapper = type_.name == "PageInfo" or (is_item and type_.name.endswith("Edge"))
    if is_wrapper or not is_composite_type(type_):
        return _FREE
    return _CONNECTION if size and size.fields else _OBJECT


def _list_levels(type_: GraphQLOutputType) -> int:
    """How many lists are around a type."""
    levels = 0
    while is_wrapping_type(type_):
        levels += is_list_type(type_)
        type_ = type_.of_type
    return levels


def _sizes(
    node: FieldNode, element: GraphQLField, size: ListSize | None, lists: int
) -> tuple[Size, Size]:
    """How many items a field's page has, and how many objects the field itself gives."""
    if size is None:
        return Size(0), Size(UNDECLARED_SIZE**lists)
    asked = Size.asked(node, element, size.assumed, size.arguments)
    return (asked, Size(UNDECLARED_SIZE**lists)) if size.fields else (Size(0), asked)
