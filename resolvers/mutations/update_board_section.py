"""`updateBoardSection`: gives a section another title."""

from typing import Protocol

from domain.boards import SectionRecord
from domain.permissions import cannot_manage_sections
from domain.texts import SECTION_TITLE
from domain.viewer import Scope
from resolvers.inputs import Input
from resolvers.mutation import MutationInput, Payload, Write, mutation
from storage.transactions import Transaction


class UpdateBoardSectionInput(MutationInput, Protocol):
    """Which section, and what it is called."""

    id: str
    title: str


class UpdateBoardSectionPayload(Payload, frozen=True, kw_only=True):
    """The section as it is now."""

    section: SectionRecord | None = None


@mutation(UpdateBoardSectionPayload, scopes=(Scope.BOARDS_WRITE,))
async def update_board_section(
    write: Write, input: UpdateBoardSectionInput
) -> UpdateBoardSectionPayload:
    """The last edit wins. Two sections of a board may have one title."""
    check = Input()
    section_id = check.id("BoardSection", input.id, "id")
    title = check.required_text(input.title, "title", SECTION_TITLE)
    check.done()

    async def update(tx: Transaction) -> UpdateBoardSectionPayload:
        sight, check = write.sight(tx), Input()
        section = check.found(await sight.section(section_id), "section", "id")
        check.done()
        board = sight.home(section)
        write.require_scopes_on(board)
        await write.permit(tx, cannot_manage_sections, board, at="id")
        return UpdateBoardSectionPayload(section=await tx.change(section, title=title))

    return await write.commit(update, turns=(section_id,))
