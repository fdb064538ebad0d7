"""Every read of every store, in every variant that reaches MongoDB as another query."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from domain.boards import BoardPrivacy
from domain.documents import sha256_of
from domain.follows import FollowKind
from domain.media import CreativeType
from domain.orders import BoardPinFilter, UserBoardFilter, UserPinFilter
from domain.record import Id
from storage import boards, comments, follows, notifications, pins, sections
from storage.paging import Order, Page, Slice, decode_cursor, encode_cursor
from storage.search import Hit, SearchKind
from storage.storage import Storage
from storage.timelines import SCANS, Quotas, Sources
from tests.storage.crowd import Crowd, stranger
from tests.storage.reading import Read
from tests.storage.reads_of_mutations import READS_OF_MUTATIONS
from tests.world import START

PUBLIC = frozenset({BoardPrivacy.PUBLIC})
SECRET = frozenset({BoardPrivacy.SECRET})
EVERYTHING = frozenset(BoardPrivacy)
VIDEOS = frozenset({CreativeType.VIDEO})
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

WRITES = {
    "documents.publish",
    "documents.retire",
    "documents.delete",
    "document_uses.count",
    "sections.convert_places",
    "boards.owned_by",
    "boards.claim_slug",
    "cascades.claim",
    "cascades.put_off",
    "cascades.release",
    "hides.hide",
    "idempotency.claim",
    "idempotency.keep",
    "undos.add",
    "undos.begin",
}
"""Store methods that change something; how they find it is in their own tests."""

_HASH = sha256_of("query Q7 { a }")


Pages = Callable[[Storage, Crowd, Page], Awaitable[Mapping[Id, Slice[Any]]]]


def listed(
    method: str, orders: tuple[Order, ...], pages: Pages, variant: str = "", walks: str = ""
) -> Iterator[Read]:
    """A list in each order, both ways round, from its start and from its middle, either way."""
    for order in orders:
        for either in (order, order.reversed(f"{order.name}_reversed")):
            for backward in (False, True):
                page = Page(5, either, None, backward)
                names = [variant, either.name, *["backward"] * backward]
                name = "-".join(filter(None, names))
                yield Read(method, name, _from_start(pages, page), walks=walks)
                yield Read(method, f"{name}-middle", _from_middle(pages, page), walks=walks)


def _from_start(pages: Pages, page: Page) -> Callable[[Storage, Crowd], Awaitable[object]]:
    async def read(storage: Storage, crowd: Crowd) -> object:
        answer = await pages(storage, crowd, page)
        assert any(part.rows for part in answer.values())
        return answer

    return read


def _from_middle(pages: Pages, page: Page) -> Callable[[Storage, Crowd], Awaitable[object]]:
    async def read(storage: Storage, crowd: Crowd) -> object:
        answer = await pages(storage, crowd, page)
        start = next(part.rows for part in answer.values() if part.rows)
        bound = decode_cursor(page.order, encode_cursor(page.order, start[len(start) // 2]))
        return await pages(storage, crowd, Page(page.limit, page.order, bound, page.backward))

    return read


UNINDEXED = "the filter has no index: the list is walked until enough rows pass"
IMPLICIT = "an edge that is there and implicit is read, to be left out"
HALF_OF_ALL = "where half of all pins are from sources, walking all of them is shorter"
UNFOLLOWED = "pins on boards that were unfollowed are passed over"
ONE_ROW = "what a user hid is one row of the answer"


def pins_of_boards() -> Iterator[Read]:
    """A board's pins, by what they can be narrowed to."""

    def of(
        variant: str, parents: int, narrow: Callable[[Crowd], BoardPinFilter], walks: str
    ) -> Iterator[Read]:
        yield from listed(
            "pins.pages_by_board",
            (pins.NEWEST, pins.CUSTOM),
            lambda s, c, page: s.pins.pages_by_board(c.ids("boards", parents), page, narrow(c)),
            variant,
            walks,
        )
        yield Read(
            "pins.counts_by_board",
            variant,
            lambda s, c: s.pins.counts_by_board(c.ids("boards", parents), narrow(c)),
            walks=walks,
        )

    yield from of("", 2, lambda c: BoardPinFilter(), "")
    yield from of("section", 1, lambda c: BoardPinFilter(section_id=c.sections[0].id), "")
    yield from of("videos", 2, lambda c: BoardPinFilter(creative_types=VIDEOS), UNINDEXED)
    yield from of("added_by", 2, lambda c: BoardPinFilter(added_by=c.users[2].id), UNINDEXED)
    yield from of(
        "all", 1, lambda c: BoardPinFilter(c.sections[0].id, VIDEOS, c.users[2].id), UNINDEXED
    )


