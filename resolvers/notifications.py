"""What the viewer is told of."""

from asyncio import gather
from collections.abc import Sequence
from typing import Any

from domain.notifications import NotificationRecord
from domain.record import Id
from domain.scopes import require_scopes
from domain.viewer import Scope, Viewer
from loaders.notifications import SUBJECTS, NotificationsLoader
from loaders.users import UserByIdLoader
from resolvers.connections import MAX_PAGE, Connection, window
from resolvers.context import Info
from resolvers.declared import batch, from_loader
from storage import notifications as notification_orders
from storage.paging import Page

actor = from_loader(UserByIdLoader, "actor_id")


@batch
async def subject(notifications: Sequence[NotificationRecord], info: Info) -> list[Any]:
    """What each notification is about."""
    loaders = info.context.loaders
    loads = (loaders(SUBJECTS[each.subject_kind]).load(each.subject_id) for each in notifications)
    return list(await gather(*loads))


def notifications(
    viewer: Viewer, info: Info, first: int | None, after: str | None, unread_only: bool
) -> Connection[NotificationRecord]:
    """What the viewer was told, newest first."""
    page = window(first, after, None, None).page(notification_orders.NEWEST)
    require_scopes(viewer, [Scope.USER_ACCOUNTS_READ])
    pages = info.context.loaders(NotificationsLoader, page, unread_only)
    return Connection(Id(info.context.viewer_key), page, pages)


async def unread_notification_count(viewer: Viewer, info: Info) -> int:
    """How many notifications the longest page of unread ones lists, which hides what is hidden."""
    require_scopes(viewer, [Scope.USER_ACCOUNTS_READ])
    page = Page(MAX_PAGE, notification_orders.NEWEST)
    pages = info.context.loaders(NotificationsLoader, page, True)
    unread = await pages.load(Id(info.context.viewer_key))
    return 0 if unread is None else len(unread.rows)
