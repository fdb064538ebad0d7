"""`deleteComment`: deletes a comment and the replies to it."""

from typing import Protocol

from domain.permissions import cannot_delete_comment
from domain.pins import MAX_REPLIES, CommentRecord, PinRecord
from domain.record import Id
from domain.undo import UndoStep
from domain.viewer import Scope
from resolvers.inputs import Input
from resolvers.mutation import MutationInput, Payload, Write, mutation
from storage.notifications import forget_about
from storage.transactions import Transaction


class DeleteCommentInput(MutationInput, Protocol):
    """Which comment."""

    id: str


class DeleteCommentPayload(Payload, frozen=True, kw_only=True):
    """What is gone; the pin, and the comment it replied to, with their new counts."""

    deleted_id: Id | None = None
    pin: PinRecord | None = None
    parent: CommentRecord | None = None
    undo_token: str | None = None


@mutation(DeleteCommentPayload, scopes=(Scope.PINS_WRITE,))
async def delete_comment(write: Write, input: DeleteCommentInput) -> DeleteCommentPayload:
    """Its author may, and so may the owners of the pin and of the board."""
    check = Input()
    comment_id = check.id("Comment", input.id, "id")
    check.done()

    async def delete(tx: Transaction) -> DeleteCommentPayload:
        sight, check = write.sight_as_user(tx), Input()
        comment = check.found(await sight.comment(comment_id), "comment", "id")
        check.done()
        pin = sight.subject(comment)
        board = sight.home(pin)
        write.require_scopes_on(board)
        await write.permit(tx, cannot_delete_comment, comment, pin, board, at="id")

        comments = write.storage.comments
        # The comment last: it is the first to come back when this is undone.
        gone = [*await comments.replies_to(tx, comment_id, MAX_REPLIES), comment]
        await tx.delete(*gone)
        await forget_about(tx, *(each.id for each in gone))
        undo = await write.storage.undos.begin(tx, write.me.id, "deleteComment")
        await write.storage.undos.add(tx, undo.id, [UndoStep(each) for each in gone])
        return DeleteCommentPayload(
            deleted_id=comment_id,
            pin=await tx.get(PinRecord, pin.id),
            parent=await tx.get(CommentRecord, comment.parent_id) if comment.parent_id else None,
            undo_token=undo.token,
        )

    return await write.commit(delete)
