"""Pins that are shown as ads: who sees one may hide and report it, wherever it stands (INV-9)."""

from domain.boards import BoardRecord
from domain.pins import PinRecord
from domain.policies import may_view_as_ad
from domain.record import Id
from resolvers.mutation import Write
from storage.transactions import Transaction


async def advertised_pin(write: Write, tx: Transaction, pin_id: Id) -> PinRecord | None:
    """A pin that somebody has advertised, unless it is secret or its owner is hidden.

    It may be on an ads-only board, where the viewer does not see it: do not give it to them.
    """
    pin = await tx.get(PinRecord, pin_id)
    if pin is None or not await write.storage.ads.of_pin(tx, pin_id):
        return None
    board = await tx.get(BoardRecord, pin.board_id)
    owner = await write.sight_as_user(tx).user(pin.owner_id)
    return pin if may_view_as_ad(board, owner) else None
