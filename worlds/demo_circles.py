"""What ties the people of the demo world together: follows, blocks, reactions and comments."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from random import Random

from domain.follows import FollowKind, FollowRecord
from domain.pins import CommentRecord, PinRecord, ReactionType
from domain.record import Id
from storage.codec import Document, object_id
from worlds.chance import Weighted, stream, zipf_weights
from worlds.demo_boards import DemoBoard
from worlds.demo_people import ANA, BRUNO, EMRE, Person, named_topic
from worlds.demo_pins import DemoPin
from worlds.demo_words import COMMENTS, REPLIES
from worlds.ids import Kind, name_of, stable_id

_REPLY_SHARE = 0.25
_USERS_PER_BLOCK = 50
_REACTIONS = Weighted(tuple(ReactionType), (3, 6, 1, 2, 1))

Edge = tuple[Id, FollowKind, Id]


def demo_blocks(seed: int, people: Sequence[Person], now: datetime) -> list[Document]:
    """Who blocked whom: Emre a popular stranger, and a few others each other."""
    random = stream(seed, "blocks")
    strangers = people[len(people) // 2 :]
    emre = next(person for person in people if person.user.username == EMRE.username)
    pairs = {(emre.user.id, max(strangers, key=lambda person: person.popularity).user.id)}
    for _ in range(len(people) // _USERS_PER_BLOCK):
        blocker, blocked = random.sample(strangers, 2)
        if (blocked.user.id, blocker.user.id) not in pairs:
            pairs.add((blocker.user.id, blocked.user.id))
    return [
        {
            "_id": object_id(stable_id(Kind.BLOCK, name_of(blocker, blocked), now)),
            "blocker_id": object_id(blocker),
            "blocked_id": object_id(blocked),
            "created_at": now,
        }
        for blocker, blocked in sorted(pairs)
    ]


class Follows:
    """The follow graph: a few people and boards have very many followers, most have some."""

    def __init__(
        self,
        seed: int,
        people: Sequence[Person],
        boards: Sequence[DemoBoard],
        blocks: Sequence[Document],
        now: datetime,
    ) -> None:
        self._random = stream(seed, "follows")
        self._now = now
        self._people = people
        self._strangers = {
            frozenset((str(block["blocker_id"]), str(block["blocked_id"]))) for block in blocks
        }
        public = [board for board in boards if board.is_public]
        self._boards = Weighted(public, zipf_weights(self._random, len(public), 0.8))
        self._boards_of: dict[Id, list[DemoBoard]] = defaultdict(list)
        for board in public:
            self._boards_of[board.record.owner_id].append(board)
        self._anybody = _by_popularity(people)
        fans: dict[str, list[Person]] = defaultdict(list)
        for person in people:
            for theme in person.themes:
                fans[theme.key].append(person)
        self._fans = {key: _by_popularity(lovers) for key, lovers in fans.items()}

    def draw(self) -> Iterator[FollowRecord]:
        """Everybody's edges; nobody has two of the same kind and target."""
        for person in self._people:
            if person.user.username != BRUNO.username:
                yield from self._edges_of(person)

    def _edges_of(self, person: Person) -> Iterator[FollowRecord]:
        is_ana = person.user.username == ANA.username
        random, most = self._random, len(self._people) // 4
        wanted = 150 if is_ana else int(random.lognormvariate(2.7, 0.9))
        followed = self._choose_people(person, min(wanted, most))
        boards = self._choose_boards(person, 40 if is_ana else max(0, int(random.gauss(2, 3))))
        for other in followed.values():
            yield self._edge(person, FollowKind.USER, other.user.id, other.user.created_at)
            yield from self._exception(person, other, boards)
        for board in boards.values():
            edge = self._edge(person, FollowKind.BOARD, board.record.id, board.record.created_at)
            yield edge
            if board.record.owner_id not in followed:
                followed[board.record.owner_id] = board.owner
                yield _implied(edge, board.record.owner_id)
        topics = [name for theme in person.themes for name in (theme.name, *theme.topics)]
        for name in random.sample(topics, min(len(topics), 8 if is_ana else random.randrange(6))):
            yield self._edge(person, FollowKind.TOPIC, named_topic(name), person.user.created_at)

    def _choose_people(self, person: Person, count: int) -> dict[Id, Person]:
        """People to follow, half of them for a shared interest."""
        random, chosen = self._random, dict[Id, Person]()
        for _ in range(count):
            fans = self._fans[random.choice(person.themes).key]
            other = (fans if random.random() < 0.5 else self._anybody).draw(random)
            if self._may_follow(person, other.user.id):
                chosen[other.user.id] = other
        return chosen

    def _choose_boards(self, person: Person, count: int) -> dict[Id, DemoBoard]:
        chosen = (self._boards.draw(self._random) for _ in range(count))
        return {
            board.record.id: board
            for board in chosen
            if self._may_follow(person, board.record.owner_id)
        }

    def _may_follow(self, person: Person, other_id: Id) -> bool:
        own_id = person.user.id
        return other_id != own_id and frozenset((own_id, other_id)) not in self._strangers

    def _exception(
        self, person: Person, other: Person, followed: dict[Id, DemoBoard]
    ) -> Iterator[FollowRecord]:
        """Now and then one board of a followed person is not wanted (INV-11)."""
        boards = self._boards_of[other.user.id]
        if len(boards) < 2 or self._random.random() > 0.02:
            return
        board = self._random.choice(boards).record
        if board.id not in followed:
            yield self._edge(person, FollowKind.UNFOLLOWED_BOARD, board.id, board.created_at)

    def _edge(
        self, person: Person, kind: FollowKind, target_id: Id, target_since: datetime
    ) -> FollowRecord:
        start = max(person.user.created_at, target_since)
        created_at = _between(self._random, start, self._now)
        return FollowRecord(
            id=_follow_id(person.user.id, kind, target_id, created_at),
            follower_id=person.user.id,
            kind=kind,
            target_id=target_id,
            created_at=created_at,
        )


