"""Who sees what through each loader (INV-6, INV-7; RELIABILITY G20).

A small society holds every reason to be hidden. For each loader and each viewer, what is seen is
what the store holds less what an oracle hides: no row more, none less, in the same order. Viewers
ask one after the other, then all at once, with cold caches and with hot ones.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import pytest

from domain.boards import (
    BoardPrivacy,
    BoardRecord,
    BoardRole,
    Collaborator,
    InviteStatus,
    SectionRecord,
)
from domain.follows import FollowKind, FollowRecord
from domain.notifications import NotificationRecord, NotificationType, SubjectKind
from domain.orders import BoardPinFilter, UserBoardFilter, UserPinFilter
from domain.pins import CommentRecord, PinRecord
from domain.record import Id, Record
from domain.topics import TopicRecord
from domain.users import UserRecord, UserStatus
from domain.viewer import ANONYMOUS, EVERY_SCOPE, Scope, StaffRole, Viewer
from loaders import (
    ads,
    boards,
    comments,
    feeds,
    follows,
    notifications,
    pins,
    preferences,
    related,
    sections,
    staff,
    topics,
    uploads,
    users,
)
from loaders.base import BatchLoader, Loaders
from storage import boards as board_orders
from storage import comments as comment_orders
from storage import follows as follow_orders
from storage import notifications as notification_orders
from storage import pins as pin_orders
from storage import sections as section_orders
from storage.calls import StoreCall
from storage.embedded import EmbeddedStores
from storage.mongo import Mongo
from storage.paging import Page, Slice
from storage.redis import Redis
from storage.related import RelatedPin
from storage.storage import Storage
from storage.timelines import Sources
from tests.storage.processes import following
from tests.world import World

LIMIT = 50

PEOPLE = (
    "stranger",
    "ana",
    "editor",
    "reader",
    "invited",
    "declined",
    "cancelled",
    "expired",
    "gone",
    "foe",
    "hater",
    "support",
    "admin",
)
"""Ana's boards are shared with an editor and a reader; others were asked, and are no members. Gone
is deactivated. Ana blocked foe, and hater blocked ana, after they had accepted. The last two are
staff, and hater blocked them too."""

STAFF = {"support": StaffRole.SUPPORT, "admin": StaffRole.ADMIN}

LIMITED = {
    "ana without secret boards": ("ana", Scope.BOARDS_READ_SECRET),
    "editor without secret pins": ("editor", Scope.PINS_READ_SECRET),
    "admin without secret boards": ("admin", Scope.BOARDS_READ_SECRET),
}
"""People with a token that lacks a scope."""

WHO = ("anonymous", *PEOPLE, *LIMITED)


class Society(NamedTuple):
    """People with reasons to hide things from each other, and all that they made."""

    people: dict[str, UserRecord]
    boards: dict[Id, BoardRecord]
    sections: dict[Id, SectionRecord]
    pins: dict[Id, PinRecord]
    comments: dict[Id, CommentRecord]
    topics: dict[Id, TopicRecord]
    ads: list[Id]
    told: dict[Id, NotificationRecord]
    blocks: set[frozenset[Id]]

    @property
    def users(self) -> dict[Id, UserRecord]:
        """The people by id."""
        return {user.id: user for user in self.people.values()}

    def viewer(self, who: str) -> Viewer:
        """One of `WHO`."""
        if who == "anonymous":
            return ANONYMOUS
        name, *missing = LIMITED.get(who, (who,))
        return Viewer(self.people[name].id, EVERY_SCOPE - set(missing), staff=STAFF.get(name))


@pytest.fixture(scope="module")
async def settled(stores: EmbeddedStores) -> AsyncIterator[tuple[Storage, Society]]:
    """Stores with the society in a database of its own, which tests only read."""
    storage = Storage(
        Mongo(stores.mongo_url, database="society"), Redis(stores.redis_url, deadline_ms=1000)
    )
    await storage.prepare()
    yield storage, await found(World(storage))
    await storage.close()


@pytest.fixture
async def at_hand(
    stores: EmbeddedStores, settled: tuple[Storage, Society], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Storage]:
    """The same stores in a process that keeps what it reads at hand; no lease ends here."""
    monkeypatch.setattr("storage.local_records.LEASE_S", 3_600.0)
    redis = Redis(stores.redis_url, deadline_ms=1000, local_records_mb=16)
    async with following(redis):
        yield Storage(settled[0].mongo, redis)
    await redis.close()


async def found(world: World) -> Society:
    """Everybody has a public board; ana has one of each privacy, shared in every state."""
    people = {
        who: await world.user(
            who, status=UserStatus.DEACTIVATED if who == "gone" else UserStatus.ACTIVE
        )
        for who in PEOPLE
    }
    ana = people["ana"]
    topic = await world.topic("Food")
    shared = shares(people)
    made = [
        *[await world.board(user, "Public") for user in people.values()],
        *[
            await world.board(ana, privacy.title(), slug=privacy, privacy=privacy, collaborators=s)
            for privacy in BoardPrivacy
            for s in [shared if privacy is not BoardPrivacy.PROTECTED else ()]
        ],
    ]
    titled = [await world.section(board, f"{place}") for place, board in enumerate(made)]
    roots = [
        await world.pin(board, topics=(topic,), section_id=section.id)
        for board, section in zip(made, titled, strict=True)
    ]
    # On ana's boards there are pins of her members too, and of people who are none any more.
    roots += [
        await world.pin(board, owner=people[who], topics=(topic,), section_id=section.id)
        for board, section in zip(made, titled, strict=True)
        if board.owner_id == ana.id
        for who in ("editor", "gone", "foe", "hater", "declined")
    ]
    copies = [await world.save(roots[0], board) for board in made]
    copies += [
        await world.save(root, board, owner_id=people[who].id)
        for root in roots[:3]
        for board in made[-3:]
        for who in PEOPLE
    ]
    written = [
        await world.comment(pin, people[who])
        for pin in roots
        for who in ("ana", "stranger", "gone", "foe", "hater")
    ]
    written += [
        await world.comment(roots[0], people[who], parent_id=written[0].id)
        for who in ("ana", "stranger", "gone", "foe", "hater")
    ]
    targets: list[UserRecord | BoardRecord | TopicRecord] = [*people.values(), *made, topic]
    for follower in people.values():
        for target in targets:
            await world.follow(follower, target)
    await world.block(ana, people["foe"])
    await world.preferences(ana, *people.values())
    suffered = (ana, people["support"], people["admin"])
    for user in suffered:
        await world.block(people["hater"], user)
    about: list[UserRecord | BoardRecord | PinRecord | CommentRecord] = [
        people["gone"],
        *made[-3:],
        *roots[-3:],
        *written[-3:],
    ]
    told = [
        await world.notification(user, NotificationType.REACTION, people[who], subject)
        for user in people.values()
        for who in ("ana", "stranger", "gone", "foe")
        for subject in about
        if people[who] is not user
    ]
    return Society(
        people,
        {board.id: board for board in made},
        {section.id: section for section in titled},
        {pin.id: pin for pin in [*roots, *copies]},
        {comment.id: comment for comment in written},
        {topic.id: topic},
        [(await world.ad(roots[0])).id],
        {each.id: each for each in told},
        {frozenset({people["hater"].id, user.id}) for user in suffered}
        | {frozenset({ana.id, people["foe"].id})},
    )


def shares(people: Mapping[str, UserRecord]) -> tuple[Collaborator, ...]:
    """A share in every role and state."""
    editor = BoardRole.EDITOR
    return tuple(
        Collaborator(user_id=people[who].id, role=role, status=status)
        for who, role, status in (
            ("editor", editor, InviteStatus.ACCEPTED),
            ("reader", BoardRole.VIEWER, InviteStatus.ACCEPTED),
            ("invited", editor, InviteStatus.PENDING),
            ("declined", editor, InviteStatus.DECLINED),
            ("cancelled", editor, InviteStatus.CANCELLED),
            ("expired", editor, InviteStatus.EXPIRED),
            ("foe", editor, InviteStatus.ACCEPTED),
            ("hater", BoardRole.VIEWER, InviteStatus.ACCEPTED),
        )
    )


class Oracle:
    """What one viewer may see, written once more and as plainly as can be."""

    def __init__(self, society: Society, viewer: Viewer) -> None:
        self.society = society
        self.me = viewer.user_id
        self.staff = viewer.staff
        self.reads_secret_boards = "boards:read_secret" in viewer.scopes
        self.reads_secret_pins = "pins:read_secret" in viewer.scopes

    def user(self, user_id: str) -> bool:
        """Oneself, and whoever is active and not blocked, either way; staff see everybody."""
        if user_id == self.me or self.staff is not None:
            return True
        is_active = self.society.users[Id(user_id)].status == "ACTIVE"
        return is_active and frozenset({user_id, self.me}) not in self.society.blocks

    def is_member(self, board: BoardRecord) -> bool:
        """Owners, and whoever accepted."""
        accepted = {m.user_id for m in board.collaborators if m.status == "ACCEPTED"}
        return self.me in {board.owner_id, *accepted}

    def board(self, board_id: str) -> bool:
        """Public and shared ones of visible people; for staff also others."""
        board = self.society.boards[Id(board_id)]
        knows = {
            "PUBLIC": True,
            "PROTECTED": self.is_member(board) or self.staff is not None,
            "SECRET": (self.is_member(board) or self.staff == "ADMIN") and self.reads_secret_boards,
        }
        return self.user(board.owner_id) and knows[board.privacy]

    def pin(self, pin_id: str) -> bool:
        """By a visible person on a visible board."""
        pin = self.society.pins[Id(pin_id)]
        is_secret = self.society.boards[pin.board_id].privacy == "SECRET"
        may_read = self.reads_secret_pins or not is_secret
        return self.board(pin.board_id) and self.user(pin.owner_id) and may_read

    def promoted(self, pin_id: str) -> bool:
        """By a visible person, and not on a secret board."""
        pin = self.society.pins[Id(pin_id)]
        return self.society.boards[pin.board_id].privacy != "SECRET" and self.user(pin.owner_id)

    def sees(self, row: Record) -> bool:
        """Any row."""
        match row:
            case UserRecord():
                return self.user(row.id)
            case BoardRecord():
                return self.board(row.id)
            case PinRecord() | RelatedPin():
                return self.pin(row.id)
            case SectionRecord():
                return self.board(row.board_id)
            case CommentRecord():
                return self.pin(row.pin_id) and self.user(row.author_id)
            case NotificationRecord():
                return row.user_id == self.me and self.user(row.actor_id) and self.told(row)
            case _:
                return True

    def told(self, notification: NotificationRecord) -> bool:
        """What a notification is about."""
        about = notification.subject_id
        match notification.subject_kind:
            case SubjectKind.USER:
                return self.user(about)
            case SubjectKind.BOARD:
                return self.board(about)
            case SubjectKind.PIN:
                return self.pin(about)
            case SubjectKind.COMMENT:
                return self.sees(self.society.comments[about])

    def sees_target(self, edge: FollowRecord) -> bool:
        """What an edge points to."""
        match edge.kind:
            case FollowKind.USER:
                return self.user(edge.target_id)
            case FollowKind.BOARD:
                return self.board(edge.target_id)
            case _:
                return True


# The loaders

Rows = Mapping[Id, Slice[Any]]


class Path(NamedTuple):
    """A loader: what comes through it, and what there is without it.

    `sees` decides about a row; `always` is true where nothing can be hidden. One that
    `is_single` gives nothing at all instead of an empty page.
    """

    loader: type[BatchLoader[Any, Any]]
    variant: str
    load: Callable[[Loaders, Society], Awaitable[Rows]]
    read: Callable[[Storage, Society, Viewer], Awaitable[Rows]]
    sees: Callable[[Oracle, Any], bool] = Oracle.sees
    always: bool = False
    is_single: bool = False

    def __str__(self) -> str:
        return f"{self.loader.__name__}-{self.variant}" if self.variant else self.loader.__name__


Find = Callable[[Storage, Sequence[Id]], Awaitable[Mapping[Id, Any]]]
Keys = Callable[[Society], Sequence[Id]]


def by_id(
    loader: type[BatchLoader[Id, Any]],
    keys: Keys,
    find: Find,
    sees: Callable[[Oracle, Any], bool] = Oracle.sees,
    *,
    always: bool = False,
) -> Path:
    """A loader of single records."""

    async def load(loaders: Loaders, society: Society) -> Rows:
        found = await loaders(loader).load_many(keys(society))
        return {row.id: Slice([row], False) for row in found if row is not None}

    async def read(storage: Storage, society: Society, viewer: Viewer) -> Rows:
        found = await find(storage, keys(society))
        return {key: Slice([row], False) for key, row in found.items()}

    return Path(loader, "", load, read, sees, always, is_single=True)


def listed(
    loader: type[BatchLoader[Id, Any]],
    parameters: Sequence[Any],
    keys: Keys,
    find: Find,
    sees: Callable[[Oracle, Any], bool] = Oracle.sees,
    variant: str = "",
    *,
    always: bool = False,
) -> Path:
    """A loader of pages."""

    async def load(loaders: Loaders, society: Society) -> Rows:
        return await loaders(loader, *parameters).load_mapping(keys(society))

    async def read(storage: Storage, society: Society, viewer: Viewer) -> Rows:
        return await find(storage, keys(society))

    return Path(loader, variant, load, read, sees, always)


def user_ids(society: Society) -> list[Id]:
    """Everybody."""
    return list(society.users)


def board_ids(society: Society) -> list[Id]:
    """Every board."""
    return list(society.boards)


def pin_ids(society: Society) -> list[Id]:
    """Every pin."""
    return list(society.pins)


def section_ids(society: Society) -> list[Id]:
    """Every section."""
    return list(society.sections)


def comment_ids(society: Society) -> list[Id]:
    """Every comment."""
    return list(society.comments)


def topic_ids(society: Society) -> list[Id]:
    """Every topic."""
    return list(society.topics)


def ad_ids(society: Society) -> list[Id]:
    """Every ad."""
    return society.ads


def singles() -> Iterator[Path]:
    """The loaders of single records."""
    yield by_id(users.UserByIdLoader, user_ids, lambda s, ids: s.users.get_many(ids))
    yield by_id(boards.BoardByIdLoader, board_ids, lambda s, ids: s.boards.get_many(ids))
    yield by_id(sections.SectionByIdLoader, section_ids, lambda s, ids: s.sections.get_many(ids))
    yield by_id(pins.PinByIdLoader, pin_ids, lambda s, ids: s.pins.get_many(ids))
    yield by_id(
        pins.AdvertisedPinByIdLoader,
        pin_ids,
        lambda s, ids: s.pins.get_many(ids),
        lambda oracle, pin: oracle.promoted(pin.id),
    )
    yield by_id(comments.CommentByIdLoader, comment_ids, lambda s, ids: s.comments.get_many(ids))
    yield by_id(
        topics.TopicByIdLoader, topic_ids, lambda s, ids: s.topics.get_many(ids), always=True
    )
    yield by_id(
        ads.AdByIdLoader,
        lambda society: society.ads,
        lambda s, ids: s.ads.get_many(ids),
        always=True,
    )


def lists() -> Iterator[Path]:
    """The loaders of pages."""
    by_time, by_place = Page(LIMIT, pin_orders.NEWEST), Page(LIMIT, pin_orders.CUSTOM)
    everything = frozenset(BoardPrivacy)
    all_boards, all_pins = UserBoardFilter(everything), BoardPinFilter()
    recent = Page(LIMIT, board_orders.NEWEST)
    yield listed(
        boards.BoardsByOwnerLoader,
        (recent, all_boards),
        user_ids,
        lambda s, ids: s.boards.pages_by_owner(ids, recent, all_boards),
    )
    yield listed(
        pins.PinsByBoardLoader,
        (by_place, all_pins),
        board_ids,
        lambda s, ids: s.pins.pages_by_board(ids, by_place, all_pins),
    )
    yield listed(
        pins.PinsBySectionLoader,
        (by_place,),
        section_ids,
        lambda s, ids: s.pins.pages_by_section(ids, by_place),
    )
    yield from (pins_of_owners(by_time, is_repin) for is_repin in (False, True))
    yield listed(
        pins.PinsByTopicLoader,
        (by_time,),
        topic_ids,
        lambda s, ids: s.pins.pages_by_topic(ids, by_time),
    )
    yield listed(
        pins.CopiesByPinLoader,
        (by_time,),
        pin_ids,
        lambda s, ids: s.pins.pages_of_copies(ids, by_time),
    )
    in_place = Page(LIMIT, section_orders.POSITION)
    yield listed(
        sections.SectionsByBoardLoader,
        (in_place,),
        board_ids,
        lambda s, ids: s.sections.pages_by_board(ids, in_place),
    )
    newest = Page(LIMIT, comment_orders.NEWEST)
    yield listed(
        comments.CommentsByPinLoader,
        (newest,),
        pin_ids,
        lambda s, ids: s.comments.pages_by_pin(ids, newest),
    )
    yield listed(
        comments.RepliesByCommentLoader,
        (newest,),
        comment_ids,
        lambda s, ids: s.comments.pages_of_replies(ids, newest),
    )


def pins_of_owners(page: Page, is_repin: bool) -> Path:
    """What people created, or saved."""
    only = UserPinFilter(is_repin, frozenset(BoardPrivacy))
    return listed(
        pins.PinsByOwnerLoader,
        (page, only),
        user_ids,
        lambda s, ids: s.pins.pages_by_owner(ids, page, only),
        variant="saved" if is_repin else "created",
    )


def follow_edges() -> Iterator[Path]:
    """The follow graph, of each kind and both ways."""
    for kind, keys in (
        (FollowKind.USER, user_ids),
        (FollowKind.BOARD, board_ids),
        (FollowKind.TOPIC, topic_ids),
    ):
        yield from edges_of_kind(kind, keys, Page(LIMIT, follow_orders.NEWEST))


def edges_of_kind(kind: FollowKind, targets: Keys, page: Page) -> Iterator[Path]:
    """Edges to targets are seen with their followers, edges of followers with their targets."""
    yield listed(
        follows.FollowersLoader,
        (page, kind),
        targets,
        lambda s, ids: s.follows.pages_of_followers(ids, kind, page),
        lambda oracle, edge: oracle.user(edge.follower_id),
        kind.lower(),
    )
    yield listed(
        follows.FollowingLoader,
        (page, kind, False),
        user_ids,
        lambda s, ids: s.follows.pages_of_following(ids, kind, False, page),
        Oracle.sees_target,
        kind.lower(),
        always=kind is FollowKind.TOPIC,
    )


def gathered() -> Iterator[Path]:
    """What is put together from many places."""
    best = Page(1000, related.BEST_FIRST)
    yield listed(
        related.RelatedByRootLoader,
        (best,),
        pin_ids,
        lambda s, ids: in_pages(s.related.get_many(ids)),
    )
    yield listed(
        related.RecommendedByBoardLoader,
        (best,),
        board_ids,
        lambda s, ids: in_pages(s.related.for_boards(ids)),
    )
    yield Path(feeds.FollowingFeedLoader, "", load_feed, read_feed)
    yield Path(pins.ViewerCopiesByRootLoader, "", load_copies, read_copies)
    yield Path(
        preferences.HiddenAdvertisersLoader,
        "",
        load_hidden,
        read_hidden,
        lambda oracle, row: oracle.user(row.id),
    )
    yield Path(notifications.NotificationsLoader, "", load_told, read_told)
    yield Path(notifications.NotificationByIdLoader, "", load_named, read_named, is_single=True)


async def load_hidden(loaders: Loaders, society: Society) -> Rows:
    page = Page(LIMIT, preferences.NEWEST)
    loader = loaders(preferences.HiddenAdvertisersLoader, page)
    return await loader.load_mapping([society.people["ana"].id])


async def read_hidden(storage: Storage, society: Society, viewer: Viewer) -> Rows:
    """Ana's list is read as it is for everybody: a resolver gives each viewer their own."""
    stated = await storage.preferences.get_many([society.people["ana"].id])
    return {
        key: Slice(
            [
                preferences.AdvertiserRow(id=each.user_id, hidden_at=each.hidden_at)
                for each in reversed(stated[key].hidden_advertisers)
            ],
            False,
        )
        for key in stated
    }


