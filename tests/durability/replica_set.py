"""A replica set of three real mongods, with the settings of RELIABILITY's goal figures.

They find each other by the paths of their sockets, so that no port is taken from anybody.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from storage.embedded import EmbeddedMongo

MEMBERS = 3
ELECTION_TIMEOUT_MS = 1000
HEARTBEAT_INTERVAL_MS = 250
LAG_S = 0.5
READY_S = 60.0
POLL_S = 0.02
NAME = "pinery"


class Member(EmbeddedMongo):
    """One mongod of several. It waits to be told of the others."""

    def _prepare(self, deadline: float) -> None:
        """Nothing: a member serves once its set has a primary."""

    def _command(self) -> list[str]:
        return [*super()._command(), "--setParameter=enableTestCommands=1"]

    def client(self) -> MongoClient[dict[str, Any]]:
        """A connection to this member alone."""
        return MongoClient(
            self._seed, directConnection=True, serverSelectionTimeoutMS=1000, timeoutMS=2000
        )

    def stop_replicating(self, *, is_on: bool) -> None:
        """Makes a secondary ask for no more of what the primary wrote, or go on."""
        mode = "alwaysOn" if is_on else "off"
        with self.client() as client:
            client.admin.command("configureFailPoint", "stopReplProducer", mode=mode)

    @property
    def is_primary(self) -> bool:
        """Whether it takes writes, as far as it answers."""
        if not self.is_running:
            return False
        try:
            with self.client() as client:
                return bool(client.admin.command("hello")["isWritablePrimary"])
        except PyMongoError:
            return False


class ReplicaSet:
    """Three members, of which any two go on without the third."""

    def __init__(self, directory: Path) -> None:
        self.members = [Member(directory / f"member{n}") for n in range(MEMBERS)]

    @property
    def url(self) -> str:
        """What drivers connect to: the first member they reach tells them of the others."""
        hosts = ",".join(
            member.url.removeprefix("mongodb://").split("/?")[0] for member in self.members
        )
        return f"mongodb://{hosts}/?replicaSet={NAME}"

    def start(self) -> None:
        """Starts all, makes them a set, and returns when it has a primary."""
        for member in self.members:
            member.launch()
        for member in self.members:
            member.wait_until_ready()
        config = {
            "_id": NAME,
            "members": [
                {"_id": number, "host": str(member.socket)}
                for number, member in enumerate(self.members)
            ],
            "settings": {
                "electionTimeoutMillis": ELECTION_TIMEOUT_MS,
                "heartbeatIntervalMillis": HEARTBEAT_INTERVAL_MS,
            },
        }
        with self.members[0].client() as client:
            client.admin.command("replSetInitiate", config)
        self.wait_for_primary()

    def wait_for_primary(self) -> Member:
        """The member that takes writes, as soon as there is one."""
        deadline = monotonic() + READY_S
        while monotonic() < deadline:
            for member in self.members:
                if member.is_primary:
                    return member
            sleep(POLL_S)
        raise TimeoutError(f"There was no primary for {READY_S:.0f} s.")

    def kill_primary(self) -> None:
        """Ends the primary with kill -9, while what it wrote last is known to itself alone.

        What it acknowledged before a majority had it would be lost.
        """
        primary = self.wait_for_primary()
        others = [member for member in self.members if member is not primary]
        for member in others:
            member.stop_replicating(is_on=True)
        sleep(LAG_S)
        primary.kill()
        for member in others:
            member.stop_replicating(is_on=False)

    def step_down(self) -> None:
        """Makes the primary hand over to another, in good order."""
        with self.wait_for_primary().client() as client:
            client.admin.command("replSetStepDown", 10, secondaryCatchUpPeriodSecs=5)

    def kill(self) -> None:
        """Ends all members at once."""
        for member in self.members:
            member.kill()


@contextmanager
def replica_set(directory: Path) -> Iterator[ReplicaSet]:
    """A set that runs in the block, and whose data nobody will miss."""
    members = ReplicaSet(directory)
    try:
        members.start()
        yield members
    finally:
        members.kill()
