"""The application: `create_app(settings)` puts routes, middleware and lifespan together.

Outermost first: the access log names every request, unknown hosts are refused, browsers of other
origins are answered by the CORS list, large answers are compressed. GraphQL is
one route, and comes before all others.
"""

import asyncio
import gc
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import structlog
from prometheus_client import Gauge
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Route
from strawberry import Schema

from config import Settings, SettingsError
from domain.ads import AdPolicy
from domain.auction import AuctionPolicy
from domain.documents import DocumentUse
from domain.errors import StoreError
from domain.rate_limits import BucketPolicy
from domain.signing import Signer
from domain.viewer import EVERY_SCOPE, Scope, Viewer
from execution.choice import executor_type
from execution.review import resolved_one_by_one
from loaders.base import Loaders
from protocol.access_log import AccessLog
from protocol.admission import Admission
from protocol.authentication import Authenticator
from protocol.bursts import BurstLimits
from protocol.caching import CdnRule
from protocol.compression import Compression
from protocol.cors import Cors
from protocol.endpoint import GraphQLEndpoint
from protocol.graphiql.page import GraphiQLPage
from protocol.health import Health
from protocol.hosts import Hosts
from protocol.limits import Limits
from protocol.metering import Meter
from protocol.metrics import Metrics
from protocol.operations import OperationRunner
from protocol.persisted import PersistedDocuments, Trust
from protocol.remote_persisting import PersistEndpoint
from protocol.shortcut import Shortcut
from protocol.throttle import Throttle
from protocol.uploads import upload_routes
from protocol.usage import UsageCounter
from resolvers.context import Context
from resolvers.settings import ResolverSettings
from schema.api import build_schema
from storage.media import LocalMediaStore, MediaStore
from storage.mongo import Mongo
from storage.redis import Redis
from storage.s3_media import S3MediaStore, S3Unavailable, s3_client
from storage.storage import Storage
from storage.uploading import Uploading
from worlds.demo import DEMO_VIEWERS

log = structlog.get_logger()

DEMO_TOKEN_LIFETIME = timedelta(hours=12)

_GARBAGE_THRESHOLDS = (20_000, 20, 20)
"""How many new containers there may be before garbage is looked for: some twenty large answers.

Python's 700 is one small answer: a twelfth of the time went into looking, for next to nothing.
"""

_END_ATTEMPTS = 3
_END_TIMEOUT_S = 2.5
"""More than a last write may take: a task is given its time before it is cancelled again."""

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
        write_deadline_ms=settings.write_deadline_ms,
    )
    redis = Redis(
        settings.redis_url,
        deadline_ms=settings.redis_deadline_ms,
        local_records_mb=settings.local_records_mb,
    )
    return Storage(
        mongo,
        redis,
        cache_ttl_s=settings.record_cache_ttl_s,
        feed_session_ttl_s=settings.feed_session_ttl_s,
        automatic_document_ttl_s=settings.automatic_document_ttl_s,
    )


