"""A crawler: it asks for every field of the root, then for every field of every node that it met,
and so on until it meets nothing new.

A path to something hidden would have a last step, from a node that the viewer may see; so no path
is missed, however long. The operations are made from the schema: a new field is crawled as soon as
it exists, and a required argument that there is no value for fails the test.
"""

import re
from base64 import b64decode
from collections.abc import Mapping, Set
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLUnionType,
    get_named_type,
    is_leaf_type,
    is_required_argument,
)

from domain.users import UserRecord
from tests.client import SCHEMA, Client

TOKENS = 800
"""How long one selection of the crawl may be; with those around it, the server takes 2,000."""

RANDOM = frozenset({"cursor", "startCursor", "endCursor", "trackingToken", "session"})
"""Fields that differ from one crawl to the next, whatever the viewer may see."""


class Crawler:
    """Follows every field from the root, as one viewer.

    `arguments` are the values, as GraphQL writes them, that each required argument is given in
    turn: by its name, or by `Type.field.argument`, which names optional ones too; others are left
    out. `without` are fields that are not asked for, and with `only`, no other nodes are crawled.
    """

    def __init__(
        self,
        client: Client,
        viewer: UserRecord | None,
        arguments: Mapping[str, list[str]],
        *,
        without: Set[str] = frozenset(),
        only: Set[str] | None = None,
    ) -> None:
        self._client = client
        self._viewer = viewer
        self._arguments = arguments
        self._without = RANDOM | without
        self._only = only
        self._found: dict[str, Any] = {}
        self._documents: dict[str, list[str]] = {}

    async def crawl(self) -> dict[str, Any]:
        """All answers by the id of their node; the root's under ''."""
        query = SCHEMA._schema.query_type
        assert query is not None
        self._found = {}
        self._found[""] = [await self._ask(f"{{ {part} }}") for part in self._parts(query)]
        while unknown := self._reached() - self._found.keys():
            for node_id in sorted(unknown):
                documents = self._documents_of(node_id)
                self._found[node_id] = [await self._ask(each, id=node_id) for each in documents]
        return self._found

    def _reached(self) -> set[str]:
        """The nodes that were met and are to be crawled."""
        met = set(ids_in(self._found))
        return met if self._only is None else met & self._only

    async def _ask(self, document: str, **variables: str) -> Any:
        answer = await self._client.execute(document, self._viewer, **variables)
        # A refused document would be a field that was not crawled.
        assert "GRAPHQL_VALIDATION_FAILED" not in answer.codes, answer.errors
        assert answer.data is not None, answer.errors
        return answer.data

    def _documents_of(self, node_id: str) -> list[str]:
        """What asks for all of a node: the same for all of a type, and so read by a server once."""
        type_name = b64decode(node_id).decode().partition(":")[0]
        if type_name not in self._documents:
            self._documents[type_name] = self._make_documents(type_name)
        return self._documents[type_name]

    def _make_documents(self, type_name: str) -> list[str]:
        type_ = SCHEMA._schema.type_map[type_name]
        assert isinstance(type_, GraphQLObjectType)
        return [
            f"query($id: ID!) {{ node(id: $id) {{ __typename ... on {type_name} {{ {part} }} }} }}"
            for part in self._parts(type_)
        ]

    def _parts(self, type_: GraphQLObjectType, deep: bool = True) -> list[str]:
        """All that can be asked of an object, packed into selections that are short enough.

        Every field of it; of node types, unless `deep`, only those without fields.
        """
        packed = [f"__typename {'id' if 'id' in type_.fields else ''}"]
        for name, field in type_.fields.items():
            insides = [] if name in self._without else self._insides(field, deep)
            for i, arguments in enumerate(self._calls(type_, name, field) if insides else []):
                for inside in insides:
                    part = f"{type_.name}_{name}_{i}: {name}{arguments}{inside}"
                    if _tokens(packed[-1]) + _tokens(part) > TOKENS:
                        packed.append(part)
                    else:
                        packed[-1] += f" {part}"
        return packed

    def _insides(self, field: GraphQLField, deep: bool) -> list[str]:
        """What to ask of a field's value, in parts: none where the crawl stops."""
        type_: GraphQLNamedType = get_named_type(field.type)
        if is_leaf_type(type_):
            return [""]
        is_node = any(each.name == "Node" for each in getattr(type_, "interfaces", ()))
        if isinstance(type_, GraphQLObjectType) and not is_node:
            return [f" {{ {part} }}" for part in self._parts(type_, deep)]
        if not deep:
            return []
        if isinstance(type_, GraphQLObjectType):
            return [f" {{ {part} }}" for part in self._parts(type_, deep=False)]
        assert isinstance(type_, GraphQLUnionType | GraphQLInterfaceType)
        return [
            f" {{ ... on {possible.name} {{ {part} }} }}"
            for possible in SCHEMA._schema.get_possible_types(type_)
            for part in self._parts(possible, deep=False)
        ]

    def _calls(self, type_: GraphQLObjectType, name: str, field: GraphQLField) -> list[str]:
        """The argument lists that a field is asked with: without options, then each option."""
        required = [a for a, each in field.args.items() if is_required_argument(each)]
        optional = [a for a in field.args if f"{type_.name}.{name}.{a}" in self._arguments]
        if required:
            (argument,) = required
            return [f"({argument}: {value})" for value in self._values(type_, name, argument)]
        options = [
            f"({argument}: {value})"
            for argument in optional
            for value in self._values(type_, name, argument)
        ]
        return ["", *options]

    def _values(self, type_: GraphQLObjectType, name: str, argument: str) -> list[str]:
        key = f"{type_.name}.{name}.{argument}"
        if key in self._arguments:
            return self._arguments[key]
        assert argument in self._arguments, f"there is no value for {key}"
        return self._arguments[argument]


def _tokens(text: str) -> int:
    return len(re.findall(r"\w+|[^\w\s]", text))


def ids_in(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["id"]] if isinstance(value.get("id"), str) else []
        return own + [each for inner in value.values() for each in ids_in(inner)]
    if isinstance(value, list):
        return [each for inner in value for each in ids_in(inner)]
    return []
