"""What the mutations of the follow graph share."""

from domain.boards import BoardPrivacy, BoardRecord
from domain.follows import MAX_FOLLOWED, FollowKind, FollowRecord
from domain.record import Id
from domain.user_errors import InputError, Refused, UserErrorCode
from resolvers.mutation import Write, input_path
from storage.follows import FollowStore
from storage.transactions import Transaction


async def refuse_another(write: Write, tx: Transaction, at: str) -> None:
    """Raises `Refused` when the viewer follows as much as anybody may."""
    if await write.storage.follows.count_from(tx, write.me.id, limit=MAX_FOLLOWED) < MAX_FOLLOWED:
        return
    message = f"One follows at most {MAX_FOLLOWED:,} users, boards and topics."
    raise Refused(
        InputError(code=UserErrorCode.LIMIT_EXCEEDED, message=message, field=input_path(at))
    )


def new_edge(
    tx: Transaction, follower_id: Id, kind: FollowKind, target_id: Id, *, is_explicit: bool = True
) -> FollowRecord:
    """An edge that is made now."""
    return FollowRecord(
        id=tx.new_id(),
        follower_id=follower_id,
        kind=kind,
        target_id=target_id,
        created_at=tx.now,
        is_explicit=is_explicit,
    )


async def leave_secret_board(
    write: Write, tx: Transaction, user_id: Id, board: BoardRecord
) -> None:
    """Somebody who was a member of a board follows it no longer, if it is secret (INV-8)."""
    if board.privacy is not BoardPrivacy.SECRET:
        return
    follows = write.storage.follows
    edge = await follows.edge(tx, user_id, FollowKind.BOARD, board.id)
    if edge is not None:
        await tx.delete(edge)
        await drop_implicit(follows, tx, user_id, board.owner_id)


async def drop_implicit(
    follows: FollowStore, tx: Transaction, follower_id: Id, owner_id: Id
) -> None:
    """Ends an implicit edge to a user of whom no board is followed any more (INV-11)."""
    edge = await follows.edge(tx, follower_id, FollowKind.USER, owner_id)
    if edge is None or edge.is_explicit:
        return
    if not await follows.edges_to_boards_of(tx, follower_id, FollowKind.BOARD, owner_id):
        await tx.delete(edge)
