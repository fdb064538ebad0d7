"""Topics, and the pins about them."""

import pytest

from domain.boards import BoardPrivacy
from domain.pins import Engagement
from resolvers.nodes import global_id
from tests.client import Client
from tests.world import World

EVERY_FIELD = """
query ($by: TopicBy!) {
  topic(by: $by) { id entityId key name followerCount pinCount viewerFollows }
}
"""


async def test_every_field_by_both_names(client: Client, world: World) -> None:
    ana = await world.user("ana")
    topic = await world.topic("Уличная еда 🌮", key="street-food", follower_count=7, pin_count=9)
    await world.follow(ana, topic)
    expected = {
        "id": global_id(topic),
        "entityId": topic.id,
        "key": "street-food",
        "name": "Уличная еда 🌮",
        "followerCount": 7,
        "pinCount": 9,
        "viewerFollows": False,
    }
    for by in ({"id": global_id(topic)}, {"key": "street-food"}, {"key": "Street-Food"}):
        assert await client.data(EVERY_FIELD, by=by) == {"topic": expected}
        assert await client.data(EVERY_FIELD, ana, by=by) == {
            "topic": expected | {"viewerFollows": True}
        }


async def test_a_name_of_nothing_is_null(client: Client, world: World) -> None:
    await world.topic("Food")
    for by in ({"key": "none"}, {"key": ""}, {"id": "VG9waWM6MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAw"}):
        assert await client.data(EVERY_FIELD, by=by) == {"topic": None}


@pytest.mark.parametrize("malformed", ["", "?", "UGluOjAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMA=="])
async def test_a_malformed_id_is_a_field_error(
    client: Client, world: World, malformed: str
) -> None:
    await world.topic("Food")
    answer = await client.execute(
        'query ($id: ID!) { topic(by: {id: $id}) { name } food: topic(by: {key: "food"}) '
        "{ name } }",
        id=malformed,
    )
    assert answer.data == {"topic": None, "food": {"name": "Food"}}
    assert answer.codes == ["BAD_USER_INPUT"]


@pytest.mark.parametrize("by", ["{}", '{id: "x", key: "food"}', "{key: null}"])
async def test_exactly_one_name_is_given(client: Client, world: World, by: str) -> None:
    await world.topic("Food")
    answer = await client.execute(f"{{ topic(by: {by}) {{ name }} }}")
    assert answer.data is None
    assert answer.codes == ["GRAPHQL_VALIDATION_FAILED"]


async def test_pins_in_each_order(client: Client, world: World) -> None:
    ana = await world.user("ana")
    board = await world.board(ana)
    food, art = await world.topic("Food", pin_count=3), await world.topic("Art")
    for title, saves in (("a", 10), ("b", 1000), ("c", 0)):
        pin = await world.pin(board, title, topics=(art, food), engagement=Engagement(saves=saves))
    await world.pin(board, "art only", topics=(art,))
    await world.save(pin, board, title="a copy")
    secret = await world.board(ana, "Secret", privacy=BoardPrivacy.SECRET)
    await world.pin(secret, "hidden", topics=(food,))
    document = """
    query ($orderBy: TopicPinOrder) {
      topic(by: {key: "food"}) { pins(orderBy: $orderBy) { nodes { title } totalCount } }
    }
    """
    for field, direction, expected in (
        (None, None, "bac"),
        ("TRENDING", None, "bac"),
        ("TRENDING", "DESC", "bac"),
        ("TRENDING", "ASC", "cab"),
        ("CREATED_AT", None, "cba"),
        ("CREATED_AT", "DESC", "cba"),
        ("CREATED_AT", "ASC", "abc"),
    ):
        order = None if field is None else {"field": field, "direction": direction}
        for viewer in (None, ana):
            data = await client.data(document, viewer, orderBy=order)
            pins = data["topic"]["pins"]
            assert "".join(pin["title"] for pin in pins["nodes"]) == expected, (field, direction)
            assert pins["totalCount"] == 3


async def test_pages_of_trending_pins_meet(client: Client, world: World) -> None:
    board = await world.board(await world.user("ana"))
    food = await world.topic("Food")
    for saves in (5, 5, 0, 7, 5):
        await world.pin(board, f"{saves}", topics=(food,), engagement=Engagement(saves=saves))
    document = """
    query ($after: String) {
      topic(by: {key: "food"}) {
        pins(first: 2, after: $after) { nodes { title } pageInfo { hasNextPage endCursor } }
      }
    }
    """
    pages, after = [], None
    for _ in range(3):
        pins = (await client.data(document, after=after))["topic"]["pins"]
        after = pins["pageInfo"]["endCursor"]
        pages.append(([pin["title"] for pin in pins["nodes"]], pins["pageInfo"]["hasNextPage"]))
    assert pages == [(["7", "5"], True), (["5", "5"], True), (["0"], False)]
