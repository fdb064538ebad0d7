"""The contract of every connection (DOMAIN b.1): pages, cursors, flags, totals, bad arguments."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import pytest

from domain.boards import Collaborator
from domain.record import Id
from domain.topics import TopicRecord
from resolvers.nodes import global_id
from storage.codec import object_id
from storage.paging import Order, encode_cursor
from tests.client import Answer, Client
from tests.world import World


class Listed(NamedTuple):
    """Where a connection is found in the world of `parents`, and how many rows it has there."""

    path: str
    rows: int = 5


CONNECTIONS: Mapping[str, Listed] = {
    "Board.pins": Listed("board(by: {id: $board}) { list: pins%s }"),
    "Board.sections": Listed("board(by: {id: $board}) { list: sections%s }"),
    "Board.collaborators": Listed("board(by: {id: $board}) { list: collaborators%s }"),
    "Board.followers": Listed("board(by: {id: $board}) { list: followers%s }"),
    "Board.recommendedPins": Listed("board(by: {id: $board}) { list: recommendedPins%s }"),
    "BoardSection.pins": Listed("node(id: $section) { ... on BoardSection { list: pins%s } }"),
    "User.boards": Listed('user(by: {username: "ana"}) { list: boards%s }'),
    "User.createdPins": Listed('user(by: {username: "ana"}) { list: createdPins%s }'),
    "User.savedPins": Listed('user(by: {username: "ana"}) { list: savedPins%s }'),
    "User.followers": Listed('user(by: {username: "ana"}) { list: followers%s }'),
    "User.following": Listed('user(by: {username: "ana"}) { list: following%s }'),
    "User.followedBoards": Listed('user(by: {username: "ana"}) { list: followedBoards%s }'),
    "User.followedTopics": Listed('user(by: {username: "ana"}) { list: followedTopics%s }'),
    "Pin.comments": Listed("pin(id: $pin) { list: comments%s }"),
    "Pin.saves": Listed("pin(id: $pin) { list: saves%s }"),
    "Pin.related": Listed("pin(id: $pin) { list: related%s }", rows=9),
    "Comment.replies": Listed("node(id: $comment) { ... on Comment { list: replies%s } }"),
    "Topic.pins": Listed('topic(by: {key: "topic 0"}) { list: pins%s }'),
}
"""Every connection with the four usual arguments."""

LIST = """(first: $first, after: $after, last: $last, before: $before) {
  edges { cursor node { id } }
  nodes { id }
  pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
}"""
VARIABLES = "$first: Int, $after: String, $last: Int, $before: String"


FOREIGN = encode_cursor(
    Order("another list"), TopicRecord(id=Id("0" * 24), key="food", name="Food")
)
"""A cursor of ours that belongs to none of the lists."""


@pytest.fixture
async def parents(world: World) -> dict[str, Any]:
    """A world in which every connection has the rows that `CONNECTIONS` says: ids of parents."""
    ana = await world.user("ana")
    people = [await world.user(f"person{i}") for i in range(5)]
    share = tuple(Collaborator(user_id=user.id, joined_at=user.created_at) for user in people)
    board = await world.board(ana, collaborators=share)
    shelves = [await world.board(ana, f"Shelf {i}") for i in range(4)]
    topics = [await world.topic(f"Topic {i}") for i in range(5)]
    sections = [await world.section(board, f"Section {i}", i) for i in range(5)]
    pins = [
        await world.pin(board, f"pin {i}", topics=(topics[0],), section_id=sections[0].id)
        for i in range(5)
    ]
    comment = await world.comment(pins[0], ana)
    for user, topic in zip(people, topics, strict=True):
        theirs = await world.board(user, "Theirs")
        await world.save(pins[0], theirs)
        other = await world.pin(theirs, f"by {user.username}")
        await world.save(other, shelves[0])
        await world.follow(user, ana)
        await world.follow(user, board)
        await world.follow(ana, user)
        await world.follow(ana, theirs)
        await world.follow(ana, topic)
        await world.comment(pins[0], user, "reply", parent_id=comment.id)
    for user in people[1:]:
        await world.comment(pins[0], user)
    records = {"board": board, "section": sections[0], "pin": pins[0], "comment": comment}
    return {name: global_id(record) for name, record in records.items()}


async def ask(client: Client, name: str, parents: dict[str, Any], **arguments: Any) -> Answer:
    """Asks for a page of a connection, and beside it for something else."""
    ids = ", ".join(f"${each}: ID!" for each in parents)
    beside = "beside: nodes(ids: [" + ", ".join(f"${each}" for each in parents) + "]) { id }"
    document = f"query ({ids}, {VARIABLES}) {{ {CONNECTIONS[name].path % LIST} {beside} }}"
    return await client.execute(document, **parents, **arguments)


def list_of(data: dict[str, Any]) -> Any:
    """The connection in an answer."""
    return next(value["list"] for field, value in data.items() if field != "beside")


async def page(client: Client, name: str, parents: dict[str, Any], **arguments: Any) -> Any:
    """A page that agrees with itself: nodes with edges, and ends with cursors."""
    answer = await ask(client, name, parents, **arguments)
    assert answer.errors == []
    found = list_of(answer.data)
    cursors = [edge["cursor"] for edge in found["edges"]]
    assert found["nodes"] == [edge["node"] for edge in found["edges"]]
    assert found["pageInfo"]["startCursor"] == (cursors[0] if cursors else None)
    assert found["pageInfo"]["endCursor"] == (cursors[-1] if cursors else None)
    return found


def flags(found: Any) -> tuple[bool, bool]:
    """Whether there is a page before, and one after."""
    return found["pageInfo"]["hasPreviousPage"], found["pageInfo"]["hasNextPage"]


async def test_pages_forward_are_the_whole(client: Client, parents: dict[str, Any]) -> None:
    for name, (_, rows) in CONNECTIONS.items():
        whole = await page(client, name, parents, first=100)
        assert len({node["id"] for node in whole["nodes"]}) == len(whole["nodes"]) == rows, name
        assert flags(whole) == (False, False), name
        assert await page(client, name, parents) == whole, name
        edges, after = [], None
        for start in range(0, rows, 2):
            found = await page(client, name, parents, first=2, after=after)
            assert flags(found) == (start > 0, start + 2 < rows), name
            edges += found["edges"]
            after = found["pageInfo"]["endCursor"]
        assert edges == whole["edges"], name


async def test_pages_backward_are_the_whole_in_the_same_order(
    client: Client, parents: dict[str, Any]
) -> None:
    for name, (_, rows) in CONNECTIONS.items():
        whole = await page(client, name, parents)
        edges: list[Any] = []
        before = None
        for end in range(rows, 0, -2):
            found = await page(client, name, parents, last=2, before=before)
            assert flags(found) == (end > 2, end < rows), name
            edges = found["edges"] + edges
            before = found["pageInfo"]["startCursor"]
        assert edges == whole["edges"], name


async def test_none_can_be_asked_for(client: Client, parents: dict[str, Any]) -> None:
    def nothing(*, before: bool, after: bool) -> dict[str, Any]:
        info = {"hasPreviousPage": before, "hasNextPage": after}
        return {"edges": [], "nodes": [], "pageInfo": info | dict.fromkeys(ENDS)}

    for name in CONNECTIONS:
        found = await page(client, name, parents, first=0)
        assert found == nothing(before=False, after=True), name
        found = await page(client, name, parents, last=0)
        assert found == nothing(before=True, after=False), name
        end = (await page(client, name, parents))["pageInfo"]["endCursor"]
        found = await page(client, name, parents, first=10, after=end)
        assert found == nothing(before=True, after=False), name


ENDS = ("startCursor", "endCursor")


async def test_bad_arguments_are_field_errors(client: Client, parents: dict[str, Any]) -> None:
    for name in CONNECTIONS:
        cursor = (await page(client, name, parents, first=1))["pageInfo"]["endCursor"]
        for arguments, code in (
            ({"first": 101}, "BAD_USER_INPUT"),
            ({"first": -1}, "BAD_USER_INPUT"),
            ({"last": 101}, "BAD_USER_INPUT"),
            ({"last": -1}, "BAD_USER_INPUT"),
            ({"first": 1, "last": 1}, "BAD_USER_INPUT"),
            ({"first": 1, "before": cursor}, "BAD_USER_INPUT"),
            ({"last": 1, "after": cursor}, "BAD_USER_INPUT"),
            ({"after": cursor, "before": cursor}, "BAD_USER_INPUT"),
            ({"before": cursor}, "BAD_USER_INPUT"),
            ({"after": "garbage"}, "INVALID_CURSOR"),
            ({"after": ""}, "INVALID_CURSOR"),
            ({"after": "🙂"}, "INVALID_CURSOR"),
            ({"after": cursor + "A" * 600}, "INVALID_CURSOR"),
            ({"last": 1, "before": cursor[:-3]}, "INVALID_CURSOR"),
            ({"after": FOREIGN}, "INVALID_CURSOR"),
        ):
            answer = await ask(client, name, parents, **arguments)
            assert list_of(answer.data) is None, (name, arguments)
            assert answer.data["beside"] == [{"id": each} for each in parents.values()]
            assert answer.codes == [code], (name, arguments)
            assert answer.errors[0]["path"][1] == "list"


async def test_a_cursor_of_another_order_is_refused(client: Client, world: World) -> None:
    board = await world.board(await world.user("ana"))
    await world.pin(board)
    document = """
    query ($id: ID!, $orderBy: BoardPinOrder, $after: String) {
      board(by: {id: $id}) {
        name
        pins(orderBy: $orderBy, after: $after) { edges { cursor } }
      }
    }
    """
    orders: list[dict[str, str]] = [
        {"field": "CUSTOM", "direction": "ASC"},
        {"field": "CUSTOM", "direction": "DESC"},
        {"field": "CREATED_AT", "direction": "ASC"},
        {"field": "CREATED_AT", "direction": "DESC"},
    ]
    cursors = []
    for order in orders:
        data = await client.data(document, id=global_id(board), orderBy=order)
        cursors.append(data["board"]["pins"]["edges"][0]["cursor"])
    assert len(set(cursors)) == 4
    for order, own in zip(orders, cursors, strict=True):
        for cursor in cursors:
            answer = await client.execute(
                document, id=global_id(board), orderBy=order, after=cursor
            )
            if cursor == own:
                assert (answer.data["board"]["pins"], answer.codes) == ({"edges": []}, [])
            else:
                assert answer.data == {"board": {"name": "Kitchen", "pins": None}}
                assert answer.codes == ["INVALID_CURSOR"]


async def test_by_default_a_page_has_25_and_at_most_100(client: Client, world: World) -> None:
    board = await world.board(await world.user("ana"))
    for i in range(101):
        await world.pin(board, f"{i}")
    document = """
    query ($id: ID!, $first: Int, $last: Int) {
      board(by: {id: $id}) {
        pins(first: $first, last: $last) {
          nodes { title } pageInfo { hasNextPage hasPreviousPage } totalCount totalCountIsExact
        }
      }
    }
    """
    newest = [{"title": f"{i}"} for i in reversed(range(101))]
    for arguments, nodes, more in (
        ({}, newest[:25], "hasNextPage"),
        ({"first": None}, newest[:25], "hasNextPage"),
        ({"first": 100}, newest[:100], "hasNextPage"),
        ({"last": 100}, newest[1:], "hasPreviousPage"),
    ):
        data = await client.data(document, id=global_id(board), **arguments)
        assert data["board"]["pins"] == {
            "nodes": nodes,
            "pageInfo": {"hasNextPage": False, "hasPreviousPage": False} | {more: True},
            "totalCount": 101,
            "totalCountIsExact": True,
        }


async def test_pages_do_not_shift_when_rows_come_and_go(client: Client, world: World) -> None:
    board = await world.board(await world.user("ana"))
    pins = {title: await world.pin(board, title) for title in "abcdef"}
    document = """
    query ($id: ID!, $first: Int, $after: String, $last: Int, $before: String) {
      board(by: {id: $id}) {
        pins(
          orderBy: {field: CREATED_AT}, first: $first, after: $after, last: $last, before: $before
        ) { nodes { title } pageInfo { startCursor endCursor } }
      }
    }
    """

    async def titles(**arguments: Any) -> tuple[str, dict[str, str]]:
        data = await client.data(document, id=global_id(board), **arguments)
        found = data["board"]["pins"]
        return "".join(node["title"] for node in found["nodes"]), found["pageInfo"]

    first, ends = await titles(first=2)
    assert first == "fe"
    await world.pin(board, "g")
    await world.storage.mongo.collection("pins").delete_one({"_id": object_id(pins["e"].id)})
    assert (await titles(first=2, after=ends["endCursor"]))[0] == "dc"
    assert (await titles(last=2, before=ends["endCursor"]))[0] == "gf"
    assert (await titles(last=2, before=ends["startCursor"]))[0] == "g"


COUNTS: Mapping[str, tuple[str, str]] = {
    "Board.pins": ("pins.pages_by_board", "pins.counts_by_board"),
    "User.boards": ("boards.pages_by_owner", "boards.counts_by_owner"),
    "User.createdPins": ("pins.pages_by_owner", "pins.counts_by_owner"),
    "User.savedPins": ("pins.pages_by_owner", "pins.counts_by_owner"),
    "User.following": ("follows.pages_of_following", "follows.counts_of_following"),
    "User.followedTopics": ("follows.pages_of_following", "follows.counts_of_following"),
    "Pin.comments": ("comments.pages_by_pin", "comments.counts_by_pin"),
    "Pin.saves": ("pins.pages_of_copies", "pins.counts_of_copies"),
    "User.followers": ("follows.pages_of_followers", ""),
    "Board.followers": ("follows.pages_of_followers", ""),
    "Board.sections": ("sections.pages_by_board", ""),
    "BoardSection.pins": ("pins.pages_by_section", ""),
    "Comment.replies": ("comments.pages_of_replies", ""),
    "Topic.pins": ("pins.pages_by_topic", ""),
}
"""The query of each connection's page, and that of its total; '' where the total is stored."""


