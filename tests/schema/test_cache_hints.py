"""What the schema says about caches: nothing of one viewer reaches another (DOMAIN g.5)."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    OperationDefinitionNode,
    get_named_type,
    parse,
    validate,
)

from domain.ids import to_global_id
from domain.notifications import NotificationType
from domain.pins import Engagement, ReactionType
from domain.users import UserRecord
from protocol.caching import CacheHint, CachePolicy, CacheScope, hint_of, operation_policy
from schema.fields import PRIVATE
from tests.client import SCHEMA, Client
from tests.schema.crawler import Crawler
from tests.schema.test_visibility import arguments_of
from tests.world import World

TYPES = SCHEMA._schema.type_map
OBJECTS = [t for t in TYPES.values() if isinstance(t, GraphQLObjectType | GraphQLInterfaceType)]

PUBLIC_TYPES = {
    "Board": 60,
    "BoardSection": 60,
    "Comment": 60,
    "Node": 60,
    "Pin": 60,
    "Topic": 300,
    "User": 60,
}
"""Types whose objects are the same for everybody who sees them; for how many seconds."""

PRIVATE_TYPES = {
    "AdReason",
    "BoardInvite",
    "FeedConnection",
    "FeedEdge",
    "FeedPreferences",
    "FeedReason",
    "FeedSession",
    "MediaUpload",
    "Notification",
    "NotificationConnection",
    "NotificationEdge",
    "PromotedPin",
    "Viewer",
}
"""Types of which there is one for each viewer."""

PRIVATE_FIELDS = {
    "BoardPinEdge.note",
    "FeedEdge.trackingToken",
    "Pin.note",
    "PromotedPin.trackingToken",
    "Query.rateLimit",
    "Query.viewer",
    "Viewer.blockedUsers",
    "Viewer.boardInvites",
    "Viewer.feedPreferences",
    "Viewer.followingFeed",
    "Viewer.homeFeed",
    "Viewer.notifications",
    "Viewer.unreadNotificationCount",
}
"""Fields that are one viewer's alone, and that are not called `viewer…`."""

OF_THE_OWNER = {"FollowedBoardConnection_totalCount", "FollowedBoardConnection_totalCountIsExact"}
"""Fields that say something to the owner of a list, and nothing to everybody else: which secret
boards somebody follows, a count would tell. To strangers the answer is one and the same."""


def fields() -> Iterator[tuple[str, GraphQLField]]:
    """Every field of every object and interface, by its full name."""
    for type_ in OBJECTS:
        for name, field in type_.fields.items():
            yield f"{type_.name}.{name}", field


def hint(field: GraphQLField) -> CacheHint:
    """What holds for a field that is asked for: its own words, or those of its type."""
    own, of_type = hint_of(field), hint_of(get_named_type(field.type))
    age = of_type.max_age_s if own.max_age_s is None else own.max_age_s
    return CacheHint(age, own.scope or of_type.scope)


def policy_of(text: str) -> CachePolicy:
    """The policy of the one operation of a document."""
    document = parse(text)
    assert validate(SCHEMA._schema, document) == []
    operation = document.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    return operation_policy(SCHEMA._schema, document, operation)


def test_every_field_of_the_root_has_an_age() -> None:
    query = SCHEMA._schema.query_type
    assert query is not None
    assert [name for name, field in query.fields.items() if hint(field).max_age_s is None] == []


def test_what_is_about_the_viewer_is_private() -> None:
    named = {name for name, _ in fields() if re.search(r"\.viewer", name)}
    assert len(named) > 20
    assert {name for name, field in fields() if hint_of(field) == PRIVATE} == (
        named | PRIVATE_FIELDS
    )


def test_only_private_fields_are_private() -> None:
    """A field has an age of its own, or is private; it never opens what its type closes."""
    own = {name: hint_of(field) for name, field in fields() if hint_of(field) != CacheHint()}
    public = {name: each for name, each in own.items() if each != PRIVATE}
    assert public == {"Query.search": CacheHint(max_age_s=30)}


def test_types() -> None:
    said = {type_.name: hint_of(type_) for type_ in OBJECTS if hint_of(type_) != CacheHint()}
    public = {name: CacheHint(max_age_s=age) for name, age in PUBLIC_TYPES.items()}
    assert said == public | dict.fromkeys(PRIVATE_TYPES, PRIVATE)


def test_whatever_an_id_can_name_has_a_hint() -> None:
    node = TYPES["Node"]
    assert isinstance(node, GraphQLInterfaceType)
    behind: list[GraphQLNamedType] = list(SCHEMA._schema.get_possible_types(node))
    assert len(behind) > 6
    assert [type_.name for type_ in behind if hint_of(type_).max_age_s is None] == []


def test_a_field_is_the_same_behind_its_interface() -> None:
    """So it does not matter by which of both it is asked for."""
    for type_ in OBJECTS:
        for interface in type_.interfaces:
            for name, field in interface.fields.items():
                assert hint_of(type_.fields[name]) == hint_of(field), f"{type_.name}.{name}"


