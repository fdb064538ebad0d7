"""Records that a process has at hand: decoded, in front of Redis, for a minute.

`RecordCache` looks here first, and keeps here what it found in Redis. Redis tells of every key that
changes there (`storage.tracking`), and what it tells of is dropped. So nothing old stays:

- Who asks Redis leaves a mark for each id before, and keeps what came only where the mark stands.
  A change that Redis tells of takes entry and mark, so that an answer from before is not kept,
  whether it comes before the news or after.
- Who finds the mark of somebody else shares it: that it stands says the same for both. A mark is
  made once and never put back.
- Claims and fills of other readers are changes too. They cost one more look at Redis.
- Who writes here drops before Redis is told, and again when it has confirmed it, and so waits for
  no news of its own writes.
- What Redis remembers as missing is an entry like any other, and dropped when it is inserted.

Redis answers a question about its health on the connection that brings the news, behind all news
from before. Each answer is a lease: entries are used for `LEASE_S` seconds from the moment in which
it was asked, and no longer. So a change that Redis has confirmed to who made it is seen here

- with the news of it: at once, for Redis sends them before its confirmation;
- or when they are late, or the connection or Redis hangs, after `LEASE_S` seconds at the latest.

Who cannot tell Redis of a write lets that time pass before it says that the write is done
(`storage.evictions`). When the connection is lost everything is dropped at once, and nothing kept
until there is another. That an entry ends by itself after `TTL_S` seconds is a second guard.

The bound is strict: everything that is held, also what was dropped and not freed yet, is counted.
What came first goes first, a little at a time; to look something up changes nothing.
"""

from collections import Counter as Tally
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from time import monotonic
from typing import Any, Final, Generic, NamedTuple, TypeVar

from prometheus_client import Counter, Gauge

from domain.record import Id, Record

R = TypeVar("R", bound=Record)

LEASE_S: Final = 0.3
"""How long entries are used after Redis was asked a question that it answered."""

TTL_S: Final = 60.0
"""How long an entry lives, if it is not dropped or crowded out."""

_MOST_FREED: Final = 500
"""How many entries are freed at a time: a pin takes 1.5 µs."""

_BYTES_PER_BYTE: Final = 2.5
"""Memory of a decoded record for each byte of MessagePack: 2.0 to 2.2 in the demo world."""

_BYTES_PER_ENTRY: Final = 300
"""Memory of an entry beside its record: the id, its places in the dictionary and in the line."""

_UNKNOWN: Final = object()

local_hits = Counter("pinery_local_records_hits", "Records found in the memory of the process")
local_misses = Counter("pinery_local_records_misses", "Records that Redis was asked for instead")
local_drops = Counter("pinery_local_records_drops", "Entries dropped, by reason", ["reason"])
local_entries = Gauge("pinery_local_records_entries", "Entries in the memory of the process")
local_bytes = Gauge("pinery_local_records_bytes", "Memory that the entries take, at most")


class LocalKind(Generic[R]):
    """The entries of one kind of record, by id. None is a record that is known to be missing."""

    def __init__(self, shared: "LocalRecords") -> None:
        self._shared = shared
        self._held: dict[Id, R | None] = {}
        self._marks: dict[Id, object] = {}

    def __len__(self) -> int:
        return len(self._held)

    def find(self, ids: Iterable[Id]) -> tuple[dict[Id, R], list[Id]]:
        """The records that are at hand, and the ids that nothing is known of, each once."""
        wanted = list(ids)
        if monotonic() >= self._shared.until:
            return {}, list(dict.fromkeys(wanted))
        held = self._held
        at_hand = held.get
        found = {each: record for each in wanted if (record := at_hand(each)) is not None}
        self._shared.hits += len(found)
        if len(found) == len(wanted):
            return found, []
        unknown = [each for each in dict.fromkeys(wanted) if each not in held]
        self._shared.misses += len(unknown)
        return found, unknown

    def mark(self, ids: Iterable[Id]) -> dict[Id, object]:
        """Says that Redis is being asked for some ids. Call `unmark` with the marks in any case."""
        if not self._shared.is_tracked:
            return {}
        fresh, standing = object(), self._marks.setdefault
        return {entity_id: standing(entity_id, fresh) for entity_id in ids}

    def keep(
        self, marks: Mapping[Id, object], entity_id: Id, record: R | None, encoded: int
    ) -> None:
        """Keeps what Redis had, in `encoded` bytes, if nobody was told of a change since."""
        mark = self._marks.get(entity_id)
        if mark is None or mark is not marks.get(entity_id):
            return
        size = int(encoded * _BYTES_PER_BYTE) + _BYTES_PER_ENTRY
        if self._shared.make_room(size):
            self._held[entity_id] = record
            self._shared.line_up(_Entry(monotonic() + TTL_S, size, self, entity_id, record))

    def unmark(self, marks: Mapping[Id, object]) -> None:
        """Redis has answered, or will not."""
        standing = self._marks
        for entity_id, mark in marks.items():
            if standing.get(entity_id) is mark:
                del standing[entity_id]

    def held(self, entity_id: Id) -> R | None:
        """What is kept of one id, for who keeps more of it: it may not be used without a lease."""
        return self._held.get(entity_id)

    def drop(self, ids: Iterable[Id], reason: str) -> None:
        """Drops entries, and the marks of who is asking for them."""
        held, marks = self._held, self._marks
        dropped = 0
        for entity_id in ids:
            marks.pop(entity_id, None)
            dropped += held.pop(entity_id, _UNKNOWN) is not _UNKNOWN
        self._shared.count_drops(reason, dropped)

    @contextmanager
    def dropping(self, ids: Collection[Id]) -> Iterator[None]:
        """Nothing is at hand of these ids from before the body ends, in which Redis is told."""
        self.drop(ids, "written")
        try:
            yield
        finally:
            # Who asked Redis meanwhile may have had its answer from before it was told.
            self.drop(ids, "written")

    def drop_all(self) -> int:
        """Drops everything, and all marks; how many entries there were."""
        dropped = len(self._held)
        # Emptied in one step; the records are freed a few at a time, as they leave the line.
        self._held, self._marks = {}, {}
        return dropped

    def release(self, entry: "_Entry") -> bool:
        """Drops what left the line, unless something else came in its place."""
        if self._held.get(entry.entity_id, _UNKNOWN) is not entry.record:
            return False
        del self._held[entry.entity_id]
        return True


