"""Key sets on one future, beside keys that are loaded one by one."""

import asyncio
import gc
from collections.abc import AsyncIterator, Mapping, Sequence

import pytest

from domain.errors import StoreUnavailable
from domain.viewer import ANONYMOUS
from loaders.base import BatchLoader, Loaders
from loaders.binding import bind_each
from storage.storage import Storage


class LengthLoader(BatchLoader[str, int]):
    """The lengths of words; a word with a hyphen is none.

    A batch with a word of `broken` fails. One that has a word of `gates` waits for its gate.
    """

    max_batch_size = 3

    def __init__(self, loaders: Loaders) -> None:
        super().__init__(loaders)
        self.asked: list[list[str]] = []
        self.broken: set[str] = set()
        self.gates: dict[str, asyncio.Event] = {}
        self.factor = 1

    async def fetch(self, keys: Sequence[str]) -> Mapping[str, int]:
        """As of the moment when the batch begins."""
        self.asked.append(list(keys))
        lengths = {key: self.factor * len(key) for key in keys if "-" not in key}
        is_broken = not self.broken.isdisjoint(keys)
        for gate in [self.gates[key] for key in keys if key in self.gates]:
            await gate.wait()
        if is_broken:
            raise StoreUnavailable(f"no {keys[0]}")
        return lengths


class DoubleLoader(LengthLoader):
    """Twice the lengths."""

    def __init__(self, loaders: Loaders) -> None:
        super().__init__(loaders)
        self.factor = 2


Bound = list[int | Exception | None]


async def settled(bound: "Bound | asyncio.Future[Bound]") -> Bound:
    """What comes of a key set that is not known yet."""
    assert isinstance(bound, asyncio.Future)
    return await bound


@pytest.fixture
def loaders(storage: Storage) -> Loaders:
    """The loaders of one request."""
    return Loaders(storage, ANONYMOUS)


@pytest.fixture
def lengths(loaders: Loaders) -> LengthLoader:
    """A loader that needs no store."""
    return loaders(LengthLoader)


@pytest.fixture
async def reported() -> AsyncIterator[list[object]]:
    """What the loop complains of."""
    loop = asyncio.get_running_loop()
    before = loop.get_exception_handler()
    complaints: list[object] = []
    loop.set_exception_handler(lambda _, context: complaints.append(context))
    yield complaints
    loop.set_exception_handler(before)


async def departed() -> None:
    """Lets what was asked for begin."""
    for _ in range(3):
        await asyncio.sleep(0)


# What is asked for together


async def test_all_that_is_asked_for_in_a_tick_is_one_batch(lengths: LengthLoader) -> None:
    one = lengths.bind(["aa", "b"])
    two = lengths.load("ccc")
    three = lengths.bind(["b", "ccc"])
    four = lengths.load_many(["aa", "ccc"])
    five = lengths.load_mapping(["b"])
    assert await settled(one) == [2, 1]
    assert await two == 3
    assert await settled(three) == [1, 3]
    assert await four == [2, 3]
    assert await five == {"b": 1}
    assert lengths.asked == [["aa", "b", "ccc"]]


async def test_who_is_woken_a_tick_later_still_comes_aboard(lengths: LengthLoader) -> None:
    early = lengths.bind(["a"])
    await asyncio.sleep(0)
    late = lengths.bind(["bb"])
    assert await settled(late) == [2]
    assert await settled(early) == [1]
    assert lengths.asked == [["a", "bb"]]


async def test_the_answers_stand_in_the_order_of_the_keys(lengths: LengthLoader) -> None:
    bound = lengths.bind(["bb", None, "-", "a", "bb", None])
    assert await settled(bound) == [2, None, None, 1, 2, None]
    assert lengths.asked == [["bb", "-", "a"]]


async def test_what_is_all_known_is_there_at_once(lengths: LengthLoader) -> None:
    await lengths.load_many(["a", "bb", "-"])
    assert lengths.bind(iter(["bb", None, "-", "a"])) == [2, None, None, 1]
    assert lengths.bind([]) == []
    assert lengths.bind([None]) == [None]
    assert lengths.load("a").result() == 1
    assert lengths.load_many(["a", "-"]).result() == [1, None]
    assert lengths.load_mapping(["a", "-"]).result() == {"a": 1}
    assert lengths.asked == [["a", "bb", "-"]]


