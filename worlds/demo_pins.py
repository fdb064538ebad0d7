"""The pins of the demo world: roots on boards, and the copies that people saved of them."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from math import pow
from random import Random
from typing import NamedTuple

import msgspec

from domain.pins import Engagement, PinRecord, trend
from domain.positions import at_top
from domain.record import Id
from worlds.chance import Weighted, stream, zipf_weights
from worlds.demo_boards import ADS_ONLY_NAME, LEAK_NAME, SECRET_NAME, SHOP_NAME, DemoBoard
from worlds.demo_content import demo_content
from worlds.demo_people import Person
from worlds.demo_words import NOTES
from worlds.ids import Kind, stable_id

ROOT_SHARE = 0.4
"""How many of the pins are roots; the rest are copies."""

_PINS_IN_SHOP = 6
_PINS_IN_SECRET = 3

_POPULARITY_EXPONENT = 0.9
_COPY_OF_COPY_SHARE = 0.3
_OTHER_THEME_SHARE = 0.1
_TRIES = 4


class DemoPin(NamedTuple):
    """A pin and the board it is on."""

    record: PinRecord
    board: DemoBoard


def set_pieces(seed: int, boards: Sequence[DemoBoard], now: datetime) -> list[DemoPin]:
    """The pins that parts depend on: those of businesses, and some on Ana's secret board.

    A business pins its own wares, all with links to its site; its ads are made from these.
    """
    random = stream(seed, "set pieces")
    pins: list[DemoPin] = []
    for board in boards:
        site = _site_of(board)
        for _ in range(_set_size(board)):
            writer = random.choice(board.writers)
            name = f"demo/{seed}/set/{len(pins)}"
            pins.append(_root(random, name, board, writer, now, site=site))
    return pins


def root_pins(seed: int, boards: Sequence[DemoBoard], count: int, now: datetime) -> list[DemoPin]:
    """`count` roots, spread over boards by their weights; the newest are close to `now`."""
    random = stream(seed, "roots")
    by_weight = Weighted(boards, [board.weight for board in boards])
    pins = []
    for number in range(count):
        board = by_weight.draw(random)
        writer = random.choice(board.writers)
        pins.append(_root(random, f"demo/{seed}/root/{number}", board, writer, now))
    return pins


class Copies:
    """Saves of public roots: Zipf-popular, on boards of their theme, a third of them of copies."""

    def __init__(
        self, seed: int, boards: Sequence[DemoBoard], roots: Sequence[DemoPin], now: datetime
    ) -> None:
        self._seed = seed
        self._now = now
        self._random = stream(seed, "copies")
        self._boards = Weighted(boards, [board.weight for board in boards])
        self._all_boards = boards
        self._roots = roots
        public = [pin for pin in roots if pin.board.is_public]
        self._any = self._by_popularity(public)
        by_theme: dict[str, list[DemoPin]] = defaultdict(list)
        for pin in public:
            by_theme[pin.board.theme.key].append(pin)
        self._by_theme = {key: self._by_popularity(pins) for key, pins in by_theme.items()}
        self._saved: dict[Id, list[PinRecord]] = defaultdict(list)
        self._taken = {(pin.record.id, pin.board.record.id) for pin in roots}

    def draw(self, count: int) -> Iterator[DemoPin]:
        """`count` copies, or fewer in a world too small for so many different ones."""
        leaks = self._leaks()[:count]
        yield from leaks
        made, tried = len(leaks), 0
        while made < count and tried < _TRIES * count:
            tried += 1
            pin = self._copy(tried)
            if pin is not None:
                made += 1
                yield pin

    def _by_popularity(self, pins: Sequence[DemoPin]) -> Weighted[DemoPin]:
        weights = zipf_weights(self._random, len(pins), _POPULARITY_EXPONENT)
        return Weighted(pins, weights)

    def _leaks(self) -> list[DemoPin]:
        """Chiyo saves from Ana's secret board to a public one: the copy must not tell (INV-7)."""
        secret = next(pin for pin in self._roots if pin.board.record.name == SECRET_NAME)
        mine = next(board for board in self._all_boards if board.record.name == LEAK_NAME)
        return [self._save(secret.record, secret.record, "leak", mine.owner, mine)]

    def _copy(self, number: int) -> DemoPin | None:
        random = self._random
        board = self._boards.draw(random)
        themed = self._by_theme.get(board.theme.key, self._any)
        root = (self._any if random.random() < _OTHER_THEME_SHARE else themed).draw(random).record
        if (root.id, board.record.id) in self._taken:
            return None
        saver = random.choice(board.writers)
        return self._save(root, self._parent(root), f"copy/{number}", saver, board)

    def _parent(self, root: PinRecord) -> PinRecord:
        copies = self._saved.get(root.id)
        if copies and self._random.random() < _COPY_OF_COPY_SHARE:
            return self._random.choice(copies)
        return root

    def _save(
        self, root: PinRecord, parent: PinRecord, name: str, saver: Person, board: DemoBoard
    ) -> DemoPin:
        random = self._random
        start = max(parent.created_at, board.record.created_at)
        created_at = _recent(random, start, self._now, 1.1)
        copy = msgspec.structs.replace(
            root,
            id=stable_id(Kind.SAVE, f"demo/{self._seed}/{name}", created_at),
            owner_id=saver.user.id,
            board_id=board.record.id,
            section_id=_section(random, board),
            parent_id=parent.id,
            is_repin=True,
            privacy=board.record.privacy,
            created_at=created_at,
            note=random.choice(NOTES) if random.random() < 0.04 else None,
            position=at_top(created_at),
            trend=trend(Engagement(), created_at),
        )
        self._taken.add((root.id, board.record.id))
        if board.is_public:
            self._saved[root.id].append(copy)
        return DemoPin(copy, board)


