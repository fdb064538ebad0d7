"""Related pins and recommended pins: what people put on boards together."""

from typing import Any

from domain.boards import BoardPrivacy, BoardRecord
from domain.pins import PinRecord
from domain.users import UserRecord
from resolvers.nodes import global_id
from tests.client import Client
from tests.world import World

RELATED = """
query ($ids: [ID!]!, $first: Int, $after: String) {
  pins(ids: $ids) {
    related(first: $first, after: $after) {
      edges { cursor node { id title } }
      nodes { id title }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      totalCount
      totalCountIsExact
    }
  }
}
"""


async def related(client: Client, *pins: PinRecord, viewer: UserRecord | None = None) -> Any:
    """The titles of what is related to each pin."""
    data = await client.data(RELATED, viewer, ids=[global_id(pin) for pin in pins])
    for pin in data["pins"]:
        assert pin["related"]["nodes"] == [edge["node"] for edge in pin["related"]["edges"]]
        assert pin["related"]["totalCount"] is None
        assert pin["related"]["totalCountIsExact"] is False
    return [[node["title"] for node in pin["related"]["nodes"]] for pin in data["pins"]]


class Graph:
    """Pins of one maker, and people who put them on boards together."""

    def __init__(self, world: World, board: BoardRecord) -> None:
        self.world = world
        self.board = board
        self.roots: dict[str, PinRecord] = {}
        self._people = 0

    async def root(self, title: str, **fields: Any) -> PinRecord:
        """A pin on a board of its own, so that being made beside others relates it to none."""
        owner = await self.world.user(f"maker_of_{title}")
        board = await self.world.board(owner, pin_count=1)
        self.roots[title] = await self.world.pin(board, title, **fields)
        return self.roots[title]

    async def together(self, *titles: str, size: int, **fields: Any) -> BoardRecord:
        """A board of `size` pins that holds these."""
        self._people += 1
        owner = await self.world.user(f"person{self._people}")
        board = await self.world.board(owner, pin_count=size, **fields)
        for title in titles:
            await self.world.save(self.roots[title], board)
        return board


async def graph(world: World) -> Graph:
    """A graph with nothing in it yet."""
    return Graph(world, await world.board(await world.user("maker")))


async def test_the_closest_comes_first(client: Client, world: World) -> None:
    """Boards that hold both count, small ones more; what everybody saves counts less."""
    links = await graph(world)
    for title, saves in (("x", 3), ("often", 3), ("once", 3), ("huge", 3), ("popular", 9000)):
        await links.root(title, aggregated_save_count=saves)
    await links.root("apart")
    await links.together("x", "often", "popular", size=6)
    await links.together("x", "often", "once", size=6)
    await links.together("x", "huge", size=4000)
    await links.together("apart", "once", size=2)
    assert await related(client, links.roots["x"]) == [["often", "once", "huge", "popular"]]
    assert await related(client, links.roots["apart"]) == [["once"]]


async def test_topics_that_agree_bring_pins_closer(client: Client, world: World) -> None:
    links = await graph(world)
    food, art = await world.topic("Food"), await world.topic("Art")
    await links.root("x", topics=(food,))
    await links.root("food", topics=(food,))
    await links.root("art", topics=(art,))
    await links.together("x", "art", "food", size=3)
    assert await related(client, links.roots["x"]) == [["food", "art"]]


async def test_what_nobody_saved_is_related_by_topic(client: Client, world: World) -> None:
    links = await graph(world)
    food, soup, art = [await world.topic(name) for name in ("Food", "Soup", "Art")]
    x = await links.root("x", topics=(food, soup))
    await links.root("half", topics=(food,))
    await links.root("a third", topics=(soup, art))
    await links.root("same", topics=(soup, food))
    await links.root("other", topics=(art,))
    alone = await links.root("without topics")
    assert await related(client, x, alone) == [["same", "half", "a third"], []]
    saved = await links.root("saved beside", topics=(art,))
    await links.together("x", "saved beside", size=2)
    await world.storage.redis.client.flushdb()
    assert await related(client, x) == [["saved beside", "same", "half", "a third"]]
    assert await related(client, saved) == [["x", "other", "a third"]]


