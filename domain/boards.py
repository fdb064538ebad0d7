"""Boards, their sections and the people who share them."""

from datetime import datetime
from enum import StrEnum

import msgspec

from domain.media import Image
from domain.record import Id, Record


class BoardPrivacy(StrEnum):
    """Who may see a board: all; those with its link (ads-only boards); its members."""

    PUBLIC = "PUBLIC"
    PROTECTED = "PROTECTED"
    SECRET = "SECRET"


class BoardRole(StrEnum):
    """What a member may do: everything; add pins and sections; read a secret board."""

    OWNER = "OWNER"
    EDITOR = "EDITOR"
    VIEWER = "VIEWER"


class PinDisposition(StrEnum):
    """What becomes of the pins of a section that is deleted (INV-5)."""

    MOVE_TO_BOARD = "MOVE_TO_BOARD"
    DELETE = "DELETE"


class InviteStatus(StrEnum):
    """How an invitation to a board stands."""

    PENDING = "PENDING"
    ACCEPTED = "ACCEPTED"
    DECLINED = "DECLINED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"


MAX_BOARDS = 2_000
"""Boards a user may own: their addresses, and who follows which, are found by one bounded read."""

MAX_PINS = 200_000
"""Pins a board may have: to delete them all takes some minutes of steps, and not hours."""

MAX_SECTIONS = 500
"""Sections a board may have: the places of them all are found by one bounded read."""

MAX_COLLABORATORS = 100
"""Members a board may have: they are stored in the board, so that who may see it needs no query."""


class Collaborator(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One person's share in a board; it counts once `status` is ACCEPTED."""

    user_id: Id
    role: BoardRole = BoardRole.EDITOR
    status: InviteStatus = InviteStatus.ACCEPTED
    invited_by_id: Id | None = None
    invited_at: datetime | None = None
    joined_at: datetime | None = None
    can_invite: bool = False


class BoardRecord(Record, frozen=True, kw_only=True):
    """A board. `slug` is unique per owner; `position` orders the owner's boards (CUSTOM).

    `cover_pin_id` is the pin whose picture the owner chose, for as long as it is on the board;
    `cover_image` is a picture of the board's own, which some were imported with.
    """

    owner_id: Id
    name: str
    slug: str
    created_at: datetime
    pins_modified_at: datetime
    description: str | None = None
    privacy: BoardPrivacy = BoardPrivacy.PUBLIC
    is_ads_only: bool = False
    collaborators: tuple[Collaborator, ...] = ()
    cover_image: Image | None = None
    cover_pin_id: Id | None = None
    position: str = ""
    pin_count: int = 0
    follower_count: int = 0
    section_count: int = 0
    archived_at: datetime | None = None
    revision: int = 1


class SectionRecord(Record, frozen=True, kw_only=True):
    """A named part of a board; `position` orders the board's sections, oldest first by default."""

    board_id: Id
    title: str
    position: str
    created_at: datetime
    pin_count: int = 0


def role_of(board: BoardRecord, user_id: str | None) -> BoardRole | None:
    """The role that a user has on a board: None for anyone but its owner and accepted members."""
    if user_id is None:
        return None
    if user_id == board.owner_id:
        return BoardRole.OWNER
    for collaborator in board.collaborators:
        if collaborator.user_id == user_id and collaborator.status is InviteStatus.ACCEPTED:
            return collaborator.role
    return None
