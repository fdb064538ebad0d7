"""INV-6 and INV-7: for whoever may not see it, what is secret is null by every path there is.

The test crawls: it asks for every field of the root, then for every field of every node that it
met, and so on until it meets nothing new. A path to something secret would have a last step, from a
node that the viewer may see; so no path is missed, however long. The operations are made from the
schema: a new field is crawled as soon as it exists, and a required argument that `arguments_of` has
no value for fails the test.
"""

import re
from base64 import b64decode
from typing import Any, NamedTuple

import pytest
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

from domain.boards import BoardPrivacy, BoardRole, Collaborator, InviteStatus
from domain.ids import to_global_id
from domain.media import Image
from domain.pins import Engagement, ReactionType
from domain.users import UserRecord
from tests.client import SCHEMA, Client
from tests.world import World

CANARY = "canary"
"""A word in every text of what is secret, and in no other."""

TOKENS = 800
"""How long one selection of the crawl may be; with those around it, the server takes 2,000."""

RANDOM = {"cursor", "startCursor", "endCursor", "trackingToken", "session"}
"""Fields that differ from one crawl to the next, whatever the viewer may see."""


class SecretWorld(NamedTuple):
    """Ana's secret board, with a path to it from everything that strangers may see."""

    ana: UserRecord
    member: UserRecord
    invited: UserRecord
    stranger: UserRecord
    ids: list[str]


@pytest.fixture
async def secret_world(world: World) -> SecretWorld:
    """A secret board and its pins, tied to public things in every way the model has."""
    ana, member = await world.user("ana"), await world.user("member")
    invited, stranger = await world.user("invited"), await world.user("stranger")
    topic = await world.topic("Food")
    shown = await world.board(ana, "Shown")
    secret = await world.board(
        ana,
        f"{CANARY} board",
        slug="hidden",
        privacy=BoardPrivacy.SECRET,
        description=CANARY,
        cover_image=Image(source_url=f"https://images.example/{CANARY}", width=1, height=1),
        collaborators=(
            Collaborator(user_id=member.id, role=BoardRole.VIEWER),
            Collaborator(user_id=invited.id, status=InviteStatus.PENDING),
        ),
    )
    section = await world.section(secret, f"{CANARY} section")
    hidden = await world.pin(
        secret,
        f"{CANARY} pin",
        topics=(topic,),
        section_id=section.id,
        note=CANARY,
        engagement=Engagement(saves=1000),
    )
    await world.save(hidden, shown, title="a copy")
    public = await world.pin(shown, "public", topics=(topic,))
    other = await world.pin(shown, "other", topics=(topic,))
    secret_copy = await world.save(public, secret, title=f"{CANARY} copy")
    by_member = await world.save(other, secret, owner_id=member.id, title=f"{CANARY} by member")
    comment = await world.comment(hidden, ana, f"{CANARY} comment")
    await world.comment(hidden, ana, f"{CANARY} reply", parent_id=comment.id)
    await world.comment(public, ana, "hello")
    await world.reaction(hidden, stranger, ReactionType.LOVE)
    for target in (ana, secret, shown, topic):
        await world.follow(stranger, target)
    await world.follow(ana, secret)
    await world.follow(member, secret)
    await world.ad(hidden)
    await world.storage.ads.refresh()
    named = [("User", ana), ("Board", secret), ("BoardSection", section), ("Pin", hidden)]
    named += [("Pin", secret_copy), ("Pin", by_member), ("Comment", comment), ("Topic", topic)]
    return SecretWorld(
        ana, member, invited, stranger, [to_global_id(type, record.id) for type, record in named]
    )


def arguments_of(ids: list[str]) -> dict[str, list[str]]:
    """The values, as GraphQL writes them, that each required argument is given in turn.

    Optional arguments are left out, but for those that could let something secret through.
    """
    quoted = [f'"{each}"' for each in ids]
    by_id = [f"{{id: {each}}}" for each in quoted]
    return {
        "id": quoted,
        "ids": [f"[{', '.join(quoted)}]"],
        "Query.user.by": [by_id[0], '{username: "ana"}'],
        "Query.users.ids": [f"[{quoted[0]}]"],
        "Query.pin.id": quoted[3:6],
        "Query.pins.ids": [f"[{', '.join(quoted[3:6])}]"],
        "Query.board.by": [by_id[1], '{slug: {username: "ana", slug: "hidden"}}'],
        "Query.boards.ids": [f"[{quoted[1]}]"],
        "Query.topic.by": [by_id[7], '{key: "food"}'],
        "Query.search.query": [f'"{CANARY}"', '"public"'],
        "User.boards.privacy": ["PUBLIC", "SECRET", "PROTECTED"],
        "User.boards.includeArchived": ["true"],
        "Board.pins.sectionId": [quoted[2]],
    }


