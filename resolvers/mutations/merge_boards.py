"""`mergeBoards`: moves everything on one board to another, and deletes the first."""

from typing import Protocol

from domain.boards import MAX_PINS, BoardRecord
from domain.cascades import CascadeKind
from domain.permissions import cannot_merge_boards
from domain.record import Id
from domain.user_errors import InputError, Refused, UserErrorCode
from domain.users import UserRecord
from domain.viewer import Scope
from resolvers.inputs import Input
from resolvers.mutation import MutationInput, Payload, Write, input_path, mutation
from resolvers.mutations.delete_board import refuse_busy
from storage.cascade_steps import begin
from storage.notifications import forget_about
from storage.transactions import Transaction


class MergeBoardsInput(MutationInput, Protocol):
    """Which board to dissolve, and which one its pins go to."""

    source_id: str
    target_id: str


class MergeBoardsPayload(Payload, frozen=True, kw_only=True):
    """What is gone; the other board and the viewer, with new counts."""

    deleted_id: Id | None = None
    board: BoardRecord | None = None
    owner: UserRecord | None = None


@mutation(MergeBoardsPayload, scopes=(Scope.BOARDS_WRITE,))
async def merge_boards(write: Write, input: MergeBoardsInput) -> MergeBoardsPayload:
    """Pins keep their owners and their order, and two copies of one pin both stay.

    Followers come along, as far as they may see the other board. Members do not, and sections are
    dissolved: see docs/decisions.
    """
    check = Input()
    source_id = check.id("Board", input.source_id, "sourceId")
    target_id = check.id("Board", input.target_id, "targetId")
    if source_id and source_id == target_id:
        message = "It must be another board than `sourceId`; it was the same."
        check.refuse(UserErrorCode.INVALID, message, "targetId")
    check.done()

    async def merge(tx: Transaction) -> MergeBoardsPayload:
        sight, check = write.sight(tx), Input()
        boards = await sight.boards((source_id, target_id))
        source = check.found(boards.get(source_id), "board", "sourceId")
        target = check.found(boards.get(target_id), "board", "targetId")
        check.done()
        write.require_scopes_on(source, target)
        await write.permit(tx, cannot_merge_boards, source, target, at="sourceId")
        await refuse_busy(write.storage, tx, source, "sourceId")
        _refuse_too_many(source.pin_count + target.pin_count)

        await tx.delete(source)
        await tx.change(target, pins_modified_at=tx.now)
        await forget_about(tx, source_id)
        await begin(tx, CascadeKind.MERGE_BOARDS, source, target_id=target_id)
        return MergeBoardsPayload(
            deleted_id=source_id,
            board=await tx.get(BoardRecord, target_id),
            owner=await tx.get(UserRecord, write.me.id),
        )

    return await write.commit(merge, turns=(source_id, target_id))


def _refuse_too_many(pins: int) -> None:
    if pins > MAX_PINS:
        message = f"A board may have at most {MAX_PINS:,} pins; there would be {pins:,}."
        field = input_path("sourceId")
        raise Refused(InputError(code=UserErrorCode.LIMIT_EXCEEDED, message=message, field=field))
