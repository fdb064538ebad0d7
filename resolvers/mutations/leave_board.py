"""`leaveBoard`: ends the viewer's own share in a board (INV-10)."""

from typing import Protocol

from domain.boards import BoardPrivacy, BoardRecord
from domain.members import without_member
from domain.permissions import cannot_leave
from domain.record import Id
from domain.viewer import Scope
from resolvers.inputs import Input
from resolvers.mutation import MutationInput, Payload, Write, mutation
from resolvers.mutations.following import leave_secret_board
from storage.transactions import Transaction


class LeaveBoardInput(MutationInput, Protocol):
    """Which board."""

    board_id: str


class LeaveBoardPayload(Payload, frozen=True, kw_only=True):
    """The board that was left, as far as the viewer may still see it."""

    board: BoardRecord | None = None
    deleted_id: Id | None = None


@mutation(LeaveBoardPayload, scopes=(Scope.BOARDS_WRITE,))
async def leave_board(write: Write, input: LeaveBoardInput) -> LeaveBoardPayload:
    """The viewer's pins stay. The owner cannot leave, and gives the board away instead."""
    check, me = Input(), write.me.id
    board_id = check.id("Board", input.board_id, "boardId")
    check.done()

    async def leave(tx: Transaction) -> LeaveBoardPayload:
        sight, check = write.sight_as_user(tx), Input()
        board = check.found(await sight.board(board_id), "board", "boardId")
        check.done()
        write.require_scopes_on(board)
        await write.permit(tx, cannot_leave, board, at="boardId")
        await tx.change(board, collaborators=without_member(board, me))
        await leave_secret_board(write, tx, me, board)
        left = await tx.get(BoardRecord, board_id)
        is_shown = left is not None and left.privacy is BoardPrivacy.PUBLIC
        return LeaveBoardPayload(board=left if is_shown else None, deleted_id=board_id)

    return await write.commit(leave, turns=(board_id,))
