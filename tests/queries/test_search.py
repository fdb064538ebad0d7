"""Search over pins, boards, users and topics."""

from typing import Any

import pytest
from bson import ObjectId

from domain.boards import BoardPrivacy, Collaborator
from domain.users import AccountType, UserStatus
from resolvers.nodes import global_id
from resolvers.search import MAX_DEPTH
from tests.client import Client
from tests.world import World

SEARCH = """
query ($query: String!, $types: [SearchType!], $first: Int, $after: String) {
  search(query: $query, types: $types, first: $first, after: $after) {
    edges {
      cursor type score
      node {
        __typename
        ... on Pin { id title }
        ... on Board { id name }
        ... on User { id username }
        ... on Topic { id topicName: name }
      }
    }
    nodes {
      __typename
      ... on Pin { id title }
      ... on Board { id name }
      ... on User { id username }
      ... on Topic { id topicName: name }
    }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    totalCount
  }
}
"""


async def search(client: Client, query: str, viewer: Any = None, **variables: Any) -> Any:
    """The connection of a search, which agrees with itself."""
    found = (await client.data(SEARCH, viewer, query=query, **variables))["search"]
    cursors = [edge["cursor"] for edge in found["edges"]]
    assert found["nodes"] == [edge["node"] for edge in found["edges"]]
    assert len(set(cursors)) == len(cursors)
    assert found["totalCount"] is None
    return found


def named(found: Any) -> list[str]:
    """What was found, by the name of each."""
    keys = ("title", "name", "username", "topicName")
    return [next(node[key] for key in keys if key in node) for node in found["nodes"]]


async def test_every_field_of_every_kind(client: Client, world: World) -> None:
    ana = await world.user("ana", full_name="Ana Soup")
    board = await world.board(ana, "Soup")
    pin = await world.pin(board, "Soup")
    topic = await world.topic("Soup")
    found = await search(client, "soup")
    scores = {edge["type"]: edge["score"] for edge in found["edges"]}
    assert scores["PIN"] == scores["BOARD"] > scores["USER"] > scores["TOPIC"] > 0
    expected = [
        ("PIN", {"__typename": "Pin", "id": global_id(pin), "title": "Soup"}),
        ("BOARD", {"__typename": "Board", "id": global_id(board), "name": "Soup"}),
        ("USER", {"__typename": "User", "id": global_id(ana), "username": "ana"}),
        ("TOPIC", {"__typename": "Topic", "id": global_id(topic), "topicName": "Soup"}),
    ]
    edges = [{name: edge[name] for name in ("type", "node")} for edge in found["edges"]]
    assert edges == [{"type": type, "node": node} for type, node in expected]
    cursors = [edge["cursor"] for edge in found["edges"]]
    assert found["pageInfo"] == {
        "hasNextPage": False,
        "hasPreviousPage": False,
        "startCursor": cursors[0],
        "endCursor": cursors[-1],
    }


async def test_the_best_comes_first_then_the_newest(client: Client, world: World) -> None:
    board = await world.board(await world.user("ana"))
    await world.pin(board, "Lemon", description="with basil")
    older = await world.pin(board, "Basil")
    await world.pin(board, "Basil and lemon and mint and garlic")
    await world.pin(board, "Lime", alt_text="basil")
    await world.pin(board, "Lemon tart", description="with basil")
    newer = await world.pin(board, "Basil")
    await world.pin(board, "Nothing of it")
    found = await search(client, "basil", types=["PIN"])
    assert named(found) == [
        *("Basil", "Basil"),
        "Basil and lemon and mint and garlic",
        "Lime",
        *("Lemon tart", "Lemon"),
    ]
    equal = [node["id"] for node in found["nodes"][:2]]
    assert equal == [global_id(newer), global_id(older)]
    scores = [edge["score"] for edge in found["edges"]]
    assert scores == sorted(scores, reverse=True)


