"""`undo`: takes back what was deleted or moved, within ten minutes."""

from typing import Protocol

from domain.boards import BoardRecord, SectionRecord
from domain.pins import CommentRecord, PinRecord
from domain.undo import UndoRecord
from domain.user_errors import Refused
from resolvers.mutation import MutationInput, Payload, Write, mutation, not_found
from resolvers.mutations.delete_board import restore_board
from resolvers.mutations.delete_board_section import restore_section
from resolvers.undoing import take_back
from storage.cascade_steps import DELETE_BOARD, DELETE_SECTION
from storage.transactions import Transaction

MOST_SHOWN = 100
"""Of each kind, how many of the things that are there again are given."""


class UndoInput(MutationInput, Protocol):
    """What to take back."""

    undo_token: str


class UndoPayload(Payload, frozen=True, kw_only=True):
    """What is there again, as it is now, and the boards it is on."""

    pins: tuple[PinRecord, ...] = ()
    comments: tuple[CommentRecord, ...] = ()
    sections: tuple[SectionRecord, ...] = ()
    boards: tuple[BoardRecord, ...] = ()


@mutation(UndoPayload, scopes=())
async def undo(write: Write, input: UndoInput) -> UndoPayload:
    """All of it or nothing. A token works once."""

    async def take_it_back(tx: Transaction) -> UndoPayload:
        found = await write.storage.undos.find(tx, input.undo_token, write.me.id)
        if found is None:
            raise Refused(not_found("undo, or it is older than ten minutes", "undoToken"))
        return await _taken_back(write, tx, found)

    return await write.commit(take_it_back)


async def _taken_back(write: Write, tx: Transaction, undo: UndoRecord) -> UndoPayload:
    if undo.action == DELETE_BOARD:
        return UndoPayload(boards=(await restore_board(write, tx, undo),))
    if undo.action == DELETE_SECTION:
        section, board = await restore_section(write, tx, undo)
        return UndoPayload(sections=(section,), boards=(board,))
    restored = await take_back(write, tx, undo)
    pins = await tx.get_many(PinRecord, restored[PinRecord][:MOST_SHOWN])
    comments = await tx.get_many(CommentRecord, restored[CommentRecord][:MOST_SHOWN])
    boards = await tx.get_many(BoardRecord, {pin.board_id for pin in pins.values()})
    return UndoPayload(
        pins=tuple(pins.values()),
        comments=tuple(comments.values()),
        boards=tuple(boards.values()),
    )
