"""Settings: everything that may differ from one machine to the next, read from `PINERY_*` once.

`Settings` is one frozen value. Nothing else in Pinery reads the environment. `load_settings()` is
what commands call: it turns each mistake into a sentence that names its variable.

Development needs no configuration: stores are embedded, and missing secrets are made once and kept
in `data_dir`, so that tokens and cursors outlive a restart. Production refuses to guess.
"""

import json
import os
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, NamedTuple, Self
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

ENV_PREFIX = "PINERY_"

SECRET_BYTES = 32
"""The least a secret may have: HS256 asks for a key as long as its hash (RFC 7518, 3.2)."""

_SECRETS_FILE = "secrets.json"

_LOCAL_HOSTS = ("localhost", "127.0.0.1", "[::1]")


class SettingsError(Exception):
    """The environment cannot be used; the message says what to set, one sentence a line."""


@dataclass(frozen=True, slots=True)
class Secrets:
    """The keys in use, given or generated; the representation shows none."""

    jwt: bytes | None = field(repr=False)
    """HS256 key of bearer tokens; None when tokens are verified with a JWKS."""
    signing: bytes = field(repr=False)
    """HMAC key of cursors and slot tokens."""


class SettingLine(NamedTuple):
    """One line of what a person starting the server wants to know."""

    name: str
    value: str
    description: str


def _split_commas(value: object) -> object:
    """`a, b` as the tuple `("a", "b")`: lists in the environment are written with commas."""
    if isinstance(value, str):
        return tuple(part for part in (piece.strip() for piece in value.split(",")) if part)
    return value


CommaSeparated = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split_commas)]
Milliseconds = Annotated[int, Field(gt=0)]
Seconds = Annotated[int, Field(gt=0)]


