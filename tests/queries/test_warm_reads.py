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


PROFILE_CALLS: list[list[str]] = [
    [
        *("users.ids_by_username", "cache.users", "users.get_many", "cache.fill_users"),
        *("blocks.of_user", "boards.pages_by_owner", "pins.pages_by_board"),
    ],
    [
        *("users.ids_by_username", "cache.users"),
        *("cache.boards", "boards.get_many", "cache.fill_boards"),
        *("cache.pins", "pins.get_many", "cache.fill_pins"),
    ],
    ["cache.boards", "cache.pins"],
    [],
    [],
]
"""Lists are at hand from the second look; their rows come by id, and are after the third."""

DEEP_FEED_CALLS: list[list[str]] = [
    [
        *("feeds.current", "tastes.of_user", "pins.newest_saves", "timelines.gather", "feeds.put"),
        *("cache.pins", "pins.get_many", "cache.fill_pins"),
        *("cache.boards", "boards.get_many", "cache.fill_boards"),
        *("cache.users", "users.get_many", "cache.fill_users"),  # the viewer
        *("cache.users", "users.get_many", "cache.fill_users"),  # the others
        *("blocks.of_user", "comments.pages_by_pin"),
    ],
    [
        *("feeds.current", "tastes.wishes", "cache.pins", "cache.boards", "cache.users"),
        *("cache.comments", "comments.get_many", "cache.fill_comments"),
    ],
    ["feeds.current", "cache.comments"],
    ["feeds.current"],
    ["feeds.current"],
]

PROFILE = """
query($name: String!) {
  user(by: {username: $name}) {
    username
    boards(first: 10) { nodes { name pinCount pins(first: 4) { nodes { title } } } }
  }
}
"""


@pytest.mark.parametrize("count", [2, 6])
async def test_a_profile_that_was_read_before_asks_no_store(
    world: World, warm: Client, made: list[str], count: int
) -> None:
    """The first look finds the lists, the second their records in MongoDB, the third in Redis."""
    ana, viewer = await world.user("ana"), await world.user("viewer")
    for number in range(count):
        await world.pin(await world.board(ana, f"Board {number}"), f"Pin {number}")
    shown = []
    asked = []
    for _ in range(5):
        made.clear()
        shown.append(await warm.data(PROFILE, viewer, name="ana"))
        asked.append(sorted(made))
    assert len(shown[0]["user"]["boards"]["nodes"]) == count
    assert shown == [shown[0]] * 5
    assert asked == [sorted(each) for each in PROFILE_CALLS]


DEEP_FEED = """
query($first: Int!) {
  viewer {
    homeFeed(first: $first, includePromoted: false) {
      nodes { ... on Pin { title comments(first: 2) { nodes { text author { username } } } } }
    }
  }
}
"""


@pytest.mark.parametrize("count", [2, 6])
async def test_a_deep_feed_that_was_read_before_asks_mongodb_for_nothing(
    world: World, warm: Client, made: list[str], count: int
) -> None:
    viewer = await world.user("viewer")
    for number in range(count):
        owner = await world.user(f"owner{number}")
        await world.follow(viewer, owner)
        pin = await world.pin(await world.board(owner))
        for text in ("Hot", "Cold", "Mild"):
            await world.comment(pin, owner, text)
    shown = []
    asked = []
    for _ in range(5):
        made.clear()
        shown.append(await warm.data(DEEP_FEED, viewer, first=count))
        asked.append(sorted(made))
    nodes = shown[0]["viewer"]["homeFeed"]["nodes"]
    assert [len(node["comments"]["nodes"]) for node in nodes] == [2] * count
    assert shown == [shown[0]] * 5
    assert asked == [sorted(each) for each in DEEP_FEED_CALLS]