async def test_words_phrases_and_what_is_left_out(client: Client, world: World) -> None:
    board = await world.board(await world.user("ana"))
    for title in ("Green soup", "Soup, green", "Green salad", "Žurek 🍲", "Супы и салаты"):
        await world.pin(board, title)
    for query, expected in (
        ("soup", {"Green soup", "Soup, green"}),
        ("SOUPS", {"Green soup", "Soup, green"}),
        ("  soup \n", {"Green soup", "Soup, green"}),
        ("green soup", {"Green soup", "Soup, green", "Green salad"}),
        ('"green soup"', {"Green soup"}),
        ("green -soup", {"Green salad"}),
        ('green -"green soup"', {"Soup, green", "Green salad"}),
        ("-soup", set()),
        ("zurek", {"Žurek 🍲"}),
        ("супы", {"Супы и салаты"}),
        ("nothing", set()),
        ('"', set()),
        ("$where", set()),
        ("{}", set()),
        (".*", set()),
        ("\u0000", set()),
    ):
        assert set(named(await search(client, query))) == expected, query


@pytest.mark.parametrize("query", ["", "   ", "x" * 201, "🍲" * 201])
async def test_a_query_has_1_to_200_characters(client: Client, world: World, query: str) -> None:
    await world.user("ana")
    answer = await client.execute(
        "query ($query: String!) { search(query: $query) { nodes { __typename } } "
        'user(by: {username: "ana"}) { username } }',
        query=query,
    )
    assert answer.data == {"search": None, "user": {"username": "ana"}}
    assert answer.codes == ["BAD_USER_INPUT"]


async def test_a_query_of_200_characters_is_fine(client: Client, world: World) -> None:
    await world.topic("Soup")
    assert named(await search(client, "soup" + " 🍲" * 98)) == ["Soup"]


async def test_types(client: Client, world: World) -> None:
    ana = await world.user("soup", account_type=AccountType.BUSINESS, business_name="Soup & Co")
    board = await world.board(ana, "Soup")
    await world.pin(board, "Soup")
    await world.topic("Soup")
    everything = {"Pin", "Board", "User", "Topic"}
    for types, expected in (
        (None, everything),
        ([], everything),
        (["PIN"], {"Pin"}),
        (["BOARD"], {"Board"}),
        (["USER"], {"User"}),
        (["TOPIC"], {"Topic"}),
        (["TOPIC", "PIN", "PIN"], {"Topic", "Pin"}),
        (["PIN", "BOARD", "USER", "TOPIC"], everything),
    ):
        found = await search(client, "soup", types=types)
        assert {node["__typename"] for node in found["nodes"]} == expected
        assert len(found["nodes"]) == len(expected)


async def test_pages_meet_without_doubles_or_gaps(client: Client, world: World) -> None:
    ana = await world.user("ana", full_name="Soup")
    board = await world.board(ana, "Soup")
    for _ in range(4):
        await world.pin(board, "Soup")
        await world.board(ana, "Soup", slug=str(ObjectId()))
        await world.topic("Soup", key=str(ObjectId()))
    whole = await search(client, "soup")
    assert len(whole["nodes"]) == 14
    for size in (1, 3, 5, 13):
        edges, after, more = [], None, True
        while more:
            found = await search(client, "soup", first=size, after=after)
            assert found["pageInfo"]["hasPreviousPage"] is (after is not None)
            edges += found["edges"]
            after, more = found["pageInfo"]["endCursor"], found["pageInfo"]["hasNextPage"]
        assert edges == whole["edges"]


async def test_none_can_be_asked_for(client: Client, world: World) -> None:
    await world.topic("Soup")
    ends = {"startCursor": None, "endCursor": None, "hasPreviousPage": False}
    found = await search(client, "soup", first=0)
    assert (found["edges"], found["pageInfo"]) == ([], ends | {"hasNextPage": True})
    found = await search(client, "salad", first=0)
    assert (found["edges"], found["pageInfo"]) == ([], ends | {"hasNextPage": False})
    cursor = (await search(client, "soup"))["pageInfo"]["endCursor"]
    found = await search(client, "soup", after=cursor)
    assert (found["edges"], found["pageInfo"]) == (
        [],
        ends | {"hasNextPage": False, "hasPreviousPage": True},
    )


