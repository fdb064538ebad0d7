"""What staff read that they could not read as users: it is logged.

A line says who read what, and nothing of what was in it. It is written where a policy let a record
through, once while these loaders live; so also for what only led to the answer, such as the owner
of a board. Comments, sections and members have no line of their own: what they belong to has one.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

import structlog

from domain.audits import kind_of
from domain.record import Id, Record
from domain.users import UserStatus
from domain.viewer import Viewer
from loaders.base import BatchLoader, Loaders

log = structlog.get_logger()

R = TypeVar("R", bound=Record)


class StaffViewerLoader(BatchLoader[Id, Viewer]):
    """The viewer by their own id, with the rights of staff that they have today.

    Who is not active any more has none, however long the token lasts. `read` is what was read by
    these rights.
    """

    def __init__(self, loaders: Loaders) -> None:
        super().__init__(loaders)
        self.read: set[tuple[type[Record], Id]] = set()

    async def fetch(self, keys: Sequence[Id]) -> Mapping[Id, Viewer]:
        """One look at the account, for the one viewer that a request has."""
        accounts = await self.storage.users.get_many(keys)
        return {
            key: self.viewer
            for key in keys
            if key in accounts and accounts[key].status is UserStatus.ACTIVE
        }


async def admit(
    loaders: Loaders,
    rows: Iterable[R],
    may_view: Callable[[Viewer, R], bool],
    rests_on: Callable[[R], Iterable[Record | None]] = lambda _: (),
) -> dict[Id, R]:
    """The rows that the viewer may see, by id.

    `rests_on` gives the records by which `may_view` decides about a row: where one of them was read
    by right of staff, so was the row.
    """
    viewer = loaders.viewer
    if viewer.staff is None or viewer.user_id is None:
        return {row.id: row for row in rows if may_view(viewer, row)}
    by_right = loaders(StaffViewerLoader)
    viewer = await by_right.load(Id(viewer.user_id)) or viewer.as_user
    visible = {row.id: row for row in rows if may_view(viewer, row)}
    for row in visible.values():
        grounds = [(type(each), each.id) for each in rests_on(row) if each is not None]
        if not may_view(viewer.as_user, row) or not by_right.read.isdisjoint(grounds):
            _note(by_right, viewer, row)
    return visible


def admit_at_hand(
    loaders: Loaders, rows: Iterable[R], may_view: Callable[[Viewer, R], bool]
) -> dict[Id, R] | None:
    """As `admit` for whoever is not staff; None for staff, whose account has to be looked at."""
    viewer = loaders.viewer
    if viewer.staff is not None:
        return None
    return {row.id: row for row in rows if may_view(viewer, row)}


def _note(by_right: StaffViewerLoader, viewer: Viewer, row: Record) -> None:
    read = (type(row), row.id)
    if read in by_right.read:
        return
    by_right.read.add(read)
    log.warning(  # as long as anything is logged
        "staff_read",
        viewer=viewer.user_id,
        role=viewer.staff,
        kind=kind_of(type(row)),
        id=row.id,
    )
