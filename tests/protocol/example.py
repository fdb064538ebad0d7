"""A small schema behind the real endpoint: what the tests of the protocol send requests to.

Its resolvers succeed, fail, wait and count, and the ledger remembers what they did: so a test can
prove that a refused request executed nothing, and that a cancelled one no longer runs.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from typing import Any

import strawberry
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route
from strawberry.schema.config import StrawberryConfig

from domain.errors import (
    BadUserInput,
    CursorExpired,
    Forbidden,
    IdempotencyInProgress,
    IdempotencyKeyReused,
    InvalidCursor,
    PineryError,
    StoreTimeout,
    StoreUnavailable,
    Unauthenticated,
)
from domain.rate_limits import Burst, BurstPolicy
from domain.viewer import EVERY_SCOPE, Viewer
from protocol.access_log import AccessLog
from protocol.admission import Admission
from protocol.authentication import Authenticator
from protocol.bursts import BurstLimits
from protocol.compression import Compression
from protocol.cors import Cors
from protocol.endpoint import GraphQLEndpoint, Page
from protocol.health import Health
from protocol.hosts import Hosts
from protocol.idempotency import declare_idempotent, idempotency_key
from protocol.limits import Limits
from protocol.metering import Meter
from protocol.operations import OperationRunner
from protocol.persisted import PersistedDocuments
from protocol.shortcut import Shortcut
from protocol.throttle import RateLimitStores

ISSUER = "the issuer of the tests"
AUDIENCE = "the audience of the tests"
SECRET = b"a secret of the tests, and only of them"
USER_ID = "65f0c0ffee65f0c0ffee65f0"

HOSTS = ("127.0.0.1", "[::1]", "localhost", "*.example.com")
"""The hosts that the example serves."""

ORIGIN = "https://app.example.com"
"""The one web origin that the example's CORS list has."""

BUG = "a detail that no client may see"
"""What the example's failing resolvers raise."""

BURSTS = {
    Burst.SAVE: BurstPolicy(at_once=3, per_minute=1),
    Burst.FOLLOW: BurstPolicy(at_once=1, per_minute=12),
}
"""What a viewer of the example may do, where its bursts are counted."""

FAILURES: Mapping[str, type[PineryError]] = {
    error.code.value: error
    for error in (
        BadUserInput,
        InvalidCursor,
        CursorExpired,
        IdempotencyKeyReused,
        IdempotencyInProgress,
        Unauthenticated,
        Forbidden,
        StoreUnavailable,
        StoreTimeout,
    )
}


@dataclass
class Ledger:
    """What the example's resolvers did since the test began."""

    additions: int = 0
    slow: int = 0
    cancelled: int = 0
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def note(self, entry: str) -> None:
        """Counts one more of `entry`."""
        setattr(self, entry, getattr(self, entry) + 1)
        async with self.changed:
            self.changed.notify_all()

    async def reaches(self, entry: str, count: int = 1) -> None:
        """Waits until `entry` was counted `count` times; a test that waits in vain fails."""
        async with asyncio.timeout(10), self.changed:
            await self.changed.wait_for(lambda: getattr(self, entry) >= count)


@dataclass(frozen=True)
class Context:
    """What the example's resolvers get."""

    viewer: Viewer
    ledger: Ledger
    idempotency_key: str | None = None

    def response_extensions(self) -> Mapping[str, object]:
        """Says who asked, so that a test sees extensions arrive."""
        return {"signedIn": self.viewer.is_signed_in}

    def abandon(self) -> None:
        """Nothing runs on its own here."""


Info = strawberry.Info[Context, None]


@strawberry.enum
class Colour(Enum):
    """A colour."""

    CRIMSON = "crimson"
    TURQUOISE = "turquoise"


@strawberry.input
class Filter:
    """Which people to find."""

    nickname: str
    favourite: Colour = Colour.CRIMSON


@strawberry.type
class Person:
    """Somebody; everybody is a friend of themselves."""

    name: str

    @strawberry.field
    def friend(self) -> "Person":
        """The same person, to ask as deep as one likes."""
        return self

    @strawberry.field
    def broken(self) -> str:
        """Always fails, and there is no null for it."""
        raise RuntimeError(BUG)


@strawberry.type
class Query:
    """Reads."""

    @strawberry.field
    def hello(self, name: str = "world") -> str:
        """A greeting; it repeats what it was given."""
        return f"hello {name}"

    @strawberry.field
    def viewer_id(self, info: Info) -> str | None:
        """Who the token names."""
        return info.context.viewer.user_id

    @strawberry.field
    def additions(self, info: Info) -> int:
        """How often the mutation ran."""
        return info.context.ledger.additions

    @strawberry.field
    def person(self, filter: Filter | None = None) -> Person | None:
        """Somebody."""
        return Person(name=filter.nickname if filter else "Ada")

    @strawberry.field
    def paint(self, colour: Colour, layers: int = 1) -> str | None:
        """Paints."""
        return f"{layers} × {colour.value}"

    @strawberry.field
    def long(self, characters: int) -> str:
        """A text of that length."""
        return "x" * characters

    @strawberry.field
    def infinite(self) -> float | None:
        """A number that JSON has not."""
        return float("inf")

    @strawberry.field
    def surrogate(self) -> str:
        """Half a character."""
        return "\ud800"

    @strawberry.field
    def fails(self, code: str) -> str | None:
        """Fails as expected, with the error of that code."""
        raise FAILURES[code](f"The message of {code}.")

    @strawberry.field
    def broken(self) -> str | None:
        """Fails as nobody expects."""
        raise RuntimeError(BUG)

    @strawberry.field
    def nothing(self) -> str:
        """Always fails, and there is no null for it."""
        raise RuntimeError(BUG)

    @strawberry.field
    async def nap(self, ms: int) -> str:
        """Takes that long."""
        await asyncio.sleep(ms / 1000)
        return "refreshed"

    @strawberry.field
    async def slow(self, info: Info) -> str | None:
        """Takes an hour."""
        await info.context.ledger.note("slow")
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            await info.context.ledger.note("cancelled")
            raise
        return "at last"


