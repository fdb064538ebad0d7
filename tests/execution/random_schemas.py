"""Random schemas of graphql-core: every kind of type, resolver and type check it knows."""

from collections.abc import Callable
from random import Random
from typing import Any, TypeAlias

from graphql import (
    GraphQLArgument,
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLEnumValue,
    GraphQLField,
    GraphQLFloat,
    GraphQLID,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInt,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLString,
    GraphQLUnionType,
    Undefined,
)

from tests.execution.random_values import Later, Nature, Resolved, Source, Values, serialize_odd

Info: TypeAlias = GraphQLResolveInfo[Any]


class RandomSchema:
    """A schema, and the values its resolvers give."""

    def __init__(self, nature: Nature) -> None:
        self.nature = nature
        self.values = Values(nature)
        self._rng = nature.random("schema")
        self._leaves: list[Any] = []
        self._composites: list[Any] = []
        self._inputs: list[Any] = []
        self.schema = self._build()
        self.values.schema = self.schema

    def root(self) -> object:
        """The root value; the mutations of one operation count in its list."""
        root = Source(self.values, "Query", "root")
        root.steps = []  # type: ignore[attr-defined]
        return root

    def _build(self) -> GraphQLSchema:
        rng = self._rng
        enum = GraphQLEnumType(
            "Size", {name: GraphQLEnumValue(i * 10) for i, name in enumerate(("S", "M", "L"))}
        )
        odd = GraphQLScalarType("Odd", serialize=serialize_odd)
        scalars = [GraphQLInt, GraphQLFloat, GraphQLString, GraphQLBoolean, GraphQLID]
        self._leaves = [*scalars, enum, odd]
        self._inputs = [*scalars, enum, odd, _options(enum)]
        interfaces = self._interfaces(rng.randint(1, 2))
        objects = [self._object(f"O{i}", interfaces) for i in range(rng.randint(2, 4))]
        for each in interfaces:
            if not any(each in made.interfaces for made in objects):
                objects.append(self._object(f"O{len(objects)}", interfaces, implements=each))
        unions = [self._union(f"U{i}", objects) for i in range(rng.randint(1, 2))]
        self._composites = [*interfaces, *objects, *unions]
        return GraphQLSchema(
            query=self._root_type("Query"),
            mutation=self._root_type("Mutation"),
            types=objects,
        )

    def _root_type(self, name: str) -> GraphQLObjectType:
        resolver = self._mutating if name == "Mutation" else self._resolver
        return GraphQLObjectType(
            name,
            lambda: {
                **{f"q{i}": self._field(f"q{i}", resolver) for i in range(self._rng.randint(2, 3))},
                **{
                    each.name.lower(): self._field(each.name.lower(), resolver, self._wrap(each))
                    for each in self._composites
                },
            },
        )

    def _interfaces(self, count: int) -> list[GraphQLInterfaceType]:
        made: list[GraphQLInterfaceType] = []
        for i in range(count):
            parents = [each for each in made if self._rng.random() < 0.5]
            names = [f"i{i}{letter}" for letter in "ab"[: self._rng.randint(1, 2)]]
            made.append(
                GraphQLInterfaceType(
                    f"I{i}",
                    self._fields_later(names, parents),
                    interfaces=parents,
                    resolve_type=self._type_resolver(f"I{i}"),
                )
            )
        return made

    def _object(
        self,
        name: str,
        interfaces: list[GraphQLInterfaceType],
        implements: GraphQLInterfaceType | None = None,
    ) -> GraphQLObjectType:
        chosen = [i for i in interfaces if i is implements or self._rng.random() < 0.6]
        # Who implements an interface implements what that one implements.
        chosen = [i for i in interfaces if i in chosen or any(i in c.interfaces for c in chosen)]
        # Half of the fields are known by one name to all objects: they merge, or must not.
        names = [
            self._rng.choice((f"{name.lower()}{letter}", f"f{letter}"))
            for letter in "abcd"[: self._rng.randint(2, 4)]
        ]
        return GraphQLObjectType(
            name,
            self._fields_later(names, chosen),
            interfaces=chosen,
            is_type_of=self._type_check(name),
        )

    def _union(self, name: str, objects: list[GraphQLObjectType]) -> GraphQLUnionType:
        members = self._rng.sample(objects, self._rng.randint(1, len(objects)))
        return GraphQLUnionType(name, members, resolve_type=self._type_resolver(name))

    def _fields_later(
        self, names: list[str], parents: list[GraphQLInterfaceType]
    ) -> Callable[[], dict[str, GraphQLField]]:
        """The fields of a type: those of its interfaces, sometimes promising more, and its own."""

        def fields() -> dict[str, GraphQLField]:
            made: dict[str, GraphQLField] = {}
            for parent in parents:
                for name, field in parent.fields.items():
                    type_ = field.type
                    if not isinstance(type_, GraphQLNonNull) and self._rng.random() < 0.3:
                        type_ = GraphQLNonNull(type_)
                    made[name] = self._field(name, self._resolver, type_, field.args)
            return made | {name: self._field(name, self._resolver) for name in names}

        return fields

    def _field(
        self,
        name: str,
        resolver: Callable[[str, Any], Callable[..., Resolved] | None],
        type_: Any = None,
        args: dict[str, GraphQLArgument] | None = None,
    ) -> GraphQLField:
        if type_ is None:
            is_leaf = self._rng.random() < 0.5
            type_ = self._wrap(self._rng.choice(self._leaves if is_leaf else self._composites))
        return GraphQLField(
            type_,
            args=self._arguments() if args is None else args,
            resolve=resolver(name, type_),
        )

    def _wrap(self, type_: Any) -> Any:
        for _ in range(self._rng.choice((0, 0, 1, 1, 2))):
            if self._rng.random() < 0.4:
                type_ = GraphQLNonNull(type_)
            type_ = GraphQLList(type_)
        return GraphQLNonNull(type_) if self._rng.random() < 0.35 else type_

    def _arguments(self) -> dict[str, GraphQLArgument]:
        return {f"a{i}": self._argument() for i in range(self._rng.choice((0, 0, 0, 1, 1, 2)))}

    def _argument(self) -> GraphQLArgument:
        rng = self._rng
        inner = rng.choice(self._inputs)
        type_ = inner
        if rng.random() < 0.3:
            type_ = GraphQLList(GraphQLNonNull(type_) if rng.random() < 0.5 else type_)
        default: Any = Undefined
        if rng.random() < 0.4:
            default = None if rng.random() < 0.2 else _default(rng, inner, type_)
        if default is not None and rng.random() < 0.3:
            type_ = GraphQLNonNull(type_)
        out_name = "renamed" if rng.random() < 0.1 else None
        return GraphQLArgument(type_, default_value=default, out_name=out_name)

    def _resolver(self, name: str, type_: Any) -> Callable[..., Resolved] | None:
        values = self.values

        def token(source: object, info: Info) -> str:
            # What a resolver learns from `info` is part of the answer, indices of lists excepted.
            path = info.path.key if info.path else None
            known = f"{info.parent_type}.{info.field_name}:{info.return_type}"
            return f"{getattr(source, 'token', source)!s}|{known}|{path}|{len(info.field_nodes)}"

        def resolve(source: object, info: Info, **args: object) -> object:
            return values.resolve(type_, token(source, info), name, args)

        async def resolve_later(source: object, info: Info, **args: object) -> object:
            return await values.resolve_later(type_, token(source, info), name, args)

        def return_later(source: object, info: Info, **args: object) -> object:
            return resolve_later(source, info, **args)

        if self.nature.is_async:
            return self._rng.choice([None, resolve, resolve_later, resolve_later, return_later])
        return self._rng.choice([None, resolve, resolve])

    def _mutating(self, name: str, type_: Any) -> Callable[..., Resolved]:
        """A resolver whose value says how many mutations ran before it."""
        inner = self._resolver(name, type_) or self._resolver(name, type_)

        def resolve(source: Any, info: Info, **args: object) -> Resolved:
            source.steps.append(name)
            root = Source(self.values, "Mutation", f"root{len(source.steps)}")
            if inner is None:
                return self.values.resolve(type_, root.token, name, args)
            return inner(root, info, **args)

        return resolve

    def _type_resolver(self, name: str) -> Callable[..., Any] | None:
        trouble = self.nature.trouble

        def resolve(value: Any, _info: Info, _type: object) -> object:
            rng = self.nature.random("resolve_type", name, getattr(value, "token", None))
            if rng.random() < trouble / 2:
                wrong: list[object] = [None, "Nobody", "Size", 5]
                return rng.choice(wrong)
            if rng.random() < trouble / 4:
                raise ValueError(f"no type for {getattr(value, 'token', value)}")
            return getattr(value, "typename", None)

        return self._sometimes_later(resolve)

    def _type_check(self, name: str) -> Callable[..., Any] | None:
        trouble = self.nature.trouble

        def check(value: Any, _info: Info) -> object:
            rng = self.nature.random("is_type_of", name, getattr(value, "token", None))
            if rng.random() < trouble / 4:
                raise ValueError(f"cannot tell {getattr(value, 'token', value)}")
            return getattr(value, "typename", None) == name

        return self._sometimes_later(check)

    def _sometimes_later(self, check: Callable[..., Any]) -> Callable[..., Any] | None:
        """None, the function, or one that answers later (always, or for some values)."""
        kind = self._rng.randrange(5)
        if kind < 2:
            return None
        if kind == 2 or not self.nature.is_async:
            return check

        async def later(*args: Any) -> object:
            return check(*args)

        def mixed(*args: Any) -> object:
            token = getattr(args[0], "token", None)
            answer = check(*args)
            return Later(1, answer) if self.nature.random(token).random() < 0.5 else answer

        return later if kind == 3 else mixed


def _options(enum: GraphQLEnumType) -> GraphQLInputObjectType:
    return GraphQLInputObjectType(
        "Options",
        {
            "x": GraphQLInputField(GraphQLInt),
            "y": GraphQLInputField(GraphQLString, default_value="why"),
            "z": GraphQLInputField(GraphQLList(GraphQLNonNull(enum)), out_name="zed"),
        },
    )


def _default(rng: Random, inner: Any, type_: Any) -> object:
    values: dict[str, object] = {
        "Int": 4,
        "Float": 0.5,
        "String": "default",
        "Boolean": True,
        "ID": "id",
        "Size": 20,
        "Odd": 1,
        "Options": {"x": 1},
    }
    value = values[inner.name]
    return [value] * rng.randrange(3) if isinstance(type_, GraphQLList) else value
