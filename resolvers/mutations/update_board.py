"""`updateBoard`: what a board is called, what it says of itself, who may see it (INV-8)."""

from collections.abc import Iterator
from typing import Protocol

import msgspec

from domain.boards import BoardPrivacy, BoardRecord
from domain.cascades import CascadeKind
from domain.permissions import cannot_change_privacy, cannot_edit_board, cannot_rename_board
from domain.texts import BOARD_DESCRIPTION, BOARD_NAME
from domain.user_errors import InputError, Refused, UserErrorCode
from domain.users import UserRecord
from domain.viewer import Scope, Viewer
from resolvers.inputs import Input, is_given
from resolvers.mutation import MutationInput, Payload, Write, mutation, not_allowed
from resolvers.mutations.create_board import refuse_protected
from resolvers.revisions import check_revision
from storage.cascade_steps import begin
from storage.transactions import Transaction


class UpdateBoardInput(MutationInput, Protocol):
    """Which board, and what is to change: what is omitted stays as it is."""

    id: str
    name: str | None
    description: str | None
    privacy: BoardPrivacy | None
    expected_revision: int | None


class UpdateBoardPayload(Payload, frozen=True, kw_only=True):
    """The board as it is now, and its owner, whose public boards may be others."""

    board: BoardRecord | None = None
    owner: UserRecord | None = None


@mutation(UpdateBoardPayload, scopes=(Scope.BOARDS_WRITE,))
async def update_board(write: Write, input: UpdateBoardInput) -> UpdateBoardPayload:
    """Changes at once what the board is; what that means for its pins may take a while longer.

    Its address stays, whatever its name: links to it go on leading to it.
    """
    check = Input()
    board_id = check.id("Board", input.id, "id")
    changes = check.changes(
        name=check.text(input.name, "name", BOARD_NAME),
        description=check.text(input.description, "description", BOARD_DESCRIPTION),
    )
    changes |= _new_privacy(check, input)
    check.done()

    async def update(tx: Transaction) -> UpdateBoardPayload:
        sight, check = write.sight(tx), Input()
        board = check.found(await sight.board(board_id), "board", "id")
        check.done()
        wanted = msgspec.structs.replace(board, **changes)
        write.require_scopes_on(board, wanted)
        await write.permit(tx, cannot_edit_board, board, at="id")
        if refusals := list(_refusals(write.viewer, board, wanted)):
            raise Refused(*refusals)
        check_revision(board, input.expected_revision)
        if wanted != board:
            await tx.change(board, **changes, revision=board.revision + 1)
        if wanted.privacy is not board.privacy:
            await begin(tx, CascadeKind.SET_PRIVACY, wanted)
        return UpdateBoardPayload(
            board=await tx.get(BoardRecord, board_id), owner=await sight.user(board.owner_id)
        )

    return await write.commit(update, turns=(board_id,))


def _new_privacy(check: Input, input: UpdateBoardInput) -> dict[str, BoardPrivacy]:
    if not is_given(input.privacy):
        return {}
    refuse_protected(check, input.privacy)
    if input.privacy is None:
        check.refuse(UserErrorCode.BLANK, "It must be PUBLIC or SECRET; it was null.", "privacy")
        return {}
    return {"privacy": input.privacy}


def _refusals(viewer: Viewer, board: BoardRecord, wanted: BoardRecord) -> Iterator[InputError]:
    """What the viewer may not change of a board that they may edit."""
    if wanted.name != board.name and (reasons := cannot_rename_board(viewer, board)):
        yield not_allowed(reasons, "name")
    if wanted.privacy is not board.privacy:
        reasons = cannot_change_privacy(viewer, board, wanted.privacy)
        if reasons:
            yield not_allowed(reasons, "privacy")
