"""Lists that people arrange by hand: the pins of a board, its sections, a user's boards.

What is moved gets a position between those of its new neighbours, which are found by index: of a
list of 200,000 only those close by are read. Neighbours are moved too where there is no room, at
most `REACH` on each side. Only a run of equal positions that is longer than that, as imported lists
have, must first be loosened, from its end, in transactions of `RUN_STEP`.

Whoever arranges a list touches the record whose list it is: so two who do it at once take turns.
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple, TypeVar

import msgspec
from pymongo import UpdateOne

from domain.boards import BoardPrivacy, BoardRecord, SectionRecord
from domain.pins import PinRecord
from domain.positions import NoRoom, Room, between, make_room, spread
from domain.record import Id, Record
from domain.users import UserRecord
from storage.codec import Document, object_id, object_ids
from storage.collections import COLLECTIONS
from storage.transactions import Transaction
from storage.views import BoardsOfUser, Lists, PinsOfBoard

REACH: Final = 250
"""How many neighbours on each side may move with what is put between them."""

RUN_STEP: Final = 500
"""How many of a run of equal positions get positions of their own in one transaction."""

_REACHES: Final = (16, REACH)

_LISTS: Final[Mapping[type[Record], type[Lists]]] = {
    PinRecord: PinsOfBoard,
    BoardRecord: BoardsOfUser,
}
"""What is at hand of lists that can be arranged, by what stands in them."""

A = TypeVar("A", PinRecord, SectionRecord, BoardRecord)


class Arranged(msgspec.Struct, frozen=True):
    """A list in its own order, (position, id), read by the index that `keys` begin.

    `of` is the record whose list it is.
    """

    kind: type[Record]
    match: Document
    keys: tuple[str, ...]
    of: Record

    @property
    def hint(self) -> list[tuple[str, int]]:
        """The index, by name of its keys: the planner must not try others."""
        return [(key, 1) for key in (*self.keys, "position", "_id")]


def pins_of(board: BoardRecord) -> Arranged:
    """The pins of a board. Those of a section stand in the same order."""
    return Arranged(PinRecord, {"board_id": object_id(board.id)}, ("board_id",), board)


def sections_of(board: BoardRecord) -> Arranged:
    """The sections of a board."""
    return Arranged(SectionRecord, {"board_id": object_id(board.id)}, ("board_id",), board)


def boards_of(owner: UserRecord) -> Arranged:
    """The boards that a user owns, archived and secret ones too."""
    any_privacy = {"$in": [privacy.value for privacy in BoardPrivacy]}
    match = {"owner_id": object_id(owner.id), "privacy": any_privacy}
    return Arranged(BoardRecord, match, ("owner_id", "privacy"), owner)


class Spot(NamedTuple):
    """The place of an item in its list."""

    position: str
    id: Id


class Crowded(Exception):
    """Within a run of equal positions is no room: `loosen` it, and try again."""

    def __init__(self, arranged: Arranged, run: str) -> None:
        super().__init__(f"There is no room among {COLLECTIONS[arranged.kind]} at {run!r}.")
        self.arranged = arranged
        self.run = run


async def put(
    tx: Transaction, arranged: Arranged, moving: Sequence[A], beside: A | None, *, below: bool
) -> list[A]:
    """Puts items of a list below another one of it, or above; without that, to its end.

    They then stand in the order in which they are given, and are returned as they are. Nothing is
    written if they are there already. Raises `Crowded`.
    """
    around = _Around([], [])
    for reach in _REACHES:
        around = await _around(tx, arranged, moving, beside, below=below, reach=reach)
        if around.encloses(moving):
            return list(moving)
        try:
            room = around.room(len(moving), reach)
        except NoRoom:
            continue
        await tx.touch(arranged.of)
        await _set_positions(tx, arranged, around.moved(room, reach))
        moved = [
            msgspec.structs.replace(item, position=position)
            for item, position in zip(moving, room.positions, strict=True)
        ]
        await tx.change_all(list(zip(moving, moved, strict=True)))
        return moved
    raise Crowded(arranged, around.below[0].position)


async def loosen(tx: Transaction, arranged: Arranged, run: str) -> None:
    """Gives the last items of a run of equal positions rising ones, up to what follows the run.

    The order stays what it was, and room is left for the rest of the run. Raises `Gone` when the
    record is gone whose list it is.
    """
    await tx.touch(arranged.of)
    equal: Document = {"position": run}
    last = await _spots(tx, arranged, equal, step=-1, limit=RUN_STEP)
    if not last:
        return
    after = await _spots(tx, arranged, {"position": {"$gt": run}}, step=1, limit=1)
    count = await tx.collection(COLLECTIONS[arranged.kind]).count_documents(
        arranged.match | equal, hint=arranged.hint, session=tx.session
    )
    end = after[0].position if after else None
    # As many parts of what room there is as there will be steps; this one takes the last.
    parts = spread(-(-count // RUN_STEP), run, end)
    ids = (spot.id for spot in reversed(last))
    positions = spread(len(last), parts[-1], end)
    await _set_positions(tx, arranged, dict(zip(ids, positions, strict=True)))


async def at_the_bottom(tx: Transaction, arranged: Arranged, position: str) -> str:
    """The position of something new, made for its time: or one below all that are there.

    What was moved to the bottom a moment ago may be beyond the present time.
    """
    last = await _spots(tx, arranged, {}, step=-1, limit=1)
    return between(last[0].position, None) if last and last[0].position >= position else position


class _Around(NamedTuple):
    """What stands around a gap, nearest first, without what is to be put there.

    There is one more than the reach on a side where the list goes on.
    """

    above: list[Spot]
    below: list[Spot]

    def encloses(self, moving: Sequence[A]) -> bool:
        """Whether the items stand in the gap, in their order."""
        spots = [*self.above[:1], *(_spot(item) for item in moving), *self.below[:1]]
        return spots == sorted(spots)

    def room(self, count: int, reach: int) -> Room:
        """The positions of what is put into the gap, and of who must move for it."""
        return make_room(
            [spot.position for spot in self._window(reach)],
            len(self.above[:reach]),
            count,
            before=self.above[reach].position if len(self.above) > reach else None,
            after=self.below[reach].position if len(self.below) > reach else None,
        )

    def moved(self, room: Room, reach: int) -> dict[Id, str]:
        """The new positions of neighbours, by id."""
        window = self._window(reach)
        return {window[index].id: position for index, position in room.moved.items()}

    def _window(self, reach: int) -> list[Spot]:
        return [*reversed(self.above[:reach]), *self.below[:reach]]


async def _around(
    tx: Transaction,
    arranged: Arranged,
    moving: Sequence[A],
    beside: A | None,
    *,
    below: bool,
    reach: int,
) -> _Around:
    """The neighbours of a gap: of what is beside it, or those at one end of the list."""
    limit = reach + 1
    others: Document = {"$nin": object_ids(item.id for item in moving)}
    if beside is None:
        step = -1 if below else 1
        found = await _spots(tx, arranged, {"_id": others}, step=step, limit=limit)
        return _Around(found, []) if below else _Around([], found)
    spot = _spot(beside)
    above: list[Spot] = await _beyond(tx, arranged, spot, others, step=-1, limit=limit)
    under: list[Spot] = await _beyond(tx, arranged, spot, others, step=1, limit=limit)
    if below:
        return _Around([spot, *above][:limit], under)
    return _Around(above, [spot, *under][:limit])


async def _beyond(
    tx: Transaction, arranged: Arranged, spot: Spot, others: Document, *, step: int, limit: int
) -> list[Spot]:
    """The next spots from one, nearest first: those of its own position, and then the others.

    Each is a query of its own, so that each reads as much of the index as it returns.
    """
    than = "$gt" if step > 0 else "$lt"
    equal = {"position": spot.position, "_id": {than: object_id(spot.id)} | others}
    further = {"position": {than: spot.position}, "_id": others}
    found = await _spots(tx, arranged, equal, step=step, limit=limit)
    if len(found) == limit:
        return found
    return found + await _spots(tx, arranged, further, step=step, limit=limit - len(found))


async def _spots(
    tx: Transaction, arranged: Arranged, which: Document, *, step: int, limit: int
) -> list[Spot]:
    """Some spots of a list, read from the index alone."""
    cursor = tx.collection(COLLECTIONS[arranged.kind]).find(
        arranged.match | which,
        {"position": 1},
        sort=[("position", step), ("_id", step)],
        limit=limit,
        batch_size=limit,
        hint=arranged.hint,
        session=tx.session,
    )
    return [Spot(row["position"], Id(row["_id"])) for row in await cursor.to_list(None)]


def _spot(item: PinRecord | SectionRecord | BoardRecord) -> Spot:
    return Spot(item.position, item.id)


async def _set_positions(tx: Transaction, arranged: Arranged, positions: Mapping[Id, str]) -> None:
    """Sets positions of many, which nothing counts, without reading the rest of them."""
    if not positions:
        return
    updates = [
        UpdateOne({"_id": object_id(id)}, {"$set": {"position": position}})
        for id, position in positions.items()
    ]
    await tx.collection(COLLECTIONS[arranged.kind]).bulk_write(
        updates, ordered=False, session=tx.session
    )
    tx.touched[arranged.kind].update(positions)
    if arranged.kind in _LISTS:
        tx.touched[_LISTS[arranged.kind]].add(arranged.of.id)
