"""Moving a pin to another place (INV-1)."""

from datetime import datetime

import msgspec

from domain.boards import BoardRecord
from domain.pins import PinRecord
from domain.positions import at_top
from domain.record import Id


def moved(
    pin: PinRecord, board: BoardRecord, section_id: Id | None, now: datetime, id: Id
) -> PinRecord:
    """A pin on another board, or in another section: at the top, and seen as the board is.

    Its section is what is given, so a section of the old board is left. `id` is new, and tells
    pins apart that are moved in one moment.
    """
    return msgspec.structs.replace(
        pin,
        board_id=board.id,
        section_id=section_id,
        privacy=board.privacy,
        position=at_top(now, id),
    )
