"""Every node type × role, by every path: the stores show what the oracle says, and no more.

By `node(id)`, where what is hidden is to the byte what is not there; by a crawl of all fields; with
caches that another viewer warmed, and between other viewers' requests; right after a right ended;
and with the cursors and documents of somebody who may.
"""

import asyncio
from hashlib import sha256
from typing import NamedTuple

import pytest
from graphql import GraphQLObjectType

from domain.boards import BoardPrivacy
from domain.ids import from_global_id, to_global_id
from storage.codec import new_id
from tests.authorisation.asking import Asker, mutation_document
from tests.authorisation.oracle import Thing, sees
from tests.authorisation.roles import OWNERS, TOKENS, Role
from tests.authorisation.rule import Row
from tests.authorisation.scenes import PROMOTED, THINGS, Key, Scene, key, thing, username_of
from tests.authorisation.table import NEVER_BY_ID, READINGS
from tests.client import SCHEMA, Client
from tests.schema.crawler import Crawler
from tests.world import World

NODES = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }"
NODE = "query($id: ID!) { node(id: $id) { __typename id } }"
BATCH = 100
NODE_NAMES = [name for name, (kind, _, _) in THINGS.items() if kind]


def facts(of: Key) -> Thing:
    """What the oracle is to know of anything in the scene."""
    return thing(of.name, of.author, of.privacy)


def hidden_from(scene: Scene, role: Role) -> dict[str, Key]:
    """What a role does not see, by id."""
    return {id: of for id, of in nodes_of(scene).items() if not sees(role, facts(of))}


def nodes_of(scene: Scene) -> dict[str, Key]:
    """Every node in the scene by id."""
    return {id: of for of, id in scene.ids.items() if THINGS[of.name][0]}


async def read(asker: Asker, role: Role, ids: list[str]) -> dict[str, str | None]:
    """What a role gets for each id: its type, or None."""
    seen: dict[str, str | None] = {}
    for start in range(0, len(ids), BATCH):
        part = ids[start : start + BATCH]
        reply = await asker.ask(role, NODES, ids=part)
        found = reply.answer["data"]["nodes"]
        seen |= {id: each and each["__typename"] for id, each in zip(part, found, strict=True)}
    return seen


def expected(scene: Scene, role: Role) -> dict[str, str | None]:
    """What the oracle says of each id."""
    return {
        id: facts(of).kind if sees(role, facts(of)) else None for id, of in nodes_of(scene).items()
    }


def differences(
    scene: Scene, came: dict[str, str | None], wanted: dict[str, str | None]
) -> dict[Key, tuple[str | None, str | None]]:
    """What came and what was to come, where the two differ."""
    of = nodes_of(scene)
    return {of[id]: (came[id], wanted[id]) for id in wanted if came[id] != wanted[id]}


def test_every_node_type_has_a_reading() -> None:
    types = {
        name
        for name, type_ in SCHEMA._schema.type_map.items()
        if isinstance(type_, GraphQLObjectType)
        and any(each.name == "Node" for each in type_.interfaces)
    }
    assert types == {THINGS[name][0] for name in READINGS.values()} | {*NEVER_BY_ID}


@pytest.mark.parametrize("role", Role)
async def test_by_id(client: Client, scene: Scene, role: Role) -> None:
    """INV-6, INV-7, INV-9."""
    wanted = expected(scene, role)
    came = await read(Asker(client, scene), role, list(wanted))
    assert differences(scene, came, wanted) == {}


@pytest.mark.parametrize("role", Role)
async def test_what_is_hidden_is_what_is_not_there(
    world: World, client: Client, scene: Scene, role: Role
) -> None:
    asker = Asker(client, scene)
    username = username_of(role)
    ids = {
        scene.ids[key(name, username, privacy)] for name in NODE_NAMES for privacy in BoardPrivacy
    }
    for id in ids & hidden_from(scene, role).keys():
        named = from_global_id(id)
        assert named is not None
        nothing = to_global_id(named.type_name, new_id())
        hidden, missing = (
            await asker.ask(role, NODE, id=id),
            await asker.ask(role, NODE, id=nothing),
        )
        assert hidden.said == missing.said


