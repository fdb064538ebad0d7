"""`editComment`: changes what a comment says."""

from typing import Protocol

from domain.permissions import cannot_edit_comment
from domain.pins import CommentRecord
from domain.texts import COMMENT
from domain.viewer import Scope
from resolvers.inputs import Input
from resolvers.mutation import MutationInput, Payload, Write, mutation
from storage.transactions import Transaction


class EditCommentInput(MutationInput, Protocol):
    """Which comment, and what it says now."""

    id: str
    text: str


class EditCommentPayload(Payload, frozen=True, kw_only=True):
    """The comment."""

    comment: CommentRecord | None = None


@mutation(EditCommentPayload, scopes=(Scope.PINS_WRITE,))
async def edit_comment(write: Write, input: EditCommentInput) -> EditCommentPayload:
    """Shows that it was changed, unless it says the same as before."""
    check = Input()
    comment_id = check.id("Comment", input.id, "id")
    text = check.required_text(input.text, "text", COMMENT)
    check.done()

    async def edit(tx: Transaction) -> EditCommentPayload:
        sight, check = write.sight_as_user(tx), Input()
        comment = check.found(await sight.comment(comment_id), "comment", "id")
        check.done()
        write.require_scopes_on(sight.home(sight.subject(comment)))
        await write.permit(tx, cannot_edit_comment, comment, at="id")
        if text != comment.text:
            comment = await tx.change(comment, text=text, edited_at=tx.now)
        return EditCommentPayload(comment=comment)

    return await write.commit(edit)
