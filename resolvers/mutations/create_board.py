"""`createBoard`: a new board of the viewer's own."""

from typing import Protocol

from domain.boards import MAX_BOARDS, BoardPrivacy, BoardRecord
from domain.positions import at_top
from domain.rate_limits import Burst
from domain.slugs import slug_of
from domain.texts import BOARD_DESCRIPTION, BOARD_NAME
from domain.user_errors import InputError, Refused, UserErrorCode
from domain.users import UserRecord
from domain.viewer import Scope
from resolvers.inputs import Input
from resolvers.mutation import MutationInput, Payload, Write, mutation
from storage.transactions import Transaction


class CreateBoardInput(MutationInput, Protocol):
    """What the board is called, and who may see it."""

    name: str
    description: str | None
    privacy: BoardPrivacy


class CreateBoardPayload(Payload, frozen=True, kw_only=True):
    """The board, and the viewer as its owner, with new counts."""

    board: BoardRecord | None = None
    owner: UserRecord | None = None


@mutation(CreateBoardPayload, scopes=(Scope.BOARDS_WRITE,), burst=Burst.CREATE)
async def create_board(write: Write, input: CreateBoardInput) -> CreateBoardPayload:
    """Its address is made from its name, with a number where the viewer has one of that name."""
    check = Input()
    name = check.required_text(input.name, "name", BOARD_NAME)
    description = check.text(input.description, "description", BOARD_DESCRIPTION)
    refuse_protected(check, input.privacy)
    check.done()

    async def create(tx: Transaction) -> CreateBoardPayload:
        boards, me = write.storage.boards, write.me
        if await boards.owned_by(tx, me) >= MAX_BOARDS:
            raise Refused(_TOO_MANY)
        board_id = tx.new_id()
        board = BoardRecord(
            id=board_id,
            owner_id=me.id,
            name=name,
            slug=await boards.claim_slug(tx, me, slug_of(name, fallback="board")),
            description=description,
            privacy=input.privacy,
            position=at_top(tx.now, board_id),
            created_at=tx.now,
            pins_modified_at=tx.now,
        )
        write.require_scopes_on(board)
        await tx.insert(board)
        return CreateBoardPayload(board=board, owner=await tx.get(UserRecord, me.id))

    return await write.commit(create, turns=(write.me.id,))


def refuse_protected(check: Input, privacy: BoardPrivacy | None) -> None:
    """Nobody chooses PROTECTED: it is for ads-only boards alone (INV-8, INV-9)."""
    if privacy is BoardPrivacy.PROTECTED:
        message = f"It must be PUBLIC or SECRET; it was {privacy}."
        check.refuse(UserErrorCode.INVALID, message, "privacy")


_TOO_MANY = InputError(
    code=UserErrorCode.LIMIT_EXCEEDED,
    message=f"You have {MAX_BOARDS:,} boards, which is as many as a user may have.",
    field=("input",),
)