async def test_caches_that_others_warmed_show_nothing_more(
    world: World, client: Client, scene: Scene
) -> None:
    """All roles at once, and so through loaders and caches at the same moment, thrice."""
    asker = Asker(client, scene)
    await world.storage.redis.client.flushdb()
    wanted = {role: expected(scene, role) for role in Role}
    for _ in range(3):
        came = await asyncio.gather(*(read(asker, role, list(wanted[role])) for role in Role))
        wrong = [
            differences(scene, one, wanted[role]) for role, one in zip(Role, came, strict=True)
        ]
        assert [each for each in wrong if each] == []


CRAWLERS = (
    Role.FOLLOWER,
    Role.VIEWER,
    Role.INVITED,
    Role.FORMER,
    Role.BLOCKED,
    Role.BLOCKER,
    Role.ADVERTISER,
    Role.DEACTIVATED,
)
"""Who crawls here; strangers, members, owners and staff do in `tests/schema/test_visibility.py`."""

OWN_BUSINESS = frozenset({"boardInvites", "blockedUsers"})
"""Whoever is invited reads the board's name, and whoever blocked somebody sees whom."""


def crawled(scene: Scene) -> list[Key]:
    """The nodes that are crawled, if they are met: the owner, and what is on the boards."""
    names = ("board", "section", "pin", "editor_pin", "comment", "reply")
    placed = [key(name, "owner", privacy) for name in names for privacy in BoardPrivacy]
    return [*placed, key("owner", "", BoardPrivacy.PUBLIC), key("topic", "", BoardPrivacy.PUBLIC)]


def arguments_of(scene: Scene) -> dict[str, list[str]]:
    """The values of arguments, as `Crawler` takes them."""
    ids = {of: f'"{scene.ids[of]}"' for of in crawled(scene)}

    def all_of(name: str) -> list[str]:
        return [id for of, id in ids.items() if of.name == name]

    def by(values: list[str]) -> list[str]:
        return [f"{{id: {each}}}" for each in values]

    slugs = [
        f'{{slug: {{username: "owner", slug: "{p.value.lower()}-board"}}}}' for p in BoardPrivacy
    ]
    pins, boards = all_of("pin"), all_of("board")
    return {
        "Query.node.id": boards,
        "Query.nodes.ids": [f"[{', '.join(boards)}]"],
        "Query.user.by": [*by(all_of("owner")), '{username: "owner"}'],
        "Query.users.ids": [f"[{all_of('owner')[0]}]"],
        "Query.pin.id": pins,
        "Query.pins.ids": [f"[{', '.join(pins)}]"],
        "Query.board.by": [*by(boards), *slugs],
        "Query.boards.ids": [f"[{', '.join(boards)}]"],
        "Query.topic.by": [*by(all_of("topic")), '{key: "food"}'],
        "Query.search.query": ['"secret"', '"protected"', '"public"'],
        "User.boards.privacy": ["PUBLIC", "SECRET", "PROTECTED"],
        "User.boards.includeArchived": ["true"],
        "Board.pins.sectionId": all_of("section"),
    }


def texts(privacy: BoardPrivacy) -> list[str]:
    """What stands on the board of a privacy, and nowhere else."""
    what = ("board", "description", "section", "saved pin", "editor's pin", "comment", "reply")
    return [f"{privacy.value.lower()} {each}" for each in what]


@pytest.mark.parametrize("role", CRAWLERS)
async def test_by_every_path(client: Client, scene: Scene, role: Role) -> None:
    """No id and no text of what is hidden is in any answer to any field."""
    token = TOKENS.get(role)
    asking = client.with_tokens(token.scopes, token.staff) if token else client
    only = {scene.ids[of] for of in crawled(scene)}
    crawler = Crawler(
        asking, scene.viewer(role), arguments_of(scene), without=OWN_BUSINESS, only=only
    )
    seen = await crawler.crawl()
    said = str(seen)
    promoted = key(PROMOTED, "owner", BoardPrivacy.PROTECTED)  # which feeds show as an ad
    hidden = {id: of for id, of in hidden_from(scene, role).items() if of != promoted}
    assert [of for id, of in hidden.items() if id in said] == []
    for privacy in BoardPrivacy:
        if not sees(role, facts(key("board", "owner", privacy))):
            assert [each for each in texts(privacy) if each in said] == []
    met = {id for id in only if id in seen}
    assert met == only - hidden_from(scene, role).keys()


class Ending(NamedTuple):
    """How a right ends: who does what, and who saw what until then."""

    mutation: str
    by: Role
    input: dict[str, str]
    who: Role
    privacy: BoardPrivacy
    what: tuple[str, ...] = ("board", "section", "pin", "editor_pin", "comment", "reply")