class Crawler:
    """Follows every field from the root, as one viewer."""

    def __init__(self, client: Client, viewer: UserRecord | None, ids: list[str]) -> None:
        self._client = client
        self._viewer = viewer
        self._arguments = arguments_of(ids)
        self._found: dict[str, Any] = {}

    async def crawl(self) -> dict[str, Any]:
        """All answers by the id of their node; the root's under ''."""
        query = SCHEMA._schema.query_type
        assert query is not None
        self._found[""] = [await self._ask(f"{{ {part} }}") for part in self._parts(query)]
        while unknown := set(_ids(self._found)) - self._found.keys():
            for node_id in sorted(unknown):
                self._found[node_id] = [await self._ask(each) for each in self._operations(node_id)]
        return self._found

    async def _ask(self, document: str) -> Any:
        answer = await self._client.execute(document, self._viewer)
        # A refused document would be a field that was not crawled.
        assert "GRAPHQL_VALIDATION_FAILED" not in answer.codes, answer.errors
        assert answer.data is not None, answer.errors
        return answer.data

    def _operations(self, node_id: str) -> list[str]:
        type_name = b64decode(node_id).decode().partition(":")[0]
        type_ = SCHEMA._schema.type_map[type_name]
        assert isinstance(type_, GraphQLObjectType)
        return [
            f'{{ node(id: "{node_id}") {{ __typename ... on {type_name} {{ {part} }} }} }}'
            for part in self._parts(type_)
        ]

    def _parts(self, type_: GraphQLObjectType, deep: bool = True) -> list[str]:
        """All that can be asked of an object, packed into selections that are short enough.

        Every field of it; of node types, unless `deep`, only those without fields.
        """
        packed = [f"__typename {'id' if 'id' in type_.fields else ''}"]
        for name, field in type_.fields.items():
            insides = [] if name in RANDOM else self._insides(field, deep)
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
        assert argument in self._arguments, f"arguments_of has no value for {key}"
        return self._arguments[argument]


def _tokens(text: str) -> int:
    return len(re.findall(r"\w+|[^\w\s]", text))


def _ids(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["id"]] if isinstance(value.get("id"), str) else []
        return own + [each for inner in value.values() for each in _ids(inner)]
    if isinstance(value, list):
        return [each for inner in value for each in _ids(inner)]
    return []


async def forget_secrets(world: World) -> None:
    """Deletes everything secret from the stores: as if it had never been."""
    database = world.storage.mongo.database
    boards = await database["boards"].distinct("_id", {"privacy": "SECRET"})
    pins = await database["pins"].distinct("_id", {"privacy": "SECRET"})
    await database["boards"].delete_many({"_id": {"$in": boards}})
    await database["pins"].delete_many({"_id": {"$in": pins}})
    await database["sections"].delete_many({"board_id": {"$in": boards}})
    await database["comments"].delete_many({"pin_id": {"$in": pins}})
    await database["follows"].delete_many({"target_id": {"$in": boards}})
    await database["ads"].delete_many({"pin_id": {"$in": pins}})
    await world.storage.redis.client.flushdb()
    await world.storage.ads.refresh()


@pytest.mark.parametrize("who", ["anonymous", "stranger", "invited"])
async def test_secret_is_as_if_it_did_not_exist(
    client: Client, world: World, secret_world: SecretWorld, who: str
) -> None:
    viewer: UserRecord | None = getattr(secret_world, who, None)
    seen = await Crawler(client, viewer, secret_world.ids).crawl()
    assert len(seen) > 6
    assert CANARY not in str(seen)
    await forget_secrets(world)
    assert await Crawler(client, viewer, secret_world.ids).crawl() == seen


@pytest.mark.parametrize("who", ["ana", "member"])
async def test_members_see_what_is_secret(
    client: Client, secret_world: SecretWorld, who: str
) -> None:
    seen = str(await Crawler(client, getattr(secret_world, who), secret_world.ids).crawl())
    for what in ("board", "section", "pin", "copy", "comment", "reply", "by member"):
        assert f"{CANARY} {what}" in seen