async def load_told(loaders: Loaders, society: Society) -> Rows:
    page = Page(LIMIT, notification_orders.NEWEST)
    loader = loaders(notifications.NotificationsLoader, page, False)
    return await loader.load_mapping(society.users)


async def read_told(storage: Storage, society: Society, viewer: Viewer) -> Rows:
    if viewer.user_id is None:
        return {}
    page = Page(LIMIT, notification_orders.NEWEST)
    me = Id(viewer.user_id)
    return await storage.notifications.pages_by_recipient([me], page, False)


async def load_named(loaders: Loaders, society: Society) -> Rows:
    found = await loaders(notifications.NotificationByIdLoader).load_many(society.told)
    return {row.id: Slice([row], False) for row in found if row is not None}


async def read_named(storage: Storage, society: Society, viewer: Viewer) -> Rows:
    return {key: Slice([row], False) for key, row in society.told.items()}


async def in_pages(ranked: Awaitable[Mapping[Id, list[RelatedPin]]]) -> Rows:
    """Ranked lists as their loaders give them: best first, and of equals the newest first."""

    def key(pin: RelatedPin) -> tuple[float, str]:
        return pin.score, pin.id

    lists = await ranked
    return {root: Slice(sorted(pins, key=key, reverse=True), False) for root, pins in lists.items()}


