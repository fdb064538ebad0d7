"""A world of some 6,000 rows, in which MongoDB's planner has a choice."""

import asyncio
from datetime import timedelta
from itertools import chain
from typing import NamedTuple

from msgspec.structs import replace

from domain.boards import BoardPrivacy, BoardRecord, SectionRecord
from domain.documents import DocumentUse, NewDocument, OperationKind, Release, sha256_of
from domain.follows import FollowKind
from domain.media import CreativeType
from domain.notifications import NotificationRecord, NotificationType
from domain.pins import CommentRecord, PinRecord, ReactionType
from domain.record import Id
from domain.topics import TopicRecord
from domain.users import UserRecord
from storage.codec import document
from tests.world import START, World


class Crowd(NamedTuple):
    """Lists of more than a page for Ana and Bob, and as many rows of others around them.

    Where there are two of a parent, each has its own long list. `boards`, `sections` and `pins`
    begin with Ana's and Bob's longest.
    """

    users: list[UserRecord]
    topics: list[TopicRecord]
    boards: list[BoardRecord]
    sections: list[SectionRecord]
    pins: list[PinRecord]
    comments: list[CommentRecord]
    ads: list[Id]
    told: list[Id]

    def ids(self, field: str, count: int = 2) -> list[Id]:
        """The ids of the first few of a kind."""
        return [row.id for row in getattr(self, field)[:count]]


async def make_crowd(world: World) -> Crowd:
    """Makes it, in about a second."""
    busy = [await world.user(name) for name in ("ana", "bob")]
    users = await asyncio.gather(*(world.user(f"user{n}") for n in range(40)))
    topics = await asyncio.gather(*(world.topic(f"Topic {n}") for n in range(6)))
    theirs = await asyncio.gather(*(world.board(user, "Things") for user in users))
    long = [await world.board(user, "Everything") for user in busy]
    hers = list(chain(*[await _boards_of(world, user) for user in busy]))
    sections = await asyncio.gather(
        *(world.section(board, f"Section {n}", n) for n in range(15) for board in long)
    )
    roots = await asyncio.gather(
        *(
            world.pin(
                long[n % 2],
                f"Soup {n}",
                owner=users[0] if n % 11 == 10 else busy[n % 2],
                topics=(topics[n % 2],),
                section_id=sections[n % 4].id if n % 12 < 4 else sections[n % 2].id,
                creative_type=CreativeType.VIDEO if n % 8 > 5 else CreativeType.REGULAR,
                has_been_promoted=n % 10 > 7,
            )
            for n in range(240)
        ),
        *(
            world.pin(board, f"Thing {n}", topics=(topics[2 + n % 4],))
            for board in [*hers[::6], *theirs]
            for n in range(3)
        ),
    )
    copies = await asyncio.gather(
        *(world.save(pin, board) for board in theirs for pin in roots[:2]),
        *(world.save(pin, board) for board in hers[::3] for pin in roots[:2]),
        *(
            world.save(pin, board, creative_type=CreativeType.VIDEO)
            for board in hers[:160:10]
            for pin in roots[30:36]
        ),
    )
    written = await asyncio.gather(
        *(world.comment(pin, user) for user in users for pin in roots[:2])
    )
    replies = await asyncio.gather(
        *(world.comment(roots[0], u, parent_id=c.id) for u in users for c in written[:2])
    )
    await asyncio.gather(
        *(world.reaction(pin, user, ReactionType.LOVE) for user in users for pin in roots[:2]),
        *(world.reaction(pin, busy[0], ReactionType.WOW) for pin in roots[1:30]),
    )
    await _follow(world, busy, users, topics, theirs, long)
    await asyncio.gather(
        *(world.block(busy[0], user) for user in users[:12]),
        *(world.block(user, busy[0]) for user in users[8:20]),
        *(world.block(user, busy[1]) for user in users),
    )
    await asyncio.gather(
        *(world.hide(user, pin) for user in [*busy, *users[:10]] for pin in roots[:30]),
        *(world.hide(busy[0], pin) for pin in copies[:10]),
        *(world.preferences(user, *busy) for user in [*busy, *users]),
    )
    told = await _notify(world, busy, users, roots)
    ads = [(await world.ad(pin)).id for pin in roots[:12]]
    await _documents(world)
    await _strangers(world, roots[0])
    return Crowd(
        [*busy, *users],
        topics,
        [*long, *hers, *theirs],
        sections,
        [*roots, *copies],
        [*written, *replies],
        ads,
        told,
    )


