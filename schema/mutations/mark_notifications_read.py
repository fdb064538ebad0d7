"""`markNotificationsRead`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import strawberry

from protocol.cost import Cost, ListSize
from resolvers import viewers
from resolvers.mutations import mark_notifications_read as answers
from resolvers.nodes import MAX_NODES
from schema.fields import PRIVATE, field, input_type, object_type
from schema.payload import MutationInput, Payload

if TYPE_CHECKING:
    from schema.notification import Notification
    from schema.viewer import Viewer


@input_type(one_of=True, description="Names notifications: give exactly one field.")
class NotificationsBy:
    ids: list[strawberry.ID] | None = strawberry.field(
        default=strawberry.UNSET, description="These; at most 100."
    )
    up_to: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="This one and all that are older."
    )


@input_type(description="Which notifications were read.")
class MarkNotificationsReadInput(MutationInput):
    notifications: NotificationsBy = strawberry.field(
        description="Which ones. Those that are gone, or are not the viewer's, are passed over."
    )


@object_type(
    answers.MarkNotificationsReadPayload, description="What `markNotificationsRead` gives."
)
class MarkNotificationsReadPayload(Payload):
    notifications: list[Notification | None] | None = field(
        answers.notifications,
        "Those that were named, in the order of their ids; null for each that is not there.",
        cost=Cost(size=ListSize(MAX_NODES)),
    )
    viewer: Viewer | None = field(
        viewers.viewer, "The viewer, with a new `unreadNotificationCount`.", cache=PRIVATE
    )
