"""The application: `create_app(settings)` puts routes, middleware and lifespan together.

Outermost first: the access log names every request, unknown hosts are refused, browsers of other
origins are answered by the CORS list, large answers are compressed. GraphQL is one route.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta

import structlog
from prometheus_client import Gauge
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from config import Settings
from domain.ads import AdPolicy
from domain.auction import AuctionPolicy
from domain.errors import StoreError
from domain.signing import Signer
from domain.viewer import EVERY_SCOPE, Viewer
from loaders.base import Loaders
from protocol.access_log import AccessLog
from protocol.authentication import Authenticator
from protocol.compression import Compression
from protocol.cors import Cors
from protocol.endpoint import GraphQLEndpoint
from protocol.graphiql.page import GraphiQLPage
from protocol.health import Health
from protocol.hosts import Hosts
from protocol.limits import Limits
from resolvers.context import Context
from resolvers.settings import ResolverSettings
from schema.api import build_schema
from storage.mongo import Mongo
from storage.redis import Redis
from storage.storage import Storage
from worlds.demo import DEMO_VIEWERS

log = structlog.get_logger()

DEMO_TOKEN_LIFETIME = timedelta(hours=12)

live_ads = Gauge("pinery_live_ads", "Ads that could be served, as last read")


def open_storage(settings: Settings) -> Storage:
    """The stores that the settings name. Call it inside the running loop, after any fork."""
    if settings.mongo_url is None or settings.redis_url is None:
        raise ValueError("Start the embedded stores first, and give their URLs.")
    mongo = Mongo(
        settings.mongo_url,
        database=settings.mongo_database,
        driver=settings.mongo_driver,
        deadline_ms=settings.read_deadline_ms,
    )
    redis = Redis(settings.redis_url, deadline_ms=settings.redis_deadline_ms)
    return Storage(
        mongo,
        redis,
        cache_ttl_s=settings.record_cache_ttl_s,
        feed_session_ttl_s=settings.feed_session_ttl_s,
    )


def authenticator(settings: Settings) -> Authenticator:
    """Verifies, and in development makes, bearer tokens as the settings say."""
    return Authenticator(
        issuer=settings.jwt_issuer,
        audience=settings.jwt_audience,
        secret=settings.secrets.jwt,
        jwks_url=settings.jwt_jwks_url,
    )


class Application:
    """What one process serves: stores, and everything that answers from them."""

    def __init__(self, settings: Settings, storage: Storage | None = None) -> None:
        self.settings = settings
        self._given = storage
        self.storage: Storage
        self.authenticator = authenticator(settings)
        self._signer = Signer(settings.secrets.signing)
        self._resolver_settings = ResolverSettings(
            image_proxy_url=settings.image_proxy_url,
            ads_budget_ms=settings.ads_budget_ms,
            ads=AdPolicy(auction=AuctionPolicy(reserve_micros=settings.ad_reserve_micros)),
        )
        self.health = Health({"mongo": self._mongo_answers})

    def context(self, viewer: Viewer) -> Context:
        """The context of one operation."""
        return Context(
            viewer=viewer,
            loaders=Loaders(self.storage, viewer),
            signer=self._signer,
            settings=self._resolver_settings,
            now=datetime.now(UTC),
            shows_loaders=not self.settings.is_production,
        )

    @asynccontextmanager
    async def lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        """Opens the stores and reads the ads; ends what it started, in reverse."""
        self.storage = self._given or open_storage(self.settings)
        try:
            await self.storage.prepare()
            refreshing = asyncio.create_task(self._refresh_ads(), name="refresh_ads")
            try:
                yield
            finally:
                self.health.drain()
                refreshing.cancel()
                with suppress(asyncio.CancelledError):
                    await refreshing
        finally:
            if self._given is None:
                await self.storage.close()

    async def demo_viewers(self, _request: Request) -> JSONResponse:
        """Users to sign in as, in development: those of the demo world, as far as they exist."""
        usernames = [each.username for each in DEMO_VIEWERS]
        ids = await self.storage.users.ids_by_username(usernames)
        users = await self.storage.users.get_many(ids.values())
        viewers = [
            {
                "username": name,
                "fullName": users[ids[name]].full_name,
                "token": self.authenticator.mint(ids[name], EVERY_SCOPE, DEMO_TOKEN_LIFETIME),
            }
            for name in usernames
            if name in ids
        ]
        return JSONResponse(viewers, headers={"Cache-Control": "no-store"})

    async def _refresh_ads(self) -> None:
        """Reads the live ads again and again; each read is bounded by the store's deadlines."""
        while True:
            try:
                live_ads.set(await self.storage.ads.refresh())
            except StoreError as error:
                log.warning("ads_not_refreshed", reason=str(error))
            except Exception:
                log.exception("ads_not_refreshed")
            await asyncio.sleep(self.settings.ads_refresh_s)

    async def _mongo_answers(self) -> bool:
        return await self.storage.mongo.ping()


def create_app(settings: Settings, storage: Storage | None = None) -> Starlette:
    """The ASGI application; tests pass a storage of their own, which they close."""
    application = Application(settings, storage)
    has_demo = settings.graphiql_enabled and not settings.is_production
    demo_viewers = [Route("/graphql/demo-viewers", application.demo_viewers)] if has_demo else []
    page = GraphiQLPage(demo_viewers=has_demo)
    endpoint = GraphQLEndpoint(
        build_schema(suggestions=not settings.is_production),
        application.authenticator,
        application.context,
        limits=Limits(body_bytes=settings.max_body_bytes, deadline_ms=settings.request_deadline_ms),
        introspection=settings.introspection_enabled,
        hints=not settings.is_production,
        page=page if settings.graphiql_enabled else None,
    )
    app = Starlette(
        routes=[
            *(page.routes() if settings.graphiql_enabled else []),
            *demo_viewers,
            Route("/graphql", endpoint),
            *application.health.routes(),
        ],
        middleware=[
            Middleware(AccessLog),
            Middleware(Hosts, hosts=settings.served_hosts),
            Middleware(Cors, origins=settings.cors_origins),
            Middleware(Compression),
        ],
        lifespan=application.lifespan,
    )
    app.state.application = application
    return app
