"""`deleteComment`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import strawberry

from resolvers.mutations import delete_comment as answers
from resolvers.mutations.payloads import deleted_id
from schema.fields import attribute, field, input_type, object_type
from schema.payload import UNDO_TOKEN, MutationInput, Payload

if TYPE_CHECKING:
    from schema.pin import Comment, Pin


@input_type(description="Which comment to delete, with the replies to it.")
class DeleteCommentInput(MutationInput):
    id: strawberry.ID = strawberry.field(description="The comment.")


@object_type(answers.DeleteCommentPayload, description="What `deleteComment` gives.")
class DeleteCommentPayload(Payload):
    deleted_comment_id: strawberry.ID | None = field(
        deleted_id("Comment"), "The id of the comment, which names nothing any more."
    )
    pin: Pin | None = attribute("The pin, with its new counts.")
    parent: Comment | None = attribute("The comment it replied to, with its new counts.")
    undo_token: str | None = attribute(UNDO_TOKEN)
