"""What is at hand is not asked for: the store calls of operations that were asked before.

`test_round_trips` has those of the same operations with an empty cache.
"""

from collections.abc import Iterator

import pytest

from storage.calls import StoreCall
from storage.storage import Storage
from tests.client import Client
from tests.world import World


@pytest.fixture
def made(at_hand: Storage) -> Iterator[list[str]]:
    """The names of the store calls that are made."""
    names: list[str] = []

    def record(call: StoreCall) -> None:
        if call.name not in {"ads.live", "cascades.claim", "undos.expired"}:
            names.append(call.name)

    observers = [at_hand.mongo.calls.observers, at_hand.redis.calls.observers]
    for each in observers:
        each.append(record)
    yield names
    for each in observers:
        each.remove(record)


HOME_FEED = [
    *("feeds.current", "follows.boards_seen", "follows.targets_user"),
    *("pins.copies_owned_by", "reactions.of_user"),
]
"""What is about the viewer, and is not kept."""


@pytest.mark.parametrize("count", [2, 6])
async def test_a_feed_that_was_read_before_asks_redis_for_no_record(
    world: World, warm: Client, made: list[str], count: int
) -> None:
    """The first look fills Redis, the second has them at hand, the third asks for none."""
    viewer = await world.user("viewer")
    for number in range(count):
        owner = await world.user(f"owner{number}")
        await world.follow(viewer, owner)
        await world.pin(await world.board(owner))
    first = await warm.data("HomeFeed", viewer, first=count)
    assert len(first["viewer"]["homeFeed"]["edges"]) == count
    for _ in range(2):
        made.clear()
        again = await warm.data("HomeFeed", viewer, first=count)
        assert [edge["node"] for edge in again["viewer"]["homeFeed"]["edges"]] == [
            edge["node"] for edge in first["viewer"]["homeFeed"]["edges"]
        ]
    assert sorted(made) == HOME_FEED


async def test_a_profile_that_was_read_before_asks_redis_for_no_record(
    world: World, warm: Client, made: list[str]
) -> None:
    ana = await world.user("ana")
    for name in ("Tea", "Coffee"):
        await world.pin(await world.board(ana, name))
    shown = [await warm.data("Profile", ana, username="ana") for _ in range(2)]
    made.clear()
    shown.append(await warm.data("Profile", ana, username="ana"))
    assert shown[0] == shown[1] == shown[2]
    assert [name for name in made if name.startswith("cache.")] == []
