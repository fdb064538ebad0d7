"""`addComment`: comments on a pin, or replies to a comment on it."""

from typing import Protocol

from domain.notifications import of_comment
from domain.permissions import cannot_comment
from domain.pins import MAX_REPLIES, CommentRecord, PinRecord
from domain.rate_limits import Burst
from domain.texts import COMMENT
from domain.user_errors import UserErrorCode
from domain.viewer import Scope
from resolvers.inputs import Input
from resolvers.mutation import MutationInput, Payload, Write, mutation
from storage.notifications import notify
from storage.transactions import Transaction


class AddCommentInput(MutationInput, Protocol):
    """What to say, and where."""

    pin_id: str
    parent_id: str | None
    text: str


class AddCommentPayload(Payload, frozen=True, kw_only=True):
    """The comment; its pin, and the comment it replies to, with their new counts."""

    comment: CommentRecord | None = None
    pin: PinRecord | None = None
    parent: CommentRecord | None = None


@mutation(AddCommentPayload, scopes=(Scope.PINS_WRITE,), burst=Burst.COMMENT)
async def add_comment(write: Write, input: AddCommentInput) -> AddCommentPayload:
    """Replies are one level deep: a reply to a reply belongs to the same comment."""
    check = Input()
    pin_id = check.id("Pin", input.pin_id, "pinId")
    parent_id = check.id("Comment", input.parent_id, "parentId")
    text = check.required_text(input.text, "text", COMMENT)
    check.done()

    async def add(tx: Transaction) -> AddCommentPayload:
        sight, check = write.sight_as_user(tx), Input()
        pin = check.found(await sight.pin(pin_id), "pin", "pinId")
        replied = None
        if parent_id is not None:
            replied = check.found(
                await sight.comment(parent_id, on=pin_id), "comment on this pin", "parentId"
            )
        check.done()
        board = sight.home(pin)
        write.require_scopes_on(board)
        await write.permit(tx, cannot_comment, board, at="pinId")

        thread = replied
        if replied is not None and replied.parent_id is not None:
            thread = check.found(
                await sight.comment(replied.parent_id), "comment on this pin", "parentId"
            )
        if thread is not None and thread.reply_count >= MAX_REPLIES:
            message = f"A comment takes at most {MAX_REPLIES} replies."
            check.refuse(UserErrorCode.LIMIT_EXCEEDED, message, "parentId")
        check.done()
        comment = CommentRecord(
            id=tx.new_id(),
            pin_id=pin_id,
            author_id=write.me.id,
            text=text,
            created_at=tx.now,
            parent_id=None if thread is None else thread.id,
        )
        await tx.insert(comment)
        await notify(tx, *of_comment(comment, pin, replied))
        return AddCommentPayload(
            comment=comment,
            pin=await tx.get(PinRecord, pin_id),
            parent=await tx.get(CommentRecord, thread.id) if thread else None,
        )

    return await write.commit(add, turns=(pin_id,))