def _root(
    random: Random,
    name: str,
    board: DemoBoard,
    writer: Person,
    now: datetime,
    *,
    site: str | None = None,
) -> DemoPin:
    created_at = _recent(random, board.record.created_at, now, 1.5)
    content = demo_content(random, board.theme, site=site)
    pin_id = stable_id(Kind.PIN, name, created_at)
    pin = PinRecord(
        id=pin_id,
        owner_id=writer.user.id,
        creator_id=writer.user.id,
        board_id=board.record.id,
        section_id=_section(random, board),
        root_id=pin_id,
        created_at=created_at,
        privacy=board.record.privacy,
        title=content.title,
        description=content.description,
        alt_text=content.alt_text,
        link=content.link,
        domain=content.domain,
        dominant_color=content.dominant_color,
        creative_type=content.creative_type,
        media=content.media,
        topic_ids=content.topic_ids,
        position=at_top(created_at),
        trend=trend(Engagement(), created_at),
    )
    return DemoPin(pin, board)


def _recent(random: Random, start: datetime, now: datetime, skew: float) -> datetime:
    """A time between `start` and `now`; the higher the skew, the closer to `now`."""
    moment = now - (now - start) * pow(random.random(), skew)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def _section(random: Random, board: DemoBoard) -> Id | None:
    if not board.sections or random.random() < 0.3:
        return None
    return random.choice(board.sections).id


def _set_size(board: DemoBoard) -> int:
    if board.record.name == SECRET_NAME:
        return _PINS_IN_SECRET
    return _PINS_IN_SHOP if is_shop(board) else 0


def is_shop(board: DemoBoard) -> bool:
    """Whether a business shows its own wares there."""
    return board.owner.is_business and board.record.name in (SHOP_NAME, ADS_ONLY_NAME)


def _site_of(board: DemoBoard) -> str | None:
    address = board.owner.user.verified_website
    return address.removeprefix("https://").rstrip("/") if address else None
