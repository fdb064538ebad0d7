"""The store calls of each documented operation, exactly, at two sizes (DESIGN 4).

They are the same for two pins as for ten, and for a first page of two as for one of ten. Records
are read cold, with an empty cache: `cache.x` is a look into Redis, `cache.fill_x` what is then put
there, and the name of a store's method is a query that MongoDB ran.

Each call stands as often as there are branches of the operation that need it. Branches whose data
arrive in the same moment share a batch, so a call may be made less often, and never more.
"""

from collections import Counter
from collections.abc import AsyncIterator

import pytest

from server import create_app
from storage.embedded import EmbeddedStores
from storage.storage import Storage
from tests.client import Client, serving, settings_of
from tests.queries.sized import sized_world
from tests.world import World

FEED = [
    *("feeds.current", "tastes.of_user", "pins.newest_saves", "timelines.gather", "feeds.put"),
    *("cache.pins", "pins.get_many", "cache.fill_pins"),
    *("cache.boards", "boards.get_many", "cache.fill_boards"),
    *("cache.users", "users.get_many", "cache.fill_users"),  # the viewer
    *("cache.users", "users.get_many", "cache.fill_users"),  # owners of pins and boards
    "blocks.of_user",
]
RELATED = [
    *("related.cached", "related.neighbourhoods", "related.facts"),
    *("related.on_topics", "related.fill"),
]
EXPECTED: dict[str, list[str]] = {
    "HomeFeed": [
        *FEED,
        "feeds.decide",
        *("pins.copies_owned_by", "reactions.of_user"),
        *("follows.targets_user", "follows.boards_seen"),
    ],
    "DeepFeed": [
        *FEED,
        *("cache.topics", "topics.get_many", "cache.fill_topics"),
        "comments.pages_by_pin",
        *("cache.users", "users.get_many", "cache.fill_users"),  # authors of comments
        *RELATED,
    ],
    "PinCloseup": [
        *("cache.pins", "pins.get_many", "cache.fill_pins"),  # the pin
        "cache.pins",  # the size of its save tree stands on its root
        *("cache.pins", "pins.get_many", "cache.fill_pins"),  # related pins
        *("cache.boards", "boards.get_many", "cache.fill_boards") * 3,  # its own, saves', related
        *("cache.users", "users.get_many", "cache.fill_users") * 5,  # the same, two of comments
        *("cache.sections", "sections.get_many", "cache.fill_sections"),
        *("cache.topics", "topics.get_many", "cache.fill_topics"),
        *("comments.pages_by_pin", "comments.counts_by_pin", "comments.pages_of_replies"),
        *("pins.pages_of_copies", "pins.counts_of_copies"),
        *("pins.copies_owned_by", "reactions.of_user", "blocks.of_user"),
        *("follows.targets_user", "follows.boards_seen", "follows.targets_topic"),
        *RELATED,
    ],
    "Profile": [
        *("users.ids_by_username", "blocks.of_user"),
        *("boards.pages_by_owner", "boards.counts_by_owner", "pins.pages_by_board"),
        *("follows.pages_of_followers", "follows.pages_of_following"),
        "follows.counts_of_following",
        # The user; followers, followed, and members of boards, as these arrive.
        *("cache.users", "users.get_many", "cache.fill_users") * 4,
        *("follows.targets_user", "follows.followers_of", "follows.boards_seen"),
    ],
    "BoardPage": [
        *("users.ids_by_username", "boards.ids_by_slug", "blocks.of_user"),
        *("cache.boards", "boards.get_many", "cache.fill_boards"),
        *("cache.users", "users.get_many", "cache.fill_users") * 2,  # owner, members
        "pins.pages_by_board",  # the page
        "pins.pages_by_board",  # the cover
        "pins.counts_by_board",
        *("sections.pages_by_board", "pins.pages_by_section"),
        *("pins.copies_owned_by", "follows.targets_user"),
        *("related.newest_roots", *RELATED),
    ],
    "Notifications": [
        *("notifications.pages_by_recipient", "notifications.pages_by_recipient"),  # page, count
        *("cache.users", "users.get_many", "cache.fill_users") * 3,  # actors, owners, authors
        *("cache.pins", "pins.get_many", "cache.fill_pins") * 2,  # subjects, those of comments
        *("cache.boards", "boards.get_many", "cache.fill_boards") * 3,  # the same, subjects
        *("cache.comments", "comments.get_many", "cache.fill_comments"),
        *("follows.targets_user", "blocks.of_user"),
    ],
    "Search": [
        *("search.pins", "search.boards", "search.users", "search.topics"),
        *("cache.pins", "pins.get_many", "cache.fill_pins"),
        *("cache.boards", "boards.get_many", "cache.fill_boards"),
        *("cache.users", "users.get_many", "cache.fill_users"),
        "blocks.of_user",
    ],
}


@pytest.fixture(scope="module")
async def server(stores: EmbeddedStores, prepared: Storage) -> AsyncIterator[Client]:
    """A server that charges for operations, as those of production do."""
    settings = settings_of(stores, rate_limit_points=10_000_000)
    async with serving(create_app(settings, prepared)) as url:
        client = Client(url, settings)
        yield client
        await client.http.aclose()


@pytest.mark.parametrize("size", [2, 10])
@pytest.mark.parametrize("operation", EXPECTED)
async def test_round_trips(
    client: Client, world: World, calls: list[str], commands: list[str], operation: str, size: int
) -> None:
    sized = await sized_world(world, size)
    calls.clear()
    commands.clear()
    await client.data(operation, sized.viewer, **sized.variables[operation])
    expected = [*EXPECTED[operation], *["rate_limits.draw"] * 2]
    assert set(calls) == set(expected)
    assert Counter(calls) <= Counter(expected)
    assert len(commands) == len([name for name in calls if is_query(name)])


def is_query(name: str) -> bool:
    """Whether a store call goes to MongoDB; the others go to Redis."""
    return not name.startswith(REDIS) and name not in REDIS_OF_RELATED


REDIS = ("cache.", "feeds.", "rate_limits.")
REDIS_OF_RELATED = {"related.cached", "related.fill"}
