"""Search: what is found, in which order, and page by page over all kinds."""

import pytest

from domain.boards import BoardPrivacy
from domain.record import Id, Record
from domain.users import UserStatus
from storage.search import Hit, SearchKind, rank
from storage.storage import Storage
from tests.world import World


async def found(storage: Storage, kind: SearchKind, query: str) -> list[str]:
    """The ids of all hits, best first."""
    return [hit.id for hit in await storage.search.find(kind, query, 100)]


def ids(*rows: Record) -> list[str]:
    """The ids of rows."""
    return [row.id for row in rows]


async def test_better_matches_come_first_and_newer_ones_among_equals(
    storage: Storage, world: World
) -> None:
    board = await world.board(await world.user("ana"))
    in_text = await world.pin(board, "Dinner", description="a soup")
    titled = await world.pin(board, "Soup")
    alike = await world.pin(board, "Soup")
    described = await world.pin(board, "Dinner", alt_text="a soup")
    await world.pin(board, "Cake")
    pins = await found(storage, SearchKind.PIN, "soup")
    assert pins == ids(alike, titled, described, in_text)


async def test_each_kind_is_found_by_its_words(storage: Storage, world: World) -> None:
    ana = await world.user("ana", full_name="Soup Lover")
    cook = await world.user("soup", full_name="A Cook")
    shop = await world.user("shop", business_name="Soup & Co")
    board = await world.board(ana, "Soups")
    topic = await world.topic("Soup")
    await world.topic("Cars")
    assert await found(storage, SearchKind.USER, "soup") == ids(cook, shop, ana)
    assert await found(storage, SearchKind.BOARD, "soup") == ids(board)
    assert await found(storage, SearchKind.TOPIC, "soup") == ids(topic)


async def test_what_is_not_public_is_not_found(storage: Storage, world: World) -> None:
    ana = await world.user("ana")
    await world.user("soup", status=UserStatus.DEACTIVATED)
    shown = await world.board(ana, "Soup")
    pin = await world.pin(shown, "Soup")
    await world.save(pin, shown)
    for privacy in (BoardPrivacy.SECRET, BoardPrivacy.PROTECTED):
        hidden = await world.board(ana, f"Soup {privacy}", privacy=privacy)
        await world.pin(hidden, "Soup")
    assert await found(storage, SearchKind.PIN, "soup") == ids(pin)
    assert await found(storage, SearchKind.BOARD, "soup") == ids(shown)
    assert await found(storage, SearchKind.USER, "soup") == []


@pytest.mark.parametrize("limit", [1, 2, 3, 50])
async def test_pages_over_all_kinds_give_everything_once(
    storage: Storage, world: World, limit: int
) -> None:
    ana = await world.user("ana")
    for number in range(4):
        await world.user(f"soup{number}", full_name="Soup")
        board = await world.board(ana, f"Soup {number}", description="soup")
        await world.pin(board, "Soup", description="soup" if number % 2 else None)
        await world.topic(f"Soup {number}")
    everything: list[Hit] = []
    for kind in SearchKind:
        everything += await storage.search.find(kind, "soup", 100)
    everything.sort(key=rank, reverse=True)
    assert len(everything) == 16
    walked: list[Hit] = []
    while len(walked) < len(everything):
        after = walked[-1] if walked else None
        hits: list[Hit] = []
        for kind in SearchKind:
            hits += await storage.search.find(kind, "soup", limit, after)
        walked += sorted(hits, key=rank, reverse=True)[:limit]
        assert walked == everything[: len(walked)]
    for kind in SearchKind:
        assert await storage.search.find(kind, "soup", limit, walked[-1]) == []


async def test_among_equal_scores_kinds_come_one_after_the_other(
    storage: Storage, world: World
) -> None:
    board = await world.board(await world.user("ana"))
    one, two = [await world.pin(board, "Soup") for _ in range(2)]
    best, _ = await storage.search.find(SearchKind.PIN, "soup", 100)
    assert SearchKind.BOARD < SearchKind.PIN < SearchKind.USER
    for after, beyond in (
        (Hit(SearchKind.USER, Id("0" * 24), best.score), [two, one]),
        (Hit(SearchKind.PIN, Id("f" * 24), best.score), [two, one]),
        (Hit(SearchKind.PIN, two.id, best.score), [one]),
        (Hit(SearchKind.PIN, one.id, best.score), []),
        (Hit(SearchKind.BOARD, Id("f" * 24), best.score), []),
        (Hit(SearchKind.BOARD, Id("0" * 24), best.score + 1), [two, one]),
    ):
        hits = await storage.search.find(SearchKind.PIN, "soup", 100, after)
        assert [hit.id for hit in hits] == ids(*beyond)


@pytest.mark.parametrize("query", ["\x00", '"', "-", "-soup", "$where", "\\", "🧁", "{}", "the"])
async def test_any_words_may_be_searched_for(storage: Storage, world: World, query: str) -> None:
    await world.pin(await world.board(await world.user("ana"), "Soup"), "Soup")
    for kind in SearchKind:
        assert await storage.search.find(kind, query, 5) == []
