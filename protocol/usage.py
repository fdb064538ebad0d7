"""Counts who still uses which trusted document, so that removing one is safe.

A use is counted in memory, which costs a request nothing, and written now and then. A process that
is killed loses what it counted since; one that stops writes it first. After a write that failed
half-way some uses count twice: better too many than too few, for only unused documents are deleted.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from functools import lru_cache
from itertools import islice
from typing import Final

import structlog
from prometheus_client import Counter as Metric
from prometheus_client import Gauge

from domain.documents import OTHER, UNKNOWN, DocumentUse, is_release_name
from domain.errors import StoreError

log = structlog.get_logger()

WriteUses = Callable[[Mapping[DocumentUse, int]], Awaitable[None]]
"""Adds some uses to those of today. Raises `StoreError`."""

_MOST_ENTRIES: Final = 10_000
_BATCH: Final = 1_000
_KEPT_NAMES: Final = 1_024

uses_written = Metric("pinery_document_uses_written", "Uses of trusted documents that were stored")
uses_pending = Gauge("pinery_document_uses_pending", "Uses of trusted documents not stored yet")


class UsageCounter:
    """Counts uses, and writes them every `flush_s` seconds while `run` runs.

    Beyond `most_entries` pairs of a document and a version the app and version of a new one are
    `OTHER`, so that clients who make up versions cannot fill the memory.
    """

    def __init__(
        self, write: WriteUses, *, flush_s: float, most_entries: int = _MOST_ENTRIES
    ) -> None:
        self._write = write
        self._flush_s = flush_s
        self._most_entries = most_entries
        self._counts: Counter[DocumentUse] = Counter()

    @property
    def pending(self) -> Mapping[DocumentUse, int]:
        """What is not written yet."""
        return self._counts

    def note(self, sha256: str, app: str | None, version: str | None) -> None:
        """Counts one use of a document. App and version are what a client says, or None."""
        use = DocumentUse(sha256, _name(app), _name(version))
        if use not in self._counts and len(self._counts) >= self._most_entries:
            use = DocumentUse(sha256, OTHER, OTHER)
        self._counts[use] += 1
        uses_pending.inc()

    async def run(self) -> None:
        """Writes again and again; once more when it is cancelled."""
        task = asyncio.current_task()
        try:
            # Under Python 3.11 PyMongo may lose a cancellation, but the task remembers it.
            while task is None or not task.cancelling():
                await asyncio.sleep(self._flush_s)
                await self.flush()
        finally:
            await self.flush()

    async def flush(self) -> None:
        """Writes what was counted. What cannot be written stays counted, for the next time."""
        counted, self._counts = self._counts, Counter()
        try:
            while batch := dict(islice(counted.items(), _BATCH)):
                await self._write(batch)
                for use in batch:
                    del counted[use]
                uses_written.inc(sum(batch.values()))
                uses_pending.dec(sum(batch.values()))
        except StoreError as error:
            log.warning("uses_not_written", entries=len(counted), reason=str(error))
        except Exception:
            log.exception("uses_not_written", entries=len(counted))
        finally:
            self._put_back(counted)

    def _put_back(self, counted: Counter[DocumentUse]) -> None:
        for use, count in counted.items():
            if use not in self._counts and len(self._counts) >= self._most_entries:
                use = DocumentUse(use.sha256, OTHER, OTHER)
            self._counts[use] += count


@lru_cache(_KEPT_NAMES)
def _name(value: str | None) -> str:
    return value if value is not None and is_release_name(value) else UNKNOWN
