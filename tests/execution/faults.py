"""Our own schema, made to fail: a share of its fields raise, are null, or give what is wrong.

What fails is decided by the name of the field and the id of its parent, so that both executors meet
the same. Declarations stay what they are: a loader's field fails as a loader's, a batch's as a
batch's, and so the compiled executor runs them as it always does.
"""

from asyncio import Future
from collections.abc import Awaitable, Callable, Hashable, Iterator, Sequence
from functools import wraps
from inspect import iscoroutinefunction
from random import Random
from typing import Any

import pytest
from graphql import (
    GraphQLField,
    GraphQLList,
    GraphQLObjectType,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_leaf_type,
)
from strawberry import Schema
from strawberry.types.field import StrawberryField

from loaders.base import Loaders
from resolvers.declaration import Declaration
from resolvers.declared import Batch, FromLoader

WRONG: Sequence[object] = ("wrong", [["wrong"]], 2**40, {"wrong": 1})


class Fault(Exception):
    """What a field raises that is made to fail."""


class Faults:
    """Decides what fails. Nothing does while `share` is 0."""

    def __init__(self) -> None:
        self.seed = 0
        self.share = 0.0
        self.met = 0

    def of(self, name: str, parent: object, takes_wrong: bool) -> list[object] | None:
        """The only item is what stands in the place of a value; None where it may stay."""
        # The end of an id counts what a world has; its start is the time.
        identity = str(getattr(parent, "id", type(parent).__name__))[-16:]
        rng = Random(f"{self.seed}/{name}/{identity}")  # noqa: S311  # the same for both
        if rng.random() >= self.share:
            return None
        self.met += 1
        kinds: list[object] = [Fault(f"{name} of {identity}"), None]
        return [rng.choice([*kinds, *WRONG] if takes_wrong else kinds)]


class _FaultyLoader(FromLoader[Any]):
    """A relation whose keys are sometimes not what they should be."""

    def __init__(self, declared: FromLoader[Any], fault: Callable[[object], list[Any] | None]):
        super().__init__(declared.loader_type, declared.key, declared.parameters, declared.default)
        self._fault = fault

    def __call__(self, parent: Any, info: Any) -> Any:
        found = self._fault(parent)
        return super().__call__(parent, info) if found is None else _given(found)

    def load_layer(
        self, parents: Sequence[Any], loaders: Loaders
    ) -> "list[Any] | Future[list[Any]]":
        """What the loader gives, but for those parents where it fails."""
        found = [self._fault(each) for each in parents]
        if not any(each is not None for each in found):
            return super().load_layer(parents, loaders)
        whole = [each for each, fault in zip(parents, found, strict=True) if fault is None]
        return _filled(super().load_layer(whole, loaders), found)  # type: ignore[return-value]


async def _filled(loading: Any, found: Sequence[list[Any] | None]) -> list[Any]:
    values = iter(loading if isinstance(loading, list) else await loading)
    return [next(values) if fault is None else fault[0] for fault in found]


def _given(found: list[Any]) -> Any:
    if isinstance(found[0], Exception):
        raise found[0]
    return found[0]


def make_faulty(schema: Schema, faults: Faults, patch: pytest.MonkeyPatch) -> int:
    """Puts `faults` into all fields but those of mutations; gives how many there are.

    Declarations belong to the types, which all schemas share: `patch` restores them.
    """
    count = 0
    for type_, name, definition in _fields(schema):
        declared = (definition.extensions or {}).get("strawberry-definition")
        if not isinstance(declared, StrawberryField):
            continue
        fault = _fault_of(faults, f"{type_}.{name}", definition)
        declaration = getattr(declared.base_resolver, "declaration", None)
        if isinstance(declaration, Declaration):
            patch.setattr(declaration, "function", _faulty(declaration.function, fault))
        elif count % 3 == 0 and definition.resolve is not None:
            # An attribute cannot be told to fail: a third of them are resolved by a function.
            definition.resolve = _faulty(definition.resolve, fault)
        count += 1
    return count


def _fields(schema: Schema) -> Iterator[tuple[str, str, GraphQLField]]:
    for type_ in schema._schema.type_map.values():
        is_ours = not type_.name.startswith("__") and type_ is not schema._schema.mutation_type
        if isinstance(type_, GraphQLObjectType) and is_ours:
            for name, definition in type_.fields.items():
                yield type_.name, name, definition


def _fault_of(
    faults: Faults, name: str, definition: GraphQLField
) -> Callable[[object], list[Any] | None]:
    named = get_named_type(definition.type)
    # What is wrong must be noticed where it stands. Where no type is checked, functions of whole
    # layers would meet it, and who fails with it depends on who is in the layer.
    takes_wrong = is_leaf_type(named) or is_abstract_type(named)
    takes_wrong |= isinstance(named, GraphQLObjectType) and named.is_type_of is not None
    takes_wrong |= isinstance(get_nullable_type(definition.type), GraphQLList) and takes_wrong
    return lambda parent: faults.of(name, parent, takes_wrong)


def _faulty(function: Any, fault: Callable[[object], list[Any] | None]) -> Any:
    if isinstance(function, FromLoader):
        return _FaultyLoader(function, fault)
    if isinstance(function, Batch):
        return Batch(_faulty_batch(function.function, fault))
    if iscoroutinefunction(function):

        @wraps(function)
        async def later(parent: Any, *args: Any, **kwargs: Hashable) -> Any:
            found = fault(parent)
            return await function(parent, *args, **kwargs) if found is None else _given(found)

        return later

    @wraps(function)
    def call(parent: Any, *args: Any, **kwargs: Hashable) -> Any:
        found = fault(parent)
        return function(parent, *args, **kwargs) if found is None else _given(found)

    return call


def _faulty_batch(
    function: Callable[..., Awaitable[Sequence[Any]]], fault: Callable[[object], list[Any] | None]
) -> Callable[..., Awaitable[Sequence[Any]]]:
    @wraps(function)
    async def batch(parents: Sequence[Any], *args: Any, **kwargs: Hashable) -> list[Any]:
        found = [fault(each) for each in parents]
        whole = [each for each, one in zip(parents, found, strict=True) if one is None]
        values = iter(await function(whole, *args, **kwargs) if whole else ())
        return [next(values) if one is None else one[0] for one in found]

    return batch
