"""Taking back: what was deleted or moved can be put back for ten minutes (DOMAIN, delights).

A mutation that deletes or moves gives an `undoToken`, and keeps a step for each record that it
took away or changed. Who holds the token and is the same viewer can have the steps taken back, all
or none. What is not taken back in time is deleted for good.
"""

from datetime import datetime, timedelta
from typing import Final

import msgspec

from domain.record import Id, Record

UNDO_FOR: Final = timedelta(minutes=10)
"""How long a token is good."""


class UndoRecord(Record, frozen=True, kw_only=True):
    """What one mutation did, as far as it can be taken back. `action` is its name."""

    token: str
    viewer_id: Id
    action: str
    created_at: datetime
    expires_at: datetime


class UndoStep(msgspec.Struct, frozen=True):
    """One record that was deleted (`after` is None), or changed from `before` to `after`."""

    before: Record
    after: Record | None = None
