"""How much of one kind a viewer may do, over real HTTP and with real buckets (DOMAIN b.5).

The example allows 3 saves at once and 1 a minute, 1 follow at once and 12 a minute: nothing comes
back while a test runs, but for a follow, which nobody here waits for.
"""

from collections.abc import AsyncIterator

import httpx
import pytest

from domain.rate_limits import ACTION, Burst
from protocol.limits import Limits
from storage.embedded import EmbeddedStores
from storage.mongo import Mongo
from storage.redis import Redis
from storage.storage import Storage
from tests.protocol.example import BURSTS, USER_ID, Example, example_token
from tests.protocol.wire import Wire, answered, example_server, refused

OTHER_ID = "65f0c0ffee65f0c0ffee65f1"


@pytest.fixture
async def counted(storage: Storage) -> AsyncIterator[Wire]:
    """A server whose bursts are counted, with empty buckets."""
    async with example_server(Example(stores=storage)) as wire:
        yield wire


async def test_a_viewer_does_so_much_at_once_and_no_more(counted: Wire) -> None:
    assert answered(await _send(counted, "mutation { a: save b: save }")) == {"a": 1, "b": 2}
    response = await _send(counted, "mutation { a: save b: save }")
    error = refused(response, 429, "RATE_LIMITED")
    assert error["message"] == (
        "The limit SAVE allows 3 actions at once and 1 a minute; "
        "the operation has 2, and 1 are left."
    )
    assert error["extensions"]["burst"] == "SAVE"
    assert response.headers["retry-after"] in ("59", "60")  # less when the test is slow
    assert counted.ledger.additions == 2
    assert answered(await _send(counted, "mutation { save }")) == {"save": 3}
    assert (await _send(counted, "mutation { save }")).status_code == 429
    assert counted.ledger.additions == 3


async def test_a_viewer_has_one_bucket_and_each_another(counted: Wire) -> None:
    query = "mutation { a: save b: save c: save }"
    assert answered(await _send(counted, query))
    for app in ("web", "ios"):
        headers = {"apollographql-client-name": app}
        response = await _send(counted, "mutation { save }", headers=headers)
        assert response.status_code == 429
    assert answered(await _send(counted, query, user_id=OTHER_ID))


@pytest.mark.parametrize(
    "query",
    [
        "mutation { a: save b: save follow f: follow }",
        "mutation { f: follow follow a: save b: save }",
    ],
)
async def test_of_two_kinds_neither_is_taken_when_one_lacks(
    counted: Wire, storage: Storage, query: str
) -> None:
    response = await _send(counted, query)
    error = refused(response, 429, "RATE_LIMITED")
    assert error["extensions"]["burst"] == "FOLLOW"
    assert counted.ledger.additions == 0
    assert [await _left(storage, kind) for kind in BURSTS] == [3, 1]
    assert answered(await _send(counted, "mutation { follow save }"))
    assert [await _left(storage, kind) for kind in BURSTS] == [2, 0]


async def test_what_is_left_out_or_merged_does_not_count(storage: Storage) -> None:
    query = """
        mutation ($yes: Boolean = true, $no: Boolean!) {
            save
            ...Rest
            ...Rest
            a: save @skip(if: $yes)
            b: save @include(if: $no)
            ... @include(if: false) { c: save }
        }
        fragment Rest on Mutation { save add ... @include(if: $yes) { d: save } }
    """
    limits = Limits(document_mutations=10)
    async with example_server(Example(limits=limits, stores=storage)) as wire:
        response = await _send(wire, query, no=False)
    assert answered(response) == {"save": 1, "add": 2, "d": 3}
    assert await _left(storage, Burst.SAVE) == 1


async def test_only_what_is_limited_asks_the_stores(counted: Wire, calls: list[str]) -> None:
    for query in ("{ hello }", "mutation { add }", "mutation { __typename }"):
        answered(await _send(counted, query))
        assert calls == []
    answered(await _send(counted, "mutation { a: save b: save }"))
    assert calls == ["rate_limits.draw"]
    calls.clear()
    answered(await counted.post("mutation { a: save b: save c: save d: save }"))
    assert calls == []  # nobody is signed in, and nobody's bucket is asked


async def test_without_redis_the_limit_holds_in_each_process(own_stores: EmbeddedStores) -> None:
    storage = Storage(
        Mongo(own_stores.mongo_url, database="own"), Redis(own_stores.redis_url, deadline_ms=100)
    )
    own_stores.redis.kill()
    async with example_server(Example(stores=storage)) as wire:
        statuses = [(await _send(wire, "mutation { save }")).status_code for _ in range(4)]
    await storage.close()
    assert statuses == [200, 200, 200, 429]
    assert wire.ledger.additions == 3


async def _send(
    wire: Wire,
    query: str,
    *,
    user_id: str = USER_ID,
    headers: dict[str, str] | None = None,
    **variables: object,
) -> httpx.Response:
    """An operation of a viewer."""
    bearer = {"Authorization": f"Bearer {example_token(user_id)}"}
    return await wire.post(query, headers=bearer | (headers or {}), variables=variables)


async def _left(storage: Storage, kind: Burst) -> int:
    """How many actions of a kind the viewer has left."""
    name = f"burst:{kind}:{USER_ID}"
    draw = await storage.rate_limits.draw(name, 0, BURSTS[kind].bucket)
    return draw.remaining // ACTION
