"""What the viewer was told.

A notification is there for its recipient alone, and only as long as they may see both who did
something and what it is about: as one that never was, if not (INV-6, INV-7).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from domain.notifications import NotificationRecord, SubjectKind
from domain.record import Id
from domain.viewer import Scope
from loaders.base import BatchLoader, Loaders, PageLoader, visible_slices
from loaders.boards import BoardByIdLoader
from loaders.comments import CommentByIdLoader
from loaders.pins import PinByIdLoader
from loaders.users import UserByIdLoader
from storage.paging import Page, Slice

SUBJECTS: Final[Mapping[SubjectKind, type[BatchLoader[Id, Any]]]] = {
    SubjectKind.PIN: PinByIdLoader,
    SubjectKind.BOARD: BoardByIdLoader,
    SubjectKind.COMMENT: CommentByIdLoader,
    SubjectKind.USER: UserByIdLoader,
}
"""How the subjects of each kind are loaded."""


class NotificationByIdLoader(BatchLoader[Id, NotificationRecord]):
    """A notification of the viewer; None when there is none, or something of it is hidden."""

    async def fetch(self, keys: Sequence[Id]) -> Mapping[Id, NotificationRecord]:
        """The visible notifications among the keys."""
        if self.viewer.user_id is None or not self.viewer.may(Scope.USER_ACCOUNTS_READ):
            return {}
        found = await self.storage.notifications.get_many(Id(self.viewer.user_id), keys)
        return await visible_notifications(self.loaders, found.values())


class NotificationsLoader(PageLoader[NotificationRecord]):
    """A page of what the viewer was told. The key is the viewer's id; others have no pages."""

    def __init__(self, loaders: Loaders, page: Page, unread_only: bool) -> None:
        super().__init__(loaders, page)
        self.unread_only = unread_only

    async def fetch(self, keys: Sequence[Id]) -> Mapping[Id, Slice[NotificationRecord]]:
        """The viewer's page, without what is hidden."""
        own = [key for key in keys if key == self.viewer.user_id]
        slices = await self.storage.notifications.pages_by_recipient(
            own, self.page, self.unread_only
        )
        return await visible_slices(slices, lambda rows: visible_notifications(self.loaders, rows))


async def visible_notifications(
    loaders: Loaders, notifications: Iterable[NotificationRecord]
) -> dict[Id, NotificationRecord]:
    """The notifications whose actor and subject the viewer may see, by id."""
    notifications = list(notifications)
    about: defaultdict[SubjectKind, list[Id]] = defaultdict(list)
    for each in notifications:
        about[each.subject_kind].append(each.subject_id)
    on_their_way = {kind: loaders(SUBJECTS[kind]).load_mapping(ids) for kind, ids in about.items()}
    actors = await loaders(UserByIdLoader).load_mapping(each.actor_id for each in notifications)
    seen = {kind: await subjects for kind, subjects in on_their_way.items()}
    return {
        each.id: each
        for each in notifications
        if each.actor_id in actors and each.subject_id in seen[each.subject_kind]
    }
