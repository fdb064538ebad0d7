"""`addComment`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import strawberry

from resolvers.mutations import add_comment as answers
from resolvers.mutations.payloads import comment_edge
from schema.fields import attribute, field, input_type, object_type
from schema.payload import MutationInput, Payload

if TYPE_CHECKING:
    from schema.pin import Comment, CommentEdge, Pin


@input_type(description="What to say about a pin.")
class AddCommentInput(MutationInput):
    pin_id: strawberry.ID = strawberry.field(description="The pin to comment on.")
    text: str = strawberry.field(description="What to say; 1–500 characters.")
    parent_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="The comment to reply to. A reply to a reply belongs to the same comment.",
    )


@object_type(answers.AddCommentPayload, description="What `addComment` gives.")
class AddCommentPayload(Payload):
    comment_edge: CommentEdge | None = field(
        comment_edge, "The comment, as an edge of the pin's comments or of the replies."
    )
    pin: Pin | None = attribute("The pin, with its new counts.")
    parent: Comment | None = attribute("The comment it replies to, with its new counts.")