def sources(society: Society) -> Sources:
    """Somebody who follows everything."""
    return Sources(tuple(society.users), tuple(society.boards))


async def load_feed(loaders: Loaders, society: Society) -> Rows:
    page = Page(LIMIT, pin_orders.NEWEST)
    loader = loaders(feeds.FollowingFeedLoader, page, sources(society))
    return await loader.load_mapping([Id("a" * 24)])


async def read_feed(storage: Storage, society: Society, viewer: Viewer) -> Rows:
    found = await storage.timelines.newest(sources(society), LIMIT + 1, None)
    return {Id("a" * 24): Slice(found[:LIMIT], len(found) > LIMIT)}


async def load_copies(loaders: Loaders, society: Society) -> Rows:
    found = await loaders(pins.ViewerCopiesByRootLoader).load_mapping(society.pins)
    return {root: Slice(copies, False) for root, copies in found.items()}


async def read_copies(storage: Storage, society: Society, viewer: Viewer) -> Rows:
    if viewer.user_id is None:
        return {}
    found = await storage.pins.copies_owned_by(Id(viewer.user_id), list(society.pins))
    return {root: Slice(copies, False) for root, copies in found.items()}


LISTS_AT_HAND = {"boards.pages_by_owner", "pins.pages_by_board", "comments.pages_by_pin"}
"""Lists whose first pages are kept in the process."""

