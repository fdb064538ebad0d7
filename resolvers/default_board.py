"""Where a pin goes when nobody says where (DOMAIN b.3)."""

from typing import Final

from domain.boards import MAX_BOARDS, BoardRecord
from domain.positions import at_top
from domain.slugs import slug_of
from domain.user_errors import InputError, Refused, UserErrorCode
from resolvers.mutation import Write
from storage.transactions import Transaction

QUICK_SAVES: Final = "Quick saves"
"""What the board is called that is made for somebody who has none."""


async def default_board(write: Write, tx: Transaction) -> BoardRecord:
    """The viewer's own public board that was saved to last, or a new one.

    Raises `Refused` when they have as many boards as anybody may, and none of them will do.
    """
    boards, me = write.storage.boards, write.me
    latest = await boards.saved_to_last(tx, me.id)
    if latest is not None:
        return latest
    if await boards.owned_by(tx, me) >= MAX_BOARDS:
        raise Refused(_NOWHERE)
    board_id = tx.new_id()
    board = BoardRecord(
        id=board_id,
        owner_id=me.id,
        name=QUICK_SAVES,
        slug=await boards.claim_slug(tx, me, slug_of(QUICK_SAVES, fallback="board")),
        position=at_top(tx.now, board_id),
        created_at=tx.now,
        pins_modified_at=tx.now,
    )
    await tx.insert(board)
    return board


_NOWHERE: Final = InputError(
    code=UserErrorCode.BLANK,
    message="Say to which board: you have no public one that is not archived.",
    field=("input", "boardId"),
)
