"""What every loader does with its batches."""

import asyncio
import gc
from collections.abc import AsyncIterator, Mapping, Sequence

import pytest

from domain.errors import StoreUnavailable
from domain.orders import BoardPinFilter
from domain.record import Id, Record
from domain.viewer import ANONYMOUS, Viewer
from loaders.base import Batch, BatchLoader, Loaders, visible_slices
from loaders.pins import PinsByBoardLoader
from loaders.users import UserByIdLoader
from storage.paging import Page, Slice
from storage.pins import CUSTOM, NEWEST
from storage.storage import Storage


class LengthByWordLoader(BatchLoader[str, int]):
    """The lengths of words; a word with a hyphen is none. What it is asked waits for `gate`."""

    max_batch_size = 3

    def __init__(self, loaders: Loaders) -> None:
        super().__init__(loaders)
        self.asked: list[list[str]] = []
        self.gate: asyncio.Event | None = None
        self.is_broken = False
        self.strangers: dict[str, int] = {}

    async def fetch(self, keys: Sequence[str]) -> Mapping[str, int]:
        """In another order than that of the keys."""
        self.asked.append(list(keys))
        if self.gate is not None:
            await self.gate.wait()
        if self.is_broken:
            raise StoreUnavailable("gone")
        return {key: len(key) for key in reversed(keys) if "-" not in key} | self.strangers


class EndlessLoader(BatchLoader[str, int]):
    """Never comes back by itself."""

    def __init__(self, loaders: Loaders) -> None:
        super().__init__(loaders)
        self.has_begun, self.has_ended = asyncio.Event(), asyncio.Event()

    async def fetch(self, keys: Sequence[str]) -> Mapping[str, int]:
        """Nothing."""
        self.has_begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.has_ended.set()
        return {}


@pytest.fixture
def loaders(storage: Storage) -> Loaders:
    """The loaders of one request."""
    return Loaders(storage, ANONYMOUS)


@pytest.fixture
def lengths(loaders: Loaders) -> LengthByWordLoader:
    """A loader that needs no store."""
    return loaders(LengthByWordLoader)


# Batches


async def test_what_is_asked_for_together_is_one_batch(lengths: LengthByWordLoader) -> None:
    words = [lengths.load(word) for word in ("aa", "b", "ccc")]
    assert [await word for word in words] == [2, 1, 3]
    assert lengths.asked == [["aa", "b", "ccc"]]


async def test_a_key_without_a_value_gives_none(lengths: LengthByWordLoader) -> None:
    assert await lengths.load_many(["aa", "-", "b"]) == [2, None, 1]
    assert await lengths.load("-") is None
    assert lengths.asked == [["aa", "-", "b"]]


async def test_a_key_is_asked_for_once(lengths: LengthByWordLoader) -> None:
    assert await lengths.load_many(["b", "aa", "b", "b"]) == [1, 2, 1, 1]
    assert await lengths.load("aa") == 2
    assert lengths.asked == [["b", "aa"]]


async def test_batches_have_a_largest_size(lengths: LengthByWordLoader) -> None:
    words = ["a" * length for length in range(1, 8)]
    assert await lengths.load_many(words) == [1, 2, 3, 4, 5, 6, 7]
    assert lengths.asked == [words[:3], words[3:6], words[6:]]


def test_the_largest_size_is_a_thousand_unless_a_loader_says_otherwise() -> None:
    assert UserByIdLoader.max_batch_size == 1000


async def test_a_mapping_has_only_what_there_is(lengths: LengthByWordLoader) -> None:
    assert await lengths.load_mapping(iter(["aa", "-", "aa"])) == {"aa": 2}
    assert await lengths.load_mapping([]) == {}
    assert lengths.asked == [["aa", "-"]]


async def test_batches_are_recorded(loaders: Loaders, lengths: LengthByWordLoader) -> None:
    await lengths.load_many(["a", "b", "c", "d"])
    assert [(batch.loader, batch.keys) for batch in loaders.batches] == [
        ("LengthByWordLoader", 3),
        ("LengthByWordLoader", 1),
    ]
    assert all(isinstance(batch, Batch) and batch.ms >= 0 for batch in loaders.batches)