PATHS = [*singles(), *lists(), *follow_edges(), *gathered()]

NOT_HERE = {
    boards.CollaboratorsByBoardLoader: "has a test of its own, below",
    boards.BoardIdBySlugLoader: "gives an id, which is then loaded",
    users.UserIdByUsernameLoader: "gives an id, which is then loaded",
    topics.TopicIdByKeyLoader: "gives an id, which is then loaded",
    sections.SectionPlacesByBoardLoader: "counts for a visible parent",
    boards.BoardCountByOwnerLoader: "counts for a visible parent",
    pins.PinCountByBoardLoader: "counts for a visible parent",
    pins.PinCountByOwnerLoader: "counts for a visible parent",
    pins.CopyCountByPinLoader: "counts for a visible parent",
    pins.SaveCountByRootLoader: "counts for a visible parent",
    comments.CommentCountByPinLoader: "counts for a visible parent",
    follows.FollowingCountLoader: "counts for a visible parent",
    follows.ViewerFollowsLoader: "says something of the viewer alone",
    follows.FollowsViewerLoader: "says something of a visible user to the one it is about",
    pins.ViewerReactionByPinLoader: "says something of the viewer alone",
    users.BlocksByUserLoader: "says something of the viewer alone",
    preferences.WishesLoader: "says something of the viewer alone",
    preferences.PreferencesLoader: "says something of the viewer alone",
    staff.StaffViewerLoader: "says something of the viewer alone",
    users.BlockWithUserLoader: "says something of the viewer alone",
    users.BlocksMadeLoader: "is about what the viewer did alone",
    users.BlockedUserByIdLoader: "gives whom the viewer blocked: tests/mutations/test_blocks.py",
    follows.ViewerFollowsBoardLoader: "says something of the viewer alone",
    boards.BoardsInvitingLoader: "is about the viewer: tests/mutations/test_collaborators.py",
    uploads.MediaUploadByIdLoader: "gives the viewer's own: tests/mutations/test_media_uploads.py",
}