async def test_bad_arguments_are_field_errors(client: Client, world: World) -> None:
    await world.topic("Soup")
    await world.topic("Salad")
    cursor = (await search(client, "soup"))["pageInfo"]["endCursor"]
    another = (await search(client, "salad"))["pageInfo"]["endCursor"]
    for arguments, code in (
        ({"first": 101}, "BAD_USER_INPUT"),
        ({"first": -1}, "BAD_USER_INPUT"),
        ({"after": "garbage"}, "INVALID_CURSOR"),
        ({"after": ""}, "INVALID_CURSOR"),
        ({"after": "🙂"}, "INVALID_CURSOR"),
        ({"after": cursor[:-2]}, "INVALID_CURSOR"),
        ({"after": another}, "INVALID_CURSOR"),
        ({"after": cursor, "types": ["PIN"]}, "INVALID_CURSOR"),
    ):
        answer = await client.execute(SEARCH, query="soup", **arguments)
        assert (answer.data, answer.codes) == ({"search": None}, [code]), arguments
    everything = ["TOPIC", "USER", "PIN", "BOARD"]
    assert (await search(client, " soup", types=everything, after=cursor))["edges"] == []


async def test_what_is_not_public_is_never_found(client: Client, world: World) -> None:
    names = ("ana", "ben", "blocker")
    ana, ben, blocker = [await world.user(name) for name in names]
    gone = await world.user("gone", full_name="Soup", status=UserStatus.DEACTIVATED)
    host = await world.user("host")
    share = (Collaborator(user_id=ben.id), Collaborator(user_id=gone.id))
    for privacy in (BoardPrivacy.SECRET, BoardPrivacy.PROTECTED):
        board = await world.board(
            ana, "Soup", slug=privacy.value.lower(), privacy=privacy, collaborators=share
        )
        await world.pin(board, "Soup")
    public = await world.board(host, "Mine", collaborators=share)
    shown = await world.pin(public, "Soup by host")
    await world.save(shown, await world.board(ben, "Ben's"))
    await world.pin(public, "Soup by gone", owner=gone)
    await world.board(gone, "Soup of gone")
    await world.pin(await world.board(blocker, "Soup of blocker"), "Soup by blocker")
    await world.block(blocker, ben)
    everybodys = {"Soup by host", "Soup by blocker", "Soup of blocker"}
    for viewer, expected in (
        (None, everybodys),
        (ana, everybodys),
        (host, everybodys),
        (ben, {"Soup by host"}),
    ):
        found = await search(client, "soup", viewer)
        assert set(named(found)) == expected
        assert len(found["nodes"]) == len(expected)


async def test_a_page_of_hidden_results_leads_on(client: Client, world: World) -> None:
    viewer, blocker, host = [await world.user(name) for name in ("viewer", "blocker", "host")]
    await world.pin(await world.board(host), "Soup by host")
    board = await world.board(blocker)
    for _ in range(3):
        await world.pin(board, "Soup")
    await world.block(blocker, viewer)
    pages, after = [], None
    for _ in range(4):
        found = await search(client, "soup", viewer, types=["PIN"], first=1, after=after)
        after = found["pageInfo"]["endCursor"]
        pages.append((named(found), found["pageInfo"]["hasNextPage"]))
    assert pages == [([], True), ([], True), ([], True), (["Soup by host"], False)]


async def test_a_search_reaches_1000_results_deep(
    client: Client, world: World, calls: list[str]
) -> None:
    topics = [
        {"key": str(i), "name": "Soup", "follower_count": 0, "pin_count": 0}
        for i in range(MAX_DEPTH + 1)
    ]
    await world.storage.mongo.collection("topics").insert_many(topics)
    document = """
    query ($first: Int, $after: String) {
      search(query: "soup", first: $first, after: $after) {
        nodes { ... on Topic { id } } pageInfo { hasNextPage endCursor }
      }
    }
    """
    seen: set[str] = set()
    after = None
    for first, reached in (*((100, 100 * i) for i in range(1, 10)), (60, 960), (100, 1000)):
        found = (await client.data(document, first=first, after=after))["search"]
        seen.update(node["id"] for node in found["nodes"])
        assert len(seen) == reached
        assert found["pageInfo"]["hasNextPage"] is (reached < 1000)
        after = found["pageInfo"]["endCursor"]
    calls.clear()
    beyond = (await client.data(document, after=after))["search"]
    assert beyond == {"nodes": [], "pageInfo": {"hasNextPage": False, "endCursor": None}}
    assert calls == []
