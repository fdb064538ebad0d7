"""Whoever wants too much is told so at once, and the server goes on (PROTOCOL 12).

How long each refusal takes is printed by `python -m tests.protocol.abuse`.
"""

from collections.abc import AsyncIterator

import pytest

from storage.embedded import EmbeddedStores
from storage.storage import Storage
from tests.protocol.abuse import ABUSES, HARMLESS, send
from tests.protocol.conftest import Logs
from tests.protocol.product import Product, product
from tests.protocol.wire import GRAPHQL_RESPONSE, answered, guarded

CODES = {
    "BAD_REQUEST",
    "BAD_USER_INPUT",
    "GRAPHQL_PARSE_FAILED",
    "GRAPHQL_VALIDATION_FAILED",
    "OPERATION_RESOLUTION_FAILURE",
    "QUERY_TOO_EXPENSIVE",
}


@pytest.fixture(scope="module")
async def shared(stores: EmbeddedStores, prepared: Storage) -> AsyncIterator[Product]:
    """The server of this module."""
    async with product(stores, prepared) as served:
        yield served


@pytest.mark.row("T1", "T2", "T3", "T4", "T5", "T6", "T7", "T8", "T9", "T10", "T15", "Q4", "N5")
@pytest.mark.parametrize("name", ABUSES)
async def test_abuse_is_refused_and_the_server_lives(
    shared: Product, storage: Storage, calls: list[str], logs: Logs, name: str
) -> None:
    with guarded():
        response = await send(shared, ABUSES[name])
    assert 400 <= response.status_code < 500, response.text[:300]
    assert response.headers["content-type"] == f"{GRAPHQL_RESPONSE}; charset=utf-8"
    assert len(response.content) < 12_000
    body = response.json()
    assert set(body) == {"errors"}
    assert 1 <= len(body["errors"]) <= 10
    assert {error["extensions"]["code"] for error in body["errors"]} <= CODES
    assert calls == []
    assert [each for each in logs if each["log_level"] in ("error", "critical")] == []
    assert await shared.is_alive()


@pytest.mark.row("T15")
@pytest.mark.parametrize("name", HARMLESS)
async def test_what_was_a_bomb_is_a_document_like_any_other(shared: Product, name: str) -> None:
    with guarded():
        assert answered(await send(shared, HARMLESS[name]), GRAPHQL_RESPONSE)
    assert await shared.is_alive()