def expected(path: Path, oracle: Oracle, everything: Rows) -> Rows:
    """What there is, less what the oracle hides. Of single records there is then no row at all."""
    seen = {}
    for key, part in everything.items():
        rows = [row for row in part.rows if path.sees(oracle, row)]
        if rows or not path.is_single:
            # A page that is hidden as a whole still says where it stood, if the list goes on.
            is_hidden = part.has_more and not rows
            ends = (part.rows[0], part.rows[-1]) if is_hidden else ()
            seen[key] = Slice(rows, part.has_more, ends)
    return seen


@pytest.mark.parametrize("path", PATHS, ids=str)
async def test_viewers_see_what_they_may(settled: tuple[Storage, Society], path: Path) -> None:
    storage, society = settled
    await storage.redis.client.flushdb()
    viewers = [society.viewer(who) for who in WHO]
    right = []
    shown = hidden = 0
    for viewer in viewers:
        everything = await path.read(storage, society, viewer)
        visible = expected(path, Oracle(society, viewer), everything)
        right.append(visible)
        shown += sum(len(part.rows) for part in visible.values())
        hidden += sum(len(part.rows) for part in everything.values())
    hidden -= shown
    assert shown > 0
    assert (hidden > 0) is not path.always

    async def see(viewer: Viewer) -> Rows:
        return await path.load(Loaders(storage, viewer), society)

    await storage.redis.client.flushdb()
    assert [await see(viewer) for viewer in viewers] == right
    assert await asyncio.gather(*map(see, viewers)) == right
    await storage.redis.client.flushdb()
    assert await asyncio.gather(*map(see, viewers)) == right