async def _boards_of(world: World, user: UserRecord) -> list[BoardRecord]:
    return await asyncio.gather(
        *(world.board(user, f"Board {n}") for n in range(30)),
        *(world.board(user, f"Secret {n}", privacy=BoardPrivacy.SECRET) for n in range(15)),
        *(world.board(user, f"Ads {n}", privacy=BoardPrivacy.PROTECTED) for n in range(15)),
        *(world.board(user, f"Old {n}", archived_at=START) for n in range(20)),
    )


async def _follow(
    world: World,
    busy: list[UserRecord],
    users: list[UserRecord],
    topics: list[TopicRecord],
    theirs: list[BoardRecord],
    long: list[BoardRecord],
) -> None:
    popular: list[UserRecord | BoardRecord | TopicRecord] = [*busy, *long, *topics[:2]]
    await asyncio.gather(
        *(
            world.follow(b, user, is_explicit=n % 3 > 0)
            for n, user in enumerate(users)
            for b in busy
        ),
        *(world.follow(b, board) for board in theirs[:30] for b in busy),
        *(world.follow(b, topic) for topic in topics for b in busy),
        *(world.follow(b, o, kind=FollowKind.UNFOLLOWED_BOARD) for o in theirs[30:] for b in busy),
        *(world.follow(user, target) for user in users for target in popular),
    )


async def _notify(
    world: World, busy: list[UserRecord], users: list[UserRecord], pins: list[PinRecord]
) -> list[Id]:
    """Each user reacted to three pins, of which Ana and Bob and some others were told.

    They have read of every other one. Gives the ids of Ana's first.
    """
    told: list[NotificationRecord] = []
    for reader in [*busy, *users[:4]]:
        told += await asyncio.gather(
            *(
                world.notification(
                    reader, NotificationType.REACTION, user, pin, read_at=START if n % 2 else None
                )
                for n, user in enumerate(users)
                for pin in pins[:3]
            )
        )
    return [each.id for each in told]


async def _documents(world: World) -> None:
    """300 trusted documents, each of two apps and used on four days."""
    documents = [
        NewDocument(f"query Q{n} {{ a }}", f"Q{n}", OperationKind.QUERY, (f"q{n}",))
        for n in range(300)
    ]
    apps = [("ios", documents[:200]), ("web", documents[100:])]
    for app, theirs in apps:
        await world.storage.documents.publish(Release(app, "1", START), theirs)
        for days in range(4):
            await world.storage.document_uses.count(
                {DocumentUse(sha256_of(each.text), app, "1"): 1 for each in theirs},
                (START - timedelta(days=days)).date(),
            )


STRANGERS = 400
"""So many more users have a board, and a topic, with pins on it. Nothing else is known of them."""


def stranger(number: int, kind: int) -> Id:
    """The id of a stranger (kind 1), of their board (2), topic (3) or one of their pins (above)."""
    return Id(f"{kind:08x}{number:016x}")


async def _strangers(world: World, like: PinRecord) -> None:
    await world.storage.mongo.collection("pins").insert_many(
        [
            document(
                replace(
                    like,
                    id=stranger(number, kind),
                    root_id=stranger(number, kind),
                    owner_id=stranger(number, 1),
                    board_id=stranger(number, 2),
                    topic_ids=(stranger(number, 3),),
                    section_id=None,
                    title=None,
                    trend=float(number * 13 % 997),
                )
            )
            for kind in range(10, 22)
            for number in range(STRANGERS)
        ]
    )
