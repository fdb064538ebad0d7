"""`markNotificationsRead`: some of the viewer's notifications, or all up to one of them."""

from collections.abc import Sequence
from typing import Protocol

from domain.notifications import NotificationRecord
from domain.record import Id
from domain.viewer import Scope
from loaders.notifications import NotificationByIdLoader
from resolvers.context import Info
from resolvers.inputs import Input
from resolvers.mutation import MutationInput, Payload, Write, mutation
from resolvers.nodes import MAX_NODES
from storage.notifications import mark_read, mark_read_up_to
from storage.transactions import Transaction


class NotificationsBy(Protocol):
    """Notifications by one of two ways to name them; the other is unset."""

    ids: list[str] | None
    up_to: str | None


class MarkNotificationsReadInput(MutationInput, Protocol):
    """Which notifications were read."""

    notifications: NotificationsBy


class MarkNotificationsReadPayload(Payload, frozen=True, kw_only=True):
    """The ids that were named. The notifications are loaded anew, as far as they are visible."""

    ids: tuple[Id, ...] = ()


@mutation(MarkNotificationsReadPayload, scopes=(Scope.USER_ACCOUNTS_WRITE,))
async def mark_notifications_read(
    write: Write, input: MarkNotificationsReadInput
) -> MarkNotificationsReadPayload:
    """Marks as read what is there of what was named, and is the viewer's own.

    An id that names nothing is no error: a comment can be deleted, and with it what somebody was
    told of it, between their reading it and their saying so.
    """
    check = Input().within("notifications")
    ids: Sequence[Id] = check.ids("Notification", input.notifications.ids, "ids", limit=MAX_NODES)
    last_id = check.id("Notification", input.notifications.up_to, "upTo")
    check.done()

    async def mark(tx: Transaction) -> MarkNotificationsReadPayload:
        if last_id is None:
            await mark_read(tx, write.me.id, ids)
            return MarkNotificationsReadPayload(ids=tuple(ids))
        await mark_read_up_to(tx, write.me.id, last_id)
        return MarkNotificationsReadPayload(ids=(last_id,))

    return await write.commit(mark)


async def notifications(
    payload: MarkNotificationsReadPayload, info: Info
) -> list[NotificationRecord | None]:
    """The notifications that were named, in the order of their ids."""
    return await info.context.loaders(NotificationByIdLoader).load_many(payload.ids)
