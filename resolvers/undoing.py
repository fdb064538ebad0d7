"""Taking back deletions and moves, step by step from the last one."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Final

import msgspec

from domain.boards import BoardRecord
from domain.permissions import cannot_add_pins
from domain.pins import CommentRecord, PinRecord
from domain.record import Id, Record
from domain.scopes import require_scopes, scopes_on
from domain.undo import UndoRecord, UndoStep
from domain.user_errors import InputError, Refused, UserErrorCode
from domain.viewer import Scope
from resolvers.mutation import Write
from resolvers.placing import note_change
from resolvers.sight import Sight
from storage.transactions import Transaction

Restored = Mapping[type[Record], list[Id]]
"""The ids of what is there again, by class."""

MAX_STEPS: Final = 1_000


async def take_back(write: Write, tx: Transaction, undo: UndoRecord) -> Restored:
    """Takes back all steps of an undo, which is used up then.

    Raises `Refused` when something is not as the undo left it, and it cannot be taken back whole.
    """
    taking = _Taking(write, tx)
    for step in await write.storage.undos.take(tx, undo.id, MAX_STEPS):
        await taking.take(step)
    await taking.mark_boards()
    await tx.delete(undo)
    return taking.restored


class _Taking:
    """Takes steps back within one transaction."""

    def __init__(self, write: Write, tx: Transaction) -> None:
        self.restored: defaultdict[type[Record], list[Id]] = defaultdict(list)
        self._write = write
        self._tx = tx
        self._sight: Sight = write.sight(tx)
        self._boards: dict[Id, BoardRecord] = {}

    async def take(self, step: UndoStep) -> None:
        """Takes one step back."""
        match step.before:
            case PinRecord():
                await self._pin(step.before, step.after)
            case CommentRecord():
                await self._comment(step.before)
            case other:
                raise TypeError(f"{type(other).__name__} cannot be taken back.")
        self.restored[type(step.before)].append(step.before.id)

    async def mark_boards(self) -> None:
        """Marks the boards whose pins are others now."""
        await note_change(self._tx, *self._boards.values())

    async def _pin(self, before: PinRecord, after: Record | None) -> None:
        """A pin comes back to its board, if the viewer may still add pins there."""
        board = await self._board(before.board_id)
        await self._write.permit(self._tx, cannot_add_pins, board, at="undoToken")
        section = before.section_id and await self._sight.section(before.section_id, of=board.id)
        right = msgspec.structs.replace(
            before, privacy=board.privacy, section_id=section.id if section else None
        )
        if after is None:
            await self._tx.restore(right)
            return
        pin = await self._tx.get(PinRecord, before.id)
        if pin is None or not isinstance(after, PinRecord) or pin.board_id != after.board_id:
            raise Refused(_CHANGED)
        await self._board(pin.board_id)
        place = ("board_id", "section_id", "privacy", "position")
        await self._tx.change(pin, **{name: getattr(right, name) for name in place})

    async def _comment(self, comment: CommentRecord) -> None:
        """A comment comes back to a pin that is still seen, below a comment that is there."""
        pin = await self._sight.pin(comment.pin_id)
        if pin is None:
            raise Refused(_CHANGED)
        privacy = self._sight.home(pin).privacy
        require_scopes(self._write.viewer, scopes_on((Scope.PINS_WRITE,), privacy))
        parent_id = comment.parent_id
        if parent_id is not None and await self._tx.get(CommentRecord, parent_id) is None:
            raise Refused(_CHANGED)
        await self._tx.restore(comment)

    async def _board(self, id: Id) -> BoardRecord:
        """A board that is written to; it must still be there, and seen."""
        if id not in self._boards:
            board = await self._sight.board(id)
            if board is None:
                raise Refused(_CHANGED)
            require_scopes(self._write.viewer, scopes_on((Scope.PINS_WRITE,), board.privacy))
            self._boards[id] = board
        return self._boards[id]


_CHANGED: Final = InputError(
    code=UserErrorCode.CONFLICT,
    message="Meanwhile something was deleted or moved that this would need: it stays as it is.",
    field=("input", "undoToken"),
)