def pins_of_users() -> Iterator[Read]:
    """A user's pins, by what they can be narrowed to."""

    def of(variant: str, only: UserPinFilter) -> Iterator[Read]:
        walks = UNINDEXED if only.creative_types or only.promoted_only else ""
        yield from listed(
            "pins.pages_by_owner",
            (pins.NEWEST,),
            lambda s, c, page: s.pins.pages_by_owner(c.ids("users"), page, only),
            variant,
            walks,
        )
        yield Read(
            "pins.counts_by_owner",
            variant,
            lambda s, c: s.pins.counts_by_owner(c.ids("users"), only),
            walks=walks,
        )

    for name, privacies in (("public", PUBLIC), ("own", EVERYTHING)):
        yield from of(f"created_{name}", UserPinFilter(False, privacies))
        yield from of(f"created_{name}_videos", UserPinFilter(False, privacies, VIDEOS))
        yield from of(
            f"created_{name}_promoted", UserPinFilter(False, privacies, promoted_only=True)
        )
        yield from of(f"saved_{name}", UserPinFilter(True, privacies))
        yield from of(f"saved_{name}_videos", UserPinFilter(True, privacies, VIDEOS))


def boards_of_users() -> Iterator[Read]:
    """A user's boards, by what they can be narrowed to."""

    def of(variant: str, only: UserBoardFilter) -> Iterator[Read]:
        yield from listed(
            "boards.pages_by_owner",
            (boards.LAST_SAVED, boards.ALPHABETICAL, boards.NEWEST, boards.CUSTOM),
            lambda s, c, page: s.boards.pages_by_owner(c.ids("users"), page, only),
            variant,
        )
        yield Read(
            "boards.counts_by_owner",
            variant,
            lambda s, c: s.boards.counts_by_owner(c.ids("users"), only),
        )

    for name, privacies in (("public", PUBLIC), ("own", EVERYTHING), ("secret", SECRET)):
        yield from of(name, UserBoardFilter(privacies))
        yield from of(f"{name}_and_archived", UserBoardFilter(privacies, include_archived=True))


def other_lists() -> Iterator[Read]:
    """Lists that cannot be narrowed."""
    yield from listed(
        "pins.pages_by_section",
        (pins.CUSTOM,),
        lambda s, c, page: s.pins.pages_by_section(c.ids("sections"), page),
    )
    yield from listed(
        "pins.pages_by_topic",
        (pins.TRENDING, pins.NEWEST),
        lambda s, c, page: s.pins.pages_by_topic(c.ids("topics"), page),
    )
    yield from listed(
        "pins.pages_of_copies",
        (pins.NEWEST,),
        lambda s, c, page: s.pins.pages_of_copies(c.ids("pins"), page),
    )
    yield Read("pins.counts_of_copies", "", lambda s, c: s.pins.counts_of_copies(c.ids("pins")))
    yield from listed(
        "sections.pages_by_board",
        (sections.POSITION,),
        lambda s, c, page: s.sections.pages_by_board(c.ids("boards"), page),
    )
    yield Read("sections.ids_by_board", "", lambda s, c: s.sections.ids_by_board(c.ids("boards")))
    yield from listed(
        "comments.pages_by_pin",
        (comments.NEWEST,),
        lambda s, c, page: s.comments.pages_by_pin(c.ids("pins"), page),
    )
    yield Read("comments.counts_by_pin", "", lambda s, c: s.comments.counts_by_pin(c.ids("pins")))
    yield from listed(
        "comments.pages_of_replies",
        (comments.NEWEST,),
        lambda s, c, page: s.comments.pages_of_replies(c.ids("comments"), page),
    )


def told() -> Iterator[Read]:
    """What users were told: all of it, and what they have not read."""

    def of(variant: str, unread_only: bool) -> Iterator[Read]:
        yield from listed(
            "notifications.pages_by_recipient",
            (notifications.NEWEST,),
            lambda s, c, page: s.notifications.pages_by_recipient(
                c.ids("users"), page, unread_only
            ),
            variant,
        )

    yield from of("", unread_only=False)
    yield from of("unread", unread_only=True)
    yield Read(
        "notifications.get_many",
        "",
        lambda s, c: s.notifications.get_many(c.users[0].id, c.told[:20]),
    )


