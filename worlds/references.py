"""What later rows refer to, kept on disk: memory does not grow with the world.

An anonymous SQLite file holds, by 64-bit hash of kind and name, what the importer must know of a
row it has seen. The file has no name in the file system, so nothing is left behind however the
process ends.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from types import TracebackType
from typing import ClassVar, Self, TypeVar

import msgspec

from domain.boards import BoardPrivacy
from domain.record import Id
from worlds.ids import Kind, stable_key

_CACHE_KIBIBYTES = 32 * 1024

# Rows come in bursts about the same users and pins; these are kept decoded.
_MAX_RECENT = 16_384


class UserEntry(msgspec.Struct, frozen=True, array_like=True):
    """A stored user."""

    kind: ClassVar[Kind] = Kind.USER

    id: Id
    created_at: datetime
    full_name: str


class BoardEntry(msgspec.Struct, frozen=True, array_like=True):
    """A stored board and its accepted members beside the owner."""

    kind: ClassVar[Kind] = Kind.BOARD

    id: Id
    created_at: datetime
    owner_id: Id
    privacy: BoardPrivacy
    member_ids: tuple[Id, ...] = ()

    def takes_pins_of(self, user_id: Id) -> bool:
        """Whether a user may add pins: the owner and the members, who are all editors (INV-10)."""
        return user_id == self.owner_id or user_id in self.member_ids


class PinEntry(msgspec.Struct, frozen=True, array_like=True):
    """A stored root pin; `body` is its document in BSON, from which copies are made."""

    kind: ClassVar[Kind] = Kind.PIN

    id: Id
    created_at: datetime
    owner_id: Id
    privacy: BoardPrivacy
    link: str | None
    body: bytes


class ImpliedFollow(msgspec.Struct, frozen=True, array_like=True):
    """An edge to a board's owner that following the board makes, unless there is another."""

    follower_id: Id
    owner_id: Id
    created_at: datetime


Entry = UserEntry | BoardEntry | PinEntry
E = TypeVar("E", UserEntry, BoardEntry, PinEntry)

_ENCODER = msgspec.msgpack.Encoder()


class References:
    """A table of names on disk, for one import."""

    def __init__(self) -> None:
        # An empty path is SQLite's own temporary file; nothing in it must survive a crash.
        self._database = sqlite3.connect("", isolation_level=None)
        self._recent: dict[tuple[Kind, str], Entry] = {}
        for statement in (
            f"PRAGMA cache_size = -{_CACHE_KIBIBYTES}",
            "PRAGMA journal_mode = OFF",
            "PRAGMA synchronous = OFF",
            "CREATE TABLE known (key INTEGER PRIMARY KEY, entry BLOB)",
            "CREATE TABLE implied (key INTEGER PRIMARY KEY, created_at INTEGER, edge BLOB)",
            "BEGIN",
        ):
            self._database.execute(statement)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._database.close()

    def claim(self, kind: Kind, name: str, entry: Entry | None = None) -> bool:
        """Takes a name, with what is to be remembered of it; False when it was taken before."""
        encoded = None if entry is None else _ENCODER.encode(entry)
        return (
            self._database.execute(
                "INSERT OR IGNORE INTO known VALUES (?, ?)", (stable_key(kind, name), encoded)
            ).rowcount
            == 1
        )

    def holds(self, kind: Kind, name: str) -> bool:
        """Whether a name is taken."""
        found = self._database.execute(
            "SELECT 1 FROM known WHERE key = ?", (stable_key(kind, name),)
        )
        return found.fetchone() is not None

    def get(self, entry_type: type[E], name: str) -> E | None:
        """What is remembered of a row; None when no such row was stored."""
        recent = self._recent.get((entry_type.kind, name))
        if isinstance(recent, entry_type):
            return recent
        found = self._database.execute(
            "SELECT entry FROM known WHERE key = ?", (stable_key(entry_type.kind, name),)
        ).fetchone()
        if found is None:
            return None
        entry = msgspec.msgpack.decode(found[0], type=entry_type)
        if len(self._recent) >= _MAX_RECENT:
            self._recent.clear()
        self._recent[entry_type.kind, name] = entry
        return entry

    def forget(self, kind: Kind, name: str) -> None:
        """Gives a name back: what it stood for was not stored after all."""
        self._recent.pop((kind, name), None)
        self._database.execute("DELETE FROM known WHERE key = ?", (stable_key(kind, name),))

    def imply(self, name: str, edge: ImpliedFollow) -> None:
        """Remembers an implied follow; of several of the same name the earliest counts."""
        self._database.execute(
            "INSERT INTO implied VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE SET"
            " created_at = excluded.created_at, edge = excluded.edge"
            " WHERE excluded.created_at < implied.created_at",
            (
                stable_key(Kind.FOLLOW, name),
                int(edge.created_at.timestamp() * 1000),
                _ENCODER.encode(edge),
            ),
        )

    def implied(self) -> Iterator[ImpliedFollow]:
        """The implied follows whose name nobody has claimed."""
        with closing(self._database.cursor()) as cursor:
            for (edge,) in cursor.execute(
                "SELECT edge FROM implied WHERE key NOT IN (SELECT key FROM known)"
            ):
                yield msgspec.msgpack.decode(edge, type=ImpliedFollow)
