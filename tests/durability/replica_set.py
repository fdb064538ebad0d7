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
READY_S = 60.0
POLL_S = 0.02
NAME = "pinery"


class Member(EmbeddedMongo):
    """One mongod of several. It waits to be told of the others."""

    def _prepare(self, deadline: float) -> None:
        """Nothing: a member serves once its set has a primary."""

    def client(self) -> MongoClient[dict[str, Any]]:
        """A connection to this member alone."""
        return MongoClient(
            self._seed, directConnection=True, serverSelectionTimeoutMS=1000, timeoutMS=2000
        )

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
    """Three members. Each can be killed, paused and started again."""

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

    def wait_until_whole(self) -> None:
        """Returns once each member is the primary or follows it."""
        deadline = monotonic() + READY_S
        while monotonic() < deadline:
            with self.wait_for_primary().client() as client:
                members = client.admin.command("replSetGetStatus")["members"]
            if all(each["stateStr"] in ("PRIMARY", "SECONDARY") for each in members):
                return
            sleep(POLL_S)
        raise TimeoutError(f"Not all members were there after {READY_S:.0f} s.")

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
