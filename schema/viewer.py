"""Everything that is the viewer's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain import viewer as records
from resolvers import feeds, viewers
from schema.fields import PAGE, PAGED, PRIVATE, argument, field, object_type
from schema.node import PAGED_FORWARD

if TYPE_CHECKING:
    from schema.feed import FeedConnection
    from schema.pin import PinConnection
    from schema.user import User


@object_type(
    records.Viewer, description="The signed-in viewer, and what only they may see.", cache=PRIVATE
)
class Viewer:
    user: User | None = field(viewers.user, "The viewer as others see them.")
    home_feed: FeedConnection | None = field(
        feeds.home_feed,
        "Pins for the viewer, best first, with promoted pins between. The first page takes a "
        "snapshot of up to 500 pins; the pages after it are pages of the same snapshot.",
        *PAGE,
        argument("refresh", bool, "Take a new snapshot. Not together with a cursor.", False),
        argument("include_promoted", bool, "Whether promoted pins may stand between.", True),
        cost=PAGED,
        cache=PRIVATE,
    )
    following_feed: PinConnection | None = field(
        feeds.following_feed,
        "What the followed users and boards added, newest first, without ranking.",
        argument("first", int | None, "How many to return: 0–100, by default 25."),
        argument("after", str | None, "Return what follows this cursor."),
        cost=PAGED_FORWARD,
        cache=PRIVATE,
    )
