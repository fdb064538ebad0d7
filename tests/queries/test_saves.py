"""Saves of a pin: the copies that anybody may see."""

from domain.boards import BoardPrivacy
from domain.users import UserStatus
from resolvers.nodes import global_id
from tests.client import Client
from tests.queries.wire import moment
from tests.world import World

SAVES = """
query ($id: ID!) {
  pin(id: $id) {
    saveCount
    saves {
      edges {
        savedAt user { username } board { name owner { username } } node { title parent { title } }
      }
      nodes { title }
      totalCount
    }
  }
}
"""


async def test_every_field(client: Client, world: World) -> None:
    ana, ben, cleo = [await world.user(name) for name in ("ana", "ben", "cleo")]
    root = await world.pin(await world.board(ana), "root", save_count=5)
    bens, cleos = await world.board(ben, "Ben's"), await world.board(cleo, "Cleo's")
    by_ben = await world.save(root, bens, title="ben's")
    by_cleo = await world.save(root, cleos, title="cleo's")
    await world.save(by_ben, cleos, title="a copy of a copy")
    assert await client.data(SAVES, id=global_id(root)) == {
        "pin": {
            "saveCount": 5,
            "saves": {
                "edges": [
                    {
                        "savedAt": moment(by_cleo.created_at),
                        "user": {"username": "cleo"},
                        "board": {"name": "Cleo's", "owner": {"username": "cleo"}},
                        "node": {"title": "cleo's", "parent": {"title": "root"}},
                    },
                    {
                        "savedAt": moment(by_ben.created_at),
                        "user": {"username": "ben"},
                        "board": {"name": "Ben's", "owner": {"username": "ben"}},
                        "node": {"title": "ben's", "parent": {"title": "root"}},
                    },
                ],
                "nodes": [{"title": "cleo's"}, {"title": "ben's"}],
                "totalCount": 2,
            },
        }
    }


async def test_only_public_saves_of_visible_people_are_listed(client: Client, world: World) -> None:
    names = ("ana", "ben", "cleo", "viewer")
    ana, ben, cleo, viewer = [await world.user(name) for name in names]
    gone = await world.user("gone", status=UserStatus.DEACTIVATED)
    root = await world.pin(await world.board(ana), "root")
    for user in (ben, cleo, gone):
        await world.save(root, await world.board(user), title=f"{user.username}'s")
    for user, privacy in ((cleo, BoardPrivacy.SECRET), (ben, BoardPrivacy.PROTECTED)):
        board = await world.board(user, "Hidden", privacy=privacy)
        await world.save(root, board, title="hidden")
    await world.block(viewer, ben)
    document = """
    query ($id: ID!) {
      pin(id: $id) { saves { nodes { title } edges { user { username } } totalCount } }
    }
    """
    for who, expected in (
        (None, ["cleo", "ben"]),
        (ana, ["cleo", "ben"]),
        (cleo, ["cleo", "ben"]),
        (viewer, ["cleo"]),
    ):
        data = await client.data(document, who, id=global_id(root))
        saves = data["pin"]["saves"]
        assert saves["nodes"] == [{"title": f"{name}'s"} for name in expected]
        assert saves["edges"] == [{"user": {"username": name}} for name in expected]
        assert saves["totalCount"] == 3  # all that are on public boards
