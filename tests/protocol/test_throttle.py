"""What an operation is charged, over real HTTP (DOMAIN b.5): points from its caller's bucket."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from storage.embedded import EmbeddedStores
from storage.storage import Storage
from tests.protocol.product import Product, by_hash, hash_of, publish
from tests.protocol.product import product as serving_one
from tests.world import World

# 1 for each user that is asked for, and its page of boards: 1, and 1 for each board.
COSTS_13 = '{ user(by: {username: "ana"}) { boards(first: 11) { nodes { id } } } }'
NAME = '{ user(by: {username: "ana"}) { username } }'
LIMIT = 40
"""What the bucket holds; it refills by one point a second, which no test here waits for."""

PREPARED = 10
"""What a document costs, besides, that the server has not at hand."""


@pytest.fixture
async def product(stores: EmbeddedStores, storage: Storage) -> AsyncIterator[Product]:
    """A server whose callers have little, with empty buckets."""
    changes = {"rate_limit_points": LIMIT, "rate_limit_refill_per_s": 1}
    async with serving_one(stores, storage, **changes) as product:
        yield product


async def test_an_answer_says_what_it_cost_and_what_is_left(product: Product) -> None:
    for left in (LIMIT - PREPARED - 13, LIMIT - PREPARED - 13 - 13):
        response = await product.post(query=COSTS_13)
        assert response.json()["extensions"]["cost"] == {
            "requestedQueryCost": 13,
            "maximumAvailable": 1_000,
            "throttleStatus": {
                "maximumAvailable": LIMIT,
                "currentlyAvailable": left,
                "restoreRate": 1,
            },
        }


async def test_who_has_no_points_left_is_told_when_to_come_back(
    product: Product, world: World, calls: list[str]
) -> None:
    await world.user("ana")
    for _ in range(2):
        assert (await product.post(query=COSTS_13)).json()["data"] is not None
    calls.clear()
    response = await product.post(query=COSTS_13)
    assert response.status_code == 429
    # 13 are needed, 4 are left, or 5 when the test is slow.
    assert response.headers["retry-after"] in ("8", "9")
    assert response.headers["cache-control"] == "no-store"
    body = response.json()
    assert set(body) == {"errors"}
    (error,) = body["errors"]
    assert error["extensions"]["code"] == "RATE_LIMITED"
    assert error["extensions"]["cost"]["requestedQueryCost"] == 13
    assert error["extensions"]["cost"]["throttleStatus"]["maximumAvailable"] == LIMIT
    assert calls == ["rate_limits.draw"]  # and nothing was executed


async def test_a_cheaper_operation_still_runs(product: Product) -> None:
    await product.post(query=NAME)
    await product.post(query=COSTS_13)
    assert (await product.post(query=COSTS_13)).status_code == 429
    assert (await product.post(query=NAME)).status_code == 200


async def test_each_viewer_has_a_bucket_and_no_header_makes_another(
    product: Product, world: World
) -> None:
    ana, ben = await world.user("ana"), await world.user("ben")
    for name in ("one", "two"):
        headers = product.bearer(ana) | {"apollographql-client-name": name}
        assert (await product.post(query=COSTS_13, headers=headers)).status_code == 200
    headers = product.bearer(ana) | {"apollographql-client-name": "three"}
    assert (await product.post(query=COSTS_13, headers=headers)).status_code == 429
    response = await product.post(query=COSTS_13, headers=product.bearer(ben))
    assert response.status_code == 200


async def test_a_trusted_operation_is_charged_a_tenth(product: Product, storage: Storage) -> None:
    await publish(storage, COSTS_13)
    response = await product.post(documentId=f"sha256:{hash_of(COSTS_13)}")
    cost = response.json()["extensions"]["cost"]
    assert cost["requestedQueryCost"] == 13
    assert cost["maximumAvailable"] == 10_000
    assert cost["throttleStatus"]["currentlyAvailable"] == LIMIT - PREPARED - 2


@pytest.mark.parametrize(
    ("made_up", "code"),
    [
        ({"query": "{ unknown }"}, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "{"}, "GRAPHQL_PARSE_FAILED"),
        ({"documentId": f"sha256:{hash_of('nothing')}"}, "PERSISTED_QUERY_NOT_IN_LIST"),
        ({"extensions": by_hash(hash_of("nothing"))}, "PERSISTED_QUERY_NOT_FOUND"),
    ],
)
async def test_who_makes_up_documents_pays_for_looking_at_them(
    product: Product, calls: list[str], made_up: dict[str, Any], code: str
) -> None:
    for _ in range(LIMIT // PREPARED):
        response = await product.post(**made_up)
        assert response.json()["errors"][0]["extensions"]["code"] == code
    calls.clear()
    response = await product.post(**made_up)
    assert response.status_code == 429
    assert response.json()["errors"][0]["extensions"]["code"] == "RATE_LIMITED"
    assert calls == ["rate_limits.draw"]


async def test_who_asks_for_the_price_pays_nothing_and_nothing_runs(
    product: Product, calls: list[str]
) -> None:
    dear = COSTS_13.replace("11", "100").replace(
        "nodes { id }", "nodes { pins(first: 100) { nodes { id } } }"
    )
    price = "price: rateLimit(dryRun: true) { cost nodeCount remaining }"
    query = f"query Dear {{ {price} {dear[1:-1]} }}"
    response = await product.post(query=query)
    assert response.json()["data"] == {
        "price": {"cost": 10_202, "nodeCount": 10_102, "remaining": LIMIT - PREPARED},
        "user": None,
    }
    assert calls == ["rate_limits.draw"] * 2
    response = await product.post(query=query.replace("(dryRun: true)", ""))
    assert response.status_code == 400
    (error,) = response.json()["errors"]
    assert error["extensions"]["code"] == "QUERY_TOO_EXPENSIVE"
    assert error["extensions"]["cost"] == {"requestedQueryCost": 10_202, "maximumAvailable": 1_000}


async def test_the_limits_can_be_watched_before_they_hold(
    stores: EmbeddedStores, storage: Storage
) -> None:
    aliases = "{" + " ".join(f"a{i}: __typename" for i in range(31)) + "}"
    async with serving_one(stores, storage) as product:
        assert (await product.post(query=aliases)).status_code == 400
    async with serving_one(stores, storage, query_limits="warn") as product:
        assert (await product.post(query=aliases)).status_code == 200
