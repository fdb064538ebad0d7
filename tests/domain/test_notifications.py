"""Who is told of what: never of oneself, never twice, and never of a secret board (INV-6)."""

from datetime import UTC, datetime

import pytest

from domain.boards import BoardPrivacy, BoardRecord
from domain.notifications import (
    Notice,
    Notices,
    NotificationType,
    SubjectKind,
    of_accepted_invite,
    of_board_follow,
    of_comment,
    of_follow,
    of_invite,
    of_reaction,
    of_save,
)
from domain.pins import CommentRecord, PinRecord
from domain.record import Id

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ANA, BEN, CLEO = (Id(letter * 24) for letter in "abc")
BOARD_ID, PIN_ID, COPY_ID, COMMENT_ID, REPLY_ID = (Id(digit * 24) for digit in "12345")


def board() -> BoardRecord:
    """A board of ana."""
    return BoardRecord(
        id=BOARD_ID,
        owner_id=ANA,
        name="Kitchen",
        slug="kitchen",
        created_at=NOW,
        pins_modified_at=NOW,
    )


def pin(owner: Id, id: Id = PIN_ID, privacy: BoardPrivacy = BoardPrivacy.PUBLIC) -> PinRecord:
    """A pin of somebody."""
    return PinRecord(
        id=id,
        owner_id=owner,
        creator_id=owner,
        board_id=BOARD_ID,
        root_id=PIN_ID,
        created_at=NOW,
        privacy=privacy,
    )


def comment(author: Id, id: Id = COMMENT_ID) -> CommentRecord:
    """A comment of somebody on the pin."""
    return CommentRecord(id=id, pin_id=PIN_ID, author_id=author, text="Lovely", created_at=NOW)


def told(notices: Notices) -> set[tuple[Id, str, Id, str, Id]]:
    """The notices as tuples: recipient, type, actor, subject."""
    found = [
        (n.user_id, n.type.value, n.actor_id, n.subject_kind.value, n.subject_id) for n in notices
    ]
    assert len(found) == len(set(found))
    return set(found)


def test_a_new_follower() -> None:
    assert told(of_follow(BEN, ANA)) == {(ANA, "FOLLOW", BEN, "USER", BEN)}
    assert told(of_board_follow(BEN, board())) == {(ANA, "BOARD_FOLLOW", BEN, "BOARD", BOARD_ID)}


def test_a_save_is_about_the_copy() -> None:
    copy = pin(BEN, COPY_ID)
    assert told(of_save(copy, pin(ANA))) == {(ANA, "SAVE", BEN, "PIN", COPY_ID)}


@pytest.mark.parametrize("privacy", [BoardPrivacy.SECRET, BoardPrivacy.PROTECTED])
def test_nobody_is_told_of_a_copy_that_is_not_public(privacy: BoardPrivacy) -> None:
    assert of_save(pin(BEN, COPY_ID, privacy), pin(ANA)) == ()


def test_a_comment_is_told_to_the_owner_of_the_pin() -> None:
    assert told(of_comment(comment(BEN), pin(ANA), None)) == {
        (ANA, "COMMENT", BEN, "COMMENT", COMMENT_ID)
    }


@pytest.mark.parametrize(
    ("owner", "first", "second", "expected"),
    [
        (ANA, BEN, CLEO, {(BEN, "REPLY"), (ANA, "COMMENT")}),
        (ANA, ANA, BEN, {(ANA, "REPLY")}),
        (ANA, BEN, BEN, {(ANA, "COMMENT")}),
        (ANA, BEN, ANA, {(BEN, "REPLY")}),
        (ANA, ANA, ANA, set()),
    ],
)
def test_a_reply_is_told_to_both_and_to_nobody_twice(
    owner: Id, first: Id, second: Id, expected: set[tuple[Id, str]]
) -> None:
    notices = of_comment(comment(second, REPLY_ID), pin(owner), comment(first))
    assert told(notices) == {(user, type, second, "COMMENT", REPLY_ID) for user, type in expected}


def test_a_reaction_is_about_the_pin() -> None:
    assert told(of_reaction(BEN, pin(ANA))) == {(ANA, "REACTION", BEN, "PIN", PIN_ID)}


def test_invitations_are_about_the_board() -> None:
    assert told(of_invite(ANA, BEN, board())) == {(BEN, "INVITE", ANA, "BOARD", BOARD_ID)}
    assert told(of_accepted_invite(BEN, ANA, board())) == {
        (ANA, "INVITE_ACCEPTED", BEN, "BOARD", BOARD_ID)
    }


@pytest.mark.parametrize(
    "notices",
    [
        of_follow(ANA, ANA),
        of_board_follow(ANA, board()),
        of_save(pin(ANA, COPY_ID), pin(ANA)),
        of_comment(comment(ANA), pin(ANA), None),
        of_reaction(ANA, pin(ANA)),
        of_invite(ANA, ANA, board()),
        of_accepted_invite(ANA, ANA, board()),
    ],
)
def test_nobody_is_told_of_themselves(notices: Notices) -> None:
    assert notices == ()


def test_a_notice_is_itself_by_its_five_fields() -> None:
    notice = Notice(
        user_id=ANA,
        type=NotificationType.REACTION,
        actor_id=BEN,
        subject_kind=SubjectKind.PIN,
        subject_id=PIN_ID,
    )
    assert of_reaction(BEN, pin(ANA)) == (notice,)
