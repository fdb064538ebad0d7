"""Rows to documents: one function per kind of row.

Each takes a row and what is known of earlier ones, and gives the documents to store. It raises
`BadRow` before it gives or claims anything, so a bad row leaves no trace. What a row does not say
gets the least surprising value that can be told from the rest of the world:

* a board was made when its owner joined, a pin when its board was made, a save once both its pin
  and its board existed, a follow once both ends existed, a comment when its pin was made;
* an ad, its group, campaign and account were made when what they depend on was made;
* a user without a time joined at `UNKNOWN_TIME`, and is called by the username.
"""

from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

import bson

from domain.boards import (
    MAX_COLLABORATORS,
    BoardPrivacy,
    BoardRecord,
    BoardRole,
    Collaborator,
    InviteStatus,
)
from domain.follows import FollowKind, FollowRecord
from domain.media import Image, ImageMedia
from domain.pins import CommentRecord, Engagement, PinRecord, trend
from domain.positions import at_top
from domain.record import Id
from domain.slugs import free_slug, slug_of
from domain.topics import TopicRecord
from domain.users import AccountType, UserRecord
from storage.codec import Document, document, object_id
from worlds import cleaning
from worlds.format import BoardRow, CommentRow, FollowRow, ImageRow, PinRow, SaveRow, UserRow
from worlds.ids import UNKNOWN_TIME, Kind, name_of, stable_id, topic_id
from worlds.references import BoardEntry, ImpliedFollow, PinEntry, References, UserEntry
from worlds.report import BadRow

MAX_FULL_NAME = 100
MAX_ABOUT = 500
MAX_BOARD_NAME = 180
MAX_BOARD_DESCRIPTION = 500
MAX_TITLE = 100
MAX_DESCRIPTION = 800
MAX_ALT_TEXT = 500
MAX_TOPICS = 10
MAX_TOPIC_NAME = 180
MAX_COMMENT = 500


class Write(NamedTuple):
    """A document to store."""

    collection: str
    document: Document


class RepeatedRow(Exception):
    """A row that says again what an earlier one said: the same save, or the same follow."""


def convert_user(row: UserRow, references: References) -> Iterator[Write]:
    """The user of a row."""
    username = cleaning.username(row.username)
    full_name = cleaning.text("full_name", row.full_name, most=MAX_FULL_NAME) or username
    account_type = row.account_type or AccountType.PINNER
    created_at = cleaning.moment(row.created_at, UNKNOWN_TIME)
    user = UserRecord(
        id=stable_id(Kind.USER, row.id, created_at),
        username=username,
        full_name=full_name,
        created_at=created_at,
        about=cleaning.text("about", row.about, most=MAX_ABOUT, lines=True),
        website_url=cleaning.link("website_url", row.website_url),
        account_type=account_type,
        business_name=full_name if account_type is AccountType.BUSINESS else None,
    )
    _require_new("id", row.id, Kind.USER, references)
    if not references.claim(Kind.USERNAME, username):
        raise BadRow(f"username: {username!r} is taken by an earlier row")
    references.claim(Kind.USER, row.id, UserEntry(user.id, created_at, full_name))
    yield Write("users", document(user))


def convert_board(row: BoardRow, references: References) -> Iterator[Write]:
    """The board of a row, with its collaborators as accepted editors."""
    owner = _user("owner", row.owner, references)
    name = cleaning.required_text("name", row.name, most=MAX_BOARD_NAME)
    description = cleaning.text(
        "description", row.description, most=MAX_BOARD_DESCRIPTION, lines=True
    )
    created_at = cleaning.moment(row.created_at, owner.created_at)
    privacy = row.privacy or BoardPrivacy.PUBLIC
    member_ids = _member_ids(row, owner, references)
    _require_new("id", row.id, Kind.BOARD, references)
    board_id = stable_id(Kind.BOARD, row.id, created_at)
    board = BoardRecord(
        id=board_id,
        owner_id=owner.id,
        name=name,
        slug=free_slug(
            slug_of(name, fallback="board"),
            lambda slug: references.claim(Kind.SLUG, name_of(owner.id, slug)),
        ),
        created_at=created_at,
        pins_modified_at=created_at,
        description=description,
        privacy=privacy,
        is_ads_only=privacy is BoardPrivacy.PROTECTED,
        collaborators=tuple(
            Collaborator(
                user_id=member_id,
                role=BoardRole.EDITOR,
                status=InviteStatus.ACCEPTED,
                invited_by_id=owner.id,
                joined_at=created_at,
            )
            for member_id in member_ids
        ),
        position=at_top(created_at, board_id),
    )
    entry = BoardEntry(board_id, created_at, owner.id, privacy, member_ids)
    references.claim(Kind.BOARD, row.id, entry)
    yield Write("boards", document(board))