def follow_edges() -> Iterator[Read]:
    """The follow graph, of each kind and either way."""

    def to(kind: FollowKind, field: str) -> Iterator[Read]:
        yield from listed(
            "follows.pages_of_followers",
            (follows.NEWEST,),
            lambda s, c, page: s.follows.pages_of_followers(c.ids(field), kind, page),
            kind.lower(),
        )
        yield Read(
            "follows.targets",
            kind.lower(),
            lambda s, c: s.follows.targets(c.users[0].id, kind, c.ids(field, 300)),
            walks=IMPLICIT,
        )

    def of(kind: FollowKind, explicit_only: bool) -> Iterator[Read]:
        variant = kind.lower() + ("_explicit" if explicit_only else "")
        walks = UNINDEXED if explicit_only else ""
        yield from listed(
            "follows.pages_of_following",
            (follows.NEWEST,),
            lambda s, c, page: s.follows.pages_of_following(
                c.ids("users"), kind, explicit_only, page
            ),
            variant,
            walks,
        )
        yield Read(
            "follows.counts_of_following",
            variant,
            lambda s, c: s.follows.counts_of_following(c.ids("users"), kind, explicit_only),
            walks=walks,
        )

    yield from to(FollowKind.USER, "users")
    yield from to(FollowKind.BOARD, "boards")
    yield from to(FollowKind.TOPIC, "topics")
    for kind in FollowKind:
        yield from of(kind, explicit_only=False)
        yield from of(kind, explicit_only=True)
    yield Read(
        "follows.followers_of",
        "",
        lambda s, c: s.follows.followers_of(c.users[0].id, c.ids("users", 30)),
        walks=IMPLICIT,
    )
    yield Read("tastes.of_user", "", lambda s, c: s.tastes.of_user(c.users[0].id, 9), 4, ONE_ROW)
    yield Read("tastes.wishes", "", lambda s, c: s.tastes.wishes(c.users[0].id), walks=ONE_ROW)
    yield Read("preferences.get_many", "", lambda s, c: s.preferences.get_many(c.ids("users", 20)))


def key_reads() -> Iterator[Read]:
    """Reads by id and by other unique names, and the viewer's place in things."""
    yield Read("users.get_many", "", lambda s, c: s.users.get_many(c.ids("users", 20)))
    yield Read("boards.get_many", "", lambda s, c: s.boards.get_many(c.ids("boards", 20)))
    yield Read("sections.get_many", "", lambda s, c: s.sections.get_many(c.ids("sections", 20)))
    yield Read("pins.get_many", "", lambda s, c: s.pins.get_many(c.ids("pins", 20)))
    yield Read("topics.get_many", "", lambda s, c: s.topics.get_many(c.ids("topics", 6)))
    yield Read("comments.get_many", "", lambda s, c: s.comments.get_many(c.ids("comments", 20)))
    yield Read("ads.get_many", "", lambda s, c: s.ads.get_many(c.ads))
    yield Read(
        "users.ids_by_username", "", lambda s, c: s.users.ids_by_username(["ana", "bob", "nobody"])
    )
    yield Read("topics.ids_by_key", "", lambda s, c: s.topics.ids_by_key(["topic 1", "nothing"]))
    yield Read(
        "boards.ids_by_slug",
        "",
        lambda s, c: s.boards.ids_by_slug([(user, "board-1") for user in c.ids("users", 3)]),
    )
    yield Read(
        "reactions.of_user", "", lambda s, c: s.reactions.of_user(c.users[0].id, c.ids("pins", 20))
    )
    yield Read(
        "pins.copies_owned_by",
        "",
        lambda s, c: s.pins.copies_owned_by(c.users[0].id, c.ids("pins")),
    )
    yield Read("pins.newest_saves", "", lambda s, c: s.pins.newest_saves(c.users[0].id, 10))
    yield Read("blocks.of_user", "", lambda s, c: s.blocks.of_user(c.users[0].id))
    yield Read(
        "blocks.between", "", lambda s, c: s.blocks.between(c.users[0].id, c.ids("users", 30))
    )


def trusted_documents() -> Iterator[Read]:
    """Documents by id and page by page, and what they are used for."""

    def page(variant: str, app: str | None, after: str) -> Read:
        return Read(
            "documents.page", variant, lambda s, c: s.documents.page(app=app, after=after, limit=20)
        )

    yield Read("documents.get", "", lambda s, c: s.documents.get("q7"))
    yield Read("documents.get", "by_hash", lambda s, c: s.documents.get(_HASH))
    yield page("", None, "")
    yield page("middle", None, "5")
    yield page("of_an_app", "ios", "")
    yield page("of_an_app-middle", "ios", "5")
    yield Read(
        "document_uses.since",
        "",
        lambda s, c: s.document_uses.since(START.date()),
        walks="uses are summed, so there are fewer sums than rows",
    )


