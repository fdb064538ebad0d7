"""Everything that is the viewer's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain import viewer as records
from loaders.boards import MAX_INVITES
from protocol.cost import Cost, ListSize
from resolvers import blocks, feeds, invites, notifications, preferences, viewers
from schema.fields import PAGE, PAGED, PRIVATE, argument, field, object_type
from schema.node import PAGED_FORWARD

if TYPE_CHECKING:
    from schema.block import BlockedUserConnection
    from schema.board_invite import BoardInvite
    from schema.feed import FeedConnection
    from schema.feed_preferences import FeedPreferences
    from schema.notification import NotificationConnection
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
    feed_preferences: FeedPreferences | None = field(
        preferences.feed_preferences, "What the viewer wishes of their feed.", cache=PRIVATE
    )
    unread_notification_count: int | None = field(
        notifications.unread_notification_count,
        "How many notifications are unread: as many as `notifications(first: 100, unreadOnly: "
        "true)` lists. Beyond the newest 100 unread ones nothing is counted.",
        cost=Cost(weight=10),
        cache=PRIVATE,
    )
    notifications: NotificationConnection | None = field(
        notifications.notifications,
        "What the viewer was told in the last 90 days, newest first. A page may be shorter than "
        "was asked for: what the viewer may not see any more is left out.",
        argument("first", int | None, "How many to return: 0–100, by default 25."),
        argument("after", str | None, "Return what follows this cursor."),
        argument("unread_only", bool, "Whether to leave out what was read.", False),
        cost=PAGED_FORWARD,
        cache=PRIVATE,
    )
    board_invites: list[BoardInvite] | None = field(
        invites.board_invites,
        "The boards that the viewer is invited to share and has not answered; at most 100.",
        cost=Cost(size=ListSize(MAX_INVITES)),
        cache=PRIVATE,
    )
    blocked_users: BlockedUserConnection | None = field(
        blocks.blocks,
        "The users whom the viewer blocked, newest block first.",
        *PAGE,
        cost=PAGED,
        cache=PRIVATE,
    )