@pytest.mark.parametrize(
    ("text", "max_age_s", "scope"),
    [
        ('{ pin(id: "x") { title board { name } owner { username } } }', 60, CacheScope.PUBLIC),
        ('{ pin(id: "x") { title viewerHasSaved } }', 0, CacheScope.PRIVATE),
        ('{ pin(id: "x") { note } }', 0, CacheScope.PRIVATE),
        ('{ topic(by: {key: "x"}) { name } }', 300, CacheScope.PUBLIC),
        ('{ topic(by: {key: "x"}) { pins { totalCount } } }', 300, CacheScope.PUBLIC),
        ('{ topic(by: {key: "x"}) { pins { nodes { title } } } }', 60, CacheScope.PUBLIC),
        ('{ search(query: "x") { totalCount } }', 30, CacheScope.PUBLIC),
        ('{ search(query: "x") { nodes { ... on Topic { name } } } }', 30, CacheScope.PUBLIC),
        ('{ node(id: "x") { id } }', 60, CacheScope.PUBLIC),
        ('{ node(id: "x") { __typename id ... on Topic { name } } }', 60, CacheScope.PUBLIC),
        ('{ node(id: "x") { ... on PromotedPin { id } } }', 0, CacheScope.PRIVATE),
        ('{ board(by: {id: "x"}) { pins { edges { note } } } }', 0, CacheScope.PRIVATE),
        ("{ viewer { user { username } } }", 0, CacheScope.PRIVATE),
        ('{ viewer { user { username } } topic(by: {key: "x"}) { name } }', 0, CacheScope.PRIVATE),
        ("{ __schema { queryType { name } } }", 0, CacheScope.PUBLIC),
    ],
)
def test_policies(text: str, max_age_s: int, scope: CacheScope) -> None:
    assert policy_of(text) == CachePolicy(max_age_s, scope)


class OpenWorld(NamedTuple):
    """Somebody who has, follows and did everything, and nothing of it is secret."""

    ana: UserRecord
    ids: list[str]


@pytest.fixture
async def open_world(world: World) -> OpenWorld:
    """A world in which nobody has anything to hide but notes."""
    ana, ben = await world.user("ana"), await world.user("ben")
    topic = await world.topic("Food")
    board = await world.board(ana, "Shown")
    section = await world.section(board, "Part")
    pin = await world.pin(
        board,
        "public",
        topics=(topic,),
        section_id=section.id,
        note="a private note",
        engagement=Engagement(saves=3),
    )
    hers = await world.save(pin, await world.board(ben, "Other"))
    copy = await world.save(hers, board)
    comment = await world.comment(pin, ana)
    await world.comment(pin, ben, parent_id=comment.id)
    await world.reaction(pin, ana, ReactionType.LOVE)
    for target in (ben, board, topic):
        await world.follow(ana, target)
    await world.follow(ben, ana)
    await world.notification(ana, NotificationType.SAVE, ben, hers)
    await world.ad(pin)
    await world.storage.ads.refresh()
    named = [("User", ana), ("Board", board), ("BoardSection", section), ("Pin", pin)]
    named += [("Pin", hers), ("Pin", copy), ("Comment", comment), ("Topic", topic)]
    return OpenWorld(ana, [to_global_id(type, record.id) for type, record in named])


def shared_part(answer: Any) -> Any:
    """An answer without what is private, by the names that the crawler gives its fields."""
    if isinstance(answer, dict):
        return {name: shared_part(value) for name, value in answer.items() if not _is_private(name)}
    if isinstance(answer, list):
        return [shared_part(each) for each in answer]
    return answer


def _is_private(alias: str) -> bool:
    type_name, _, rest = alias.partition("_")
    type_ = TYPES.get(type_name)
    name = rest.rpartition("_")[0]
    if not isinstance(type_, GraphQLObjectType) or name not in type_.fields:
        return False
    return (
        CacheScope.PRIVATE in (hint_of(type_).scope, hint(type_.fields[name]).scope)
        or f"{type_name}_{name}" in OF_THE_OWNER
    )


async def test_what_is_not_private_is_the_same_for_everybody(
    client: Client, open_world: OpenWorld
) -> None:
    """All that there is, asked for by nobody and by its owner: what may be shared is equal."""
    ana, ids = open_world
    hers = await Crawler(client, ana, arguments_of(ids)).crawl()
    seen = await Crawler(client, None, arguments_of(ids)).crawl()
    assert len(seen) > len(ids)
    assert seen.keys() <= hers.keys()
    assert {i: shared_part(seen[i]) for i in seen} == {i: shared_part(hers[i]) for i in seen}
    assert "a private note" in str(hers)  # she was not asked the same as a stranger for nothing
    assert "a private note" not in str(shared_part(hers))
