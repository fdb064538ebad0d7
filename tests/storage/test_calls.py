"""Store calls: bounded, counted, and with a failure that says what is wrong."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress

import pytest
from pymongo import UpdateOne
from pymongo.errors import (
    BulkWriteError,
    DuplicateKeyError,
    ExecutionTimeout,
    OperationFailure,
    WriteError,
)
from redis.exceptions import ResponseError

from domain.errors import ErrorCode, StoreError, StoreTimeout, StoreUnavailable
from storage.breaker import Breaker
from storage.calls import StoreCall, StoreCalls, request_observer
from storage.codec import Document
from storage.embedded import EmbeddedStores
from storage.mongo import Collection, Driver, Mongo
from storage.redis import Redis
from storage.storage import Storage
from storage.transactions import Session, in_transaction
from tests.storage.conftest import DRIVERS

DEADLINE_MS = 800

FOREVER_S = 30
"""What no call may take; a test that waits so long has failed."""


@pytest.fixture
def told() -> list[StoreCall]:
    """The calls that an observer was told of."""
    return []


@pytest.fixture(params=DRIVERS)
async def mongo(
    brittle_stores: EmbeddedStores, request: pytest.FixtureRequest, told: list[StoreCall]
) -> AsyncIterator[Mongo]:
    """A MongoDB that this test may break, with one document in it."""
    driver: Driver = request.param
    mongo = Mongo(brittle_stores.mongo_url, database="own", driver=driver, deadline_ms=DEADLINE_MS)
    mongo.calls.breaker = Breaker(failures=5, retry_s=0.5)
    await mongo.collection("things").insert_one({"_id": 1})
    mongo.calls.observers.append(told.append)
    yield mongo
    await mongo.close()


async def find(mongo: Mongo) -> list[Document]:
    """A call that must come back, one way or the other."""
    async with asyncio.timeout(FOREVER_S):
        return await mongo.find("things.find", "things", {})


async def failure(mongo: Mongo) -> StoreError:
    """What a call fails with."""
    with pytest.raises(StoreError) as caught:
        await find(mongo)
    return caught.value


async def recovered(mongo: Mongo) -> None:
    """Returns when calls succeed again."""
    async with asyncio.timeout(FOREVER_S):
        while True:
            try:
                assert await find(mongo) == [{"_id": 1}]
                return
            except StoreError:
                await asyncio.sleep(0.05)


# What breaks


async def test_a_killed_mongodb_is_unavailable_and_comes_back(
    brittle_stores: EmbeddedStores, mongo: Mongo, told: list[StoreCall]
) -> None:
    brittle_stores.mongo.kill()
    error = await failure(mongo)
    assert type(error) is StoreUnavailable
    assert error.code is ErrorCode.UNAVAILABLE
    assert str(error) == "MongoDB is not available."
    assert [(call.name, call.ok) for call in told] == [("things.find", False)]
    brittle_stores.mongo.start()
    await recovered(mongo)
    assert told[-1].ok


async def test_a_frozen_mongodb_is_too_slow_and_comes_back(
    brittle_stores: EmbeddedStores, mongo: Mongo, told: list[StoreCall]
) -> None:
    brittle_stores.mongo.pause()
    for _ in range(2):
        error = await failure(mongo)
        assert type(error) is StoreTimeout
        assert error.code is ErrorCode.TIMEOUT
        assert str(error) == "MongoDB did not answer within 800 ms."
    assert [call.ok for call in told] == [False, False]
    brittle_stores.mongo.resume()
    await recovered(mongo)


async def test_many_calls_at_once_fail_together_and_then_at_once(
    brittle_stores: EmbeddedStores, mongo: Mongo, told: list[StoreCall]
) -> None:
    brittle_stores.mongo.kill()
    errors = await asyncio.gather(*(failure(mongo) for _ in range(5)))
    assert {type(error) for error in errors} == {StoreUnavailable}
    assert mongo.calls.breaker.is_open
    told.clear()
    error = await failure(mongo)
    assert type(error) is StoreUnavailable
    assert str(error) == "MongoDB is not answering; it is tried again shortly."
    assert told == []
    brittle_stores.mongo.start()
    await recovered(mongo)
    assert not mongo.calls.breaker.is_open


@pytest.mark.parametrize("driver", DRIVERS)
async def test_a_query_over_the_deadline_is_ended(stores: EmbeddedStores, driver: Driver) -> None:
    mongo = Mongo(stores.mongo_url, database="slow", driver=driver, deadline_ms=300)
    collection = mongo.collection("things")
    await collection.insert_many([{"_id": n} for n in range(3)])
    with pytest.raises(StoreTimeout) as caught:
        async with asyncio.timeout(FOREVER_S):
            await mongo.find("things.find", "things", {"$where": "sleep(1000) || true"})
    assert str(caught.value) == "MongoDB did not answer within 300 ms."
    assert len(await mongo.find("things.find", "things", {})) == 3
    await mongo.drop()
    await mongo.close()


@pytest.mark.parametrize("driver", DRIVERS)
async def test_where_nobody_listens_mongodb_is_unavailable(driver: Driver) -> None:
    nowhere = "mongodb://127.0.0.1:9/?directConnection=true"
    mongo = Mongo(nowhere, database="none", driver=driver, deadline_ms=DEADLINE_MS)
    assert type(await failure(mongo)) is StoreUnavailable
    await mongo.close()


async def test_a_query_that_mongodb_refuses_is_unavailable(storage: Storage) -> None:
    with pytest.raises(StoreUnavailable) as caught:
        await storage.mongo.find("things.find", "things", {"$nonsense": 1})
    assert str(caught.value) == "MongoDB is not available."
    assert await storage.mongo.find("things.find", "things", {}) == []


async def test_ping_goes_around_the_breaker(storage: Storage) -> None:
    breaker = storage.mongo.calls.breaker
    storage.mongo.calls.breaker = Breaker(failures=0)
    try:
        assert await storage.mongo.ping()
    finally:
        storage.mongo.calls.breaker = breaker


@pytest.mark.parametrize(
    "error",
    [
        AttributeError("'NoneType' object has no attribute 'writelines'"),
        ResponseError("WRONGTYPE"),
        OSError("reset"),
        RuntimeError("anything"),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_whatever_goes_wrong_with_redis_is_a_miss(storage: Storage, error: Exception) -> None:
    async def fail(client: object) -> str:
        raise error

    assert await storage.redis.attempt("things.get", fail, fallback="nothing") == "nothing"
    assert await storage.redis.attempt("things.get", _ping, fallback=False) is True


async def _ping(client: object) -> bool:
    answer: bool = await client.ping()  # type: ignore[attr-defined]  # see storage.redis.Client
    return answer


async def test_a_redis_that_hangs_is_a_miss(brittle_stores: EmbeddedStores) -> None:
    redis = Redis(brittle_stores.redis_url, deadline_ms=50)
    assert await redis.attempt("things.get", _ping, fallback=False) is True
    brittle_stores.redis.pause()
    async with asyncio.timeout(FOREVER_S):
        assert await redis.attempt("things.get", _ping, fallback=False) is False
    brittle_stores.redis.resume()
    assert await redis.attempt("things.get", _ping, fallback=False) is True
    await redis.close()


# Writes


async def insert_twice(collection: Collection) -> None:
    """A document whose key is taken."""
    await collection.insert_one({"_id": 1})


async def insert_many_twice(collection: Collection) -> None:
    """Documents of which two have keys that are taken."""
    await collection.insert_many([{"_id": 2}, {"_id": 1}, {"_id": 2}], ordered=False)


async def insert_invalid(collection: Collection) -> None:
    """A document that the rules of its collection do not allow."""
    rule = {"number": {"$type": "int"}}
    await collection.database.command("collMod", collection.name, validator=rule)
    await collection.insert_one({"_id": 3, "number": "three"})


@pytest.mark.parametrize(
    ("write", "error"),
    [
        (insert_twice, DuplicateKeyError),
        (insert_many_twice, BulkWriteError),
        (insert_invalid, WriteError),
    ],
)
async def test_a_document_that_is_not_taken_is_an_answer(
    storage: Storage,
    write: Callable[[Collection], Awaitable[None]],
    error: type[Exception],
    told: list[StoreCall],
) -> None:
    collection = storage.mongo.collection(f"things_{write.__name__}")
    await collection.drop()
    await collection.insert_one({"_id": 1})
    calls = StoreCalls("MongoDB", 5_000, Breaker(failures=1, retry_s=60))
    calls.observers.append(told.append)
    for _ in range(2):
        with pytest.raises(error):
            async with calls.call("things.put"):
                await write(collection)
    assert not calls.breaker.is_open
    assert [(call.name, call.ok) for call in told] == [("things.put", True)] * 2
    await collection.drop()


async def test_other_mistakes_of_many_writes_are_failures(storage: Storage) -> None:
    with pytest.raises(StoreUnavailable):
        async with storage.mongo.calls.call("things.put"):
            await storage.mongo.collection("things").bulk_write(
                [UpdateOne({}, {"$nonsense": 1}), UpdateOne({}, {"$set": {"_id": 1}}, upsert=True)]
            )


async def test_a_transaction_that_others_keep_in_its_way_says_so(
    storage: Storage, told: list[StoreCall]
) -> None:
    mongo = storage.mongo
    things = mongo.collection("things")
    await things.insert_one({"_id": 1})
    calls = StoreCalls("MongoDB", FOREVER_S * 1000, Breaker(failures=1, retry_s=60))
    calls.observers.append(told.append)

    async def lose(session: Session) -> None:
        try:
            await things.update_one({"_id": 1}, {"$inc": {"n": 1}}, session=session)
        except OperationFailure as conflict:
            # As the driver does when the time is up.
            raise ExecutionTimeout("time is up", 50) from conflict

    async def win(session: Session) -> None:
        await things.update_one({"_id": 1}, {"$inc": {"n": 10}}, session=session)
        with pytest.raises(StoreUnavailable) as caught:
            async with calls.call("things.put"):
                await in_transaction(mongo, lose)
        assert str(caught.value) == (
            "MongoDB is busy: others are writing the same things. Try again."
        )

    await in_transaction(mongo, win)
    assert not calls.breaker.is_open
    assert [call.ok for call in told] == [False]
    assert await mongo.find("things.find", "things", {}) == [{"_id": 1, "n": 10}]


async def test_writes_may_take_longer_than_reads(storage: Storage) -> None:
    assert (storage.mongo.calls.deadline_ms, storage.mongo.write_deadline_ms) == (2_000, 6_000)


# Calls


@pytest.fixture
def store_calls(told: list[StoreCall]) -> StoreCalls:
    """Calls to something that this test plays the part of."""
    calls = StoreCalls("The store", 50, Breaker(failures=3, retry_s=60))
    calls.observers.append(told.append)
    return calls


async def test_a_finished_call_is_told(store_calls: StoreCalls, told: list[StoreCall]) -> None:
    of_request: list[StoreCall] = []
    token = request_observer.set(of_request.append)
    async with store_calls.call("things.get", keys=3):
        pass
    request_observer.reset(token)
    async with store_calls.call("things.get"):
        pass
    assert [(call.name, call.keys, call.ok) for call in told] == [
        ("things.get", 3, True),
        ("things.get", 1, True),
    ]
    assert of_request == told[:1]


async def test_a_call_over_its_deadline_is_a_timeout(
    store_calls: StoreCalls, told: list[StoreCall]
) -> None:
    with pytest.raises(StoreTimeout) as caught:
        async with store_calls.call("things.get"):
            await asyncio.sleep(FOREVER_S)
    assert str(caught.value) == "The store did not answer within 50 ms."
    assert [call.ok for call in told] == [False]


async def test_a_call_may_have_a_deadline_of_its_own(store_calls: StoreCalls) -> None:
    with pytest.raises(StoreTimeout) as caught:
        async with store_calls.call("things.put", deadline_ms=10):
            await asyncio.sleep(FOREVER_S)
    assert str(caught.value) == "The store did not answer within 10 ms."
    async with store_calls.call("things.put", deadline_ms=FOREVER_S * 1000):
        await asyncio.sleep(0.1)  # twice the usual deadline


async def test_a_call_that_insists_goes_out_though_the_breaker_is_open() -> None:
    calls = StoreCalls("The store", 50, Breaker(failures=1, retry_s=60))
    with pytest.raises(StoreUnavailable):
        await _refused(calls)
    with pytest.raises(StoreUnavailable, match="tried again shortly"):
        async with calls.call("things.get"):
            pass
    async with calls.call("things.get", insists=True):
        pass
    async with calls.call("things.get"):
        pass


async def test_a_cancelled_call_stays_cancelled_and_is_no_failure(
    store_calls: StoreCalls, told: list[StoreCall]
) -> None:
    async def call() -> None:
        async with store_calls.call("things.get"):
            await asyncio.sleep(FOREVER_S)

    for _ in range(3):
        task = asyncio.create_task(call())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert not store_calls.breaker.is_open
    assert [call.ok for call in told] == [False] * 3


async def test_a_cancellation_that_a_driver_lost_is_found_again(
    store_calls: StoreCalls, told: list[StoreCall]
) -> None:
    went_on: list[str] = []

    async def call() -> None:
        try:
            async with store_calls.call("things.get"):
                with suppress(asyncio.CancelledError):
                    await asyncio.sleep(FOREVER_S)
            went_on.append("working")
        finally:
            # Who is being cancelled may tidy up.
            async with store_calls.call("things.put"):
                await asyncio.sleep(0)
            went_on.append("tidying")

    task = asyncio.create_task(call())
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()
    assert went_on == ["tidying"]
    assert [(each.name, each.ok) for each in told] == [("things.get", True), ("things.put", True)]


async def test_a_mistake_of_ours_is_not_the_stores_fault(
    store_calls: StoreCalls, told: list[StoreCall]
) -> None:
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            async with store_calls.call("things.get"):
                _ = 1 / 0
    assert not store_calls.breaker.is_open
    assert [call.ok for call in told] == [False] * 3


@pytest.mark.parametrize("known", [StoreTimeout, StoreUnavailable])
async def test_what_the_driver_knows_of_its_servers_decides(known: type[StoreError]) -> None:
    calls = StoreCalls("The store", 50, Breaker(), lambda: known)
    with pytest.raises(StoreError) as caught:
        async with calls.call("things.get"):
            raise TimeoutError
    assert type(caught.value) is known


async def test_a_breaker_opens_and_lets_one_probe_through() -> None:
    breaker = Breaker(failures=2, retry_s=0)
    calls = StoreCalls("The store", 1000, breaker)
    for _ in range(2):
        assert not breaker.is_open
        with pytest.raises(StoreUnavailable):
            await _refused(calls)
    assert breaker.is_open
    with pytest.raises(StoreUnavailable):
        await _refused(calls)  # The probe; it fails, and the breaker stays open.
    assert breaker.is_open
    async with calls.call("things.get"):
        pass
    assert not breaker.is_open


async def _refused(calls: StoreCalls) -> None:
    async with calls.call("things.get"):
        raise ConnectionRefusedError


def test_an_open_breaker_lets_one_probe_through_a_period(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("storage.breaker.monotonic", lambda: now)
    breaker = Breaker(failures=1, retry_s=2.0)
    assert breaker.allows()
    breaker.failed()
    assert not breaker.allows()
    now = 102.0
    assert [breaker.allows(), breaker.allows()] == [True, False]
    breaker.failed()
    now = 103.9
    assert not breaker.allows()
    now = 104.0
    assert breaker.allows()
    breaker.succeeded()
    assert [breaker.allows(), breaker.allows()] == [True, True]


def test_failures_must_follow_each_other_to_open_a_breaker() -> None:
    breaker = Breaker(failures=2)
    for _ in range(5):
        breaker.failed()
        breaker.succeeded()
    assert not breaker.is_open
