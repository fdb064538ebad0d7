"""`updateCollaborator`: changes what somebody may do on a board (INV-10)."""

from typing import Any, Protocol

import msgspec

from domain.boards import BoardRecord, BoardRole
from domain.members import member_of, with_members
from domain.permissions import cannot_update_collaborator
from domain.user_errors import UserErrorCode
from domain.users import UserRecord
from domain.viewer import Scope
from resolvers.inputs import Input
from resolvers.mutation import MutationInput, Payload, Write, mutation
from storage.transactions import Transaction


class UpdateCollaboratorInput(MutationInput, Protocol):
    """Whose share, and what is different; what is null stays as it is."""

    board_id: str
    user_id: str
    role: BoardRole | None
    can_invite: bool | None


class UpdateCollaboratorPayload(Payload, frozen=True, kw_only=True):
    """The board, and the person."""

    board: BoardRecord | None = None
    user: UserRecord | None = None


@mutation(UpdateCollaboratorPayload, scopes=(Scope.BOARDS_WRITE,))
async def update_collaborator(
    write: Write, input: UpdateCollaboratorInput
) -> UpdateCollaboratorPayload:
    """Of members, and of those who have not answered yet."""
    check = Input()
    board_id = check.id("Board", input.board_id, "boardId")
    user_id = check.id("User", input.user_id, "userId")
    if input.role is BoardRole.OWNER:
        check.refuse(UserErrorCode.INVALID, "A board has one owner: use `transferBoard`.", "role")
    check.done()
    changes: dict[str, Any] = {
        name: value
        for name, value in {"role": input.role, "can_invite": input.can_invite}.items()
        if value is not None
    }

    async def update(tx: Transaction) -> UpdateCollaboratorPayload:
        sight, check = write.sight(tx), Input()
        board = check.found(await sight.board(board_id), "board", "boardId")
        check.done()
        write.require_scopes_on(board)
        await write.permit(tx, cannot_update_collaborator, board, at="boardId")
        member = check.found(member_of(board, user_id), "collaborator", "userId")
        check.done()
        changed = msgspec.structs.replace(member, **changes)
        board = await tx.change(board, collaborators=with_members(board, changed))
        return UpdateCollaboratorPayload(board=board, user=await sight.user(user_id))

    return await write.commit(update, turns=(board_id,))