def convert_pin(row: PinRow, references: References) -> Iterator[Write]:
    """The root pin of a row, and those of its topics that are new."""
    creator = _user("creator", row.creator, references)
    board = _board_for("creator", creator, row.board, references)
    created_at = cleaning.moment(row.created_at, board.created_at)
    link = cleaning.link("link", row.link)
    color = cleaning.color("dominant_color", row.dominant_color)
    topics = topics_of(row.topics or ())
    pin_id = stable_id(Kind.PIN, row.id, created_at)
    pin = PinRecord(
        id=pin_id,
        owner_id=creator.id,
        creator_id=creator.id,
        board_id=board.id,
        root_id=pin_id,
        created_at=created_at,
        privacy=board.privacy,
        title=cleaning.text("title", row.title, most=MAX_TITLE),
        description=cleaning.text("description", row.description, most=MAX_DESCRIPTION, lines=True),
        alt_text=cleaning.text("alt_text", row.alt_text, most=MAX_ALT_TEXT, lines=True),
        link=link,
        domain=cleaning.domain(link),
        dominant_color=color,
        media=_media(row.image, color),
        topic_ids=tuple(topic.id for topic in topics),
        position=at_top(created_at, pin_id),
        trend=trend(Engagement(), created_at),
    )
    body = document(pin)
    entry = PinEntry(pin_id, created_at, creator.id, board.privacy, link, bson.encode(body))
    if not references.claim(Kind.PIN, row.id, entry):
        raise BadRow(f"id: {row.id!r:.80} is used by an earlier row")
    yield from new_topics(topics, references)
    yield Write("pins", body)


def convert_save(row: SaveRow, references: References) -> Iterator[Write]:
    """A copy of a root pin on the saver's board (INV-2).

    Whether the saver could see that root is not asked: it may have become secret since (INV-8).
    """
    root = references.get(PinEntry, row.pin)
    if root is None:
        raise _unknown("pin", row.pin)
    saver = _user("user", row.user, references)
    board = _board_for("user", saver, row.board, references)
    created_at = cleaning.moment(row.created_at, max(root.created_at, board.created_at))
    name = name_of(row.pin, row.user, row.board)
    if not references.claim(Kind.SAVE, name):
        raise RepeatedRow
    copy_id = stable_id(Kind.SAVE, name, created_at)
    yield Write("pins", saved_copy(_decoded(root.body), copy_id, saver.id, board, created_at))


def saved_copy(
    root: Document, copy_id: Id, owner_id: Id, board: BoardEntry, created_at: datetime
) -> Document:
    """The document of a copy, made from that of its root, whose counters are still at 0.

    A world has several copies to a root, and this takes a third of the time that the record takes.
    """
    return root | {
        "_id": object_id(copy_id),
        "owner_id": object_id(owner_id),
        "board_id": object_id(board.id),
        "created_at": created_at,
        "parent_id": root["_id"],
        "is_repin": True,
        "privacy": board.privacy.value,
        "position": at_top(created_at, copy_id),
        "trend": trend(Engagement(), created_at),
    }


@lru_cache(maxsize=256)
def _decoded(body: bytes) -> Document:
    """The document in `body`, not to be changed: saves of one pin tend to come together."""
    return bson.decode(body)


def convert_follow(row: FollowRow, references: References) -> Iterator[Write]:
    """An explicit edge. That a board's follower follows its owner too is implied later (INV-11)."""
    follower = _user("follower", row.follower, references)
    if (row.user is None) == (row.board is None):
        raise BadRow("needs one of user and board")
    if row.user is not None:
        followed = _user("user", row.user, references)
        if followed.id == follower.id:
            raise BadRow(f"follower: {row.follower!r:.80} follows themself")
        yield _follow(follower, FollowKind.USER, followed, row.created_at, references)
        return
    board = references.get(BoardEntry, row.board or "")
    if board is None:
        raise _unknown("board", row.board or "")
    if board.owner_id == follower.id:
        raise BadRow(f"follower: {row.follower!r:.80} follows a board of their own")
    if board.privacy is BoardPrivacy.SECRET and not board.takes_pins_of(follower.id):
        return  # nobody follows what they may not see (INV-8)
    write = _follow(follower, FollowKind.BOARD, board, row.created_at, references)
    edge = ImpliedFollow(follower.id, board.owner_id, write.document["created_at"])
    references.imply(_follow_name(follower.id, FollowKind.USER, board.owner_id), edge)
    yield write


