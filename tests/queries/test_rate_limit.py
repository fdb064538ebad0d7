"""`rateLimit`: what an operation costs, and what its caller has left."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from server import create_app
from storage.embedded import EmbeddedStores
from storage.storage import Storage
from tests.client import Client, serving, settings_of
from tests.queries.wire import moment
from tests.world import World

LIMIT = 1_000
BOARDS = 'user(by: {username: "ana"}) { boards(first: 11) { nodes { name } } }'
PRICE = "rateLimit { cost limit remaining used nodeCount }"


PREPARED = 10
"""What it costs, besides, that the server has not seen a document before."""


@pytest.fixture
async def limited(stores: EmbeddedStores, storage: Storage) -> AsyncIterator[Client]:
    """A client of a server with limits, who has used nothing yet."""
    settings = settings_of(stores, rate_limit_points=LIMIT, rate_limit_refill_per_s=1)
    async with serving(create_app(settings, storage)) as url:
        client = Client(url, settings)
        yield client
        await client.http.aclose()


async def test_where_nothing_is_limited_it_is_null(client: Client) -> None:
    assert await client.data(f"{{ {PRICE} }}") == {"rateLimit": None}


async def test_every_field(limited: Client, world: World) -> None:
    ana = await world.user("ana")
    await world.board(ana, "Soups")
    before = datetime.now(UTC)
    data = await limited.data(f"{{ {BOARDS} {PRICE[:-1]} resetAt }} }}")
    after = datetime.now(UTC)
    assert data["user"]["boards"]["nodes"] == [{"name": "Soups"}]
    reset_at = data["rateLimit"].pop("resetAt")
    # 1 for the user, 1 for the page and 1 for each board that it may have; 1 comes back a second.
    # A page is no node of its own, and the price is one.
    assert data["rateLimit"] == {
        "cost": 13,
        "limit": LIMIT,
        "remaining": LIMIT - PREPARED - 13,
        "used": PREPARED + 13,
        "nodeCount": 13,
    }
    wait = timedelta(seconds=PREPARED + 13)
    assert moment(before + wait) <= reset_at <= moment(after + wait)


async def test_it_agrees_with_what_stands_beside_the_data(limited: Client) -> None:
    answer = await limited.execute(f"{{ {BOARDS} {PRICE} }}")
    assert answer.extensions["cost"] == {
        "requestedQueryCost": answer.data["rateLimit"]["cost"],
        "maximumAvailable": 1_000,
        "throttleStatus": {
            "maximumAvailable": answer.data["rateLimit"]["limit"],
            "currentlyAvailable": answer.data["rateLimit"]["remaining"],
            "restoreRate": 1,
        },
    }


async def test_it_is_free_itself(limited: Client) -> None:
    data = await limited.data(f"{{ {PRICE} }}")
    assert (data["rateLimit"]["cost"], data["rateLimit"]["nodeCount"]) == (0, 1)


async def test_a_dry_run_tells_the_price_of_what_is_not_executed(
    limited: Client, world: World, calls: list[str]
) -> None:
    ana = await world.user("ana")
    dry = PRICE.replace("rateLimit", "rateLimit(dryRun: $dry)")
    query = f"query ($dry: Boolean!) {{ before: {BOARDS} {dry} {BOARDS} }}"
    calls.clear()
    data = await limited.data(query, ana, dry=True)
    assert calls == ["rate_limits.draw"] * 2
    assert list(data) == ["before", "rateLimit", "user"]
    assert data == {
        "before": None,
        "rateLimit": {
            "cost": 26,
            "limit": LIMIT,
            "remaining": LIMIT - PREPARED,
            "used": PREPARED,
            "nodeCount": 25,
        },
        "user": None,
    }
    data = await limited.data(query, ana, dry=False)
    assert data["user"] == data["before"] == {"boards": {"nodes": []}}
    assert data["rateLimit"] == {
        "cost": 26,
        "limit": LIMIT,
        "remaining": LIMIT - PREPARED - 26,
        "used": PREPARED + 26,
        "nodeCount": 25,
    }


async def test_each_viewer_has_their_own(limited: Client, world: World) -> None:
    ana, ben = await world.user("ana"), await world.user("ben")
    query = f"{{ {BOARDS} {PRICE} }}"
    assert (await limited.data(query, ana))["rateLimit"]["used"] == PREPARED + 13
    for viewer in (ben, None):
        assert (await limited.data(query, viewer))["rateLimit"]["used"] == 13


async def test_an_answer_with_it_is_nobody_elses(limited: Client) -> None:
    headers = {"GraphQL-Require-Preflight": "true"}
    query = '{ topic(by: {key: "x"}) { name } %s }'
    for asked, cacheable in (("", True), (PRICE, False)):
        response = await limited.http.get(
            "/graphql", params={"query": query % asked}, headers=headers
        )
        assert ("max-age" in response.headers["cache-control"]) == cacheable, response.text
