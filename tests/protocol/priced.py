"""A small schema with prices. Its resolvers return exactly as much as a price takes them to."""

from collections.abc import Callable
from typing import Annotated, Any

import strawberry

from protocol.cost import Cost, ListSize

PAGED = Cost(size=ListSize(25, ("first", "last"), ("edges", "nodes")))
SIZED = Cost(size=ListSize(7, ("first",)))
BY_IDS = Cost(size=ListSize(100, ("ids",)))


def costs(cost: Cost) -> Callable[[Callable[..., Any]], Any]:
    """Makes a method a field of that cost, as the words of the schema do."""
    return lambda method: strawberry.field(method, metadata={"cost": cost})


@strawberry.type
class PageInfo:
    """Where a page stands."""

    has_next_page: bool = False


@strawberry.interface
class Animal:
    """What a person may have."""

    name: str = "Rex"

    @strawberry.field
    def owner(self) -> "Person":
        """Whose it is."""
        return Person()


@strawberry.type
class Toy:
    """What a cat has."""

    name: str = "ball"


@strawberry.type
class Dog(Animal):
    """An animal."""

    @strawberry.field
    def friend(self) -> "Dog":
        """Another."""
        return Dog()


@strawberry.type
class Cat(Animal):
    """Another animal."""

    @strawberry.field
    def toys(self) -> list[Toy]:
        """A list that declares no size."""
        return [Toy()] * 10

    @strawberry.field
    def heaps(self) -> list[list[Toy]]:
        """A list of lists."""
        return [[Toy()] * 10] * 10


Being = Annotated["Dog | Cat | Person", strawberry.union("Being")]


@strawberry.type
class PersonEdge:
    """A person in a page."""

    cursor: str = ""

    @strawberry.field
    def node(self) -> "Person":
        """The person."""
        return Person()


@strawberry.type
class Summary:
    """What a page has beside its items."""

    text: str = ""


@strawberry.type
class PersonConnection:
    """A page of persons."""

    size: strawberry.Private[int]
    page_info: PageInfo
    summary: Summary

    @strawberry.field
    def edges(self) -> list[PersonEdge]:
        """The edges."""
        return [PersonEdge()] * self.size

    @strawberry.field
    def nodes(self) -> "list[Person]":
        """The persons."""
        return [Person()] * self.size


@strawberry.type
class Person:
    """Somebody."""

    name: str = "Ada"
    secret: str = strawberry.field(default="", metadata={"cost": Cost(weight=3)})

    @strawberry.field
    def friend(self) -> "Person":
        """One of their friends."""
        return Person()

    @costs(PAGED)
    def friends(self, first: int | None = None, last: int | None = None) -> PersonConnection:
        """Their friends."""
        size = first if first is not None else last if last is not None else 25
        return PersonConnection(size=size, page_info=PageInfo(), summary=Summary())

    @costs(SIZED)
    def dogs(self, first: int = 2) -> list[Dog]:
        """Their dogs: two, unless more or fewer are asked for."""
        return [Dog()] * first

    @costs(Cost(weight=5, size=ListSize(4)))
    def cats(self) -> list[Cat]:
        """Their cats, who cost something to find."""
        return [Cat()] * 4

    @strawberry.field
    def pet(self) -> Animal:
        """Their pet."""
        return Dog()

    @strawberry.field
    def acquaintances(self) -> list[PersonEdge]:
        """Edges of no connection."""
        return [PersonEdge()] * 10


@strawberry.type
class Query:
    """Reads."""

    version: str = "1"

    @strawberry.field
    def person(self) -> Person:
        """Somebody."""
        return Person()

    @costs(Cost(weight=8))
    def search(self) -> Person:
        """Somebody who is hard to find."""
        return Person()

    @strawberry.field
    def being(self) -> Being:
        """Whoever."""
        return Dog()

    @costs(BY_IDS)
    def people(self, ids: list[strawberry.ID]) -> list[Person]:
        """Those with the ids."""
        return [Person() for _ in ids]


@strawberry.type
class Mutation:
    """Writes."""

    @strawberry.mutation
    def count(self) -> int:
        """Counts."""
        raise NotImplementedError

    @strawberry.mutation
    def rename(self) -> Person:
        """Renames somebody."""
        raise NotImplementedError

    @strawberry.mutation
    def breed(self) -> list[Dog]:
        """Makes many."""
        raise NotImplementedError

    @costs(Cost(weight=2))
    def touch(self) -> Person:
        """Nearly nothing."""
        raise NotImplementedError


SCHEMA = strawberry.Schema(Query, Mutation)
