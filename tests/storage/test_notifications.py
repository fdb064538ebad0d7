"""Telling and forgetting, as transactions write it, and marking as read."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from bson import ObjectId

from domain.notifications import (
    Notice,
    NotificationRecord,
    NotificationType,
    of_follow,
    of_reaction,
)
from domain.pins import PinRecord
from domain.record import Id
from domain.users import UserRecord
from storage import notifications
from storage.notifications import (
    NEWEST,
    forget,
    forget_about,
    forget_between,
    mark_read,
    mark_read_up_to,
    notify,
)
from storage.paging import Page
from storage.storage import Storage
from storage.transactions import Transaction
from tests.world import START, World


async def run(storage: Storage, work: Callable[[Transaction], Awaitable[None]]) -> None:
    """Runs a transaction."""
    await storage.transactions.run("test", work)


async def tell(storage: Storage, *notices: Notice) -> None:
    """Tells in a transaction of its own."""
    await run(storage, lambda tx: notify(tx, *notices))


async def told(storage: Storage, *users: UserRecord) -> list[NotificationRecord]:
    """What users were told, newest first."""
    pages = await storage.notifications.pages_by_recipient(
        [user.id for user in users], Page(100, NEWEST), False
    )
    return [row for user in users for row in pages[user.id].rows]


async def unread(storage: Storage, user: UserRecord) -> list[Id]:
    """The ids of what a user has not read, oldest first."""
    pages = await storage.notifications.pages_by_recipient([user.id], Page(100, NEWEST), True)
    return [row.id for row in reversed(pages[user.id].rows)]


@pytest.fixture
async def people(world: World) -> tuple[UserRecord, UserRecord, UserRecord]:
    """Ana, ben and cleo."""
    return await world.user("ana"), await world.user("ben"), await world.user("cleo")


@pytest.fixture
async def pin(world: World, people: tuple[UserRecord, ...]) -> PinRecord:
    """A pin of ana."""
    return await world.pin(await world.board(people[0]))


async def test_what_is_told_is_stored_whole(
    storage: Storage, people: tuple[UserRecord, ...]
) -> None:
    ana, ben, _ = people
    times = []

    async def work(tx: Transaction) -> None:
        times.append(tx.now)
        await notify(tx, *of_follow(ben.id, ana.id))

    await run(storage, work)
    (found,) = await told(storage, ana)
    assert found == NotificationRecord(
        id=found.id,
        user_id=ana.id,
        type=NotificationType.FOLLOW,
        actor_id=ben.id,
        subject_kind=found.subject_kind,
        subject_id=ben.id,
        created_at=times[-1],
        read_at=None,
    )
    assert found.subject_kind == "USER"
    assert await storage.notifications.get_many(ana.id, [found.id]) == {found.id: found}
    assert await storage.notifications.get_many(ben.id, [found.id]) == {}


async def test_what_happens_again_is_told_once_and_stays_read(
    storage: Storage, people: tuple[UserRecord, ...], pin: PinRecord
) -> None:
    ana, ben, cleo = people
    await tell(storage, *of_follow(ben.id, ana.id))
    (first,) = await told(storage, ana)
    await run(storage, lambda tx: mark_read(tx, ana.id, [first.id]))
    before = await told(storage, ana)
    await tell(storage, *of_follow(ben.id, ana.id), *of_follow(ben.id, ana.id))
    assert await told(storage, ana) == before
    await tell(storage, *of_follow(cleo.id, ana.id), *of_reaction(ben.id, pin))
    assert len(await told(storage, ana)) == 3


async def test_nothing_is_told_by_a_transaction_that_fails(
    storage: Storage, people: tuple[UserRecord, ...]
) -> None:
    ana, ben, _ = people

    async def work(tx: Transaction) -> None:
        await notify(tx, *of_follow(ben.id, ana.id))
        raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        await run(storage, work)
    assert await told(storage, ana) == []


async def test_many_who_tell_the_same_at_once_tell_it_once(
    storage: Storage, people: tuple[UserRecord, ...], pin: PinRecord
) -> None:
    ana, ben, _ = people
    await asyncio.gather(*(tell(storage, *of_reaction(ben.id, pin)) for _ in range(20)))
    assert len(await told(storage, ana)) == 1


async def test_no_notices_are_no_command(storage: Storage) -> None:
    commands = []

    async def work(tx: Transaction) -> None:
        await notify(tx)
        await forget(tx)
        await forget_about(tx)
        commands.append(tx.commands)

    await run(storage, work)
    assert commands == [0]


async def test_what_is_taken_back_is_forgotten_and_can_be_told_anew(
    storage: Storage, people: tuple[UserRecord, ...], pin: PinRecord
) -> None:
    ana, ben, cleo = people
    follow, reaction = of_follow(ben.id, ana.id), of_reaction(ben.id, pin)
    await tell(storage, *follow, *reaction, *of_follow(cleo.id, ana.id))
    kept = [each for each in await told(storage, ana) if each.subject_id != ben.id]
    await run(storage, lambda tx: forget(tx, *follow))
    assert await told(storage, ana) == kept
    await run(storage, lambda tx: forget(tx, *follow))
    await tell(storage, *follow)
    assert (await told(storage, ana))[1:] == kept


async def test_what_is_gone_is_forgotten_by_everybody(
    storage: Storage, world: World, people: tuple[UserRecord, ...], pin: PinRecord
) -> None:
    ana, ben, cleo = people
    comment, other = await world.comment(pin, cleo), await world.comment(pin, cleo)
    kinds = NotificationType
    await world.notification(ana, kinds.COMMENT, cleo, comment)
    await world.notification(ben, kinds.REPLY, cleo, comment)
    await world.notification(ana, kinds.REACTION, ben, pin)
    kept = await world.notification(ana, kinds.COMMENT, cleo, other)
    await run(storage, lambda tx: forget_about(tx, comment.id, pin.id))
    assert await told(storage, ana, ben) == [kept]


async def test_a_block_takes_back_what_both_were_told_of_each_other(
    storage: Storage, world: World, people: tuple[UserRecord, ...], pin: PinRecord
) -> None:
    ana, ben, cleo = people
    kinds = NotificationType
    await world.notification(ana, kinds.FOLLOW, ben)
    await world.notification(ana, kinds.REACTION, ben, pin)
    await world.notification(ben, kinds.FOLLOW, ana)
    kept = [
        await world.notification(ana, kinds.FOLLOW, cleo),
        await world.notification(ben, kinds.FOLLOW, cleo),
        await world.notification(cleo, kinds.FOLLOW, ben),
    ]
    await run(storage, lambda tx: forget_between(tx, ben.id, ana.id))
    assert await told(storage, ana, ben, cleo) == kept


async def test_ones_own_are_marked_and_keep_the_time_they_were_read_at(
    storage: Storage, world: World, people: tuple[UserRecord, ...]
) -> None:
    ana, ben, cleo = people
    kinds = NotificationType
    old = await world.notification(ana, kinds.FOLLOW, ben, read_at=START)
    new = await world.notification(ana, kinds.FOLLOW, cleo)
    last = await world.notification(ana, kinds.BOARD_FOLLOW, cleo)
    of_ben = await world.notification(ben, kinds.FOLLOW, ana)
    ids = [old.id, new.id, of_ben.id, Id(str(ObjectId()))]
    await run(storage, lambda tx: mark_read(tx, ana.id, ids))
    third, second, first = await told(storage, ana)
    assert (first, third, third.read_at) == (old, last, None)
    assert second.read_at is not None
    assert second.read_at > START
    await run(storage, lambda tx: mark_read(tx, ana.id, ids))
    assert await told(storage, ana) == [third, second, first]
    assert await told(storage, ben) == [of_ben]


async def test_all_up_to_one_are_marked(
    storage: Storage, world: World, people: tuple[UserRecord, ...]
) -> None:
    ana, ben, cleo = people
    types = list(NotificationType)
    mine = [await world.notification(ana, type, ben) for type in types]
    of_cleo = await world.notification(cleo, NotificationType.FOLLOW, ben)
    gone = mine[2]
    await storage.mongo.collection("notifications").delete_one({"_id": ObjectId(gone.id)})
    await run(storage, lambda tx: mark_read_up_to(tx, ana.id, gone.id))
    assert await unread(storage, ana) == [each.id for each in mine[3:]]
    await run(storage, lambda tx: mark_read_up_to(tx, ana.id, of_cleo.id))
    assert await unread(storage, ana) == []
    await run(storage, lambda tx: mark_read_up_to(tx, ana.id, of_cleo.id))
    assert await unread(storage, cleo) == [of_cleo.id]


async def test_the_newest_are_marked_where_there_are_too_many(
    storage: Storage,
    world: World,
    people: tuple[UserRecord, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(notifications, "MAX_MARKED", 2)
    ana, ben, _ = people
    mine = [await world.notification(ana, type, ben) for type in list(NotificationType)[:4]]
    await run(storage, lambda tx: mark_read_up_to(tx, ana.id, mine[-1].id))
    assert await unread(storage, ana) == [each.id for each in mine[:2]]


@pytest.mark.parametrize(
    "work",
    [
        lambda tx, ana, ben: forget(tx, *of_follow(ben, ana)),
        lambda tx, ana, ben: forget_about(tx, ana, ben),
        lambda tx, ana, ben: forget_between(tx, ana, ben),
        lambda tx, ana, ben: mark_read(tx, ana, [ben]),
        lambda tx, ana, ben: mark_read_up_to(tx, ana, Id("f" * 24)),
        lambda tx, ana, ben: notify(tx, *of_follow(ben, ana)),
    ],
)
async def test_no_write_scans_the_collection(
    storage: Storage, people: tuple[UserRecord, ...], work: Callable[[Any, Id, Id], Awaitable[None]]
) -> None:
    """MongoDB refuses what no index serves."""
    ana, ben, cleo = people
    await tell(storage, *of_follow(cleo.id, ben.id))
    admin = storage.mongo.client.admin
    await admin.command({"setParameter": 1, "notablescan": True})
    try:
        await run(storage, lambda tx: work(tx, ana.id, ben.id))
    finally:
        await admin.command({"setParameter": 1, "notablescan": False})
    assert len(await told(storage, ben)) == 1
