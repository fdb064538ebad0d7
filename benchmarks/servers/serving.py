"""What the comparison servers in Python share: their environment, and how they are served.

Each is a process of its own. It prints one line, `ready`, once it serves, and ends on SIGTERM.
"""

import os
import socket
from typing import Final, Self

import msgspec
import uvicorn
from starlette.types import ASGIApp

from benchmarks.workloads import WORKLOADS

READY: Final = "ready"

MONGO_DEADLINE_MS: Final = 10_000
REDIS_DEADLINE_MS: Final = 2_000
"""How long a store may take: so long that no server does without it on a busy machine."""


class Environment(msgspec.Struct, frozen=True):
    """Where the stores are, which port to serve, and the HS256 secret of bearer tokens."""

    mongo_url: str
    redis_url: str
    database: str
    port: int
    secret: str
    image_proxy_url: str

    @classmethod
    def read(cls) -> Self:
        """That of this process; raises `KeyError` for a variable that is not set."""
        return cls(
            mongo_url=os.environ["MONGO_URL"],
            redis_url=os.environ["REDIS_URL"],
            database=os.environ["DATABASE"],
            port=int(os.environ["PORT"]),
            secret=os.environ["SECRET"],
            image_proxy_url=os.environ["IMAGE_PROXY_URL"],
        )


def persisted_texts() -> dict[str, str]:
    """The documents of the workloads, by the ids that clients know them by."""
    return {workload.digest: workload.text for workload in WORKLOADS}


def serve(app: ASGIApp, port: int) -> None:
    """Serves an application until SIGTERM, as Pinery's own is served."""
    config = uvicorn.Config(
        app,
        port=port,
        loop="uvloop",
        http="httptools",
        log_config=None,
        access_log=False,
        server_header=False,
    )
    _Server(config).run()


class _Server(uvicorn.Server):
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            print(READY, flush=True)