async def test_copies_share_what_is_related(client: Client, world: World) -> None:
    links = await graph(world)
    root = await links.root("root")
    await links.root("other")
    await links.together("root", "other", size=2)
    copy = await world.save(root, links.board, title="copy")
    again = await world.save(copy, links.board, title="copy of a copy")
    assert await related(client, root, copy, again) == [["other"]] * 3


async def test_what_is_hidden_is_never_related(client: Client, world: World) -> None:
    links = await graph(world)
    x = await links.root("x")
    for title in ("shown", "blocked", "deleted", "made secret", "only in secret"):
        await links.root(title)
    await links.together("x", "shown", "blocked", "deleted", "made secret", size=5)
    secret = await links.together(
        "x", "only in secret", "shown", size=3, privacy=BoardPrivacy.SECRET
    )
    (owner,) = (await world.storage.users.get_many([secret.owner_id])).values()
    viewer = await world.user("viewer")
    (author,) = (await world.storage.users.get_many([links.roots["blocked"].owner_id])).values()
    await world.block(viewer, author)
    everybodys = {"shown", "blocked", "deleted", "made secret"}
    assert {*(await related(client, x))[0]} == everybodys
    assert {*(await related(client, x, viewer=owner))[0]} == everybodys
    (board,) = (await world.storage.boards.get_many([links.roots["made secret"].board_id])).values()
    await world.make_secret(board)
    await world.storage.mongo.collection("pins").delete_many({"title": "deleted"})
    assert {*(await related(client, x))[0]} == {"shown", "blocked"}
    assert {*(await related(client, x, viewer=viewer))[0]} == {"shown"}


async def test_many_pins_are_related_at_once_and_remembered(
    client: Client, world: World, calls: list[str]
) -> None:
    links = await graph(world)
    for title in "abc":
        await links.root(title)
    await links.together("a", "b", size=2)
    await links.together("b", "c", size=2)
    pins = [links.roots[title] for title in "abc"]
    calls.clear()
    found = await related(client, *pins)
    assert [sorted(each) for each in found] == [["b"], ["a", "c"], ["b"]]
    asked = [name for name in calls if name.startswith("related.")]
    assert asked == [*("related.cached", "related.neighbourhoods", "related.facts", "related.fill")]
    calls.clear()
    assert await related(client, *pins) == found
    assert [name for name in calls if name.startswith("related.")] == ["related.cached"]


async def test_recommended_pins_fit_a_board_and_are_not_on_it(
    client: Client, world: World, calls: list[str]
) -> None:
    links = await graph(world)
    for title in ("a", "b", "beside both", "beside a", "elsewhere"):
        await links.root(title)
    await links.together("a", "beside both", "beside a", size=3)
    await links.together("b", "beside both", size=2)
    await links.together("elsewhere", "beside a", size=2)
    empty = await world.board(await world.user("nobody"))
    board = await links.together("a", "b", size=2)
    document = """
    query ($ids: [ID!]!) {
      boards(ids: $ids) { recommendedPins { nodes { title } edges { node { title } } totalCount } }
    }
    """
    calls.clear()
    data = await client.data(document, ids=[global_id(board), global_id(empty)])
    both = [{"title": "beside both"}, {"title": "beside a"}]
    assert data == {
        "boards": [
            {
                "recommendedPins": {
                    "nodes": both,
                    "edges": [{"node": node} for node in both],
                    "totalCount": None,
                }
            },
            {"recommendedPins": {"nodes": [], "edges": [], "totalCount": None}},
        ]
    }
    assert sorted(name for name in calls if name.startswith("related.")) == [
        *("related.cached", "related.facts", "related.fill", "related.neighbourhoods"),
        "related.newest_roots",
    ]