class CdnSetting(BaseModel):
    """How long shared caches keep the public answers of one operation, in seconds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    max_age_s: int | None = Field(default=None, ge=0)
    s_maxage_s: int | None = Field(default=None, ge=0)
    stale_while_revalidate_s: int | None = Field(default=None, ge=0)


class Settings(BaseSettings):
    """Every setting, with its meaning; `PINERY_MAX_BODY_BYTES` sets `max_body_bytes`.

    Raises `pydantic.ValidationError` (a `ValueError`) for values that are wrong or insecure.
    """

    model_config = SettingsConfigDict(
        env_prefix=ENV_PREFIX,
        # `PINERY_X=` means the same as no `PINERY_X`: shells and compose files make blanks.
        env_ignore_empty=True,
        frozen=True,
        extra="forbid",
        validate_default=True,
        # A refused value may be a secret, or a URL with a password in it.
        hide_input_in_errors=True,
    )

    env: Literal["development", "production"] = Field(
        default="development",
        description="Production refuses insecure defaults and hides what helps.",
    )

    host: str = Field(default="127.0.0.1", min_length=1, description="The address to listen on.")
    port: int = Field(
        default=8000, ge=0, le=65535, description="The port to listen on; 0 takes any."
    )
    workers: int = Field(default=1, ge=1, le=256, description="Server processes.")
    shutdown_grace_s: Seconds = Field(
        default=10, description="How long requests that are under way may take after SIGTERM."
    )

    mongo_url: str | None = Field(
        default=None, repr=False, description="MongoDB, a replica set; embedded when not set."
    )
    mongo_database: str = Field(default="pinery", min_length=1, description="The MongoDB database.")
    mongo_driver: Literal["pymongo", "motor"] = Field(
        default="pymongo",
        description="Which driver speaks to MongoDB: PyMongo's async API, or Motor.",
    )
    redis_url: str | None = Field(
        default=None,
        repr=False,
        description="Redis, also a cluster or Sentinel; embedded when not set.",
    )
    data_dir: Path = Field(
        default=Path(".pinery"), description="Where embedded stores and generated secrets are kept."
    )

    read_deadline_ms: Milliseconds = Field(default=2_000, description="The longest one store read.")
    write_deadline_ms: Milliseconds = Field(
        default=6_000, description="The longest one store write or transaction."
    )
    request_deadline_ms: Milliseconds = Field(default=5_000, description="The longest one query.")
    mutation_deadline_ms: Milliseconds = Field(
        default=6_000, description="The longest one mutation."
    )
    redis_deadline_ms: Milliseconds = Field(
        default=100, description="The longest Redis call; after it the answer comes from MongoDB."
    )
    record_cache_ttl_s: Seconds = Field(
        default=300, description="How long Redis keeps a record, before jitter."
    )
    local_records_mb: int = Field(
        default=64,
        ge=0,
        description="Memory of each process for records at hand, in front of Redis; 0: none.",
    )

    max_body_bytes: int = Field(
        default=102_400,
        ge=1_024,
        description="The largest request body, also after gunzip (PROTOCOL 12).",
    )
    trusted_documents: Literal["off", "allow", "only"] = Field(
        default="allow",
        description="Documents of published manifests: not served, served beside any text, or "
        "nothing else is served but to developers.",
    )
    automatic_persisted_queries: bool | None = Field(
        default=None,
        description="Whether clients may register a text under its hash; when not set, wherever "
        "texts are served.",
    )
    automatic_document_ttl_s: Seconds = Field(
        default=86_400, description="How long a registered text is kept after its last use."
    )
    persist_key: SecretStr | None = Field(
        default=None,
        description="The bearer key of relay-compiler's remote persisting, at least 32 bytes; "
        "without it there is none.",
    )
    usage_flush_s: Seconds = Field(
        default=10, description="How often the uses of trusted documents are written down."
    )
    cascade_pause_s: int = Field(
        default=5,
        ge=0,
        description="How often a process looks for large deletions and the like that others left "
        "undone; 0 leaves its own to others as well.",
    )
    cdn_rules: dict[str, CdnSetting] = Field(
        default_factory=dict,
        description="Per operation, how long shared caches keep its public answers: "
        '{"PinPage": {"s_maxage_s": 300, "stale_while_revalidate_s": 60}}.',
    )

    executor: Literal["compiled", "core", "shadow"] = Field(
        default="compiled",
        description="What runs operations: compiled plans, graphql-core, or graphql-core with "
        "plans in its shadow, to be compared.",
    )
    executor_source: bool = Field(
        default=True,
        description="Whether plans are compiled to source; without it they are interpreted, which "
        "is slower and easier to debug.",
    )
    shadow_share: float = Field(
        default=0.01, ge=0, le=1, description="The share of queries that run in the shadow too."
    )
    query_limits: Literal["enforce", "warn"] = Field(
        default="enforce",
        description="Whether texts over the limits of strangers are refused, or only logged.",
    )
    max_cost: int = Field(
        default=1_000, ge=1, description="Points that one operation may cost; trusted ones 10 ×."
    )
    rate_limit_points: int = Field(
        default=2_000, ge=0, description="Points that a caller may spend at once; 0: no rate limit."
    )
    rate_limit_refill_per_s: int = Field(
        default=100, ge=1, description="Points that come back each second."
    )
    mutation_bursts: bool = Field(
        default=True, description="Whether one viewer's saves, follows and the like are counted."
    )
    max_running: int = Field(
        default=32,
        ge=1,
        description="Operations that one process executes at once, when it keeps up with them.",
    )
    max_waiting: int = Field(
        default=16, ge=0, description="Operations that may wait for their turn; more get a 503."
    )
    max_wait_ms: Milliseconds = Field(
        default=30, description="How long an operation waits for its turn before its 503."
    )

    allowed_hosts: CommaSeparated = Field(
        default=(),
        description="Host headers that are served, comma-separated; in development those of "
        "this machine when not set.",
    )
    cors_origins: CommaSeparated = Field(
        default=(),
        description="Web origins that may call from a browser, comma-separated and exact.",
    )
    introspection: bool | None = Field(
        default=None,
        description="Whether clients may ask for the schema; only in development if not set.",
    )
    graphiql: bool | None = Field(
        default=None, description="Whether browsers get GraphiQL; only in development if not set."
    )

    metrics_key: SecretStr | None = Field(
        default=None,
        description="The bearer key with which Prometheus reads /metrics, at least 32 bytes; "
        "without it there is none in production, and anybody may read in development.",
    )

    jwt_secret: SecretStr | None = Field(
        default=None, description="HS256 secret of bearer tokens, at least 32 bytes."
    )
    jwt_jwks_url: str | None = Field(
        default=None, description="Where the public keys of bearer tokens are; instead of a secret."
    )
    jwt_issuer: str = Field(
        default="pinery", min_length=1, description="The `iss` a token must have."
    )
    jwt_audience: str = Field(
        default="pinery", min_length=1, description="The `aud` a token must have."
    )
    signing_key: SecretStr | None = Field(
        default=None, description="HMAC secret of cursors and slot tokens, at least 32 bytes."
    )

    image_proxy_url: str | None = Field(
        default=None,
        description="The service that resizes images; originals are linked when not set.",
    )

    media_dir: Path | None = Field(
        default=None,
        description="Where uploaded pictures are kept; `media` in the data directory if not set.",
    )
    media_bucket: str | None = Field(
        default=None, description="An S3 bucket for uploaded pictures, instead of a directory."
    )
    media_endpoint: str | None = Field(
        default=None, description="What speaks S3's protocol, where that is not Amazon's."
    )
    media_region: str | None = Field(default=None, description="The region of the bucket.")
    media_url: str | None = Field(
        default=None,
        description="Where clients find uploaded pictures: the CDN of the bucket, or `/media` of "
        "this server, which is what it is in development if not set.",
    )
    media_max_bytes: int = Field(
        default=20_971_520,
        ge=1_024,
        le=104_857_600,
        description="The largest picture that may be uploaded.",
    )

    feed_session_ttl_s: Seconds = Field(
        default=1_800, description="How long a feed's snapshot stays after its last page."
    )
    ad_reserve_micros: int = Field(
        default=500_000,
        ge=0,
        description="The lowest eCPM that may win a slot, in micros (DOMAIN c.3).",
    )
    ads_refresh_s: Seconds = Field(
        default=10, description="How old the live ads that a process serves from may be."
    )
    ads_budget_ms: Milliseconds = Field(
        default=50, description="How long a feed waits for its promoted pins."
    )

    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="The least severe event that is logged."
    )
    log_format: Literal["console", "json"] = Field(
        default="console", description="For a person, or for a log collector."
    )

    @property
    def is_production(self) -> bool:
        """Whether insecure defaults are refused."""
        return self.env == "production"

    @property
    def embedded(self) -> bool:
        """Whether MongoDB and Redis are to be started by this process: no URL is given."""
        return self.mongo_url is None and self.redis_url is None

    @property
    def introspection_enabled(self) -> bool:
        """`introspection`, or what the environment implies."""
        return not self.is_production if self.introspection is None else self.introspection

    @property
    def graphiql_enabled(self) -> bool:
        """`graphiql`, or what the environment implies."""
        return not self.is_production if self.graphiql is None else self.graphiql

    @property
    def metrics_enabled(self) -> bool:
        """Whether there is `/metrics`: in development, and with a key."""
        return not self.is_production or self.metrics_key is not None

    @property
    def automatic_enabled(self) -> bool:
        """`automatic_persisted_queries`, or what `trusted_documents` implies."""
        if self.automatic_persisted_queries is None:
            return self.trusted_documents != "only"
        return self.automatic_persisted_queries

    @property
    def served_hosts(self) -> tuple[str, ...]:
        """`allowed_hosts`, or the names of this machine in development; never empty."""
        return self.allowed_hosts or _LOCAL_HOSTS

    @property
    def media_directory(self) -> Path:
        """`media_dir`, or where it is by itself."""
        return self.media_dir or self.data_dir / "media"

    @property
    def media_base_url(self) -> str:
        """`media_url`, or that of a server which only this machine reaches."""
        return self.media_url or f"http://{_reachable(self.host)}:{self.port}/media"

    @cached_property
    def secrets(self) -> Secrets:
        """The keys to use; those not given are generated once and kept in `data_dir`.

        Only development gets so far with one missing. Reading them may write a file, which is why
        they are not fields.

        Raises:
            SettingsError: the kept secrets cannot be read or written.
        """
        jwt_is_missing = self.jwt_secret is None and self.jwt_jwks_url is None
        kept = _KeptSecrets("", "")
        if jwt_is_missing or self.signing_key is None:
            kept = _keep_secrets(self.data_dir / _SECRETS_FILE)
        return Secrets(
            jwt=kept.jwt_secret.encode() if jwt_is_missing else _reveal(self.jwt_secret),
            signing=_reveal(self.signing_key) or kept.signing_key.encode(),
        )

    def summary(self) -> Iterator[SettingLine]:
        """What matters to the person who starts the server; no secret, no password."""
        yield self._line("env", self.env)
        yield self._line("host", self.host)
        yield self._line("port", str(self.port))
        yield self._line("mongo_url", self._store(self.mongo_url))
        yield self._line("redis_url", self._store(self.redis_url))
        yield self._line("mongo_driver", self.mongo_driver)
        yield self._line("trusted_documents", self.trusted_documents)
        yield self._line("introspection", _on_or_off(self.introspection_enabled))
        yield self._line("graphiql", _on_or_off(self.graphiql_enabled))
        if self.jwt_jwks_url is not None:
            yield self._line("jwt_jwks_url", without_credentials(self.jwt_jwks_url))
        else:
            yield self._line("jwt_secret", self._secret(self.jwt_secret))
        yield self._line("signing_key", self._secret(self.signing_key))

    def _line(self, name: str, value: str) -> SettingLine:
        description = type(self).model_fields[name].description or ""
        return SettingLine(variable(name), value, description)

    def _store(self, url: str | None) -> str:
        return f"embedded, in {self.data_dir}" if url is None else without_credentials(url)

    def _secret(self, secret: SecretStr | None) -> str:
        return f"generated, in {self.data_dir / _SECRETS_FILE}" if secret is None else "set"

    @model_validator(mode="after")
    def _refuse_what_cannot_work(self) -> Self:
        mistakes = [*self._contradictions(), *self._insecurities()]
        if mistakes:
            raise ValueError("\n".join(mistakes))
        return self

    def _contradictions(self) -> Iterator[str]:
        if (self.mongo_url is None) != (self.redis_url is None) and not self.is_production:
            yield "Set both PINERY_MONGO_URL and PINERY_REDIS_URL, or neither for embedded stores."
        if self.jwt_secret is not None and self.jwt_jwks_url is not None:
            yield "Set PINERY_JWT_SECRET or PINERY_JWT_JWKS_URL, not both."
        if self.trusted_documents == "only" and self.automatic_persisted_queries:
            yield (
                "PINERY_AUTOMATIC_PERSISTED_QUERIES must be off where PINERY_TRUSTED_DOCUMENTS is "
                "only: no client may add a document there."
            )
        keys = {
            "jwt_secret": self.jwt_secret,
            "signing_key": self.signing_key,
            "persist_key": self.persist_key,
            "metrics_key": self.metrics_key,
        }
        for name, secret in keys.items():
            key = _reveal(secret)
            if key is not None and len(key) < SECRET_BYTES:
                yield f"{variable(name)} has {len(key)} bytes; it needs at least {SECRET_BYTES}."
        if self.media_bucket is None:
            given = {"media_endpoint": self.media_endpoint, "media_region": self.media_region}
            for name in (name for name, value in given.items() if value is not None):
                yield f"{variable(name)} goes with PINERY_MEDIA_BUCKET."
        elif self.media_url is None:
            yield "PINERY_MEDIA_BUCKET needs PINERY_MEDIA_URL: where its pictures are loaded from."
        elif self.media_dir is not None:
            yield "Set PINERY_MEDIA_BUCKET or PINERY_MEDIA_DIR, not both."
        urls = {
            "jwt_jwks_url": self.jwt_jwks_url,
            "image_proxy_url": self.image_proxy_url,
            "media_endpoint": self.media_endpoint,
            "media_url": self.media_url,
        }
        for name, url in urls.items():
            if url is not None and not _is_http(url):
                yield f"{variable(name)} must be an http or https URL."
        for origin in self.cors_origins:
            if not _is_origin(origin):
                yield (
                    f"PINERY_CORS_ORIGINS holds {origin!r}; an origin is a scheme and a host, "
                    "such as https://app.example.com, without a wildcard or a path."
                )
        if not self.redis_deadline_ms <= self.read_deadline_ms <= self.request_deadline_ms:
            yield (
                "PINERY_REDIS_DEADLINE_MS may not exceed PINERY_READ_DEADLINE_MS, nor that "
                f"PINERY_REQUEST_DEADLINE_MS; they are {self.redis_deadline_ms}, "
                f"{self.read_deadline_ms} and {self.request_deadline_ms}."
            )
        if self.request_deadline_ms > self.mutation_deadline_ms:
            yield (
                "PINERY_REQUEST_DEADLINE_MS may not exceed PINERY_MUTATION_DEADLINE_MS; they are "
                f"{self.request_deadline_ms} and {self.mutation_deadline_ms}."
            )

    def _insecurities(self) -> Iterator[str]:
        if not self.is_production:
            return
        given = {
            "PINERY_MONGO_URL": self.mongo_url,
            "PINERY_REDIS_URL": self.redis_url,
            "PINERY_SIGNING_KEY": self.signing_key,
            "PINERY_JWT_JWKS_URL (or PINERY_JWT_SECRET)": self.jwt_jwks_url or self.jwt_secret,
            "PINERY_ALLOWED_HOSTS": self.allowed_hosts or None,
            "PINERY_MEDIA_URL": self.media_url,
        }
        missing = [name for name, value in given.items() if value is None]
        if missing:
            yield f"In production these must be set: {', '.join(missing)}."
        if self.jwt_jwks_url is not None and not self.jwt_jwks_url.startswith("https://"):
            yield "In production PINERY_JWT_JWKS_URL must be an https URL."


def load_settings() -> Settings:
    """The settings of this process's environment.

    Raises:
        SettingsError: with every mistake at once, one sentence a line, each naming its variable.
    """
    try:
        return Settings()
    except ValidationError as error:
        raise SettingsError("\n".join(_sentences(error))) from None


def variable(name: str) -> str:
    """The environment variable that sets the field `name`."""
    return f"{ENV_PREFIX}{name.upper()}"


def without_credentials(url: str) -> str:
    """`url` with its user and password masked and its query left out, fit for a log."""
    # Greedy and in this order: a password may hold `@` or `?`, and hiding too much is no harm.
    return re.sub(r"//.*@", "//***@", url).partition("?")[0]


def _sentences(error: ValidationError) -> Iterator[str]:
    for mistake in error.errors(include_input=False, include_url=False):
        message = mistake["msg"].removeprefix("Value error, ")
        # A mistake of one field has its name as location; those of the whole have none.
        yield f"{variable(str(mistake['loc'][0]))}: {message}." if mistake["loc"] else message


def _reveal(secret: SecretStr | None) -> bytes | None:
    return None if secret is None else secret.get_secret_value().encode()


def _on_or_off(enabled: bool) -> str:
    return "on" if enabled else "off"


def _reachable(host: str) -> str:
    """A host to connect to, for one to listen on."""
    if host in ("", "0.0.0.0", "::"):  # noqa: S104  # nothing is bound here
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


def _is_http(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _is_origin(text: str) -> bool:
    if not _is_http(text) or "*" in text:
        return False
    parts = urlsplit(text)
    return text == f"{parts.scheme}://{parts.netloc}" and "@" not in parts.netloc


class _KeptSecrets(NamedTuple):
    jwt_secret: str
    signing_key: str


def _keep_secrets(path: Path) -> _KeptSecrets:
    """The secrets of the file `path`, which is made when there is none."""
    try:
        if not path.exists():
            make_secrets(path)
        content = json.loads(path.read_text("utf-8"))
        return _KeptSecrets(str(content["jwt_secret"]), str(content["signing_key"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SettingsError(
            f"The development secrets in {path} cannot be used ({error}). Delete the file to have "
            "new ones made, or set PINERY_JWT_SECRET and PINERY_SIGNING_KEY."
        ) from error


def make_secrets(path: Path) -> None:
    """Put fresh secrets into a file `path`, for its owner only, unless there is one.

    Several processes may start at once on one directory. A complete file is linked into place,
    which only the first can do; all then read that one.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = _KeptSecrets(*(secrets.token_urlsafe(SECRET_BYTES) for _ in _KeptSecrets._fields))
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(fresh._asdict(), file)
        path.hardlink_to(draft)
    except FileExistsError:
        pass  # Another process was first; its secrets are as good as ours.
    finally:
        draft.unlink(missing_ok=True)
