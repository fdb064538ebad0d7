"""How long an answer may be kept, and by whom (PROTOCOL 6).

The schema gives hints: on a field, or on the type that a field returns. From them each operation
has one policy, worked out when its document is prepared and not from what it then finds:

- the policy is the smallest age of all fields that are selected, and private as soon as one is;
- a hint on a field goes before the hint of its type, for the age and for the scope on its own;
- a field without any hint is as its parent; a root field without an age may not be kept at all;
- a selection on an interface counts the interface's own hint, or else those of all its types; each
  type that a fragment narrows an interface or a union to counts as well;
- `@skip` and `@include` are not looked at: what might be selected counts;
- only queries may be kept, and introspection never: who may introspect is a matter of permission,
  and whoever writes against a new schema must not be shown the old one.

What the answer then says depends on the request, too. Only a GET is ever kept (G5). An answer with
errors must be asked for anew each time (P4): a CDN that keeps a miss breaks the query for all. With
credentials in the request an answer is private at best, since what people see depends on who they
are, and `Vary: Authorization` keeps the answers to strangers from them.
"""

import re
from enum import StrEnum
from hashlib import blake2b
from typing import Final, TypeAlias, TypeVar, cast

import msgspec
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentSpreadNode,
    GraphQLAbstractType,
    GraphQLCompositeType,
    GraphQLField,
    GraphQLNamedType,
    GraphQLSchema,
    InlineFragmentNode,
    NamedTypeNode,
    OperationDefinitionNode,
    OperationType,
    SelectionNode,
    SelectionSetNode,
    get_named_type,
    is_abstract_type,
)
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.field import StrawberryField

from protocol.definitions import fragments_of
from protocol.incoming import Incoming, IncomingHeaders

T = TypeVar("T", bound=type)


class CacheScope(StrEnum):
    """Who may keep an answer."""

    PUBLIC = "PUBLIC"
    PRIVATE = "PRIVATE"


class CacheHint(msgspec.Struct, frozen=True):
    """What a field or type says of its answer: `max_age_s` seconds, and who may keep it.

    What is None is as for the object that the field is on.
    """

    max_age_s: int | None = None
    scope: CacheScope | None = None


class CachePolicy(msgspec.Struct, frozen=True):
    """How long an answer may be kept, in seconds, and by whom."""

    max_age_s: int
    scope: CacheScope


class CdnRule(msgspec.Struct, frozen=True):
    """What an operator says of one operation's public answers; None leaves it to the schema (G4).

    `max_age_s` is for everybody, `s_maxage_s` for shared caches alone, and for
    `stale_while_revalidate_s` after that a cache may give the old answer while it asks for a new
    one. A rule never makes an answer public, nor one that may not be kept into one that may.
    """

    max_age_s: int | None = None
    s_maxage_s: int | None = None
    stale_while_revalidate_s: int | None = None


class Freshness(msgspec.Struct, frozen=True):
    """What one answer says to caches, and what the client says that it has.

    `is_kept` says that the answer may be kept and has an ETag. It should then hold nothing that
    differs from one request to the next: no two answers would be equal.
    """

    cache_control: str
    is_kept: bool = False
    if_none_match: str = ""

    @property
    def headers(self) -> dict[str, str]:
        """`Cache-Control` and `Vary`. Whoever compresses, or lets pages of other origins read the
        answer, adds to `Vary`."""
        vary = "Accept, Authorization" if self.is_kept else "Accept"
        return {"Cache-Control": self.cache_control, "Vary": vary}


NOT_KEPT: Final = CachePolicy(0, CacheScope.PUBLIC)
"""The policy of mutations, of introspection, and of whatever nobody gave a hint."""

NO_HINT: Final = CacheHint()

_NOTHING: Final = "no-store"

NO_STORE: Final = Freshness(_NOTHING)

_ASK_EACH_TIME: Final = "private, no-cache"
_WITH_ERRORS: Final = "private, no-cache, must-revalidate"

_TYPE_HINT: Final = "__cache_hint__"

_Part: TypeAlias = tuple[SelectionSetNode, GraphQLCompositeType]
"""A selection set, and the type that it selects from."""

_ENTITY_TAG: Final = re.compile(r'"[^"]*"')
_LONGEST_CONDITION: Final = 4_096


def hint_type(cls: T, hint: CacheHint | None) -> T:
    """Says how long what is returned as a Strawberry type may be kept; gives the class back."""
    setattr(cls, _TYPE_HINT, hint)
    return cls


def hint_of(element: GraphQLField | GraphQLNamedType) -> CacheHint:
    """What a field or a type of a Strawberry schema says: `NO_HINT` if it says nothing."""
    hint: CacheHint | None = None
    match element.extensions.get("strawberry-definition"):
        case StrawberryField(metadata=metadata):
            hint = metadata.get("cache")
        case StrawberryObjectDefinition(origin=origin):
            hint = vars(origin).get(_TYPE_HINT)  # its own, not that of a class it derives from
    return hint or NO_HINT


def operation_policy(
    schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode
) -> CachePolicy:
    """The policy of one operation of a valid document.

    Enters each fragment once, wherever it is spread: linear in the size of the document.
    """
    if operation.operation is not OperationType.QUERY or schema.query_type is None:
        return NOT_KEPT
    survey = _Survey(schema, document)
    survey.visit(operation.selection_set, schema.query_type)
    return CachePolicy(survey.max_age_s or 0, survey.scope)


