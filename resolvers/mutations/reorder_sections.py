"""`reorderSections`: arranges the sections of a board."""

from typing import Protocol

from domain.boards import BoardRecord, SectionRecord
from domain.permissions import cannot_manage_sections
from domain.viewer import Scope
from resolvers.arranging import PlaceInput, commit_move, read_move
from resolvers.connections import Edge
from resolvers.inputs import Input
from resolvers.mutation import MutationInput, Payload, Write, mutation
from storage.arranging import put, sections_of
from storage.sections import POSITION
from storage.transactions import Transaction


class ReorderSectionsInput(MutationInput, Protocol):
    """Which sections of a board, in which order, and where to."""

    board_id: str
    section_ids: list[str]
    place: PlaceInput


class ReorderSectionsPayload(Payload, frozen=True, kw_only=True):
    """The sections in their new order, and their board."""

    sections: tuple[SectionRecord | None, ...] = ()
    board: BoardRecord | None = None


@mutation(ReorderSectionsPayload, scopes=(Scope.BOARDS_WRITE,))
async def reorder_sections(write: Write, input: ReorderSectionsInput) -> ReorderSectionsPayload:
    """They come to stand one after the other. Their pins stay as they are."""
    check = Input()
    board_id = check.id("Board", input.board_id, "boardId")
    move = read_move(check, "BoardSection", input.section_ids, "sectionIds", input.place)
    check.done()

    async def reorder(tx: Transaction) -> ReorderSectionsPayload:
        sight, check = write.sight(tx), Input()
        seen = await sight.board(board_id)
        board = check.found(seen, "board", "boardId")
        found = await tx.get_many(SectionRecord, move.all_ids if seen else ())
        there = {each.id: each for each in found.values() if each.board_id == board_id}
        sections, beside = move.find(check, there, "section")
        check.done()
        write.require_scopes_on(board)
        await write.permit(tx, cannot_manage_sections, board, at="boardId")
        moved = await put(tx, sections_of(board), sections, beside, below=move.below)
        return ReorderSectionsPayload(sections=tuple(moved), board=board)

    return await commit_move(write, reorder, turns=(board_id,))


def section_edges(payload: ReorderSectionsPayload) -> list[Edge[SectionRecord]]:
    """The sections as edges of their board."""
    return [Edge(section, POSITION) for section in payload.sections if section is not None]
