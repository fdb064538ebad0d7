"""Related pins on small graphs whose answers can be worked out by hand (`domain.related`)."""

from collections.abc import AsyncIterator

import pytest

from domain.boards import BoardPrivacy, BoardRecord
from domain.pins import PinRecord
from domain.record import Id
from domain.users import UserRecord
from storage import keys, related
from storage.counters import recount_all
from storage.embedded import EmbeddedStores
from storage.mongo import Mongo
from storage.redis import Redis
from storage.related import RelatedPin
from storage.storage import Storage
from tests.storage.processes import following
from tests.world import World

COMPUTED = ["related.cached", "related.neighbourhoods", "related.facts", "related.fill"]
WITH_TOPICS = [*COMPUTED[:3], "related.on_topics", COMPUTED[3]]


class Graph:
    """Roots by name, saved together on boards. Each root also stands alone on a board of its own,
    which relates it to nothing."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.roots: dict[str, PinRecord] = {}
        self.boards: dict[str, BoardRecord] = {}
        self._ana: UserRecord | None = None

    async def root(
        self, name: str, *topics: str, privacy: BoardPrivacy = BoardPrivacy.PUBLIC
    ) -> Id:
        """Makes a root on a board of its own."""
        board = await self.board(f"of {name}", privacy=privacy)
        made = tuple([await self.topic(topic) for topic in topics])
        self.roots[name] = await self.world.pin(board, name, topic_ids=made)
        return self.roots[name].id

    async def topic(self, name: str) -> Id:
        """The id of a topic, which the store need not know."""
        return Id(name.encode().hex().ljust(24, "0")[:24])

    async def board(
        self, name: str, *names: str, privacy: BoardPrivacy = BoardPrivacy.PUBLIC
    ) -> BoardRecord:
        """Makes a board to which roots are saved; those that are not there yet are made."""
        if self._ana is None:
            self._ana = await self.world.user("ana")
        board = await self.world.board(self._ana, name, privacy=privacy)
        self.boards[name] = board
        for each in names:
            if each not in self.roots:
                await self.root(each)
            await self.world.save(self.roots[each], board)
        return board

    async def of(self, *names: str) -> dict[str, list[str]]:
        """What is related to some roots, by name."""
        found = await self.world.storage.related.get_many([self.roots[n].id for n in names])
        return {name: self.names(found[self.roots[name].id]) for name in names}

    async def scores(self, name: str) -> dict[str, float]:
        """What is related to one root, with its scores."""
        (found,) = (await self.world.storage.related.get_many([self.roots[name].id])).values()
        return dict(zip(self.names(found), [pin.score for pin in found], strict=True))

    async def recommended(self, *names: str) -> dict[str, list[str]]:
        """What fits some boards, by name."""
        ids = [self.boards[name].id for name in names]
        found = await self.world.storage.related.for_boards(ids)
        return {name: self.names(found[self.boards[name].id]) for name in names}

    def names(self, pins: list[RelatedPin]) -> list[str]:
        """The names of roots."""
        by_id = {pin.id: name for name, pin in self.roots.items()}
        return [by_id[pin.id] for pin in pins]

    async def settle(self) -> None:
        """Sets the counters right, from which sizes and saves are read."""
        await recount_all(self.world.storage.mongo)


@pytest.fixture
def graph(world: World) -> Graph:
    """A graph with nothing in it."""
    return Graph(world)


# The ranking


async def test_what_shares_more_boards_is_more_related(graph: Graph) -> None:
    await graph.board("one", "x", "a")
    await graph.board("two", "x", "a", "b")
    await graph.settle()
    # Boards of 2 and 3 pins weigh 1/log2(4) and 1/log2(5); a was saved twice, b once.
    assert await graph.scores("x") == {
        "a": pytest.approx((0.5 + 0.430677) / 12**0.4, abs=1e-6),
        "b": pytest.approx(0.430677 / 11**0.4, abs=1e-6),
    }
    # To b, x and a are equals: then the one that was made first comes first.
    assert await graph.of("x", "a", "b") == {"x": ["a", "b"], "a": ["x", "b"], "b": ["a", "x"]}


async def test_what_everybody_saves_is_related_less(graph: Graph) -> None:
    await graph.board("one", "x", "hit", "gem")
    for number in range(20):
        await graph.board(f"fan {number}", "hit")
    await graph.settle()
    assert await graph.scores("x") == {
        "gem": pytest.approx(0.430677 / 11**0.4, abs=1e-6),
        "hit": pytest.approx(0.430677 / 31**0.4, abs=1e-6),
    }


async def test_a_small_board_says_more_than_a_large_one(graph: Graph) -> None:
    await graph.board("large", "x", "far", *(f"other {number}" for number in range(12)))
    await graph.board("small", "x", "near")
    await graph.settle()
    found = await graph.scores("x")
    assert next(iter(found)) == "near"
    assert found["near"] == pytest.approx(0.5 / 11**0.4)
    assert found["far"] == pytest.approx(0.25 / 11**0.4)


async def test_shared_topics_count_up_to_double(graph: Graph) -> None:
    await graph.root("x", "food", "soup")
    await graph.root("same", "soup", "food")
    await graph.root("half", "food")
    await graph.root("none", "cars")
    await graph.board("one", "x", "none", "half", "same")
    await graph.settle()
    weight = 0.386853 / 11**0.4
    assert await graph.scores("x") == {
        "same": pytest.approx(2 * weight, abs=1e-6),
        "half": pytest.approx(1.5 * weight, abs=1e-6),
        "none": pytest.approx(weight, abs=1e-6),
    }


async def test_a_root_stands_for_its_copies(graph: Graph) -> None:
    board = await graph.board("one", "x", "a")
    copy = await graph.world.save(graph.roots["a"], graph.boards["of x"])
    await graph.world.save(copy, board)
    await graph.settle()
    assert await graph.of("x") == {"x": ["a"]}


async def test_what_is_secret_neither_relates_nor_is_related(graph: Graph) -> None:
    await graph.root("hidden", privacy=BoardPrivacy.SECRET)
    await graph.board("secret", "x", "a", privacy=BoardPrivacy.SECRET)
    await graph.board("ads", "x", "b", privacy=BoardPrivacy.PROTECTED)
    await graph.board("public", "x", "c", "hidden")
    await graph.settle()
    assert await graph.of("x", "hidden") == {"x": ["c"], "hidden": []}


async def test_what_nobody_saved_is_related_to_nothing(graph: Graph) -> None:
    await graph.root("x")
    nobody = Id("f" * 24)
    assert await graph.of("x") == {"x": []}
    assert await graph.world.storage.related.get_many([nobody]) == {nobody: []}
    assert await graph.world.storage.related.get_many([]) == {}


async def test_boards_and_their_pins_are_sampled_newest_first(
    graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(related, "_MAX_BOARDS", 4)
    monkeypatch.setattr(related, "_PINS_OF_BOARD", 2)
    for number in range(5):
        await graph.board(f"board {number}", f"early {number}", f"late {number}", "x")
    await graph.settle()
    found = (await graph.of("x"))["x"]
    assert sorted(found) == ["late 1", "late 2", "late 3", "late 4"]


# By topic


async def test_topics_fill_up_behind_the_graph(graph: Graph) -> None:
    await graph.root("x", "food", "soup")
    await graph.root("half", "food")
    await graph.root("same", "food", "soup")
    await graph.root("friend", "soup")
    await graph.root("stranger", "cars")
    await graph.board("one", "x", "friend", "odd")
    await graph.settle()
    found = await graph.scores("x")
    assert list(found) == ["friend", "odd", "same", "half"]
    assert found["odd"] > found["same"] > found["half"] > 0


async def test_topics_alone_are_better_than_nothing(graph: Graph) -> None:
    await graph.root("x", "food")
    await graph.root("loved", "food")
    await graph.root("plain", "food")
    await graph.board("one", "loved")
    await graph.root("hidden", "food", privacy=BoardPrivacy.SECRET)
    await graph.settle()
    assert await graph.of("x") == {"x": ["loved", "plain"]}


async def test_where_the_graph_knows_enough_topics_are_not_asked(
    graph: Graph, calls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    await graph.root("x", "food")
    await graph.root("other", "food")
    await graph.board("one", "x", "a", "b")
    await graph.settle()
    monkeypatch.setattr(related, "ENOUGH", 2)
    assert await graph.of("x") == {"x": ["b", "a"]}  # equal ones: the newer first
    assert calls == COMPUTED


# For boards


async def test_a_board_is_recommended_what_is_not_on_it(graph: Graph) -> None:
    await graph.board("mine", "a", "b")
    await graph.board("one", "a", "b", "both")
    await graph.board("two", "a", "one of them")
    await graph.board("bare")
    await graph.settle()
    assert await graph.recommended("mine", "two", "bare") == {
        "mine": ["both", "one of them"],
        "two": ["b", "both"],
        "bare": [],
    }


async def test_recommendations_are_read_in_one_go(graph: Graph, calls: list[str]) -> None:
    await graph.board("mine", "a", "b")
    await graph.board("one", "a", "b", "c")
    await graph.settle()
    await graph.recommended("mine", "one")
    assert calls == ["related.newest_roots", *COMPUTED]
    calls.clear()
    await graph.recommended("mine", "one")
    assert calls == ["related.newest_roots", "related.cached"]


# Round trips and the cache


@pytest.mark.parametrize("size", [1, 10])
async def test_round_trips_do_not_grow_with_the_roots(
    graph: Graph, calls: list[str], size: int
) -> None:
    names = [f"x{number}" for number in range(size)]
    for name in names:
        await graph.root(name, "food")
        await graph.board(f"with {name}", name, "a", "b")
    await graph.settle()
    cold = await graph.of(*names)
    assert calls == WITH_TOPICS
    calls.clear()
    assert await graph.of(*names) == cold
    assert calls == ["related.cached"]
    assert all({*found[:2]} == {"a", "b"} for found in cold.values())


async def test_only_what_is_missing_is_computed(graph: Graph, seen: list[tuple[str, int]]) -> None:
    await graph.board("one", "x", "y")
    await graph.settle()
    assert await graph.of("x") == {"x": ["y"]}
    seen.clear()
    assert await graph.of("x", "y", "x") == {"x": ["y"], "y": ["x"]}
    assert seen == [
        ("related.cached", 2),
        ("related.neighbourhoods", 1),
        ("related.facts", 2),
        ("related.fill", 1),
    ]
    seen.clear()
    assert await graph.of("y", "x") == {"x": ["y"], "y": ["x"]}
    assert seen == [("related.cached", 2)]


async def test_what_is_kept_lives_for_an_hour_and_nothing_for_a_minute(graph: Graph) -> None:
    await graph.board("one", "x", "y")
    await graph.root("alone")
    await graph.settle()
    await graph.of("x", "alone")
    redis = graph.world.storage.redis.client
    found_ms = await redis.pttl(keys.related(graph.roots["x"].id))
    nothing_ms = await redis.pttl(keys.related(graph.roots["alone"].id))
    assert 3_000_000 < found_ms <= 3_960_000
    assert 40_000 < nothing_ms <= 66_000


async def test_what_cannot_be_read_is_computed_again(graph: Graph, calls: list[str]) -> None:
    await graph.board("one", "x", "y")
    await graph.settle()
    for entry in (b"\xc1", b"", b"text", b"\x91\x01"):
        await graph.world.storage.redis.client.set(keys.related(graph.roots["x"].id), entry)
        calls.clear()
        assert await graph.of("x") == {"x": ["y"]}
        assert calls == COMPUTED


@pytest.fixture
async def own_storage(own_stores: EmbeddedStores) -> AsyncIterator[Storage]:
    """Storage whose Redis this test may break."""
    storage = Storage(
        Mongo(own_stores.mongo_url, database="own"), Redis(own_stores.redis_url, deadline_ms=50)
    )
    await storage.prepare()
    yield storage
    await storage.close()


@pytest.mark.parametrize("how", ["kill", "pause"])
async def test_without_redis_it_is_computed_each_time(
    own_stores: EmbeddedStores, own_storage: Storage, how: str
) -> None:
    graph = Graph(World(own_storage))
    await graph.board("one", "x", "y")
    await graph.settle()
    assert await graph.of("x") == {"x": ["y"]}
    called: list[str] = []
    own_storage.redis.calls.observers.append(lambda call: called.append(call.name))
    getattr(own_stores.redis, how)()
    for _ in range(5):
        assert await graph.of("x") == {"x": ["y"]}
        assert await graph.recommended("one") == {"one": []}
    # What cannot be read is not written either; and after five failures Redis is left alone.
    assert called == ["related.cached"] * 5


async def test_of_two_lists_that_were_found_at_once_the_first_is_kept(storage: Storage) -> None:
    root, first, second = Id("a" * 24), Id("b" * 24), Id("c" * 24)
    for other in (first, second):
        await storage.related._write({root: [RelatedPin(id=other, score=1.0)]})
    found = await storage.related.get_many([root])
    assert found == {root: [RelatedPin(id=first, score=1.0)]}


async def test_lists_are_at_hand_until_redis_tells_otherwise(
    stores: EmbeddedStores, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.local_records.LEASE_S", 3_600.0)
    redis = Redis(stores.redis_url, deadline_ms=1000, local_records_mb=1)
    here = Storage(storage.mongo, redis).related
    root, other = Id("a" * 24), Id("b" * 24)
    async with following(redis):
        assert await here.get_many([root]) == {root: []}
        assert await here.get_many([root]) == {root: []}
        assert here.at_hand([root]) == {root: []}
        assert here.at_hand([root, other]) is None
        await storage.redis.clear(keys.CACHED)
        await storage.related._write({root: [RelatedPin(id=other, score=1.0)]})
        related_pins = {root: [RelatedPin(id=other, score=1.0)]}
        assert await here.get_many([root]) == related_pins
        assert here.at_hand([root]) == related_pins
    await redis.close()