async def test_a_total_runs_no_page_and_a_page_no_total(
    client: Client, parents: dict[str, Any], calls: list[str]
) -> None:
    ids = ", ".join(f"${each}: ID!" for each in parents)
    beside = "nodes(ids: [" + ", ".join(f"${each}" for each in parents) + "]) { id }"
    for name, (pages, counts) in COUNTS.items():
        path = CONNECTIONS[name].path
        for fields, expected in (
            ("{ totalCount totalCountIsExact }", [counts] if counts else []),
            ("{ edges { cursor } nodes { id } pageInfo { hasNextPage } }", [pages]),
            ("{ totalCount nodes { id } }", [counts, pages] if counts else [pages]),
        ):
            calls.clear()
            await client.data(f"query ({ids}) {{ {path % fields} {beside} }}", **parents)
            made = [call for call in calls if call in {pages, counts}]
            assert sorted(made) == sorted(expected), (name, fields)


async def test_one_that_cannot_be_read_leaves_the_others(client: Client, world: World) -> None:
    ana = await world.user("ana")
    pin = await world.pin(await world.board(ana))
    comment = await world.comment(pin, ana)
    await world.save(pin, await world.board(ana, "Saved"), title="copy")
    broken = {"$unset": {"text": True}}
    await world.storage.mongo.collection("comments").update_many({}, broken)
    answer = await client.execute(
        """
        query ($pin: ID!, $comment: ID!) {
          pin(id: $pin) {
            comments { nodes { text } }
            more: comments { edges { node { text } } pageInfo { hasNextPage } }
            saves { nodes { title } edges { node { title } } pageInfo { hasNextPage } }
          }
          nodes(ids: [$pin, $comment, $pin]) { id }
        }
        """,
        pin=global_id(pin),
        comment=global_id(comment),
    )
    assert answer.data == {
        "pin": {
            "comments": None,
            "more": None,
            "saves": {
                "nodes": [{"title": "copy"}],
                "edges": [{"node": {"title": "copy"}}],
                "pageInfo": {"hasNextPage": False},
            },
        },
        "nodes": [{"id": global_id(pin)}, None, {"id": global_id(pin)}],
    }
    assert set(answer.codes) == {"INTERNAL_SERVER_ERROR"}
    assert {error["message"] for error in answer.errors} == {"Internal server error"}


