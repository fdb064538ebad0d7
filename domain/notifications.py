"""Notifications: who is told of what (DOMAIN a.2, a.5).

Each function here takes what has happened and gives the notices of it. Nobody is told of what they
did themselves, nor twice of one thing. Whether the recipient may still see what a notice is about
is asked when it is read (INV-6, INV-7): boards become secret, and people block each other.
"""

from datetime import datetime
from enum import StrEnum

import msgspec

from domain.boards import BoardPrivacy, BoardRecord
from domain.pins import CommentRecord, PinRecord
from domain.record import Id, Record


class NotificationType(StrEnum):
    """What has happened."""

    FOLLOW = "FOLLOW"
    BOARD_FOLLOW = "BOARD_FOLLOW"
    SAVE = "SAVE"
    COMMENT = "COMMENT"
    REPLY = "REPLY"
    REACTION = "REACTION"
    INVITE = "INVITE"
    INVITE_ACCEPTED = "INVITE_ACCEPTED"


class SubjectKind(StrEnum):
    """What kind of thing a notification is about."""

    PIN = "PIN"
    BOARD = "BOARD"
    COMMENT = "COMMENT"
    USER = "USER"


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """Something to tell `user_id`: `actor_id` did it, and it is about the subject.

    These five say which notice it is: there is at most one of each, however often it happens.
    """

    user_id: Id
    type: NotificationType
    actor_id: Id
    subject_kind: SubjectKind
    subject_id: Id


class NotificationRecord(Record, frozen=True, kw_only=True):
    """A notice as its recipient, `user_id`, has it; `read_at` is None until it is read."""

    user_id: Id
    type: NotificationType
    actor_id: Id
    subject_kind: SubjectKind
    subject_id: Id
    created_at: datetime
    read_at: datetime | None = None


Notices = tuple[Notice, ...]
"""Empty when nobody is told."""


def of_follow(follower_id: Id, user_id: Id) -> Notices:
    """Somebody follows a user, who is told of them."""
    return _tell(user_id, NotificationType.FOLLOW, follower_id, SubjectKind.USER, follower_id)


def of_board_follow(follower_id: Id, board: BoardRecord) -> Notices:
    """Somebody follows a board: its owner is told."""
    kind = NotificationType.BOARD_FOLLOW
    return _tell(board.owner_id, kind, follower_id, SubjectKind.BOARD, board.id)


def of_save(copy: PinRecord, saved: PinRecord) -> Notices:
    """A pin was saved as a copy: its owner is told, of the copy, if that is public (INV-6)."""
    if copy.privacy is not BoardPrivacy.PUBLIC:
        return ()
    return _tell(saved.owner_id, NotificationType.SAVE, copy.owner_id, SubjectKind.PIN, copy.id)


def of_comment(comment: CommentRecord, pin: PinRecord, parent: CommentRecord | None) -> Notices:
    """Somebody commented on a pin, or replied to `parent` there.

    A reply is told to the author of what it replies to; any comment, to the owner of the pin. Who
    is both is told of the reply.
    """
    author, subject = comment.author_id, (SubjectKind.COMMENT, comment.id)
    if parent is None:
        return _tell(pin.owner_id, NotificationType.COMMENT, author, *subject)
    reply = _tell(parent.author_id, NotificationType.REPLY, author, *subject)
    if parent.author_id == pin.owner_id:
        return reply
    return reply + _tell(pin.owner_id, NotificationType.COMMENT, author, *subject)


def of_reaction(user_id: Id, pin: PinRecord) -> Notices:
    """Somebody reacted to a pin: its owner is told, once however often the reaction changes."""
    return _tell(pin.owner_id, NotificationType.REACTION, user_id, SubjectKind.PIN, pin.id)


def of_invite(inviter_id: Id, invited_id: Id, board: BoardRecord) -> Notices:
    """Somebody is invited to a board.

    While the board is secret the notice is not shown before the invitation is accepted (INV-6).
    """
    return _tell(invited_id, NotificationType.INVITE, inviter_id, SubjectKind.BOARD, board.id)


def of_accepted_invite(member_id: Id, inviter_id: Id, board: BoardRecord) -> Notices:
    """Somebody accepted an invitation to a board: whoever invited them is told."""
    kind = NotificationType.INVITE_ACCEPTED
    return _tell(inviter_id, kind, member_id, SubjectKind.BOARD, board.id)


def _tell(
    user_id: Id, type: NotificationType, actor_id: Id, subject_kind: SubjectKind, subject_id: Id
) -> Notices:
    if user_id == actor_id:
        return ()
    notice = Notice(
        user_id=user_id,
        type=type,
        actor_id=actor_id,
        subject_kind=subject_kind,
        subject_id=subject_id,
    )
    return (notice,)
