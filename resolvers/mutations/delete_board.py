"""`deleteBoard`: deletes a board and all pins on it (INV-5); and how that is taken back."""

from typing import Protocol

import msgspec

from domain.boards import BoardRecord
from domain.cascades import CascadeKind
from domain.permissions import cannot_delete_board
from domain.record import Id
from domain.scopes import require_scopes, scopes_on
from domain.undo import UndoRecord, UndoStep
from domain.user_errors import InputError, Refused, UserErrorCode
from domain.users import UserRecord
from domain.viewer import Scope
from resolvers.inputs import Input
from resolvers.mutation import MutationInput, Payload, Write, input_path, mutation
from storage.cascade_steps import DELETE_BOARD, begin
from storage.storage import Storage
from storage.transactions import Transaction


class DeleteBoardInput(MutationInput, Protocol):
    """Which board."""

    id: str


class DeleteBoardPayload(Payload, frozen=True, kw_only=True):
    """What is gone, and the viewer as its owner, with new counts."""

    deleted_id: Id | None = None
    owner: UserRecord | None = None
    undo_token: str | None = None


@mutation(DeleteBoardPayload, scopes=(Scope.BOARDS_WRITE,))
async def delete_board(write: Write, input: DeleteBoardInput) -> DeleteBoardPayload:
    """Deletes the board at once, and so hides its pins, which are deleted at once or step by step.

    Copies elsewhere stay, whose parent is gone then.
    """
    check = Input()
    board_id = check.id("Board", input.id, "id")
    check.done()

    async def delete(tx: Transaction) -> DeleteBoardPayload:
        sight, check = write.sight(tx), Input()
        board = check.found(await sight.board(board_id), "board", "id")
        check.done()
        write.require_scopes_on(board)
        await write.permit(tx, cannot_delete_board, board, at="id")
        await refuse_busy(write.storage, tx, board, "id")

        undos = write.storage.undos
        jobs = await write.storage.cascades.of_board(tx, board_id)
        undo = await undos.begin(tx, write.me.id, DELETE_BOARD)
        await undos.add(tx, undo.id, [UndoStep(each) for each in (board, *jobs)])
        await tx.delete(board, *jobs)
        await begin(tx, CascadeKind.DELETE_BOARD, board, undo_id=undo.id)
        return DeleteBoardPayload(
            deleted_id=board_id,
            owner=await tx.get(UserRecord, write.me.id),
            undo_token=undo.token,
        )

    return await write.commit(delete, turns=(board_id,))


async def refuse_busy(storage: Storage, tx: Transaction, board: BoardRecord, at: str) -> None:
    """Raises `Refused` for a board that is not to be deleted while pins are on their way to it."""
    if await storage.cascades.brings_pins(tx, board.id):
        message = "Pins of this board are still on their way: try again in a moment."
        field = input_path(at)
        raise Refused(InputError(code=UserErrorCode.CONFLICT, message=message, field=field))


async def restore_board(write: Write, tx: Transaction, undo: UndoRecord) -> BoardRecord:
    """Takes a deletion back: the board is there at once, its pins at once or step by step.

    A deletion that is still under way is turned round. The board gets another address if its own
    was given to another board meanwhile. The undo is used up; what remains of it is the job's.
    Raises `Forbidden` when the token grants no writing to such a board.
    """
    storage = write.storage
    (step,) = await storage.undos.take(tx, undo.id, 1, BoardRecord)
    board = step.before
    if not isinstance(board, BoardRecord):
        raise TypeError(f"Undo {undo.id} of a board begins with {type(board).__name__}.")
    require_scopes(write.viewer, scopes_on((Scope.BOARDS_WRITE,), board.privacy))
    slug = await storage.boards.claim_slug(tx, write.me, board.slug)
    board = msgspec.structs.replace(board, slug=slug)
    await tx.restore(board)
    job = await storage.cascades.of_undo(tx, undo.id)
    if job is not None:
        await tx.delete(job)
    await begin(tx, CascadeKind.RESTORE_BOARD, board, undo_id=undo.id)
    await tx.delete(undo)
    restored = await tx.get(BoardRecord, board.id)
    return restored or board
