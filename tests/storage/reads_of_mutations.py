"""What mutations read within their transactions, and what stands beside them."""

from collections.abc import Iterator
from datetime import timedelta

from domain.follows import FollowKind
from domain.notifications import SubjectKind
from storage.blocks import NEWEST as NEWEST_BLOCKS
from storage.paging import Page
from tests.storage.reading import Read, within
from tests.world import START

OWN_COPIES = "the tree is walked for the copies on one board"
INVITED = "shares in boards that were answered already are passed over"


def by_a_user() -> Iterator[Read]:
    """What one user hid and reported, and who has a name."""
    yield within("hides.of_pin", lambda s, c, tx: s.hides.of_pin(tx, c.users[0].id, c.pins[0].id))
    yield within("hides.of_tree", lambda s, c, tx: s.hides.of_tree(tx, c.users[0].id, c.pins[0].id))
    yield within(
        "reports.standing",
        lambda s, c, tx: s.reports.standing(tx, c.users[0].id, SubjectKind.PIN, c.pins[0].id),
        finds=False,
    )
    yield within("users.has_other", lambda s, c, tx: s.users.has_other(tx, "ana", c.users[1].id))


def jobs() -> Iterator[Read]:
    """Jobs of cascades, by what they concern."""
    yield within(
        "cascades.of_undo", lambda s, c, tx: s.cascades.of_undo(tx, c.boards[0].id), finds=False
    )
    yield within(
        "cascades.of_board", lambda s, c, tx: s.cascades.of_board(tx, c.boards[0].id), finds=False
    )
    yield within(
        "cascades.restores_section",
        lambda s, c, tx: s.cascades.restores_section(tx, c.boards[0].id),
        finds=False,
    )
    yield within(
        "cascades.brings_pins",
        lambda s, c, tx: s.cascades.brings_pins(tx, c.boards[0].id),
        finds=False,
    )


def copies() -> Iterator[Read]:
    """A user's copies, and pins on the boards of others."""
    yield within(
        "pins.copy_on_board",
        lambda s, c, tx: s.pins.copy_on_board(tx, c.pins[0].id, c.boards[0].id, c.users[0].id),
        finds=False,
    )
    yield within(
        "pins.copies_of",
        lambda s, c, tx: s.pins.copies_of(tx, c.pins[0].id, c.users[0].id, None, limit=100),
    )
    yield within(
        "pins.on_boards_of",
        lambda s, c, tx: s.pins.on_boards_of(tx, c.users[0].id, c.ids("boards", 20), 500),
    )
    yield within(
        "pins.boards_with",
        lambda s, c, tx: s.pins.boards_with(tx, c.users[0].id, c.ids("boards", 20)),
    )
    yield within("ads.of_pin", lambda s, c, tx: s.ads.of_pin(tx, c.pins[0].id))


def edges() -> Iterator[Read]:
    """Follows and blocks between a user and others."""
    yield within(
        "follows.edge",
        lambda s, c, tx: s.follows.edge(tx, c.users[0].id, FollowKind.USER, c.users[1].id),
        finds=False,
    )
    yield within(
        "follows.edges",
        lambda s, c, tx: s.follows.edges(tx, c.users[0].id, FollowKind.USER, c.ids("users", 20)),
    )
    yield within(
        "follows.edges_to_boards_of",
        lambda s, c, tx: s.follows.edges_to_boards_of(
            tx, c.users[0].id, FollowKind.BOARD, c.users[1].id
        ),
        finds=False,
    )
    yield within(
        "follows.count_from", lambda s, c, tx: s.follows.count_from(tx, c.users[0].id, limit=50)
    )
    yield Read(
        "follows.boards_seen",
        "",
        lambda s, c: s.follows.boards_seen(
            c.users[0].id, [(board.id, board.owner_id) for board in c.boards[:20]]
        ),
        walks="an edge that is there and implicit is read, to be left out",
    )
    yield within(
        "blocks.made", lambda s, c, tx: s.blocks.made(tx, c.users[0].id, c.users[1].id), finds=False
    )
    yield within(
        "blocks.standing",
        lambda s, c, tx: s.blocks.standing(tx, c.users[0].id, c.ids("users", 30)),
    )
    yield Read(
        "blocks.pages_by_blocker",
        "",
        lambda s, c: s.blocks.pages_by_blocker([c.users[0].id], Page(9, NEWEST_BLOCKS)),
    )


def shares() -> Iterator[Read]:
    """Boards by who shares them."""
    yield within("boards.ids_of", lambda s, c, tx: s.boards.ids_of(tx, c.users[0].id))
    yield within("boards.saved_to_last", lambda s, c, tx: s.boards.saved_to_last(tx, c.users[0].id))
    yield within(
        "boards.shared",
        lambda s, c, tx: s.boards.shared(tx, c.users[0].id, c.users[1].id),
        finds=False,
    )
    yield Read(
        "boards.inviting",
        "",
        lambda s, c: s.boards.inviting(c.users[0].id, 100),
        walks=INVITED,
        finds=False,
    )


def talk() -> Iterator[Read]:
    """Comments and reactions, one at a time."""
    yield within(
        "comments.replies_to", lambda s, c, tx: s.comments.replies_to(tx, c.comments[0].id, 500)
    )
    yield within(
        "reactions.given",
        lambda s, c, tx: s.reactions.given(tx, c.users[0].id, c.pins[0].id),
        finds=False,
    )


def kept() -> Iterator[Read]:
    """Undos, keys and uploads."""
    yield within(
        "undos.find", lambda s, c, tx: s.undos.find(tx, "a token", c.users[0].id), finds=False
    )
    yield within("undos.take", lambda s, c, tx: s.undos.take(tx, c.boards[0].id, 100), finds=False)
    yield Read("idempotency.find", "", lambda s, c: s.idempotency.find(b"a key"), finds=False)
    yield Read(
        "uploads.get_many", "", lambda s, c: s.uploads.get_many(c.ids("pins", 20)), finds=False
    )
    yield Read(
        "uploads.unused_since",
        "",
        lambda s, c: s.uploads.unused_since(START - timedelta(days=7), 100),
        finds=False,
    )


READS_OF_MUTATIONS = [
    *by_a_user(),
    *jobs(),
    *copies(),
    *edges(),
    *shares(),
    *talk(),
    *kept(),
]
