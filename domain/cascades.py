"""Cascades: what happens to a board concerns all its pins, and is done in steps (DOMAIN a.5).

The board itself changes at once, in the mutation's own transaction, and with it who may see its
pins (INV-7). What is left to do is kept as a job, so that it is done whatever happens meanwhile: a
step is one transaction of bounded size, begins with what is there, and may be repeated. So it is
with a section of a board, which may have as many pins.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from domain.record import Id, Record


class CascadeKind(StrEnum):
    """What is done to the pins of a board, its sections and those who follow it."""

    DELETE_BOARD = "DELETE_BOARD"
    RESTORE_BOARD = "RESTORE_BOARD"
    SET_PRIVACY = "SET_PRIVACY"
    MERGE_BOARDS = "MERGE_BOARDS"
    TAKE_OFF = "TAKE_OFF"
    TRANSFER = "TRANSFER"
    DISSOLVE_SECTION = "DISSOLVE_SECTION"
    DELETE_SECTION = "DELETE_SECTION"
    RESTORE_SECTION = "RESTORE_SECTION"


class CascadeRecord(Record, frozen=True, kw_only=True):
    """A job. Whoever works on it holds it as `worker` until `due_at`; then anybody may take it.

    `owner_id` is the owner of the board when the job began. `target_id` is the board that another
    is merged into, the user whose pins are taken off, or the section whose pins it is about;
    `undo_id` the undo that a deletion fills and a restoration empties, `after_id` the last pin, or
    follow, that was gone through. `attempts` counts the failures since the last step.
    """

    kind: CascadeKind
    board_id: Id
    owner_id: Id
    created_at: datetime
    due_at: datetime
    target_id: Id | None = None
    undo_id: Id | None = None
    after_id: Id | None = None
    worker: str = ""
    attempts: int = 0


STEP: Final = 500
"""The most documents of a kind that one step looks at: some tenths of a second of work."""

SMALLEST_STEP: Final = 10

LEASE: Final = timedelta(seconds=15)
"""How long a worker may take for a step, which is longer than a transaction may last."""

STUCK_AFTER: Final = 8
"""Failures in a row after which somebody has to look: that is more than two minutes."""

_LONGEST_DELAY: Final = timedelta(minutes=5)


def size_of_step(attempts: int) -> int:
    """How many documents of a kind a step takes: half as many after each failure, in case it is
    the time that is too short."""
    return max(SMALLEST_STEP, STEP >> attempts)


def delay_after(attempts: int) -> timedelta:
    """How long a job waits after so many failures in a row: twice as long after each."""
    return min(_LONGEST_DELAY, timedelta(seconds=2 ** min(attempts - 1, 16)))