def implied_follows(references: References) -> Iterator[Write]:
    """The edges to owners of followed boards, where the world has no explicit one."""
    for edge in references.implied():
        name = _follow_name(edge.follower_id, FollowKind.USER, edge.owner_id)
        follow = FollowRecord(
            id=stable_id(Kind.FOLLOW, name, edge.created_at),
            follower_id=edge.follower_id,
            kind=FollowKind.USER,
            target_id=edge.owner_id,
            created_at=edge.created_at,
            is_explicit=False,
        )
        yield Write("follows", document(follow))


def convert_comment(row: CommentRow, references: References) -> Iterator[Write]:
    """A comment on a root pin."""
    pin = references.get(PinEntry, row.pin)
    if pin is None:
        raise _unknown("pin", row.pin)
    author = _user("author", row.author, references)
    text = cleaning.required_text("text", row.text, most=MAX_COMMENT, lines=True)
    created_at = cleaning.moment(row.created_at, pin.created_at)
    if not references.claim(Kind.COMMENT, row.id):
        raise BadRow(f"id: {row.id!r:.80} is used by an earlier row")
    comment = CommentRecord(
        id=stable_id(Kind.COMMENT, row.id, created_at),
        pin_id=pin.id,
        author_id=author.id,
        text=text,
        created_at=created_at,
    )
    yield Write("comments", document(comment))


def topics_of(names: list[str] | tuple[()]) -> list[TopicRecord]:
    """The topics of a list of names; names that make the same key are one topic."""
    if len(names) > MAX_TOPICS:
        raise BadRow(f"topics: {len(names)} names, at most {MAX_TOPICS} are allowed")
    topics: dict[str, TopicRecord] = {}
    for raw in names:
        name = cleaning.required_text("topics", raw, most=MAX_TOPIC_NAME)
        key = slug_of(name, fallback="")
        if not key:
            raise BadRow(f"topics: {raw!r:.80} has no letter or digit")
        topics.setdefault(key, TopicRecord(id=topic_id(key), key=key, name=name))
    return list(topics.values())


def new_topics(topics: list[TopicRecord], references: References) -> Iterator[Write]:
    """Those topics that no earlier row named; the first spelling of a name is kept."""
    for topic in topics:
        if references.claim(Kind.TOPIC, topic.key):
            yield Write("topics", document(topic))


def _user(field: str, name: str, references: References) -> UserEntry:
    user = references.get(UserEntry, name)
    if user is None:
        raise _unknown(field, name)
    return user


def _board_for(field: str, user: UserEntry, name: str, references: References) -> BoardEntry:
    """The board that a user adds a pin to."""
    board = references.get(BoardEntry, name)
    if board is None:
        raise _unknown("board", name)
    if not board.takes_pins_of(user.id):
        raise BadRow(f"{field}: may not add pins to board {name!r:.80}")
    return board


def _unknown(field: str, name: str) -> BadRow:
    return BadRow(f"{field}: unknown reference {name!r:.80}")


def _require_new(field: str, name: str, kind: Kind, references: References) -> None:
    if references.holds(kind, name):
        raise BadRow(f"{field}: {name!r:.80} is used by an earlier row")


def _member_ids(row: BoardRow, owner: UserEntry, references: References) -> tuple[Id, ...]:
    names = row.collaborators or []
    if len(names) > MAX_COLLABORATORS:
        raise BadRow(f"collaborators: {len(names)}, at most {MAX_COLLABORATORS} are allowed")
    ids = dict.fromkeys(_user("collaborators", name, references).id for name in names)
    return tuple(member_id for member_id in ids if member_id != owner.id)


def _media(image: ImageRow | None, color: str | None) -> ImageMedia | None:
    if image is None:
        return None
    url = cleaning.link("image.url", image.url)
    if url is None:
        raise BadRow("image.url: is empty")
    return ImageMedia(
        image=Image(source_url=url, width=image.width, height=image.height, dominant_color=color)
    )


def _follow_name(follower_id: Id, kind: FollowKind, target_id: Id) -> str:
    return name_of(follower_id, kind.value, target_id)


def _follow(
    follower: UserEntry,
    kind: FollowKind,
    target: UserEntry | BoardEntry,
    created_at: str | None,
    references: References,
) -> Write:
    moment = cleaning.moment(created_at, max(follower.created_at, target.created_at))
    name = _follow_name(follower.id, kind, target.id)
    if not references.claim(Kind.FOLLOW, name):
        raise RepeatedRow
    follow = FollowRecord(
        id=stable_id(Kind.FOLLOW, name, moment),
        follower_id=follower.id,
        kind=kind,
        target_id=target.id,
        created_at=moment,
    )
    return Write("follows", document(follow))