@pytest.mark.parametrize("path", PATHS, ids=str)
async def test_viewers_see_the_same_of_what_is_at_hand(
    settled: tuple[Storage, Society], at_hand: Storage, path: Path
) -> None:
    storage, society = settled
    viewers = [society.viewer(who) for who in WHO]
    right = [
        expected(path, Oracle(society, viewer), await path.read(storage, society, viewer))
        for viewer in viewers
    ]

    async def see(viewer: Viewer) -> Rows:
        return await path.load(Loaders(at_hand, viewer), society)

    asked: list[str] = []

    def ask(call: StoreCall) -> None:
        asked.append(call.name)

    for calls in (at_hand.redis.calls, at_hand.mongo.calls):
        calls.observers.append(ask)
    for _ in range(4):
        asked.clear()
        assert [await see(viewer) for viewer in viewers] == right
    assert not [name for name in asked if name.startswith("cache.") or name in LISTS_AT_HAND]
    assert await asyncio.gather(*map(see, viewers)) == right
    at_hand.mongo.calls.observers.remove(ask)


def test_every_loader_is_here() -> None:
    known = {path.loader for path in PATHS} | NOT_HERE.keys()
    assert set(concrete(BatchLoader)) == known


def concrete(loader_type: type[Any]) -> Iterator[type[Any]]:
    """The loaders of the product that derive from a class and are meant to be used."""
    for each in loader_type.__subclasses__():
        if each.__module__.startswith("loaders.") and not each.__subclasses__():
            yield each
        yield from concrete(each)


