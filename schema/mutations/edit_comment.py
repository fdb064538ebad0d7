"""`editComment`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import strawberry

from resolvers.mutations import edit_comment as answers
from schema.fields import attribute, input_type, object_type
from schema.payload import MutationInput, Payload

if TYPE_CHECKING:
    from schema.pin import Comment


@input_type(description="What one of the viewer's comments says from now on.")
class EditCommentInput(MutationInput):
    id: strawberry.ID = strawberry.field(description="The comment.")
    text: str = strawberry.field(description="What it says; 1–500 characters.")


@object_type(answers.EditCommentPayload, description="What `editComment` gives.")
class EditCommentPayload(Payload):
    comment: Comment | None = attribute("The comment.")
