"""Views of a user: at hand in each process, and never older than what was written and confirmed."""

import asyncio

import pytest

from domain.blocks import BlockList, BlockRecord
from domain.hides import HideRecord
from domain.preferences import HiddenAdvertiser, PreferencesRecord, Wishes
from domain.record import Id
from storage.codec import new_id
from storage.storage import Storage
from storage.transactions import Transaction
from tests.world import START

ANA, BEN, EVE = Id("a" * 24), Id("b" * 24), Id("e" * 24)


async def test_a_view_is_read_once(processes: tuple[Storage, Storage], calls: list[str]) -> None:
    here, _ = processes
    for _ in range(3):
        assert await here.blocks.of_user(ANA) == BlockList({})
        assert await here.tastes.wishes(ANA) == Wishes()
    assert calls == ["blocks.of_user", "tastes.wishes"]
    assert here.blocks.at_hand(ANA) == BlockList({})
    assert here.tastes.wishes_at_hand(ANA) == Wishes()
    assert here.blocks.at_hand(BEN) is None


async def test_without_tracking_nothing_is_at_hand(storage: Storage, calls: list[str]) -> None:
    for _ in range(2):
        assert await storage.blocks.of_user(ANA) == BlockList({})
        assert storage.blocks.at_hand(ANA) is None
    assert calls == ["blocks.of_user"] * 2


async def test_a_block_is_seen_by_both_at_once_in_every_process(
    processes: tuple[Storage, Storage],
) -> None:
    here, there = processes
    for process in processes:
        for user in (ANA, BEN, EVE):
            assert await process.blocks.of_user(user) == BlockList({})
    block = BlockRecord(id=new_id(), blocker_id=ANA, blocked_id=BEN, created_at=START)

    async def make(tx: Transaction) -> None:
        await tx.insert(block)

    await here.transactions.run("test.block", make)
    for process in processes:
        assert await process.blocks.of_user(ANA) == BlockList({BEN: True})
        assert await process.blocks.of_user(BEN) == BlockList({ANA: False})
        assert process.blocks.at_hand(EVE) == BlockList({})

    async def undo(tx: Transaction) -> None:
        await tx.delete(block)

    await there.transactions.run("test.unblock", undo)
    for process in processes:
        assert await process.blocks.of_user(ANA) == BlockList({})
        assert await process.blocks.of_user(BEN) == BlockList({})


async def test_wishes_follow_hides_and_preferences(processes: tuple[Storage, Storage]) -> None:
    here, there = processes
    assert [await each.tastes.wishes(ANA) for each in processes] == [Wishes()] * 2
    hide = HideRecord(id=new_id(), user_id=ANA, pin_id=EVE, root_id=EVE, created_at=START)
    unwanted = HiddenAdvertiser(user_id=BEN, hidden_at=START)

    async def hide_pin(tx: Transaction) -> None:
        await tx.insert(hide)

    async def state(tx: Transaction) -> None:
        await tx.insert(PreferencesRecord(id=ANA, hidden_advertisers=(unwanted,)))

    await here.transactions.run("test.hide", hide_pin)
    hidden = Wishes(hidden_root_ids=frozenset({EVE}))
    assert [await each.tastes.wishes(ANA) for each in processes] == [hidden] * 2
    await there.transactions.run("test.preferences", state)
    both = Wishes(hidden_root_ids=frozenset({EVE}), hidden_advertiser_ids=frozenset({BEN}))
    assert [await each.tastes.wishes(ANA) for each in processes] == [both] * 2


async def test_what_is_read_while_something_is_written_is_not_kept(
    processes: tuple[Storage, Storage], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The read began before the write, and ends after the news of it."""
    here, there = processes
    has_read, may_go_on = asyncio.Event(), asyncio.Event()
    find = type(there.mongo).find

    async def held_back(*args: object, **kwargs: object) -> object:
        found = await find(*args, **kwargs)  # type: ignore[arg-type]  # whatever it was called with
        has_read.set()
        await may_go_on.wait()
        return found

    monkeypatch.setattr(type(there.mongo), "find", held_back)
    reading = asyncio.ensure_future(there.blocks.of_user(ANA))
    await has_read.wait()
    monkeypatch.undo()
    monkeypatch.setattr("storage.local_records.LEASE_S", 3_600.0)

    async def make(tx: Transaction) -> None:
        await tx.insert(BlockRecord(id=new_id(), blocker_id=ANA, blocked_id=BEN))

    await here.transactions.run("test.block", make)
    may_go_on.set()
    assert await reading == BlockList({})  # it was asked before
    assert there.blocks.at_hand(ANA) is None
    assert await there.blocks.of_user(ANA) == BlockList({BEN: True})
