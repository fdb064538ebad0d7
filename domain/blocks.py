"""Blocks: two users who do not exist for each other, because one of them wanted it so."""

from datetime import datetime

from domain.record import Id, Record


class BlockRecord(Record, frozen=True, kw_only=True):
    """That `blocker_id` blocked `blocked_id`. It hides both from each other."""

    blocker_id: Id
    blocked_id: Id
    created_at: datetime | None = None
