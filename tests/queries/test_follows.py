"""The follow graph, both ways."""

from typing import Any

from domain.boards import BoardPrivacy
from domain.users import UserStatus
from resolvers.nodes import global_id
from tests.client import Client
from tests.queries.wire import moment
from tests.world import World


async def test_users_both_ways(client: Client, world: World) -> None:
    ana, ben, cleo = [await world.user(name) for name in ("ana", "ben", "cleo")]
    to_ana = await world.follow(ben, ana)
    also_to_ana = await world.follow(cleo, ana)
    implicit = await world.follow(cleo, ben, is_explicit=False)
    document = """
    query ($username: String!) {
      user(by: {username: $username}) {
        followers { edges { followedAt node { username } } nodes { username } totalCount }
        following { edges { followedAt node { username } } nodes { username } totalCount }
        explicit: following(explicitOnly: true) { nodes { username } totalCount }
      }
    }
    """

    def page(*edges: tuple[Any, str], total: int) -> dict[str, Any]:
        return {
            "edges": [
                {"followedAt": moment(edge.created_at), "node": {"username": name}}
                for edge, name in edges
            ],
            "nodes": [{"username": name} for _, name in edges],
            "totalCount": total,
        }

    assert await client.data(document, username="ana") == {
        "user": {
            "followers": page((also_to_ana, "cleo"), (to_ana, "ben"), total=0),
            "following": page(total=0),
            "explicit": {"nodes": [], "totalCount": 0},
        }
    }
    assert await client.data(document, username="cleo") == {
        "user": {
            "followers": page(total=0),
            "following": page((implicit, "ben"), (also_to_ana, "ana"), total=2),
            "explicit": {"nodes": [{"username": "ana"}], "totalCount": 1},
        }
    }


async def test_a_followers_total_is_the_stored_count(client: Client, world: World) -> None:
    ana = await world.user("ana", follower_count=12)
    board = await world.board(ana, follower_count=34)
    document = """
    query ($id: ID!) {
      user(by: {username: "ana"}) { followers { totalCount } }
      board(by: {id: $id}) { followers { totalCount } }
    }
    """
    assert await client.data(document, id=global_id(board)) == {
        "user": {"followers": {"totalCount": 12}},
        "board": {"followers": {"totalCount": 34}},
    }


async def test_followed_boards_and_topics(client: Client, world: World) -> None:
    ana, ben, stranger = [await world.user(name) for name in ("ana", "ben", "stranger")]
    opened = await world.board(ben, "Open")
    closed = await world.board(ana, "Closed", privacy=BoardPrivacy.SECRET)
    food = await world.topic("Food")
    of_open = await world.follow(ana, opened)
    of_closed = await world.follow(ana, closed)
    of_food = await world.follow(ana, food)
    document = """
    {
      user(by: {username: "ana"}) {
        followedBoards {
          edges { followedAt node { name } } nodes { name } totalCount totalCountIsExact
        }
        followedTopics { edges { followedAt node { name } } nodes { name } totalCount }
      }
    }
    """
    open_edge = {"followedAt": moment(of_open.created_at), "node": {"name": "Open"}}
    closed_edge = {"followedAt": moment(of_closed.created_at), "node": {"name": "Closed"}}
    topics = {
        "edges": [{"followedAt": moment(of_food.created_at), "node": {"name": "Food"}}],
        "nodes": [{"name": "Food"}],
        "totalCount": 1,
    }
    for viewer in (None, stranger, ben):
        assert await client.data(document, viewer) == {
            "user": {
                "followedBoards": {
                    "edges": [open_edge],
                    "nodes": [{"name": "Open"}],
                    "totalCount": None,
                    "totalCountIsExact": False,
                },
                "followedTopics": topics,
            }
        }
    assert await client.data(document, ana) == {
        "user": {
            "followedBoards": {
                "edges": [closed_edge, open_edge],
                "nodes": [{"name": "Closed"}, {"name": "Open"}],
                "totalCount": 2,
                "totalCountIsExact": True,
            },
            "followedTopics": topics,
        }
    }


async def test_followers_of_a_board(client: Client, world: World) -> None:
    ana, ben, cleo = [await world.user(name) for name in ("ana", "ben", "cleo")]
    board = await world.board(ana)
    edge = await world.follow(ben, board)
    await world.follow(cleo, ana)
    document = """
    query ($id: ID!) {
      board(by: {id: $id}) {
        followers { edges { followedAt node { username } } nodes { username } }
      }
    }
    """
    assert await client.data(document, id=global_id(board)) == {
        "board": {
            "followers": {
                "edges": [{"followedAt": moment(edge.created_at), "node": {"username": "ben"}}],
                "nodes": [{"username": "ben"}],
            }
        }
    }


async def test_hidden_ends_are_left_out(client: Client, world: World) -> None:
    ana, ben, cleo = [await world.user(name) for name in ("ana", "ben", "cleo")]
    gone = await world.user("gone", status=UserStatus.DEACTIVATED)
    for other in (ben, gone, cleo):
        await world.follow(ana, other)
        await world.follow(other, ana)
        await world.follow(ana, await world.board(other))
    await world.block(cleo, ben)
    document = """
    {
      user(by: {username: "ana"}) {
        followers { nodes { username } }
        following { nodes { username } }
        followedBoards { nodes { owner { username } } }
      }
    }
    """
    for viewer, expected in (
        (None, ["cleo", "ben"]),
        (ana, ["cleo", "ben"]),
        (ben, ["ben"]),
        (cleo, ["cleo"]),
    ):
        people = [{"username": name} for name in expected]
        assert await client.data(document, viewer) == {
            "user": {
                "followers": {"nodes": people},
                "following": {"nodes": people},
                "followedBoards": {"nodes": [{"owner": person} for person in people]},
            }
        }
