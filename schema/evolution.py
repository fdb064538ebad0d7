"""What a change of the schema does to clients, compared with the schema that was last released.

Breaking: an operation that was valid is no longer, or its answers change their form. Dangerous: it
stays valid, and a client that was not written with care may still stumble: over an enum's new
value, a union's new member, another default or price. Safe: no operation can notice.

graphql-core finds most of it. Here is what it knows nothing of: announced removals, short notice,
`@oneOf`, new types behind old interfaces, prices.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from enum import Enum

import msgspec
from graphql import (
    GraphQLError,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    OperationType,
    build_schema,
    print_ast,
)
from graphql.utilities.find_schema_changes import (
    BreakingChange,
    BreakingChangeType,
    DangerousChange,
    SafeChangeType,
    SchemaChange,
    find_schema_changes,
)

from schema.deprecation import NOTICE, Deprecation, DeprecationError
from schema.removals import Part, parts, removable

PRICES = ("cost", "listSize")
"""The directives that say what a field costs: a dearer operation may be refused."""

_REMOVALS = {
    BreakingChangeType.TYPE_REMOVED,
    BreakingChangeType.TYPE_REMOVED_FROM_UNION,
    BreakingChangeType.VALUE_REMOVED_FROM_ENUM,
    BreakingChangeType.FIELD_REMOVED,
    BreakingChangeType.ARG_REMOVED,
    BreakingChangeType.DIRECTIVE_ARG_REMOVED,
}

_MEMBER = re.compile(r"@\w+(\(\w+:\))?|\w+\.\w+(\(\w+:\))?")
_HOLDER = re.compile(r"(?:union type|implemented by|Standard scalar) (\w+)")


class ChangeKind(Enum):
    """What a change does to clients that know the released schema."""

    BREAKING = "breaking"
    DANGEROUS = "dangerous"
    SAFE = "safe"


class Change(msgspec.Struct, frozen=True):
    """One difference between two schemas: where, as a schema coordinate, and a sentence."""

    kind: ChangeKind
    path: str
    message: str
    announced: date | None = None
    """For a removal that clients were told of in time: the day it was announced for."""

    @property
    def is_refused(self) -> bool:
        """Whether it breaks clients that were not told."""
        return self.kind is ChangeKind.BREAKING and self.announced is None


class SchemaTextError(Exception):
    """A text is not a schema in SDL."""


def read_schema(sdl: str) -> GraphQLSchema:
    """The schema that a text of SDL describes. Raises SchemaTextError when it is none."""
    try:
        return build_schema(sdl)
    except (GraphQLError, TypeError) as error:
        raise SchemaTextError(f"This is no schema in SDL: {error}") from error


def compare(released: str, current: str, today: date) -> list[Change]:
    """All changes from one SDL to another, the worst first, as they count on a day (UTC).

    A removal is announced when the released schema deprecates the thing with a day that has come.
    Descriptions are not compared: they bind nobody. Raises SchemaTextError.
    """
    before, after = read_schema(released), read_schema(current)
    found = [
        *_changes(before, after, today),
        *_deprecations(parts(before), parts(after), today),
        *_prices(parts(before), parts(after)),
        *_roots(before, after),
        *_types(before, after),
    ]
    order = list(ChangeKind)
    return sorted(found, key=lambda change: (order.index(change.kind), change.path, change.message))


def describe(changes: list[Change]) -> Iterator[str]:
    """The changes as lines of text, by class."""
    headed = {
        "Breaking, and not announced": [c for c in changes if c.is_refused],
        "Breaking, as announced": [c for c in changes if c.announced],
        "Dangerous": [c for c in changes if c.kind is ChangeKind.DANGEROUS],
        "Safe": [c for c in changes if c.kind is ChangeKind.SAFE],
    }
    for heading, group in headed.items():
        if group:
            yield f"{heading} ({len(group)}):"
            yield from (f"  {change.message}" for change in group)
    if not changes:
        yield "Nothing changed for clients."


def _changes(before: GraphQLSchema, after: GraphQLSchema, today: date) -> Iterator[Change]:
    """What graphql-core finds, with the removals that were announced marked as such."""
    due = removable(before, today)
    for found in find_schema_changes(before, after):
        if found.type is not SafeChangeType.DESCRIPTION_CHANGED:
            yield Change(_kind(found), _path(found), found.description, _announced(found, due))


def _kind(found: SchemaChange) -> ChangeKind:
    if isinstance(found, BreakingChange):
        return ChangeKind.BREAKING
    return ChangeKind.DANGEROUS if isinstance(found, DangerousChange) else ChangeKind.SAFE


def _path(found: SchemaChange) -> str:
    """The coordinate, which graphql-core tells only in its sentence, and before any quotes."""
    if member := _MEMBER.search(found.description):
        return member.group()
    if holder := _HOLDER.search(found.description):
        return holder.group(1)
    return _first_word(found)


def _first_word(found: SchemaChange) -> str:
    return found.description.partition(" ")[0]


def _announced(found: SchemaChange, due: Mapping[str, date]) -> date | None:
    if found.type not in _REMOVALS:
        return None
    leaves_union = found.type is BreakingChangeType.TYPE_REMOVED_FROM_UNION
    return due.get(_first_word(found) if leaves_union else _path(found))


def _deprecations(
    before: Mapping[str, Part], after: Mapping[str, Part], today: date
) -> Iterator[Change]:
    """What was deprecated, or is for another reason, or no more."""
    for path, part in after.items():
        old = before[path].deprecation_reason if path in before else None
        if part.deprecation_reason is not None and part.deprecation_reason != old:
            yield _deprecation(path, old, part.deprecation_reason, today)
        elif part.deprecation_reason is None and old is not None:
            yield Change(ChangeKind.SAFE, path, f"{path} is no longer deprecated.")


def _deprecation(path: str, old: str | None, new: str, today: date) -> Change:
    try:
        deprecation = Deprecation.parse(new)
    except DeprecationError as error:
        return Change(ChangeKind.BREAKING, path, f"{path} is deprecated without notice. {error}")
    if deprecation.gives_notice(today) or _keeps(old, deprecation):
        return Change(ChangeKind.SAFE, path, f"{path} is deprecated: {new}")
    message = (
        f"{path} is deprecated at short notice: its removal on {deprecation.removal} is "
        f"{(deprecation.removal - today).days} days from {today}; clients get {NOTICE.days}."
    )
    return Change(ChangeKind.BREAKING, path, message)


def _keeps(old: str | None, deprecation: Deprecation) -> bool:
    """Whether a thing stays at least as long as its clients were promised before."""
    try:
        return old is not None and deprecation.removal >= Deprecation.parse(old).removal
    except DeprecationError:
        return False


def _prices(before: Mapping[str, Part], after: Mapping[str, Part]) -> Iterator[Change]:
    """Fields whose price is another: an operation that was cheap enough may be refused."""
    for path, part in after.items():
        old = before.get(path)
        if isinstance(old, GraphQLField) and isinstance(part, GraphQLField):
            was, now = _price(old), _price(part)
            if was != now:
                message = f"{path} changed its price from {was or 'none'} to {now or 'none'}."
                yield Change(ChangeKind.DANGEROUS, path, message)


def _price(field: GraphQLField) -> str:
    directives = (field.ast_node and field.ast_node.directives) or ()
    return " ".join(print_ast(each) for each in directives if each.name.value in PRICES)


def _roots(before: GraphQLSchema, after: GraphQLSchema) -> Iterator[Change]:
    """Types that are no roots any more; of those that are gone graphql-core tells."""
    for operation in OperationType:
        old, new = before.get_root_type(operation), after.get_root_type(operation)
        if old and old.name in after.type_map and (new is None or new.name != old.name):
            message = f"{old.name} is no longer where every {operation.value} starts."
            yield Change(ChangeKind.BREAKING, old.name, message)


def _types(before: GraphQLSchema, after: GraphQLSchema) -> Iterator[Change]:
    """What a type says of itself beside its parts."""
    for name, new in after.type_map.items():
        old = before.type_map.get(name)
        if old is None and isinstance(new, GraphQLObjectType):
            yield from _new_faces(new, before)
        elif isinstance(old, GraphQLInputObjectType) and isinstance(new, GraphQLInputObjectType):
            yield from _one_of(old, new)
        elif isinstance(old, GraphQLScalarType) and isinstance(new, GraphQLScalarType):
            yield from _scalar(old, new)


def _new_faces(new: GraphQLObjectType, before: GraphQLSchema) -> Iterator[Change]:
    """A new type where an interface is returned surprises as a new member of a union does."""
    for interface in new.interfaces:
        if interface.name in before.type_map:
            message = f"{new.name} is new, and comes where {interface.name} is returned."
            yield Change(ChangeKind.DANGEROUS, new.name, message)


def _one_of(old: GraphQLInputObjectType, new: GraphQLInputObjectType) -> Iterator[Change]:
    if new.is_one_of and not old.is_one_of:
        message = f"{new.name} takes exactly one of its fields now."
        yield Change(ChangeKind.BREAKING, new.name, message)
    elif old.is_one_of and not new.is_one_of:
        message = f"{new.name} takes any of its fields now, no longer exactly one."
        yield Change(ChangeKind.SAFE, new.name, message)


def _scalar(old: GraphQLScalarType, new: GraphQLScalarType) -> Iterator[Change]:
    was, now = old.specified_by_url, new.specified_by_url
    if was != now:
        message = f"{new.name} is specified by {now or 'nothing'}, and was by {was or 'nothing'}."
        yield Change(ChangeKind.DANGEROUS, new.name, message)
