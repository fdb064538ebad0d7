"""Taking pins away, so that it can be undone (INV-4)."""

from collections.abc import Mapping, Sequence

from domain.boards import BoardRecord
from domain.pins import PinRecord
from domain.record import Id
from domain.undo import UndoStep
from resolvers.mutation import Write
from resolvers.placing import note_change
from storage.notifications import forget_about
from storage.transactions import Transaction


async def remove_pins(
    write: Write, tx: Transaction, pins: Sequence[PinRecord], boards: Mapping[Id, BoardRecord]
) -> str:
    """Deletes pins from their boards; the token that takes it back.

    Copies stay as they are, and their parent is null from now on. Comments and reactions stay too,
    where nobody sees them, until it is too late to take this back.
    """
    await tx.delete(*pins)
    await note_change(tx, *(boards[id] for id in dict.fromkeys(pin.board_id for pin in pins)))
    await forget_about(tx, *(pin.id for pin in pins))
    undos = write.storage.undos
    undo = await undos.begin(tx, write.me.id, write.info.field_name)
    await undos.add(tx, undo.id, [UndoStep(pin) for pin in pins])
    return undo.token