class _Entry(NamedTuple):
    """One entry in the order in which they came; it is freed when it leaves the line."""

    until: float
    size: int
    kind: LocalKind[Any]
    entity_id: Id
    record: Record | None


class LocalRecords:
    """The entries of all kinds in one process, which take at most `most_bytes` bytes together.

    Nothing is at hand until `open` says that Redis tells of changes, and none after `close`.
    """

    def __init__(self, most_bytes: int) -> None:
        self.most_bytes = most_bytes
        self.bytes = 0
        self.is_tracked = False
        self.until = 0.0
        """When the lease ends, on the clock of `monotonic`."""
        # Since the last `tidy`: a metric for each look would cost more than the look.
        self.hits = self.misses = 0
        self._drops: Tally[str] = Tally()
        self._kinds: dict[str, LocalKind[Any]] = {}
        self._line: deque[_Entry] = deque()

    def kind(self, name: str) -> LocalKind[Any]:
        """The entries of one kind, whose records are all of one type."""
        return self._kinds.setdefault(name, LocalKind(self))

    def open(self, asked_at: float) -> None:
        """Redis tells of every change from now on; it was asked to at `asked_at`."""
        self.is_tracked = True
        self.renew(asked_at)

    def renew(self, asked_at: float) -> None:
        """Redis has answered what it was asked at `asked_at`, after all news from before."""
        self.until = asked_at + LEASE_S

    def close(self) -> None:
        """Redis may have changed without a word: drops everything, and keeps nothing."""
        self.is_tracked = False
        self.until = 0.0
        self._drop_all("lost")

    def changed(self, name: str, entity_id: Id) -> None:
        """Redis tells that the entry of a record has changed there."""
        if (kind := self._kinds.get(name)) is not None:
            kind.drop((entity_id,), "changed")

    def flushed(self) -> None:
        """Redis tells that it was emptied, or that all may have changed."""
        self._drop_all("flushed")

    def make_room(self, size: int) -> bool:
        """Drops what came first until so many bytes are free; whether there can be so many."""
        if size > self.most_bytes:
            return False
        while self.bytes + size > self.most_bytes:
            self._free_first("crowded out")
        return True

    def count_drops(self, reason: str, count: int) -> None:
        """So many entries were dropped before their time was up, or because it was."""
        self._drops[reason] += count

    def line_up(self, entry: _Entry) -> None:
        """Counts an entry that there is room for."""
        self._line.append(entry)
        self.bytes += entry.size

    def tidy(self) -> None:
        """Drops some of what has ended, and tells the metrics. Call it several times a second."""
        now, line = monotonic(), self._line
        for _ in range(_MOST_FREED):
            # What was dropped all at once is still in line, and waits for its end.
            if not line or line[0].until > now:
                break
            self._free_first("expired")
        self._report()

    def _report(self) -> None:
        for reason, count in self._drops.items():
            local_drops.labels(reason).inc(count)
        self._drops.clear()
        local_hits.inc(self.hits)
        local_misses.inc(self.misses)
        self.hits = self.misses = 0
        local_entries.set(sum(map(len, self._kinds.values())))
        local_bytes.set(self.bytes)

    def _free_first(self, reason: str) -> None:
        """Frees the entry that came first, and drops it if it was still in use."""
        entry = self._line.popleft()
        self.bytes -= entry.size
        self._drops[reason] += entry.kind.release(entry)

    def _drop_all(self, reason: str) -> None:
        self._drops[reason] += sum(kind.drop_all() for kind in self._kinds.values())
