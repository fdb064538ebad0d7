"""`deleteBoardSection`: deletes a section, its pins too or not; and how that is taken back."""

from typing import Final, Protocol

from domain.boards import BoardRecord, PinDisposition, SectionRecord
from domain.cascades import CascadeKind
from domain.permissions import cannot_delete_section_with_pins, cannot_manage_sections
from domain.record import Id
from domain.scopes import require_scopes, scopes_on
from domain.undo import UndoRecord, UndoStep
from domain.user_errors import InputError, Refused, UserErrorCode
from domain.viewer import Scope
from resolvers.inputs import Input
from resolvers.mutation import MutationInput, Payload, Write, input_path, mutation
from resolvers.mutations.create_board_section import check_section_room
from resolvers.placing import note_change
from storage.cascade_steps import DELETE_SECTION, begin
from storage.transactions import Transaction


class DeleteBoardSectionInput(MutationInput, Protocol):
    """Which section, and what becomes of its pins."""

    id: str
    pin_disposition: PinDisposition


class DeleteBoardSectionPayload(Payload, frozen=True, kw_only=True):
    """What is gone, and its board with new counts."""

    deleted_id: Id | None = None
    board: BoardRecord | None = None
    undo_token: str | None = None


@mutation(DeleteBoardSectionPayload, scopes=(Scope.BOARDS_WRITE,))
async def delete_board_section(
    write: Write, input: DeleteBoardSectionInput
) -> DeleteBoardSectionPayload:
    """The section is gone at once; its pins are taken out or deleted at once, or step by step."""
    check = Input()
    section_id = check.id("BoardSection", input.id, "id")
    with_pins = input.pin_disposition is PinDisposition.DELETE
    check.done()

    async def delete(tx: Transaction) -> DeleteBoardSectionPayload:
        sight, check = write.sight(tx), Input()
        section = check.found(await sight.section(section_id), "section", "id")
        check.done()
        board = sight.home(section)
        write.require_scopes_on(board)
        await write.permit(tx, cannot_manage_sections, board, at="id")
        if with_pins:
            await write.permit(tx, cannot_delete_section_with_pins, board, at="pinDisposition")
        if await write.storage.cascades.restores_section(tx, section_id):
            raise Refused(_BUSY)

        undos = write.storage.undos
        undo = await undos.begin(tx, write.me.id, DELETE_SECTION)
        await undos.add(tx, undo.id, [UndoStep(section)])
        await tx.delete(section)
        kind = CascadeKind.DELETE_SECTION if with_pins else CascadeKind.DISSOLVE_SECTION
        await begin(tx, kind, board, target_id=section_id, undo_id=undo.id)
        if with_pins:
            await note_change(tx, board)
        return DeleteBoardSectionPayload(
            deleted_id=section_id,
            board=await tx.get(BoardRecord, board.id),
            undo_token=undo.token,
        )

    return await write.commit(delete, turns=(section_id,))


async def restore_section(
    write: Write, tx: Transaction, undo: UndoRecord
) -> tuple[SectionRecord, BoardRecord]:
    """Takes a deletion back: the section is there at once, its pins at once or step by step.

    A deletion that is still under way is turned round. The undo is used up; what remains of it is
    the job's. Raises `Refused` when the board is gone, or has no room for the section, or the
    viewer may not make one there any more; `Forbidden` when the token does not grant it.
    """
    storage = write.storage
    (step,) = await storage.undos.take(tx, undo.id, 1, SectionRecord)
    section = step.before
    if not isinstance(section, SectionRecord):
        raise TypeError(f"Undo {undo.id} of a section begins with {type(section).__name__}.")
    board = await write.sight(tx).board(section.board_id)
    if board is None:
        raise Refused(_NO_BOARD)
    require_scopes(write.viewer, scopes_on((Scope.BOARDS_WRITE,), board.privacy))
    await write.permit(tx, cannot_manage_sections, board, at="undoToken")
    check_section_room(board, "undoToken")
    await tx.restore(section)
    job = await storage.cascades.of_undo(tx, undo.id)
    if job is not None:
        await tx.delete(job)
    await note_change(tx, board)
    kind = CascadeKind.RESTORE_SECTION
    await begin(tx, kind, board, target_id=section.id, undo_id=undo.id)
    await tx.delete(undo)
    restored = await tx.get(SectionRecord, section.id)
    return restored or section, await tx.get(BoardRecord, board.id) or board


_BUSY: Final = InputError(
    code=UserErrorCode.CONFLICT,
    message="Pins are still being put back into this section: try again in a moment.",
    field=input_path("id"),
)
_NO_BOARD: Final = InputError(
    code=UserErrorCode.CONFLICT,
    message="The board of this section is gone, so the section stays deleted.",
    field=input_path("undoToken"),
)