# What lists of people show


async def test_members_alone_see_who_was_invited(settled: tuple[Storage, Society]) -> None:
    storage, society = settled
    page = Page(LIMIT, boards.JOINED)
    secret, public = (
        next(b.id for b in society.boards.values() if b.privacy == privacy and b.collaborators)
        for privacy in ("SECRET", "PUBLIC")
    )
    asked = ["editor", "reader", "invited", "declined", "cancelled", "expired"]
    blocked = ["foe", "hater"]

    async def members(who: str, board_id: Id) -> list[str] | None:
        loaders = Loaders(storage, society.viewer(who))
        found = await loaders(boards.CollaboratorsByBoardLoader, page).load(board_id)
        if found is None:
            return None
        return [society.users[row.id].username for row in found.rows]

    for board_id in (secret, public):
        assert await members("ana", board_id) == asked
        for who in ("editor", "reader"):
            assert await members(who, board_id) == asked + blocked
    for who in ("anonymous", "stranger", "invited", "declined", "cancelled", "expired"):
        assert await members(who, secret) is None
        assert await members(who, public) == ["editor", "reader", *blocked]
    for who in blocked:
        assert await members(who, secret) is None
        assert await members(who, public) is None
    assert await members("support", secret) is None
    assert await members("admin", secret) == ["editor", "reader", *blocked]
    assert await members("admin without secret boards", secret) is None