async def test_only_what_is_neither_known_nor_under_way_is_asked_for(lengths: LengthLoader) -> None:
    gate = lengths.gates["bb"] = asyncio.Event()
    await lengths.load("a")
    under_way = lengths.load("bb")
    await departed()
    bound = lengths.bind(["dddd", "bb", "a", None, "ccc"])
    await departed()
    assert isinstance(bound, asyncio.Future)
    assert not bound.done()
    gate.set()
    assert await bound == [4, 2, 1, None, 3]
    assert await under_way == 2
    assert lengths.asked == [["a"], ["bb"], ["dddd", "ccc"]]


async def test_a_key_set_boards_what_has_room_and_the_next(lengths: LengthLoader) -> None:
    first = lengths.load("a")
    bound = lengths.bind(["bb", "a", "ccc", "dddd", "eeeee"])
    assert await settled(bound) == [2, 1, 3, 4, 5]
    assert await first == 1
    assert lengths.asked == [["a", "bb", "ccc"], ["dddd", "eeeee"]]


@pytest.mark.parametrize("way", ["load", "load_many", "load_mapping"])
async def test_none_is_no_key_to_load(lengths: LengthLoader, way: str) -> None:
    keys = None if way == "load" else ["a", None]
    with pytest.raises(TypeError) as caught:
        getattr(lengths, way)(keys)
    assert caught.value.args == ("LengthLoader loads by key, and None is none.",)
    await departed()
    assert lengths.asked == []


async def test_keys_of_several_loaders_begin_together(loaders: Loaders) -> None:
    lengths, doubles = loaders(LengthLoader), loaders(DoubleLoader)
    gate = lengths.gates["a"] = asyncio.Event()
    doubles.broken = {"ccc"}
    pairs = [(lengths, "a"), (doubles, "a"), (lengths, None), (lengths, "bb"), (doubles, "ccc")]
    asking = asyncio.create_task(bind_each(pairs))
    await departed()
    assert (lengths.asked, doubles.asked) == ([["a", "bb"]], [["a", "ccc"]])
    gate.set()
    one, failure, none, two, same = await asking
    assert (one, none, two) == (1, None, 2)
    assert isinstance(failure, StoreUnavailable)
    assert same is failure
    assert await bind_each([]) == []


# Failures


async def test_the_failure_of_a_batch_stands_in_the_place_of_its_keys(
    lengths: LengthLoader, loaders: Loaders
) -> None:
    lengths.broken = {"bb"}
    words = ["a", "bb", "-", "dddd", None, "eeeee", "a"]
    one, bad, same, four, none, five, again = await settled(lengths.bind(words))
    assert isinstance(bad, StoreUnavailable)
    assert (one, same, again) == (bad, bad, bad)
    assert (four, none, five) == (4, None, 5)
    assert lengths.asked == [["a", "bb", "-"], ["dddd", "eeeee"]]
    assert [batch.keys for batch in loaders.batches] == [2]


async def test_many_fail_as_the_first_of_them_that_does(lengths: LengthLoader) -> None:
    lengths.broken = {"dddd", "g"}
    words = ["a", "bb", "ccc", "dddd", "eeeee", "f", "g"]
    many, mapping = lengths.load_many(words), lengths.load_mapping(words)
    for awaiter in (many, mapping):
        with pytest.raises(StoreUnavailable, match=r"^no dddd$"):
            await awaiter


async def test_a_failure_is_not_remembered_however_it_is_asked_for(lengths: LengthLoader) -> None:
    lengths.broken = {"a"}
    (failure,) = await settled(lengths.bind(["a"]))
    assert isinstance(failure, StoreUnavailable)
    with pytest.raises(StoreUnavailable):
        await lengths.load("a")
    lengths.broken = set()
    assert await settled(lengths.bind(["a"])) == [1]
    assert lengths.bind(["a"]) == [1]
    assert lengths.asked == [["a"], ["a"], ["a"]]


async def test_an_exception_in_the_place_of_a_value_is_that_keys_alone(
    lengths: LengthLoader,
) -> None:
    failure = ValueError("not this one")
    lengths.prime("a", failure)  # type: ignore[arg-type]  # a batch field gives such values
    assert lengths.bind(["a", None]) == [failure, None]
    assert await settled(lengths.bind(["bb", "a"])) == [2, failure]
    for awaiter in (lengths.load("a"), lengths.load_many(["bb", "a"])):
        with pytest.raises(ValueError, match=r"^not this one$"):
            await awaiter
    assert lengths.asked == [["bb"]]


