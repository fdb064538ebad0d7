"""`node` and `nodes`: what an id names, and null for everything else."""

from base64 import b64encode

import pytest

from domain.boards import BoardPrivacy
from domain.ids import to_global_id
from domain.users import UserStatus
from resolvers.nodes import global_id
from tests.client import Client
from tests.world import World

NODE = """
query ($id: ID!) {
  node(id: $id) {
    __typename id entityId
    ... on User { username }
    ... on Board { name }
    ... on BoardSection { title }
    ... on Pin { pinTitle: title }
    ... on Comment { text }
    ... on Topic { topicName: name }
  }
}
"""
NODES = "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename entityId } }"


async def test_each_type(client: Client, world: World) -> None:
    ana = await world.user("ana")
    board = await world.board(ana)
    section = await world.section(board, "Soups")
    pin = await world.pin(board)
    comment = await world.comment(pin, ana)
    topic = await world.topic("Food")
    for record, type_name, text in (
        (ana, "User", {"username": "ana"}),
        (board, "Board", {"name": "Kitchen"}),
        (section, "BoardSection", {"title": "Soups"}),
        (pin, "Pin", {"pinTitle": "A pin"}),
        (comment, "Comment", {"text": "Lovely"}),
        (topic, "Topic", {"topicName": "Food"}),
    ):
        id = to_global_id(type_name, record.id)
        assert global_id(record) == id
        assert await client.data(NODE, id=id) == {
            "node": {"__typename": type_name, "id": id, "entityId": record.id} | text
        }


def encoded(text: str) -> str:
    """The base64 of a text."""
    return b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    "id",
    [
        "",
        "?",
        "User",
        encoded("User"),
        encoded("User:"),
        encoded("User:123"),
        encoded(":" + "0" * 24),
        encoded("User:" + "0" * 24),
        encoded("User:" + "F" * 24),
        encoded("user:" + "0" * 24),
        encoded("Query:" + "0" * 24),
        encoded("PromotedPin:" + "0" * 24),
        encoded("PromotedPin:0192f0c0-0000-7000-8000-000000000000"),
        encoded("User:" + "0" * 24 + "\n"),
        encoded("Üser:" + "0" * 24),
        "////",
        "A" * 10_000,
        "🙂",
        "\u0000",
    ],
)
async def test_what_names_nothing_is_null_and_no_error(
    client: Client, world: World, id: str
) -> None:
    await world.user("ana")
    assert await client.data(NODE, id=id) == {"node": None}
    assert await client.data(NODES, ids=[id]) == {"nodes": [None]}


async def test_an_id_of_one_type_names_nothing_of_another(client: Client, world: World) -> None:
    ana = await world.user("ana")
    assert await client.data(NODE, id=to_global_id("Pin", ana.id)) == {"node": None}


async def test_nodes_keep_order_length_and_duplicates(
    client: Client, world: World, calls: list[str]
) -> None:
    ana = await world.user("ana")
    board = await world.board(ana)
    secret = await world.board(ana, "Secret", privacy=BoardPrivacy.SECRET)
    gone = await world.user("gone", status=UserStatus.DEACTIVATED)
    ids = [global_id(each) for each in (board, ana, secret, gone, ana)]
    calls.clear()
    assert await client.data(NODES, ids=["?", *ids]) == {
        "nodes": [
            None,
            {"__typename": "Board", "entityId": board.id},
            {"__typename": "User", "entityId": ana.id},
            None,
            None,
            {"__typename": "User", "entityId": ana.id},
        ]
    }
    assert sorted(calls) == [
        *("boards.get_many", "cache.boards", "cache.fill_boards"),
        *("cache.fill_users", "cache.users", "users.get_many"),
    ]
    assert await client.data(NODES, ids=[]) == {"nodes": []}


async def test_a_hundred_ids_and_no_more(client: Client, world: World) -> None:
    ana = await world.user("ana")
    data = await client.data(NODES, ids=[global_id(ana)] * 100)
    assert data == {"nodes": [{"__typename": "User", "entityId": ana.id}] * 100}
    document = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } viewer { user { username } } }"
    answer = await client.execute(document, ana, ids=[global_id(ana)] * 101)
    assert answer.data == {"nodes": None, "viewer": {"user": {"username": "ana"}}}
    assert answer.codes == ["BAD_USER_INPUT"]
