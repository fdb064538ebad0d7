"""`followBoard`: follows one board, and its owner implicitly (INV-11)."""

from typing import Protocol

from domain.boards import BoardRecord
from domain.follows import FollowKind
from domain.notifications import of_board_follow
from domain.rate_limits import Burst
from domain.user_errors import UserErrorCode
from domain.users import UserRecord
from domain.viewer import Scope
from resolvers.inputs import Input
from resolvers.mutation import MutationInput, Payload, Write, mutation
from resolvers.mutations.following import new_edge, refuse_another
from storage.notifications import notify
from storage.transactions import Transaction


class FollowBoardInput(MutationInput, Protocol):
    """What to follow."""

    board_id: str


class FollowBoardPayload(Payload, frozen=True, kw_only=True):
    """The board and its owner, with their new counts."""

    board: BoardRecord | None = None
    owner: UserRecord | None = None


@mutation(FollowBoardPayload, scopes=(Scope.BOARDS_WRITE,), burst=Burst.FOLLOW)
async def follow_board(write: Write, input: FollowBoardInput) -> FollowBoardPayload:
    """Following twice is following; that the board was once unfollowed is forgotten."""
    check, me = Input(), write.me.id
    board_id = check.id("Board", input.board_id, "boardId")
    check.done()

    async def follow(tx: Transaction) -> FollowBoardPayload:
        sight, check = write.sight_as_user(tx), Input()
        board = check.found(await sight.board(board_id), "board", "boardId")
        check.done()
        if board.owner_id == me:
            check.refuse(UserErrorCode.INVALID, "Nobody follows their own boards.", "boardId")
        check.found(await sight.user(board.owner_id), "board", "boardId")
        check.done()
        write.require_scopes_on(board)
        follows = write.storage.follows
        if await follows.edge(tx, me, FollowKind.BOARD, board_id) is None:
            await refuse_another(write, tx, "boardId")
            # An owner who blocks the viewer at this moment clashes with this.
            await tx.touch(write.me)
            await tx.insert(new_edge(tx, me, FollowKind.BOARD, board_id))
            await notify(tx, *of_board_follow(me, board))
            to_owner = await follows.edge(tx, me, FollowKind.USER, board.owner_id)
            if to_owner is None:
                implicit = new_edge(tx, me, FollowKind.USER, board.owner_id, is_explicit=False)
                await tx.insert(implicit)
            else:
                await tx.touch(to_owner)  # or it could go with another board at this moment
        unfollowed = await follows.edge(tx, me, FollowKind.UNFOLLOWED_BOARD, board_id)
        if unfollowed is not None:
            await tx.delete(unfollowed)
        return FollowBoardPayload(
            board=await tx.get(BoardRecord, board_id),
            owner=await tx.get(UserRecord, board.owner_id),
        )

    return await write.commit(follow, turns=(board_id, me))