async def test_a_failure_that_nobody_awaits_is_quiet(
    lengths: LengthLoader, reported: list[object]
) -> None:
    lengths.broken = {"a"}
    ways = [lengths.load("a"), lengths.load_many(["a"]), lengths.load_mapping(["a"])]
    await settled(lengths.bind(["a"]))
    del ways
    await lengths.load("late")  # Nothing of the batch before is left then.
    gc.collect()
    assert lengths.asked == [["a"], ["late"]]
    assert reported == []


# Cancellation


async def test_a_key_set_that_is_cancelled_takes_nobody_along(lengths: LengthLoader) -> None:
    bound = [lengths.bind(["a", "bb"]) for _ in range(3)]
    single = lengths.load("a")
    one, two, three = (asyncio.create_task(settled(each)) for each in bound)
    await asyncio.sleep(0)
    one.cancel()
    assert await two == [1, 2]
    assert await three == [1, 2]
    assert await single == 1
    assert one.cancelled()
    assert lengths.asked == [["a", "bb"]]
    assert lengths.bind(["a", "bb"]) == [1, 2]


async def test_what_a_request_abandons_is_cancelled_for_all_who_wait(
    loaders: Loaders, lengths: LengthLoader
) -> None:
    lengths.gates["a"] = asyncio.Event()
    awaiters = [lengths.load("a"), lengths.load_many(["a", "bb"]), lengths.bind(["a"])]
    await departed()
    loaders.abandon()
    await departed()
    late = [lengths.load("late"), lengths.bind(["a", "late"])]
    await departed()
    for awaiter in [*awaiters, *late]:
        assert isinstance(awaiter, asyncio.Future)
        assert awaiter.cancelled()
    assert lengths.asked == [["a", "bb"]]
    assert loaders.batches == []


# What is told while a batch runs


async def test_a_value_is_not_primed_while_it_is_on_its_way(lengths: LengthLoader) -> None:
    bound = lengths.bind(["a"])
    lengths.prime("a", 10)
    again = lengths.bind(["a"])
    assert await settled(bound) == [1]
    assert await settled(again) == [1]
    assert lengths.bind(["a"]) == [1]


@pytest.mark.parametrize("has_departed", [False, True])
async def test_a_refreshed_value_outlasts_the_batch_that_it_overtook(
    lengths: LengthLoader, has_departed: bool
) -> None:
    gate = lengths.gates["a"] = asyncio.Event()
    bound, single = lengths.bind(["a", "bb"]), lengths.load("a")
    if has_departed:
        await departed()
    lengths.refresh("a", 10)
    assert lengths.bind(["a"]) == [10]
    assert await lengths.load("a") == 10
    gate.set()
    assert await settled(bound) == [1, 2]
    assert await single == 1
    assert lengths.bind(["a", "bb"]) == [10, 2]
    assert lengths.asked == [["a", "bb"]]


async def test_a_refreshed_value_outlasts_the_failure_that_it_overtook(
    lengths: LengthLoader,
) -> None:
    lengths.broken = {"a"}
    bound = lengths.bind(["a"])
    lengths.refresh("a", 10)
    (failure,) = await settled(bound)
    assert isinstance(failure, StoreUnavailable)
    assert lengths.bind(["a"]) == [10]


@pytest.mark.parametrize("clears_all", [False, True])
async def test_what_is_cleared_while_it_is_read_is_read_again(
    lengths: LengthLoader, clears_all: bool
) -> None:
    gate = lengths.gates["a"] = asyncio.Event()
    early = lengths.bind(["a", "bb"])
    await departed()
    lengths.factor = 10
    if clears_all:
        lengths.clear_all()
    else:
        lengths.clear("a").clear("bb")
    late = lengths.bind(["bb", "a", None])
    gate.set()
    assert await settled(late) == [20, 10, None]
    assert await settled(early) == [1, 2]
    assert lengths.bind(["a", "bb", None]) == [10, 20, None]
    assert lengths.asked == [["a", "bb"], ["bb", "a"]]


async def test_what_is_cleared_before_it_is_read_is_read_once(lengths: LengthLoader) -> None:
    early = lengths.bind(["a", "bb"])
    lengths.clear("a")
    late = lengths.bind(["a"])
    assert await settled(early) == [1, 2]
    assert await settled(late) == [1]
    assert lengths.bind(["a", "bb"]) == [1, 2]
    assert lengths.asked == [["a", "bb"]]


async def test_none_is_known_whatever_is_cleared(lengths: LengthLoader) -> None:
    lengths.clear(None)  # type: ignore[arg-type]  # as by who has a key set
    assert lengths.bind([None]) == [None]