def sources(crowd: Crowd, unfollowed: int) -> Sources:
    """40 users, 30 boards and 6 topics, without some boards of those users."""
    of_users = crowd.ids("boards", len(crowd.boards))[-40:]
    return Sources(
        user_ids=tuple(user.id for user in crowd.users[2:]),
        board_ids=tuple(of_users[:30]),
        topic_ids=tuple(crowd.ids("topics", 6)),
        unfollowed_board_ids=tuple(of_users[30 : 30 + unfollowed]),
    )


def many_sources() -> Sources:
    """Of each kind twice as many sources as one scan may merge, all of which have pins."""
    users, boards, topics = (
        tuple(stranger(number, kind) for number in range(2 * SCANS)) for kind in (1, 2, 3)
    )
    return Sources(users, boards, topics)


def feed_reads() -> Iterator[Read]:
    """What feeds, related pins and ads are made from."""
    each_source = 41  # a scan of many sources reads a key ahead in each
    each_gap = 20  # and one of many ids a key in each gap between them

    def following(variant: str, unfollowed: int, walks: str) -> Iterator[Read]:
        yield Read(
            "timelines.gather",
            variant,
            lambda s, c: s.timelines.gather(sources(c, unfollowed), Quotas(20, 20, 20, 20)),
            each_source,
            walks,
        )
        yield Read(
            "timelines.newest",
            variant,
            lambda s, c: s.timelines.newest(sources(c, unfollowed), 20, None),
            each_source,
            walks,
        )
        yield Read(
            "timelines.newest",
            f"{variant}-before",
            lambda s, c: s.timelines.newest(sources(c, unfollowed), 20, c.pins[400].id),
            each_source,
            walks,
        )
        yield Read(
            "timelines.count_since",
            variant,
            lambda s, c: s.timelines.count_since(sources(c, unfollowed), START, 50),
            each_source,
            walks,
        )

    yield from following("all", 0, "")
    yield from following("some_unfollowed", 3, UNFOLLOWED)
    yield Read(
        "timelines.gather",
        "many",
        lambda s, c: s.timelines.gather(many_sources(), Quotas(20, 20, 20, 20)),
        walks=HALF_OF_ALL,
    )
    yield Read(
        "timelines.newest", "many", lambda s, c: s.timelines.newest(many_sources(), 20, None), SCANS
    )
    yield Read(
        "timelines.newest",
        "many-before",
        lambda s, c: s.timelines.newest(many_sources(), 20, stranger(0, 15)),
        walks=HALF_OF_ALL,
    )
    yield Read(
        "timelines.count_since",
        "many",
        lambda s, c: s.timelines.count_since(many_sources(), EPOCH, 50),
        SCANS,
    )
    yield Read("related.get_many", "", lambda s, c: s.related.get_many(c.ids("pins", 4)), each_gap)
    yield Read(
        "related.for_boards", "", lambda s, c: s.related.for_boards(c.ids("boards")), each_gap
    )
    yield Read("ads.refresh", "", lambda s, c: s.ads.refresh())


def searches() -> Iterator[Read]:
    """Searches of each kind, from the best and beyond a hit of the same or another kind."""

    def of(kind: SearchKind, query: str, variant: str, after: Hit | None) -> Read:
        return Read(
            "search.find",
            "-".join(filter(None, (kind.lower(), variant))),
            lambda s, c: s.search.find(kind, query, 5, after),
            walks="relevance is computed from every match",
            sorts="relevance is in no index: the best are kept in a heap of `limit` rows",
        )

    words = {"PIN": "soup", "BOARD": "board", "USER": "ana", "TOPIC": "topic"}
    for kind in SearchKind:
        yield of(kind, words[kind], "", None)
        for other in SearchKind:
            yield of(kind, words[kind], f"after_a_{other.lower()}", Hit(other, Id("f" * 24), 99.0))


READS = [
    *pins_of_boards(),
    *pins_of_users(),
    *boards_of_users(),
    *other_lists(),
    *told(),
    *READS_OF_MUTATIONS,
    *follow_edges(),
    *key_reads(),
    *trusted_documents(),
    *feed_reads(),
    *searches(),
]
