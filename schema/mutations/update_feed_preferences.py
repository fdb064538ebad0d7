"""`updateFeedPreferences`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import strawberry

from resolvers.mutations import update_feed_preferences as answers
from schema.fields import PRIVATE, field, input_type, object_type
from schema.payload import MutationInput, Payload

if TYPE_CHECKING:
    from schema.viewer import Viewer


@input_type(description="What is to change. What is omitted stays.")
class UpdateFeedPreferencesInput(MutationInput):
    topic_ids: list[strawberry.ID] | None = strawberry.field(
        default=strawberry.UNSET,
        description="The topics that the home feed begins with, in place of those chosen before; "
        "at most 50. None, or null, chooses none.",
    )
    hide_advertiser_ids: list[strawberry.ID] | None = strawberry.field(
        default=None,
        description="Users whose ads are not wanted; at most 100 at once, and 1,000 in all.",
    )
    unhide_advertiser_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Users whose ads may be shown again; at most 100."
    )
    personalized_ads: bool | None = strawberry.field(
        default=strawberry.UNSET,
        description="Whether ads may be chosen by the viewer's interests, gender and age.",
    )


@object_type(
    answers.UpdateFeedPreferencesPayload, description="What `updateFeedPreferences` gives."
)
class UpdateFeedPreferencesPayload(Payload):
    viewer: Viewer | None = field(
        answers.viewer, "The viewer, with new `feedPreferences`.", cache=PRIVATE
    )
