"""The words that types are written in: `node_type`, `field`, `argument`.

A type declares its fields as SDL would, and each field names the function that resolves it:

    @node_type(PinRecord, description="An image that someone saved.")
    class Pin(Node):
        title: str | None = attribute("What the pin is called.")
        owner: User | None = field(pins.owner, "Whose pin this is.")
        related: PinConnection | None = field(pins.related, "More like this.", *PAGE)

Types refer to each other by name, in any order and across modules, as in SDL: `link` gives every
module the names of all types once all modules are loaded.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from inspect import Parameter
from typing import Any, TypeVar, get_type_hints

import msgspec
import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField
from strawberry.types.fields.resolver import StrawberryResolver

from protocol.caching import CacheHint, CacheScope, hint_type
from protocol.cost import Cost, ListSize
from resolvers.connections import DEFAULT_PAGE
from resolvers.declaration import Declaration
from resolvers.mutation import Mutation
from schema.deprecation import Deprecation
from schema.directives import directives_of

T = TypeVar("T", bound=type)

RECORD_TYPES: dict[type, type] = {}
"""Which GraphQL type each class of record is served as. A record's class alone decides its type."""

_types: dict[str, type] = {}


class Argument(msgspec.Struct, frozen=True):
    """An argument as clients see it; `annotation` is a type, or the name of one."""

    name: str
    annotation: Any
    description: str
    default: Any = None


def argument(name: str, annotation: Any, description: str, default: Any = None) -> Argument:
    """Declares an argument; `default` is None for an optional one, `...` for a required one."""
    return Argument(name, annotation, description, default)


PAGE = (
    argument("first", int | None, "How many to return from the start: 0–100, by default 25."),
    argument("after", str | None, "Return what follows this cursor; goes with `first`."),
    argument("last", int | None, "How many to return from the end: 0–100."),
    argument("before", str | None, "Return what precedes this cursor; goes with `last`."),
)
"""The arguments of every connection."""

PAGED = Cost(size=ListSize(DEFAULT_PAGE, ("first", "last"), ("edges", "nodes")))
"""What a connection costs: itself, and each of its items as often as the page is long."""

PRIVATE = CacheHint(0, CacheScope.PRIVATE)
"""What is the viewer's alone, or differs from one viewer to the next by more than what they see."""


class DeclaredResolver(StrawberryResolver[Any]):
    """A plain function with the arguments that the schema declares for it, as Strawberry calls it.

    An executor that reads declarations calls the function itself.
    """

    def __init__(self, function: Callable[..., Any], arguments: Sequence[Argument]) -> None:
        super().__init__(function)
        self._arguments = tuple(arguments)
        self.declaration = Declaration(function, [each.name for each in arguments])

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Calls the function with the parent, `info` and its arguments."""
        parent = kwargs.pop(self.declaration.parent.name)  # named after what it is in each function
        return self.declaration.function(parent, **self.declaration.keywords(kwargs))

    @property
    def arguments(self) -> list[StrawberryArgument]:
        """The declared arguments."""
        return [
            StrawberryArgument(
                python_name=declared.name,
                graphql_name=None,
                type_annotation=StrawberryAnnotation(declared.annotation, namespace=_types),
                description=declared.description,
                default=Parameter.empty if declared.default in (None, ...) else declared.default,
            )
            for declared in self._arguments
        ]

    @property
    def type_annotation(self) -> None:
        """The type is the field's; the function returns records."""
        return None

    parent_parameter = property(lambda self: self.declaration.parent)
    info_parameter = property(lambda self: self.declaration.info)
    self_parameter = property(lambda self: None)
    root_parameter = property(lambda self: None)


def field(
    resolver: Callable[..., Any],
    description: str,
    *arguments: Argument,
    cost: Cost | None = None,
    cache: CacheHint | None = None,
    name: str | None = None,
    deprecated: Deprecation | None = None,
) -> Any:
    """A field with a resolver. Typed Any, as a dataclass field's default has to be."""
    return StrawberryField(
        graphql_name=name,
        description=description,
        base_resolver=DeclaredResolver(resolver, arguments),
        directives=directives_of(cost=cost, cache=cache),
        metadata={"cost": cost, "cache": cache, "resolver": resolver},
        deprecation_reason=deprecated.reason if deprecated else None,
    )