def demo_comments(
    seed: int, people: Sequence[Person], pins: Sequence[DemoPin], count: int, now: datetime
) -> Iterator[CommentRecord]:
    """Comments on public pins, the popular ones above all; some are replies."""
    random = stream(seed, "comments")
    popular = _by_rank(random, pins)
    first: dict[Id, list[CommentRecord]] = defaultdict(list)
    for number in range(count):
        pin = popular.draw(random)
        threads = first[pin.id]
        parent = random.choice(threads) if threads and random.random() < _REPLY_SHARE else None
        created_at = _between(random, (parent or pin).created_at, now)
        comment = CommentRecord(
            id=stable_id(Kind.COMMENT, f"demo/{seed}/{number}", created_at),
            pin_id=pin.id,
            author_id=random.choice(people).user.id,
            text=random.choice(REPLIES if parent else COMMENTS),
            created_at=created_at,
            parent_id=parent.id if parent else None,
        )
        if parent is None:
            threads.append(comment)
        yield comment


def demo_reactions(
    seed: int, people: Sequence[Person], pins: Sequence[DemoPin], count: int, now: datetime
) -> Iterator[Document]:
    """Reactions to public pins, at most one a user and pin."""
    random = stream(seed, "reactions")
    popular = _by_rank(random, pins)
    given: set[tuple[Id, Id]] = set()
    for _ in range(count):
        pin, user_id = popular.draw(random), random.choice(people).user.id
        if (pin.id, user_id) in given:
            continue
        given.add((pin.id, user_id))
        created_at = _between(random, pin.created_at, now)
        reaction_id = stable_id(Kind.REACTION, name_of(pin.id, user_id), created_at)
        yield {
            "_id": object_id(reaction_id),
            "pin_id": object_id(pin.id),
            "user_id": object_id(user_id),
            "type": _REACTIONS.draw(random).value,
            "created_at": created_at,
        }


def _by_popularity(people: Sequence[Person]) -> Weighted[Person]:
    return Weighted(people, [person.popularity for person in people])


def _by_rank(random: Random, pins: Sequence[DemoPin]) -> Weighted[PinRecord]:
    public = [pin.record for pin in pins if pin.board.is_public]
    return Weighted(public, zipf_weights(random, len(public), 0.9))


def _implied(edge: FollowRecord, owner_id: Id) -> FollowRecord:
    """The edge to its owner that following a board makes (INV-11)."""
    return FollowRecord(
        id=_follow_id(edge.follower_id, FollowKind.USER, owner_id, edge.created_at),
        follower_id=edge.follower_id,
        kind=FollowKind.USER,
        target_id=owner_id,
        created_at=edge.created_at,
        is_explicit=False,
    )


def _follow_id(follower_id: Id, kind: FollowKind, target_id: Id, created_at: datetime) -> Id:
    return stable_id(Kind.FOLLOW, name_of(follower_id, kind.value, target_id), created_at)


def _between(random: Random, start: datetime, end: datetime) -> datetime:
    moment = start + (end - start) * random.random()
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