ENDINGS = [
    Ending(
        "removeCollaborator",
        Role.OWNER,
        {"boardId": "$board", "userId": "$editor"},
        Role.EDITOR,
        BoardPrivacy.SECRET,
    ),
    Ending("leaveBoard", Role.EDITOR, {"boardId": "$board"}, Role.EDITOR, BoardPrivacy.SECRET),
    Ending("blockUser", Role.OWNER, {"userId": "$editor"}, Role.EDITOR, BoardPrivacy.SECRET),
    Ending("blockUser", Role.OWNER, {"userId": "$viewer"}, Role.VIEWER, BoardPrivacy.PUBLIC),
    Ending("blockUser", Role.VIEWER, {"userId": "$owner"}, Role.VIEWER, BoardPrivacy.SECRET),
    Ending(
        "blockUser",
        Role.VIEWER,
        {"userId": "$editor"},
        Role.EDITOR,
        BoardPrivacy.PUBLIC,
        what=("viewer",),
    ),
    Ending(
        "updateBoard",
        Role.OWNER,
        {"id": "$board", "privacy": "SECRET"},
        Role.STRANGER,
        BoardPrivacy.PUBLIC,
    ),
    Ending("deleteBoard", Role.OWNER, {"id": "$board"}, Role.STRANGER, BoardPrivacy.PUBLIC),
    Ending("deleteBoard", Role.OWNER, {"id": "$board"}, Role.ADMIN, BoardPrivacy.SECRET),
]


@pytest.mark.parametrize("ending", ENDINGS, ids=lambda ending: f"{ending.mutation}-{ending.who}")
async def test_a_right_ends_at_once(client: Client, scene: Scene, ending: Ending) -> None:
    """INV-6, INV-8, INV-10: the next request shows nothing any more, by id or in a list."""
    asker = Asker(client, scene)
    ids = [scene.ids[key(name, ending.who, ending.privacy)] for name in ending.what]
    row = Row(ending.mutation, ending.input)
    variables = row.variables(scene, ending.by, ending.privacy)
    lists = "query($name: String!) { user(by: {username: $name}) { boards { nodes { id } } } }"

    before = await read(asker, ending.who, ids)
    done = await asker.ask(ending.by, mutation_document(ending.mutation), input=variables)
    after = await read(asker, ending.who, ids)
    listed = await asker.ask(ending.who, lists, name="owner")

    assert None not in before.values()
    assert done.answer["data"][ending.mutation]["userErrors"] == []
    assert after == dict.fromkeys(ids)
    assert not [id for id in ids if id in listed.body]


async def test_cursors_of_others_lead_to_nothing_more(client: Client, scene: Scene) -> None:
    """A cursor says where to go on, and not what may be seen there."""
    asker = Asker(client, scene)
    document = """
    query($after: String) {
      user(by: {username: "owner"}) {
        boards(first: 10, after: $after) { edges { cursor node { id } } }
      }
    }
    """
    replies = await asker.ask(Role.OWNER, document)
    edges = replies.answer["data"]["user"]["boards"]["edges"]
    others = [role for role in Role if role not in OWNERS]
    assert len(edges) == 4
    for cursor in [edge["cursor"] for edge in edges]:
        for role in others:
            reply = await asker.ask(role, document, after=cursor)
            hidden = hidden_from(scene, role)
            assert not [id for id in hidden if id in reply.body]


async def test_documents_of_others_show_nothing_more(client: Client, scene: Scene) -> None:
    """A document that the owner stored, with the owner's ids in it, is run as whoever asks."""
    asker = Asker(client, scene)
    board = scene.ids[key("board", "owner", BoardPrivacy.SECRET)]
    document = f'{{ node(id: "{board}") {{ id ... on Board {{ name }} }} }}'
    extensions = {
        "persistedQuery": {"version": 1, "sha256Hash": sha256(document.encode()).hexdigest()}
    }
    stored = await asker.send(Role.OWNER, {"query": document, "extensions": extensions})
    assert stored.answer["data"]["node"]["name"] == "secret board"
    for role in Role:
        reply = await asker.send(role, {"extensions": extensions})
        is_seen = sees(role, Thing("Board", "owner", "owner", BoardPrivacy.SECRET))
        shown = {"id": board, "name": "secret board"} if is_seen else None
        assert reply.answer["data"] == {"node": shown}
