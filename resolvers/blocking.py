"""What ends between two users when one of them blocks the other (DOMAIN a.5, INV-10, INV-11)."""

from typing import Final

from domain.cascades import STEP, CascadeKind, CascadeRecord
from domain.follows import FollowKind
from domain.members import without_member
from domain.record import Id
from domain.undo import UndoStep
from resolvers.mutation import Write
from storage.notifications import forget_between
from storage.transactions import Transaction

BLOCK_USER: Final = "blockUser"

_ABOUT_BOARDS = (FollowKind.BOARD, FollowKind.UNFOLLOWED_BOARD)


async def part(write: Write, tx: Transaction, user_id: Id) -> None:
    """Ends follows and shares in boards both ways, takes the user's pins off the viewer's boards,
    and forgets what the two were told of each other."""
    me = write.me.id
    for one, other in ((me, user_id), (user_id, me)):
        await _unfollow(write, tx, one, other)
        for board in await write.storage.boards.shared(tx, one, other):
            await tx.change(board, collaborators=without_member(board, other))
    await _take_off(write, tx, user_id)
    await forget_between(tx, me, user_id)


async def _unfollow(write: Write, tx: Transaction, follower_id: Id, target_id: Id) -> None:
    follows = write.storage.follows
    edges = await follows.edges(tx, follower_id, FollowKind.USER, [target_id])
    for kind in _ABOUT_BOARDS:
        edges += await follows.edges_to_boards_of(tx, follower_id, kind, target_id)
    await tx.delete(*edges)


async def _take_off(write: Write, tx: Transaction, user_id: Id) -> None:
    """Deletes the user's pins from the viewer's boards: some hundreds now, what remains later."""
    me, undos, store = write.me.id, write.storage.undos, write.storage.pins
    boards = await write.storage.boards.ids_of(tx, me)
    pins = await store.on_boards_of(tx, user_id, boards, STEP)
    if not pins:
        return
    await tx.delete(*pins)
    # Nobody has the token: kept as long as any deletion, and then gone with comments and reactions.
    undo = await undos.begin(tx, me, BLOCK_USER)
    await undos.add(tx, undo.id, [UndoStep(pin) for pin in pins])
    if len(pins) < STEP:
        return
    for board_id in await store.boards_with(tx, user_id, boards):
        await tx.insert(
            CascadeRecord(
                id=tx.new_id(),
                kind=CascadeKind.TAKE_OFF,
                board_id=board_id,
                owner_id=me,
                created_at=tx.now,
                due_at=tx.now,
                target_id=user_id,
                undo_id=undo.id,
            )
        )
