"""`unfollowBoard`: follows one board no longer, whatever else of its owner is followed (INV-11)."""

from typing import Protocol

from domain.boards import BoardRecord
from domain.follows import FollowKind
from domain.notifications import of_board_follow
from domain.record import Id
from domain.users import UserRecord
from domain.viewer import Scope
from resolvers.inputs import Input
from resolvers.mutation import MutationInput, Payload, Write, mutation
from resolvers.mutations.following import drop_implicit, new_edge
from storage.follows import FollowStore
from storage.notifications import forget
from storage.transactions import Transaction


class UnfollowBoardInput(MutationInput, Protocol):
    """What to follow no longer."""

    board_id: str


class UnfollowBoardPayload(Payload, frozen=True, kw_only=True):
    """The board and its owner, with their new counts."""

    board: BoardRecord | None = None
    owner: UserRecord | None = None


@mutation(UnfollowBoardPayload, scopes=(Scope.BOARDS_WRITE,))
async def unfollow_board(write: Write, input: UnfollowBoardInput) -> UnfollowBoardPayload:
    """Of a user who is followed, the board is left out from now on; unfollowing twice is once."""
    check, me = Input(), write.me.id
    board_id = check.id("Board", input.board_id, "boardId")
    check.done()

    async def unfollow(tx: Transaction) -> UnfollowBoardPayload:
        sight, check = write.sight_as_user(tx), Input()
        board = check.found(await sight.board(board_id), "board", "boardId")
        check.done()
        write.require_scopes_on(board)
        follows = write.storage.follows
        edge = await follows.edge(tx, me, FollowKind.BOARD, board_id)
        if edge is not None:
            await tx.delete(edge)
            await forget(tx, *of_board_follow(me, board))
        await _leave_owner(follows, tx, me, board)
        return UnfollowBoardPayload(
            board=await tx.get(BoardRecord, board_id),
            owner=await tx.get(UserRecord, board.owner_id),
        )

    return await write.commit(unfollow, turns=(board_id, me))


async def _leave_owner(follows: FollowStore, tx: Transaction, me: Id, board: BoardRecord) -> None:
    """Leaves the board out of a followed owner; an owner followed for boards alone goes with it."""
    owner = await follows.edge(tx, me, FollowKind.USER, board.owner_id)
    if owner is None or not owner.is_explicit:
        await drop_implicit(follows, tx, me, board.owner_id)
    elif await follows.edge(tx, me, FollowKind.UNFOLLOWED_BOARD, board.id) is None:
        await tx.insert(new_edge(tx, me, FollowKind.UNFOLLOWED_BOARD, board.id))
