"""`transferBoard`: gives a board to one of its editors (INV-10)."""

from typing import Final, Protocol

from domain.boards import MAX_BOARDS, BoardRecord, BoardRole, role_of
from domain.cascades import CascadeKind
from domain.members import transferred
from domain.permissions import cannot_transfer
from domain.positions import at_top
from domain.user_errors import InputError, Refused, UserErrorCode
from domain.users import UserRecord
from domain.viewer import Scope
from resolvers.inputs import Input
from resolvers.mutation import MutationInput, Payload, Write, mutation
from storage.cascade_steps import begin
from storage.transactions import Transaction


class TransferBoardInput(MutationInput, Protocol):
    """Which board, and who gets it."""

    board_id: str
    user_id: str


class TransferBoardPayload(Payload, frozen=True, kw_only=True):
    """The board; who owns it now and who did, with their new counts."""

    board: BoardRecord | None = None
    owner: UserRecord | None = None
    previous_owner: UserRecord | None = None


@mutation(TransferBoardPayload, scopes=(Scope.BOARDS_WRITE,))
async def transfer_board(write: Write, input: TransferBoardInput) -> TransferBoardPayload:
    """The former owner stays as an editor who may invite. The pins stay whose they are."""
    check, me = Input(), write.me.id
    board_id = check.id("Board", input.board_id, "boardId")
    user_id = check.id("User", input.user_id, "userId")
    check.done()

    async def transfer(tx: Transaction) -> TransferBoardPayload:
        sight, check, boards = write.sight(tx), Input(), write.storage.boards
        board = check.found(await sight.board(board_id), "board", "boardId")
        check.done()
        write.require_scopes_on(board)
        await write.permit(tx, cannot_transfer, board, at="boardId")
        heir = check.found(await sight.user(user_id), "user", "userId")
        if role_of(board, user_id) is not BoardRole.EDITOR:
            message = "A board goes to one of its editors, who joined it already."
            check.refuse(UserErrorCode.INVALID, message, "userId")
        check.done()
        if await boards.owned_by(tx, heir) >= MAX_BOARDS:
            raise Refused(_TOO_MANY)
        transferred_board = await tx.change(
            board,
            owner_id=user_id,
            slug=await boards.claim_slug(tx, heir, board.slug),
            collaborators=transferred(board, user_id, tx.now),
            position=at_top(tx.now, tx.new_id()),
            revision=board.revision + 1,
        )
        await begin(tx, CascadeKind.TRANSFER, transferred_board, former_owner_id=me)
        users = await tx.get_many(UserRecord, [user_id, me])
        return TransferBoardPayload(
            board=await tx.get(BoardRecord, board_id),
            owner=users[user_id],
            previous_owner=users[me],
        )

    return await write.commit(transfer, turns=(board_id, user_id, me))


_TOO_MANY: Final = InputError(
    code=UserErrorCode.LIMIT_EXCEEDED,
    message=f"They have {MAX_BOARDS:,} boards, which is as many as a user may have.",
    field=("input", "userId"),
)