def counted(burst: Burst) -> Callable[[Callable[..., Any]], Any]:
    """Makes a method a field of that kind, as the words of the schema do."""
    return lambda method: strawberry.mutation(method, metadata={"burst": burst})


@strawberry.type
class Mutation:
    """Writes."""

    @strawberry.mutation
    def add(self, info: Info) -> int:
        """Counts one more."""
        info.context.ledger.additions += 1
        return info.context.ledger.additions

    @strawberry.mutation
    def key(self, info: Info) -> str | None:
        """The key under which it is to happen once."""
        return idempotency_key(info)

    @strawberry.mutation
    async def add_slowly(self, info: Info, ms: int) -> int:
        """Takes that long, and then counts one more."""
        ledger = info.context.ledger
        await ledger.note("slow")
        try:
            await asyncio.sleep(ms / 1000)
        except asyncio.CancelledError:
            await ledger.note("cancelled")
            raise
        await ledger.note("additions")
        return ledger.additions

    @counted(Burst.SAVE)
    def save(self, info: Info) -> int:
        """Counts one more, among the viewer's saves."""
        info.context.ledger.additions += 1
        return info.context.ledger.additions

    @counted(Burst.FOLLOW)
    def follow(self, info: Info) -> int:
        """Counts one more, among the viewer's follows."""
        info.context.ledger.additions += 1
        return info.context.ledger.additions


@strawberry.type
class Subscription:
    """Streams."""

    @strawberry.subscription
    async def ticks(self) -> AsyncIterator[int]:
        """Numbers."""
        yield 1


def example_schema(*, suggestions: bool = True) -> strawberry.Schema:
    """The example's schema, made as `schema.api` makes the real one."""
    schema = strawberry.Schema(
        Query,
        Mutation,
        Subscription,
        config=StrawberryConfig(disable_field_suggestions=not suggestions),
    )
    declare_idempotent(schema._schema)
    return schema


def example_authenticator() -> Authenticator:
    """Verifies tokens that are signed with `SECRET`."""
    return Authenticator(issuer=ISSUER, audience=AUDIENCE, secret=SECRET)


def example_token(user_id: str = USER_ID) -> str:
    """A good token."""
    return example_authenticator().mint(user_id, EVERY_SCOPE, timedelta(hours=1))


def example_endpoint(
    make_context: Callable[[Viewer, Meter, str | None], Context],
    *,
    production: bool = False,
    limits: Limits | None = None,
    authenticator: Authenticator | None = None,
    persisted: PersistedDocuments | None = None,
    admission: Admission | None = None,
    stores: RateLimitStores | None = None,
    page: Page | None = None,
) -> GraphQLEndpoint[Context]:
    """The endpoint of the example; `production` has neither introspection nor hints.

    Bursts are counted where there are `stores`.
    """
    limits = limits or Limits()
    schema = example_schema(suggestions=not production)
    runner = OperationRunner(
        schema,
        limits,
        introspection=not production,
        hints=not production,
        persisted=persisted or PersistedDocuments(),
        bursts=BurstLimits(schema._schema, lambda: stores, BURSTS) if stores else None,
    )
    return GraphQLEndpoint(
        runner,
        authenticator or example_authenticator(),
        make_context,
        limits=limits,
        admission=admission or Admission(running=100, waiting=100, patience_ms=5_000),
        page=page,
    )


class Example:
    """The application; what it is made with is as for `example_endpoint`."""

    def __init__(
        self,
        *,
        production: bool = False,
        limits: Limits | None = None,
        authenticator: Authenticator | None = None,
        persisted: PersistedDocuments | None = None,
        admission: Admission | None = None,
        stores: RateLimitStores | None = None,
    ) -> None:
        self.ledger = Ledger()
        self.health = Health({})
        endpoint = example_endpoint(
            self._context,
            production=production,
            limits=limits,
            authenticator=authenticator,
            persisted=persisted,
            admission=admission,
            stores=stores,
        )
        self.app = Starlette(
            routes=[
                Route("/graphql", endpoint),
                Route("/graphql/{document_id}", endpoint),
                *self.health.routes(),
            ],
            # The order of `server.create_app`.
            middleware=[
                Middleware(AccessLog),
                Middleware(Hosts, hosts=HOSTS),
                Middleware(Cors, origins=[ORIGIN]),
                Middleware(Compression),
                Middleware(Shortcut, path="/graphql", endpoint=endpoint),
            ],
        )

    def _context(self, viewer: Viewer, _meter: Meter, key: str | None) -> Context:
        return Context(viewer, self.ledger, key)