def mutation(resolver: Mutation[Any, Any], input: str, description: str) -> Any:
    """A field of `Mutation`. Its payload is the field's type; `input` names its input type.

    What a token must grant, and the bursts it counts among, are the resolver's to say.
    """
    return StrawberryField(
        description=description,
        base_resolver=DeclaredResolver(resolver, [argument("input", input, "What to do.", ...)]),
        directives=directives_of(scopes=resolver.scopes),
        metadata={"burst": resolver.burst, "scopes": resolver.scopes, "resolver": resolver},
    )


def attribute(
    description: str,
    *,
    cost: Cost | None = None,
    cache: CacheHint | None = None,
    name: str | None = None,
    deprecated: Deprecation | None = None,
) -> Any:
    """A field that is an attribute of the record, under the same name."""
    return StrawberryField(
        graphql_name=name,
        description=description,
        directives=directives_of(cost=cost, cache=cache),
        metadata={"cost": cost, "cache": cache},
        deprecation_reason=deprecated.reason if deprecated else None,
    )


def node_type(
    record_type: type, *, description: str, cache: CacheHint | None = None
) -> Callable[[T], T]:
    """A type with a global id whose parent is a record of `record_type`.

    `cache` is for every field that returns the type and has no hint of its own.
    """
    return object_type(record_type, description=description, cache=cache)


def object_type(
    record_type: type | None = None, *, description: str, cache: CacheHint | None = None
) -> Callable[[T], T]:
    """A type whose parent is a record, or, without `record_type`, any object with its attributes.

    `cache` is for every field that returns the type and has no hint of its own. Compares the
    attributes with the record at import: a misspelt field stops the program.
    """

    def declare(cls: T) -> T:
        if record_type is not None:
            RECORD_TYPES[record_type] = cls
            cls.__record_type__ = record_type  # type: ignore[attr-defined]  # as executors read it
            cls.is_type_of = classmethod(  # type: ignore[attr-defined]  # strawberry's hook
                lambda _cls, value, _info: type(value) is record_type
            )
        hint_type(cls, cache)
        made: T = strawberry.type(
            cls, description=description, directives=directives_of(cache=cache)
        )
        if record_type is not None:
            _check_attributes(made, record_type)
        return _known(made)

    return declare


def _check_attributes(cls: type, record_type: type) -> None:
    has = set(get_type_hints(record_type)) | set(dir(record_type))
    for declared in cls.__strawberry_definition__.fields:  # type: ignore[attr-defined]
        if declared.base_resolver is None and declared.python_name not in has:
            raise TypeError(
                f"{cls.__name__}.{declared.python_name} is no attribute of {record_type.__name__}."
            )


def interface(*, description: str, cache: CacheHint | None = None) -> Callable[[T], T]:
    """An interface. `cache` is for its own fields; without it any type may stand behind it."""

    def declare(cls: T) -> T:
        hint_type(cls, cache)
        return _known(
            strawberry.interface(
                cls, description=description, directives=directives_of(cache=cache)
            )
        )

    return declare


def input_type(*, description: str, one_of: bool = False) -> Callable[[T], T]:
    """An input object; with `one_of`, exactly one of its fields is given."""
    return lambda cls: _known(strawberry.input(cls, description=description, one_of=one_of))


def name_type(name: str, value: Any) -> None:
    """Makes a union known to `link`, so that other modules can name it."""
    _types[name] = value


def _known(cls: T) -> T:
    _types[cls.__name__] = cls
    return cls


def link() -> Mapping[str, type]:
    """Gives every module of the schema the names of all types; call when all are loaded."""
    for name, module in list(sys.modules.items()):
        if name.startswith("schema."):
            for type_name, value in _types.items():
                vars(module).setdefault(type_name, value)
    return _types