def open_media(settings: Settings, signer: Signer) -> MediaStore:
    """Where the settings keep files of users. Raises `SettingsError` for a bucket without boto3."""
    if settings.media_bucket is None:
        return LocalMediaStore(settings.media_directory, signer, settings.media_base_url)
    try:
        client = s3_client(endpoint=settings.media_endpoint, region=settings.media_region)
    except S3Unavailable as error:
        raise SettingsError(f"PINERY_MEDIA_BUCKET is set. {error}") from None
    return S3MediaStore(client, settings.media_bucket, settings.media_base_url)


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
        self.media = open_media(settings, self._signer)
        self._uploading: Uploading
        self._resolver_settings = ResolverSettings(
            image_proxy_url=settings.image_proxy_url,
            ads_budget_ms=settings.ads_budget_ms,
            ads=AdPolicy(auction=AuctionPolicy(reserve_micros=settings.ad_reserve_micros)),
        )
        self.health = Health({"mongo": self._mongo_answers})
        self.usage = UsageCounter(self._count_uses, flush_s=settings.usage_flush_s)

    def stores(self) -> Storage:
        """The stores, once the lifespan has opened them."""
        return self.storage

    def context(self, viewer: Viewer, meter: Meter, idempotency_key: str | None) -> Context:
        """The context of one operation."""
        return Context(
            viewer=viewer,
            meter=meter,
            loaders=Loaders(self.storage, viewer),
            signer=self._signer,
            settings=self._resolver_settings,
            uploading=self._uploading,
            now=datetime.now(UTC),
            idempotency_key=idempotency_key,
            shows_loaders=not self.settings.is_production,
        )

    @asynccontextmanager
    async def lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        """Opens the stores and reads the ads; ends what it started, in reverse."""
        self.storage = self._given or open_storage(self.settings)
        try:
            await self.storage.prepare()
            self._uploading = Uploading(
                self.storage.uploads,
                self.storage.transactions,
                self.media,
                max_bytes=self.settings.media_max_bytes,
            )
            tasks = [
                asyncio.create_task(self._refresh_ads(), name="refresh_ads"),
                asyncio.create_task(self.usage.run(), name="usage"),
                asyncio.create_task(self._uploading.run(), name="uploads"),
                asyncio.create_task(self.storage.redis.evictions.run(), name="evictions"),
                asyncio.create_task(self.storage.redis.tracking.run(), name="tracking"),
                asyncio.create_task(self._cascade(), name="cascades"),
                asyncio.create_task(self.storage.purging.run(), name="purge"),
            ]
            try:
                if self._given is None:
                    # What a started process holds stays. Syntax trees of refused documents are
                    # cycles, and each collection of them would look at all of it again.
                    gc.collect()
                    gc.freeze()
                    gc.set_threshold(*_GARBAGE_THRESHOLDS)
                yield
            finally:
                self.health.drain()
                await self._uploading.close()
                await _end(tasks)
        finally:
            if self._given is None:
                await self.storage.close()

    async def demo_viewers(self, _request: Request) -> JSONResponse:
        """Users to sign in as, in development: those of the demo world, as far as they exist."""
        usernames = [each.username for each in DEMO_VIEWERS]
        ids = await self.storage.users.ids_by_username(usernames)
        users = await self.storage.users.get_many(ids.values())
        scopes = EVERY_SCOPE | {Scope.DEVELOPER}
        viewers = [
            {
                "username": name,
                "fullName": users[ids[name]].full_name,
                "token": self.authenticator.mint(ids[name], scopes, DEMO_TOKEN_LIFETIME),
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

    async def _cascade(self) -> None:
        """Does what deleting a large board and the like leave to be done, unless others should."""
        pause_s = self.settings.cascade_pause_s
        if pause_s:
            await self.storage.cascading.run(pause_s)

    async def _count_uses(self, uses: Mapping[DocumentUse, int]) -> None:
        await self.storage.document_uses.count(uses)

    async def _mongo_answers(self) -> bool:
        return await self.storage.mongo.ping()


async def _end(tasks: Collection["asyncio.Task[None]"]) -> None:
    """Cancels background tasks, more than once: PyMongo can lose a cancellation while it sends."""
    remaining = set(tasks)
    for _ in range(_END_ATTEMPTS):
        for task in remaining:
            task.cancel()
        _, remaining = await asyncio.wait(remaining, timeout=_END_TIMEOUT_S)
        if not remaining:
            return
    log.error("tasks_not_ended", tasks=[task.get_name() for task in remaining])


def create_app(settings: Settings, storage: Storage | None = None) -> Starlette:
    """The ASGI application; tests pass a storage of their own, which they close."""
    application = Application(settings, storage)
    has_demo = settings.graphiql_enabled and not settings.is_production
    demo_viewers = [Route("/graphql/demo-viewers", application.demo_viewers)] if has_demo else []
    page = GraphiQLPage(demo_viewers=has_demo)
    schema = build_schema(
        suggestions=not settings.is_production,
        executor=executor_type(
            settings.executor,
            writes_source=settings.executor_source,
            shadow_share=settings.shadow_share,
        ),
    )
    _review(schema)
    limits = _limits(settings)
    endpoint = _endpoint(application, schema, limits, page if settings.graphiql_enabled else None)
    app = Starlette(
        routes=[
            *(page.routes() if settings.graphiql_enabled else []),
            *demo_viewers,
            *_remote_persisting(application, schema, limits),
            Route("/graphql", endpoint),
            Route("/graphql/{document_id}", endpoint),
            *_media(application),
            *application.health.routes(),
            *_metrics(settings),
        ],
        middleware=[
            Middleware(AccessLog),
            Middleware(Hosts, hosts=settings.served_hosts),
            Middleware(Cors, origins=settings.cors_origins),
            Middleware(Compression),
            Middleware(Shortcut, path="/graphql", endpoint=endpoint),
        ],
        lifespan=application.lifespan,
    )
    app.state.application = application
    return app


def _review(schema: Schema) -> None:
    """Says at the start what will be slow."""
    if fields := resolved_one_by_one(schema._schema):
        log.warning("fields_resolved_one_by_one", fields=fields)


def _limits(settings: Settings) -> Limits:
    return Limits(
        body_bytes=settings.max_body_bytes,
        deadline_ms=settings.request_deadline_ms,
        mutation_deadline_ms=settings.mutation_deadline_ms,
        operation_cost=settings.max_cost,
        enforced=settings.query_limits == "enforce",
    )


def _endpoint(
    application: Application, schema: Schema, limits: Limits, page: GraphiQLPage | None
) -> GraphQLEndpoint[Context]:
    """GraphQL over HTTP, as the settings say."""
    settings = application.settings
    bucket = BucketPolicy(settings.rate_limit_points, settings.rate_limit_refill_per_s)
    runner = OperationRunner(
        schema,
        limits,
        introspection=settings.introspection_enabled,
        hints=not settings.is_production,
        persisted=PersistedDocuments(
            application.stores,
            trust=Trust(settings.trusted_documents),
            automatic=settings.automatic_enabled,
        ),
        throttle=Throttle(application.stores, bucket) if bucket.capacity else None,
        bursts=BurstLimits(schema._schema, application.stores)
        if settings.mutation_bursts
        else None,
        usage=application.usage,
    )
    return GraphQLEndpoint(
        runner,
        application.authenticator,
        application.context,
        limits=limits,
        admission=Admission(
            running=settings.max_running,
            waiting=settings.max_waiting,
            patience_ms=settings.max_wait_ms,
        ),
        cdn_rules={name: CdnRule(**rule.model_dump()) for name, rule in settings.cdn_rules.items()},
        page=page,
    )


def _metrics(settings: Settings) -> list[Route]:
    """Where Prometheus reads, if it may."""
    if not settings.metrics_enabled:
        return []
    key = settings.metrics_key
    return Metrics(None if key is None else key.get_secret_value().encode()).routes()


def _media(application: Application) -> list[BaseRoute]:
    """Uploads and pictures, where they are in a directory of this machine."""
    if not isinstance(application.media, LocalMediaStore):
        return []
    return upload_routes(application.media, max_bytes=application.settings.media_max_bytes)


def _remote_persisting(application: Application, schema: Schema, limits: Limits) -> list[Route]:
    """Where relay-compiler publishes documents, for those who configured a key."""
    key = application.settings.persist_key
    if key is None:
        return []
    endpoint = PersistEndpoint(
        schema._schema,
        lambda: application.storage.documents,
        key=key.get_secret_value().encode(),
        limits=limits,
    )
    return [Route("/graphql/persist", endpoint)]