async def test_a_page_of_hidden_rows_leads_on(client: Client, world: World) -> None:
    viewer, ana, ben = [await world.user(name) for name in ("viewer", "ana", "ben")]
    await world.follow(ben, ana)
    for i in range(3):
        blocker = await world.user(f"blocker{i}")
        await world.follow(blocker, ana)
        await world.block(blocker, viewer)
    await world.follow(viewer, ana)
    document = """
    query ($first: Int, $after: String, $last: Int, $before: String) {
      user(by: {username: "ana"}) {
        followers(first: $first, after: $after, last: $last, before: $before) {
          nodes { username } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        }
      }
    }
    """

    async def walk(size: str, cursor: str, more: str, end: str) -> list[list[str]]:
        pages, arguments = [], dict[str, Any]({size: 1})
        while arguments:
            found = (await client.data(document, viewer, **arguments))["user"]["followers"]
            pages.append([node["username"] for node in found["nodes"]])
            info = found["pageInfo"]
            arguments = {size: 1, cursor: info[end]} if info[more] else {}
        return pages

    forward = await walk("first", "after", "hasNextPage", "endCursor")
    assert forward == [["viewer"], [], [], [], ["ben"]]
    backward = await walk("last", "before", "hasPreviousPage", "startCursor")
    assert backward == [["ben"], [], [], [], ["viewer"]]


async def test_a_total_above_10000_is_not_given(client: Client, world: World) -> None:
    for count in (10_000, 10_001):
        await world.user(f"user{count}", follower_count=count)
    document = """
    query ($username: String!) {
      user(by: {username: $username}) { followers { totalCount totalCountIsExact } }
    }
    """
    assert await client.data(document, username="user10000") == {
        "user": {"followers": {"totalCount": 10_000, "totalCountIsExact": True}}
    }
    assert await client.data(document, username="user10001") == {
        "user": {"followers": {"totalCount": None, "totalCountIsExact": False}}
    }
