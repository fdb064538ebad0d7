"""`createBoardSection`: a new section of a board."""

from typing import Protocol

from domain.boards import MAX_SECTIONS, BoardRecord, SectionRecord
from domain.permissions import cannot_manage_sections
from domain.positions import at_bottom
from domain.rate_limits import Burst
from domain.texts import SECTION_TITLE
from domain.user_errors import InputError, Refused, UserErrorCode
from domain.viewer import Scope
from resolvers.connections import Edge
from resolvers.inputs import Input
from resolvers.mutation import MutationInput, Payload, Write, input_path, mutation
from storage.arranging import at_the_bottom, sections_of
from storage.sections import POSITION
from storage.transactions import Transaction


class CreateBoardSectionInput(MutationInput, Protocol):
    """On which board, and what the section is called."""

    board_id: str
    title: str


class CreateBoardSectionPayload(Payload, frozen=True, kw_only=True):
    """The section, and its board with a new count."""

    section: SectionRecord | None = None
    board: BoardRecord | None = None


@mutation(CreateBoardSectionPayload, scopes=(Scope.BOARDS_WRITE,), burst=Burst.CREATE)
async def create_board_section(
    write: Write, input: CreateBoardSectionInput
) -> CreateBoardSectionPayload:
    """It comes last. Its board may have others of the same title."""
    check = Input()
    board_id = check.id("Board", input.board_id, "boardId")
    title = check.required_text(input.title, "title", SECTION_TITLE)
    check.done()

    async def create(tx: Transaction) -> CreateBoardSectionPayload:
        sight, check = write.sight(tx), Input()
        board = check.found(await sight.board(board_id), "board", "boardId")
        check.done()
        write.require_scopes_on(board)
        await write.permit(tx, cannot_manage_sections, board, at="boardId")
        check_section_room(board, "boardId")
        section_id = tx.new_id()
        section = SectionRecord(
            id=section_id,
            board_id=board_id,
            title=title,
            position=await at_the_bottom(tx, sections_of(board), at_bottom(tx.now, section_id)),
            created_at=tx.now,
        )
        # This counts on the board: so of two who make the last section one begins anew, and so
        # does one of this and who deletes the board.
        await tx.insert(section)
        return CreateBoardSectionPayload(section=section, board=await tx.get(BoardRecord, board_id))

    return await write.commit(create, turns=(board_id,))


def check_section_room(board: BoardRecord, at: str) -> None:
    """Raises `Refused` for a board that has as many sections as it may have."""
    if board.section_count >= MAX_SECTIONS:
        message = f"A board has at most {MAX_SECTIONS} sections; this one has as many."
        field = input_path(at)
        raise Refused(InputError(code=UserErrorCode.LIMIT_EXCEEDED, message=message, field=field))


def section_edge(payload: CreateBoardSectionPayload) -> Edge[SectionRecord] | None:
    """The section as an edge of its board."""
    return None if payload.section is None else Edge(payload.section, POSITION)