async def test_a_member_who_is_hidden_is_not_listed(storage: Storage, world: World) -> None:
    ana, bob, foe = [await world.user(name) for name in ("ana", "bob", "foe")]
    gone = await world.user("gone", status=UserStatus.DEACTIVATED)
    shared = tuple(Collaborator(user_id=user.id) for user in (bob, foe, gone))
    board = await world.board(ana, collaborators=shared)
    await world.block(foe, bob)
    loaders = Loaders(storage, Viewer(bob.id, EVERY_SCOPE))
    page = Page(LIMIT, boards.JOINED)
    found = await loaders(boards.CollaboratorsByBoardLoader, page).load(board.id)
    assert found is not None
    assert [row.id for row in found.rows] == [bob.id]


# What RELIABILITY's matrix says of members


@pytest.mark.parametrize("privacy", [BoardPrivacy.PUBLIC, BoardPrivacy.SECRET])
@pytest.mark.parametrize("why", ["owner blocked member", "member blocked owner", "owner is gone"])
async def test_a_hidden_owner_hides_the_board_from_its_members(
    storage: Storage, world: World, privacy: BoardPrivacy, why: str
) -> None:
    status = UserStatus.DEACTIVATED if why == "owner is gone" else UserStatus.ACTIVE
    ana, bob = await world.user("ana", status=status), await world.user("bob")
    board = await world.board(ana, privacy=privacy, collaborators=(Collaborator(user_id=bob.id),))
    if why == "owner blocked member":
        await world.block(ana, bob)
    if why == "member blocked owner":
        await world.block(bob, ana)
    loaders = Loaders(storage, Viewer(bob.id, EVERY_SCOPE))
    assert await loaders(users.UserByIdLoader).load(ana.id) is None
    assert await loaders(boards.BoardByIdLoader).load(board.id) is None


# Blocks that are too many to list


async def test_many_blocks_hide_as_few_do(
    storage: Storage, world: World, calls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.blocks.MAX_LISTED", 1)
    ana, foe, hater, bob = [await world.user(name) for name in ("ana", "foe", "hater", "bob")]
    await world.block(ana, foe)
    await world.block(hater, ana)
    loaders = Loaders(storage, Viewer(ana.id, EVERY_SCOPE))
    everybody = [user.id for user in (ana, foe, hater, bob)]
    seen = await loaders(users.UserByIdLoader).load_many(everybody)
    assert seen == [ana, None, None, bob]
    blocks = await loaders(users.BlockWithUserLoader).load_many(everybody)
    assert blocks == [None, True, False, None]
    assert [name for name in calls if name.startswith("blocks.")] == [
        "blocks.of_user",
        "blocks.between",
    ]


async def test_an_anonymous_viewer_has_nothing_of_their_own(
    storage: Storage, world: World, calls: list[str]
) -> None:
    ana = await world.user("ana")
    loaders = Loaders(storage, ANONYMOUS)
    of_viewers: list[BatchLoader[Id, Any]] = [
        loaders(users.BlockWithUserLoader),
        loaders(follows.ViewerFollowsLoader, FollowKind.USER),
        loaders(follows.FollowsViewerLoader),
        loaders(pins.ViewerReactionByPinLoader),
        loaders(pins.ViewerCopiesByRootLoader),
    ]
    assert [await loader.load(ana.id) for loader in of_viewers] == [None] * 5
    assert calls == []