def freshness_of(
    request: Incoming, policy: CachePolicy, *, has_errors: bool, rule: CdnRule | None = None
) -> Freshness:
    """How long the answer to this request may be kept, when its operation has that policy."""
    if request.method != "GET":
        return NO_STORE
    if has_errors:
        return Freshness(_WITH_ERRORS)
    if policy != NOT_KEPT and _carries_credentials(request.headers):
        policy = CachePolicy(policy.max_age_s, CacheScope.PRIVATE)
    control = cache_control(policy, rule)
    if control == _NOTHING:
        return NO_STORE
    return Freshness(control, True, ",".join(request.headers.all(b"if-none-match")))


def _carries_credentials(headers: IncomingHeaders) -> bool:
    """Whether a request may say who it is from: by a token, or by a cookie for some proxy."""
    return b"authorization" in headers or b"cookie" in headers


def cache_control(policy: CachePolicy, rule: CdnRule | None = None) -> str:
    """The `Cache-Control` of an answer to a GET that has no errors."""
    if policy.scope is CacheScope.PRIVATE:
        return f"max-age={policy.max_age_s}, private" if policy.max_age_s else _ASK_EACH_TIME
    if not policy.max_age_s:
        return _NOTHING
    rule = rule or CdnRule()
    max_age_s = policy.max_age_s if rule.max_age_s is None else rule.max_age_s
    words = [f"max-age={max_age_s}", "public"]
    if rule.s_maxage_s is not None:
        words.append(f"s-maxage={rule.s_maxage_s}")
    if rule.stale_while_revalidate_s is not None:
        words.append(f"stale-while-revalidate={rule.stale_while_revalidate_s}")
    return ", ".join(words)


def etag_of(body: bytes, media_type: str) -> str:
    """The strong validator of a body as it is before compression.

    The same bytes under another media type are another representation, with another ETag.
    """
    digest = blake2b(media_type.encode(), digest_size=16)
    digest.update(body)
    return f'"{digest.hexdigest()}"'


def gzip_etag(etag: str) -> str:
    """The ETag of the same body in gzip: a strong one stands for the very bytes that are sent."""
    return f'{etag[:-1]}-gzip"'


def is_unchanged(if_none_match: str, etag: str) -> bool:
    """Whether a client that sends this `If-None-Match` has the answer, compressed or not.

    Weak comparison, as RFC 9110 13.1.2 wants it. A header that is longer than any cache would send
    is as good as none: the client gets the answer.
    """
    if not if_none_match or len(if_none_match) > _LONGEST_CONDITION:
        return False
    known = _ENTITY_TAG.findall(if_none_match)
    return if_none_match.strip() == "*" or etag in known or gzip_etag(etag) in known


class _Survey:
    """Goes through all that an operation may select, and keeps the strictest of its hints."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode) -> None:
        self._schema = schema
        self._fragments = fragments_of(document)
        self._entered: set[str] = set()
        self._counted: set[str] = set()
        self.max_age_s: int | None = None
        self.scope = CacheScope.PUBLIC

    def visit(self, selections: SelectionSetNode, parent: GraphQLCompositeType) -> None:
        """Counts a selection set, and whatever is inside of it."""
        pending: list[_Part] = [(selections, parent)]
        while pending:
            selections, parent = pending.pop()
            for selection in selections.selections:
                inner = self._count(selection, parent)
                if inner is not None:
                    pending.append(inner)

    def _count(self, selection: SelectionNode, parent: GraphQLCompositeType) -> _Part | None:
        match selection:
            case FieldNode():
                return self._count_field(selection, parent)
            case InlineFragmentNode(type_condition=None):
                return selection.selection_set, parent
            case InlineFragmentNode(type_condition=NamedTypeNode(name=name)):
                return selection.selection_set, self._narrow(parent, name.value)
            case FragmentSpreadNode(name=name):
                fragment = self._fragments[name.value]
                narrowed = self._narrow(parent, fragment.type_condition.name.value)
                if name.value not in self._entered:
                    self._entered.add(name.value)
                    return fragment.selection_set, narrowed
        return None

    def _count_field(self, node: FieldNode, parent: GraphQLCompositeType) -> _Part | None:
        field = self._schema.get_field(parent, node.name.value)
        if field is None or node.name.value == "__typename":
            return None
        if is_abstract_type(parent):
            self._count_all_types(parent)
        type_ = get_named_type(field.type)
        own, of_type = hint_of(field), hint_of(type_)
        max_age_s = of_type.max_age_s if own.max_age_s is None else own.max_age_s
        if max_age_s is None and parent is self._schema.query_type:
            max_age_s = 0
        self._restrict(max_age_s, own.scope or of_type.scope)
        if node.selection_set is None:
            return None
        return node.selection_set, cast("GraphQLCompositeType", type_)  # a leaf has no selection

    def _count_all_types(self, abstract: GraphQLAbstractType) -> None:
        """Any type may be behind an interface that says nothing itself."""
        if hint_of(abstract) is NO_HINT and abstract.name not in self._counted:
            self._counted.add(abstract.name)
            for type_ in self._schema.get_possible_types(abstract):
                self._count_type(type_)

    def _narrow(self, parent: GraphQLCompositeType, condition: str) -> GraphQLCompositeType:
        """The type that a fragment is on; one of many that its parent could be counts."""
        type_ = cast("GraphQLCompositeType", self._schema.type_map[condition])
        if is_abstract_type(parent) and type_ is not parent:
            self._count_type(type_)
        return type_

    def _count_type(self, type_: GraphQLCompositeType) -> None:
        hint = hint_of(type_)
        self._restrict(hint.max_age_s, hint.scope)

    def _restrict(self, max_age_s: int | None, scope: CacheScope | None) -> None:
        if max_age_s is not None:
            self.max_age_s = min(max_age_s, max_age_s if self.max_age_s is None else self.max_age_s)
        if scope is CacheScope.PRIVATE:
            self.scope = scope
