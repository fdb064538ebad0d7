"""Saving a pin makes a copy of it: a pin of its own on another board (INV-2)."""

from datetime import datetime

import msgspec

from domain.boards import BoardRecord
from domain.pins import Engagement, PinRecord, trend
from domain.positions import at_top
from domain.record import Id


def copy_of(
    pin: PinRecord,
    board: BoardRecord,
    *,
    id: Id,
    owner_id: Id,
    now: datetime,
    section_id: Id | None = None,
    note: str | None = None,
) -> PinRecord:
    """The copy that `owner_id` makes of a pin on a board: what it shows is copied, nothing else.

    Its parent is the pin, its root and creator are the pin's, its counters start at 0.
    """
    nothing = Engagement()
    return msgspec.structs.replace(
        pin,
        id=id,
        owner_id=owner_id,
        board_id=board.id,
        section_id=section_id,
        privacy=board.privacy,
        parent_id=pin.id,
        is_repin=True,
        created_at=now,
        position=at_top(now, id),
        note=note,
        engagement=nothing,
        trend=trend(nothing, now),
        save_count=0,
        comment_count=0,
        reaction_counts={},
        aggregated_save_count=0,
        has_been_promoted=False,
        revision=1,
    )
