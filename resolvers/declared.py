"""Relations that are declared instead of written (EXECUTION 5.9).

    owner = from_loader(UserByIdLoader, "owner_id")

    @batch
    async def edges(connections: Sequence[Connection], info: Info) -> Sequence[list[Edge]]: ...

Both are ordinary callables of one parent, so graphql-core runs them as they are. Both also say what
they are, so that a breadth-first executor can run a whole layer with one call.
"""

from asyncio import Future, gather
from collections.abc import Awaitable, Callable, Hashable, Iterable, Mapping, Sequence
from functools import update_wrapper
from operator import attrgetter
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

from loaders.base import BatchLoader, Loaders
from resolvers.context import Info

P = TypeVar("P")
V = TypeVar("V")
Args = ParamSpec("Args")

_SHARED = "_is_shared"


class FromLoader(Generic[V]):
    """A relation that is one key of the parent, given to one loader.

    `default` stands for a key that the loader has nothing for. A parent whose key is None has no
    relation and costs no load.
    """

    def __init__(
        self,
        loader_type: type[BatchLoader[Any, V]],
        key: str,
        parameters: tuple[Hashable, ...],
        default: V | None,
    ) -> None:
        self.loader_type = loader_type
        self.key = key
        self.parameters = parameters
        self.default = default
        self._key_of = attrgetter(key)
        self.__name__ = f"{loader_type.__name__}({key})"

    def __call__(self, parent: Any, info: Info) -> Awaitable[V | None] | V | None:
        """The loader's future: no coroutine stands between it and the executor."""
        key = self._key_of(parent)
        if key is None:
            return self.default
        future = info.context.loaders(self.loader_type, *self.parameters).load(key)
        return future if self.default is None else self._or_default(future)

    def load_layer(
        self, parents: Sequence[Any], loaders: Loaders
    ) -> list[V | Exception | None] | Future[list[V | Exception | None]]:
        """The same for all parents of a layer, with the exception of each that fails in its place.

        Where the loader has nothing there is None: the default is the caller's to put there.
        """
        loader = loaders(self.loader_type, *self.parameters)
        return loader.bind(map(self._key_of, parents))

    async def _or_default(self, future: Awaitable[V | None]) -> V | None:
        value = await future
        return self.default if value is None else value


def from_loader(
    loader_type: type[BatchLoader[Any, V]],
    key: str,
    *parameters: Hashable,
    default: V | None = None,
) -> FromLoader[V]:
    """Declares a relation: the attribute `key` of the parent (a path may have dots), loaded."""
    return FromLoader(loader_type, key, parameters, default)


class Batch(Generic[P, V]):
    """A field that is computed for a whole layer of parents at once.

    `function` gives one value for each parent, in order. An exception in the place of a value is
    that parent's error alone.
    """

    def __init__(self, function: Callable[..., Awaitable[Sequence[V | Exception]]]) -> None:
        self.function = function
        update_wrapper(self, function)

    def __call__(self, parent: P, info: Info, **arguments: Hashable) -> Awaitable[V | None]:
        """The parent's value; parents met in the same tick share one call of the function."""
        together = info.context.loaders(_BatchLoader, self, tuple(sorted(arguments.items())))
        return together.load(_Parent(parent, info))


def batch(
    function: Callable[Concatenate[Sequence[P], Info, Args], Awaitable[Sequence[V | Exception]]],
) -> Batch[P, V]:
    """Declares a batch field: `function` takes all parents of a layer."""
    return Batch(function)


F = TypeVar("F", bound=Callable[..., Any])


def shared(function: F) -> F:
    """Declares that a function with `info` takes nothing of its request from there.

    Its value follows from its parent, its arguments and the settings of the process: it is the same
    for every viewer, at any time. A function without `info` is so anyhow.
    """
    function.__dict__[_SHARED] = True
    return function


def is_shared(function: object) -> bool:
    """Whether a function was declared as `shared`."""
    return _SHARED in getattr(function, "__dict__", {})


async def settled(values: Iterable[Awaitable[V]]) -> list[V | Exception]:
    """Each value, or in its place the error: those of a batch that can be had are had."""
    found = await gather(*values, return_exceptions=True)
    for value in found:
        if isinstance(value, BaseException) and not isinstance(value, Exception):
            raise value
    return found  # type: ignore[return-value]  # mypy keeps the exceptions that were raised


class _Parent:
    """A parent as a key: the very object, whatever it is equal to."""

    __slots__ = ("info", "value")

    def __init__(self, value: Any, info: Info) -> None:
        self.value = value
        self.info = info

    def __hash__(self) -> int:
        return id(self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Parent) and other.value is self.value


class _BatchLoader(BatchLoader[_Parent, Any]):
    """Gathers the parents of one tick for a batch field, where the executor goes one by one."""

    def __init__(
        self, loaders: Loaders, field: Batch[Any, Any], arguments: tuple[tuple[str, Any], ...]
    ) -> None:
        super().__init__(loaders)
        self.field = field
        self.arguments = dict(arguments)

    async def fetch(self, keys: Sequence[_Parent]) -> Mapping[_Parent, Any]:
        """One call of the field's function."""
        parents = [key.value for key in keys]
        values = await self.field.function(parents, keys[0].info, **self.arguments)
        return dict(zip(keys, values, strict=True))