@pytest.mark.parametrize("asked", [["aa"], ["aa", "-"], ["aa", "-", "b-"]])
async def test_a_value_that_was_not_asked_for_is_named(
    lengths: LengthByWordLoader, asked: list[str]
) -> None:
    lengths.strangers = {"x": 1}
    with pytest.raises(KeyError) as caught:
        await lengths.load_many(asked)
    assert caught.value.args == (
        "LengthByWordLoader returned a value for 'x', which was not asked for.",
    )


async def test_a_loader_must_fetch(loaders: Loaders) -> None:
    class Forgetful(BatchLoader[str, int]):
        """Lacks its one method."""

    with pytest.raises(NotImplementedError, match=r"^Forgetful must define fetch\.$"):
        await loaders(Forgetful).load("a")


# What is remembered


async def test_a_cleared_key_is_asked_for_again(lengths: LengthByWordLoader) -> None:
    await lengths.load("a")
    lengths.clear("a")
    assert await lengths.load("a") == 1
    assert lengths.asked == [["a"], ["a"]]


async def test_a_primed_key_is_not_asked_for(lengths: LengthByWordLoader) -> None:
    lengths.prime("a", 10)
    assert await lengths.load("a") == 10
    lengths.prime("a", 20)
    assert await lengths.load("a") == 10
    assert lengths.asked == []


async def test_a_refreshed_key_has_its_new_value(lengths: LengthByWordLoader) -> None:
    assert await lengths.load("a") == 1
    lengths.refresh("a", 20)
    assert await lengths.load("a") == 20
    assert lengths.asked == [["a"]]


async def test_a_failure_reaches_all_who_asked_and_is_not_remembered(
    lengths: LengthByWordLoader,
) -> None:
    lengths.is_broken = True
    for awaiter in [lengths.load("a"), lengths.load("b"), lengths.load("a")]:
        with pytest.raises(StoreUnavailable):
            await awaiter
    lengths.is_broken = False
    assert await lengths.load_many(["a", "b"]) == [1, 1]
    assert lengths.asked == [["a", "b"], ["a", "b"]]


# Cancellation


async def load(lengths: LengthByWordLoader, word: str) -> int | None:
    """An awaiter of its own."""
    return await lengths.load(word)


async def load_many(lengths: LengthByWordLoader, words: list[str]) -> list[int | None]:
    """An awaiter of its own."""
    return await lengths.load_many(words)


async def test_an_awaiter_who_is_cancelled_takes_nobody_along(lengths: LengthByWordLoader) -> None:
    lengths.gate = asyncio.Event()
    one, two = (asyncio.create_task(load(lengths, "aa")) for _ in range(2))
    many, others = (asyncio.create_task(load_many(lengths, ["aa", "b"])) for _ in range(2))
    await asyncio.sleep(0)
    for task in (one, many):
        task.cancel()
    await asyncio.wait([one, many])
    lengths.gate.set()
    assert await two == 2
    assert await others == [2, 1]
    assert one.cancelled()
    assert many.cancelled()
    assert lengths.asked == [["aa", "b"]]


@pytest.fixture
async def reported() -> AsyncIterator[list[object]]:
    """What the loop complains of."""
    loop = asyncio.get_running_loop()
    before = loop.get_exception_handler()
    complaints: list[object] = []
    loop.set_exception_handler(lambda _, context: complaints.append(context))
    yield complaints
    loop.set_exception_handler(before)


async def test_a_failure_that_nobody_waits_for_is_quiet(
    lengths: LengthByWordLoader, reported: list[object]
) -> None:
    lengths.gate = asyncio.Event()
    lengths.is_broken = True
    tasks = [
        asyncio.create_task(load(lengths, "a")),
        asyncio.create_task(load_many(lengths, ["b", "c"])),
    ]
    await asyncio.sleep(0)
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    lengths.gate.set()
    with pytest.raises(StoreUnavailable):
        await lengths.load("d")  # Its batch comes after theirs.
    assert lengths.asked == [["a", "b", "c"], ["d"]]
    del task, tasks
    gc.collect()
    assert reported == []


