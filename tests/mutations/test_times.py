"""INV-17: times are UTC and whole milliseconds, in the answer of a write as in any later one."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.client import Client
from tests.mutations.wire import gid, snapshot
from tests.world import World

PICTURE = '{imageUrl: {url: "https://images.example/a.jpg", width: 6, height: 8}}'
WRITE = f"""
mutation($board: ID!, $pin: ID!, $user: ID!) {{
  createBoard(input: {{name: "Times"}}) {{ boardEdge {{ node {{ id createdAt }} }} }}
  createPin(input: {{boardId: $board, media: {PICTURE}}}) {{
    pinEdge {{ node {{ id createdAt }} }}
  }}
  addComment(input: {{pinId: $pin, text: "Now"}}) {{ commentEdge {{ node {{ id createdAt }} }} }}
  followUser(input: {{userId: $user}}) {{ user {{ viewerFollows }} }}
}}
"""
READ = """
query($ids: [ID!]!) {
  nodes(ids: $ids) {
    ... on Board { createdAt } ... on Pin { createdAt } ... on Comment { createdAt }
  }
}
"""


async def test_times_are_utc_and_whole_milliseconds(world: World, client: Client) -> None:
    """INV-17."""
    ana, ben = await world.user("ana"), await world.user("ben")
    board = await world.board(ana)
    pin = await world.pin(board)
    began = datetime.now(UTC) - timedelta(milliseconds=1)

    data = await client.data(WRITE, ana, board=gid(board), pin=gid(pin), user=gid(ben))

    edges = [data["createBoard"]["boardEdge"], data["createPin"]["pinEdge"]]
    nodes = [edge["node"] for edge in (*edges, data["addComment"]["commentEdge"])]
    told = [node["createdAt"] for node in nodes]
    read = await client.data(READ, ana, ids=[node["id"] for node in nodes])
    assert [node["createdAt"] for node in read["nodes"]] == told
    assert all(text.endswith("Z") for text in told)
    assert all(began <= datetime.fromisoformat(text) <= datetime.now(UTC) for text in told)
    stored = list(_times(await snapshot(world)))
    assert len(stored) > 10
    assert {each.utcoffset() for each in stored} == {timedelta(0)}
    assert {each.microsecond % 1000 for each in stored} == {0}


def _times(value: Any) -> Iterator[datetime]:
    if isinstance(value, datetime):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _times(each)
