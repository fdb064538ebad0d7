"""`reportContent`."""

from __future__ import annotations

import strawberry

from domain.reports import ReportReason
from resolvers.mutations import report_content as answers
from resolvers.mutations.payloads import deleted_id
from schema.fields import field, input_type, object_type
from schema.payload import MutationInput, Payload


@input_type(description="What to report, and what is wrong with it.")
class ReportContentInput(MutationInput):
    id: strawberry.ID = strawberry.field(description="A pin, a comment, a board or a user.")
    reason: ReportReason = strawberry.field(description="What is wrong with it.")
    details: str | None = strawberry.field(
        default=None, description="The same in the viewer's words; up to 500 characters."
    )


@object_type(answers.ReportContentPayload, description="What `reportContent` gives.")
class ReportContentPayload(Payload):
    reported_id: strawberry.ID | None = field(answers.reported_id, "The id of what was reported.")
    hidden_pin_id: strawberry.ID | None = field(
        deleted_id("Pin"), "The id of a pin that was reported, for feeds that it leaves."
    )
