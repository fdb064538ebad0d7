"""What a resolver knows of its request."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

import strawberry

from domain.signing import Signer
from domain.viewer import Viewer
from loaders.base import Loaders
from protocol.metering import Meter
from resolvers.settings import ResolverSettings
from storage.uploading import Uploading


@dataclass(frozen=True, slots=True)
class Context:
    """One request: who asks, what it is charged, when, and the loaders that answer.

    `idempotency_key` is that of its header; `protocol.idempotency` knows the one of a field.
    """

    viewer: Viewer
    meter: Meter
    loaders: Loaders
    signer: Signer
    settings: ResolverSettings
    uploading: Uploading
    now: datetime
    idempotency_key: str | None = None
    shows_loaders: bool = False

    @property
    def viewer_key(self) -> str:
        """What sessions and tokens of this viewer are bound to."""
        return self.viewer.user_id or ""

    def abandon(self) -> None:
        """Ends whatever still runs for a request that nobody waits for any more."""
        self.loaders.abandon()

    def response_extensions(self) -> Mapping[str, Any]:
        """In development, what each loader did: the price of a query, seen beside its answer."""
        if not self.shows_loaders:
            return {}
        batches = [
            {"loader": batch.loader, "keys": batch.keys, "ms": round(batch.ms, 2)}
            for batch in self.loaders.batches
        ]
        return {"loaders": batches}


Info: TypeAlias = strawberry.Info[Context, None]
