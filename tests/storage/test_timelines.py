"""What a feed is gathered from."""

import pytest

from domain.boards import BoardPrivacy, BoardRecord
from domain.pins import Engagement
from domain.record import Id
from storage import timelines
from storage.storage import Storage
from storage.timelines import Gathered, Quotas, Sources
from tests.world import START, World


async def test_followed_users_and_boards_newest_first(storage: Storage, world: World) -> None:
    ana, bob, cy = [await world.user(name) for name in ("ana", "bob", "cy")]
    hers, his, cys = [await world.board(user) for user in (ana, bob, cy)]
    old, other = await world.pin(hers), await world.pin(his)
    await world.pin(cys)
    copy, new = await world.save(other, hers), await world.pin(his)
    sources = Sources(user_ids=(ana.id,), board_ids=(his.id, hers.id))
    newest = storage.timelines.newest
    # What comes both from a user and from a board comes once.
    assert await newest(sources, 10, None) == [new, copy, other, old]
    assert await newest(sources, 2, None) == [new, copy]
    assert await newest(sources, 10, copy.id) == [other, old]
    assert await newest(sources, 10, Id("f" * 24)) == [new, copy, other, old]
    assert await newest(sources, 10, old.id) == []


async def test_unfollowed_boards_of_followed_users_are_passed_over(
    storage: Storage, world: World
) -> None:
    ana = await world.user("ana")
    kept, dropped = await world.board(ana, "Kept"), await world.board(ana, "Dropped")
    pin = await world.pin(kept)
    other = await world.pin(dropped)
    without = Sources(user_ids=(ana.id,), unfollowed_board_ids=(dropped.id,))
    assert await storage.timelines.newest(without, 10, None) == [pin]
    # Who follows the board itself sees it nevertheless (INV-11).
    both = Sources((ana.id,), (dropped.id,), unfollowed_board_ids=(dropped.id,))
    assert await storage.timelines.newest(both, 10, None) == [other, pin]


@pytest.mark.parametrize("privacy", [BoardPrivacy.SECRET, BoardPrivacy.PROTECTED])
async def test_what_is_not_public_is_in_nobodys_feed(
    storage: Storage, world: World, privacy: BoardPrivacy
) -> None:
    ana, topic = await world.user("ana"), await world.topic("Food")
    board = await world.board(ana, privacy=privacy)
    await world.pin(board, topics=(topic,))
    sources = Sources((ana.id,), (board.id,), (topic.id,))
    assert await storage.timelines.newest(sources, 10, None) == []
    assert await storage.timelines.gather(sources, Quotas()) == Gathered([], [], [], [])
    assert await storage.timelines.count_since(sources, board.created_at, 10) == 0


async def test_who_follows_nothing_costs_nothing(storage: Storage, calls: list[str]) -> None:
    topics_only = Sources(topic_ids=(Id("a" * 24),))
    for sources in (Sources(), topics_only):
        assert await storage.timelines.newest(sources, 10, None) == []
        assert await storage.timelines.count_since(sources, START, 10) == 0
    assert calls == []


async def test_candidates_come_by_source(storage: Storage, world: World, calls: list[str]) -> None:
    ana, bob, topic = await world.user("ana"), await world.user("bob"), await world.topic("Food")
    hers, his = await world.board(ana), await world.board(bob)
    plain = await world.pin(his)
    hit = await world.pin(his, engagement=Engagement(saves=1000))
    on_topic = await world.pin(his, topics=(topic,))
    loved = await world.pin(his, topics=(topic,), engagement=Engagement(saves=100))
    copy = await world.save(loved, hers)
    sources = Sources((ana.id,), (), (topic.id,))
    calls.clear()
    assert await storage.timelines.gather(sources, Quotas()) == Gathered(
        following=[copy],
        topics=[loved, on_topic],
        trending=[hit, loved, on_topic, plain],
        fresh=[loved, on_topic, hit, plain],
    )
    assert await storage.timelines.gather(sources, Quotas(1, 1, 2, 3)) == Gathered(
        [copy], [loved], [hit, loved], [loved, on_topic, hit]
    )
    assert await storage.timelines.gather(sources, Quotas(1, 0, 0, 1)) == Gathered(
        [copy], [], [], [loved]
    )
    assert calls == ["timelines.gather"] * 3


async def test_any_number_of_sources_is_one_call(
    storage: Storage, world: World, calls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timelines, "SCANS", 2)
    monkeypatch.setattr(timelines, "MAX_SOURCES", 6)
    users = [await world.user(f"user{number}") for number in range(8)]
    boards: list[BoardRecord] = [await world.board(user) for user in users]
    pins = [await world.pin(board) for board in boards]
    newest_first = pins[::-1]
    for sources in (
        Sources(user_ids=tuple(user.id for user in users)),
        Sources(board_ids=tuple(board.id for board in boards)),
    ):
        calls.clear()
        # The last two are more than a feed reads from.
        assert await storage.timelines.newest(sources, 10, None) == newest_first[2:]
        assert await storage.timelines.newest(sources, 2, pins[4].id) == newest_first[4:6]
        assert (await storage.timelines.gather(sources, Quotas())).following == newest_first[2:]
        assert await storage.timelines.count_since(sources, users[0].created_at, 10) == 6
        assert calls == [
            *["timelines.newest"] * 2,
            "timelines.gather",
            "timelines.count_since",
        ]


async def test_what_is_new_is_counted_up_to_a_limit(storage: Storage, world: World) -> None:
    ana = await world.user("ana")
    board = await world.board(ana)
    pins = [await world.pin(board) for _ in range(5)]
    sources = Sources((ana.id,), (board.id,))
    count = storage.timelines.count_since
    assert await count(sources, pins[0].created_at, 10) == 4
    assert await count(sources, board.created_at, 10) == 5
    assert await count(sources, board.created_at, 3) == 3
    assert await count(sources, pins[-1].created_at, 10) == 0
