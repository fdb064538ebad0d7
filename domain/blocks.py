"""Blocks: two users who do not exist for each other, because one of them wanted it so."""

from datetime import datetime

import msgspec

from domain.record import Id, Record


class BlockRecord(Record, frozen=True, kw_only=True):
    """That `blocker_id` blocked `blocked_id`. It hides both from each other."""

    blocker_id: Id
    blocked_id: Id
    created_at: datetime | None = None


class BlockList(msgspec.Struct, frozen=True):
    """All users with whom a block stands for one user: true for those whom that user blocked.

    `others` is None when they are too many to list.
    """

    others: dict[Id, bool] | None
