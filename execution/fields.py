"""How a field gets its value: read from what the schema declares, once for each plan.

Attributes, loaders, batch functions and plain functions are called straight. Whatever is not
declared so, or was wrapped by somebody, is called as graphql-core would call it.
"""

from collections.abc import Callable
from enum import Enum, auto
from inspect import iscoroutinefunction
from typing import Any, Final

from graphql import GraphQLField
from strawberry.types.field import StrawberryField

from execution.plan import Place
from resolvers.declaration import Declaration
from resolvers.declared import Batch, FromLoader

_BACKREF: Final = "strawberry-definition"
_CONVERTER: Final = "strawberry.schema.schema_converter"
_TYPENAME: Final = "__typename"


class How(Enum):
    """The ways in which a field gets its value."""

    TYPENAME = auto()
    ATTRIBUTE = auto()
    """An attribute of the object."""
    FUNCTION = auto()
    """A plain function of the object."""
    RESOLVER = auto()
    """A resolver of graphql-core's kind."""
    LOADER = auto()
    """A key of the object, given to a loader."""
    BATCH = auto()
    """A function of all objects of a layer."""
    COROUTINE = auto()
    """A coroutine for each object."""
    ASYNC_RESOLVER = auto()
    """A resolver of graphql-core's kind that is a coroutine."""


_AT_ONCE: Final = frozenset({How.ATTRIBUTE, How.FUNCTION, How.RESOLVER})


class Resolution:
    """How one field gets its value.

    `call` is the function, loader declaration or resolver; None for a resolver means the default
    one of the execution. `attribute` is there for an attribute.
    """

    __slots__ = ("attribute", "call", "declaration", "how")

    def __init__(
        self,
        how: How,
        call: Callable[..., Any] | None = None,
        *,
        attribute: str = "",
        declaration: Declaration | None = None,
    ) -> None:
        self.how = how
        self.call = call
        self.attribute = attribute
        self.declaration = declaration

    @property
    def place(self) -> Place:
        """When the field is resolved."""
        if self.how is How.TYPENAME:
            return Place.CONSTANT
        return Place.AT_ONCE if self.how in _AT_ONCE else Place.IN_LAYER

    @property
    def takes_info(self) -> bool:
        """Whether a declared function wants to know of its field."""
        return self.declaration is not None and self.declaration.takes_info

    def __repr__(self) -> str:
        """The way, for whoever debugs a plan."""
        return self.how.name


def resolution_of(name: str, definition: GraphQLField) -> Resolution:
    """How a field gets its value."""
    if name == _TYPENAME:
        return Resolution(How.TYPENAME)
    field = strawberry_field(definition)
    if field is None:
        return _undeclared(definition)
    if field.base_resolver is None:
        if field.default_resolver is getattr:
            return Resolution(How.ATTRIBUTE, attribute=field.python_name)
        return _undeclared(definition)
    declaration = getattr(field.base_resolver, "declaration", None)
    if not isinstance(declaration, Declaration):
        return _undeclared(definition)
    return Resolution(_how(declaration.function), declaration.function, declaration=declaration)


def strawberry_field(definition: GraphQLField) -> StrawberryField | None:
    """What the schema declares of a field.

    None when more happens than is declared: extensions, permissions, a class of its own, another
    resolver put in its place.
    """
    field = (definition.extensions or {}).get(_BACKREF)
    if not isinstance(field, StrawberryField) or field.extensions:
        return None
    is_plain = type(field).get_result is StrawberryField.get_result
    resolve = definition.resolve
    # What `functools.wraps` put around it has the same module, and says so.
    is_unwrapped = getattr(resolve, "__module__", None) == _CONVERTER
    is_unwrapped = is_unwrapped and not hasattr(resolve, "__wrapped__")
    return field if is_plain and is_unwrapped else None


def is_coroutine(function: object) -> bool:
    """Whether calling a function, or an object as one, makes a coroutine."""
    return iscoroutinefunction(function) or iscoroutinefunction(
        getattr(function, "__call__", None)  # noqa: B004  # what it is matters, not whether
    )


def _how(function: object) -> How:
    match function:
        case FromLoader():
            return How.LOADER
        case Batch():
            return How.BATCH
    return How.COROUTINE if is_coroutine(function) else How.FUNCTION


def _undeclared(definition: GraphQLField) -> Resolution:
    how = How.ASYNC_RESOLVER if is_coroutine(definition.resolve) else How.RESOLVER
    return Resolution(how, definition.resolve)