# The loaders of a request


async def test_a_loader_is_made_once_for_its_parameters(loaders: Loaders) -> None:
    page, same, other = Page(5, NEWEST), Page(5, NEWEST), Page(5, CUSTOM)
    everything = BoardPinFilter()
    by_board = loaders(PinsByBoardLoader, page, everything)
    assert loaders(PinsByBoardLoader, same, BoardPinFilter()) is by_board
    assert loaders(PinsByBoardLoader, other, everything) is not by_board
    assert loaders(PinsByBoardLoader, page, BoardPinFilter(Id("a" * 24))) is not by_board
    assert loaders(UserByIdLoader) is loaders(UserByIdLoader)
    assert (by_board.page, by_board.only) == (page, everything)


async def test_two_requests_share_no_loader(storage: Storage) -> None:
    one, two = Loaders(storage, ANONYMOUS), Loaders(storage, Viewer("a" * 24))
    assert one(UserByIdLoader) is not two(UserByIdLoader)
    assert (one(UserByIdLoader).viewer, two(UserByIdLoader).viewer) == (one.viewer, two.viewer)
    assert one.batches is not two.batches


async def test_after_a_renewal_everything_is_loaded_anew(
    loaders: Loaders, lengths: LengthByWordLoader
) -> None:
    assert await lengths.load("aa") == 2
    lengths.prime("b", 7)
    loaders.renew()
    fresh = loaders(LengthByWordLoader)
    assert fresh is not lengths
    assert loaders(LengthByWordLoader) is fresh
    assert await fresh.load_many(["aa", "b"]) == [2, 1]
    assert [batch.keys for batch in loaders.batches] == [1, 2]


async def test_a_batch_that_a_renewal_overtakes_goes_on_for_those_who_wait(
    loaders: Loaders, lengths: LengthByWordLoader
) -> None:
    lengths.gate = asyncio.Event()
    early = [lengths.load("aa") for _ in range(2)]
    await asyncio.sleep(0)
    loaders.renew()
    fresh = loaders(LengthByWordLoader)
    assert fresh is not lengths
    assert await fresh.load("aa") == 2
    lengths.gate.set()
    assert await asyncio.gather(*early) == [2, 2]
    assert lengths.asked == [["aa"]]


async def test_a_batch_that_a_renewal_overtakes_ends_with_the_request(loaders: Loaders) -> None:
    endless = loaders(EndlessLoader)
    waiting = endless.load("a")
    await endless.has_begun.wait()
    loaders.renew()
    loaders.abandon()
    async with asyncio.timeout(30):
        await endless.has_ended.wait()
    with pytest.raises(asyncio.CancelledError):
        await waiting


# Slices


class Row(Record, frozen=True, kw_only=True):
    """A row of a list."""


async def test_hidden_rows_leave_no_trace_but_their_absence() -> None:
    one, two, three = (Row(id=Id(f"{number:024x}")) for number in range(3))
    asked: list[list[Row]] = []

    async def visible(rows: list[Row]) -> set[Id]:
        asked.append(rows)
        return {one.id, three.id}

    parents = {Id("a"): Slice([one, two], True), Id("b"): Slice([three, one], False)}
    parents |= {Id("c"): Slice([], False)}
    assert await visible_slices(parents, visible) == {
        "a": Slice([one], True),
        "b": Slice([three, one], False),
        "c": Slice([], False),
    }
    assert asked == [[one, two, three, one]]


async def test_a_hidden_page_says_where_it_stood_if_the_list_goes_on() -> None:
    rows = [Row(id=Id(f"{number:024x}")) for number in range(3)]

    async def visible(rows: list[Row]) -> set[Id]:
        return set()

    parents = {
        Id("a"): Slice(rows, True),
        Id("b"): Slice(rows[:1], True),
        Id("c"): Slice(rows, False),
        Id("d"): Slice(rows[:0], True),
    }
    assert await visible_slices(parents, visible) == {
        "a": Slice([], True, (rows[0], rows[2])),
        "b": Slice([], True, (rows[0], rows[0])),
        "c": Slice([], False),
        "d": Slice([], True),
    }
