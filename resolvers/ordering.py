"""`orderBy` to the order of a store."""

from collections.abc import Mapping
from typing import Protocol, TypeVar

from domain.orders import OrderDirection
from storage.paging import Order

F_co = TypeVar("F_co", covariant=True)
F = TypeVar("F")


class OrderBy(Protocol[F_co]):
    """The input of a list's `orderBy`: a field of its enum, and optionally a direction."""

    @property
    def field(self) -> F_co:
        """By what."""

    @property
    def direction(self) -> OrderDirection | None:
        """Which end first; None is the natural one of the field."""


def order_of(asked: OrderBy[F] | None, orders: Mapping[F, Order], default: F) -> Order:
    """The order that was asked for; `orders` has each field in its natural direction."""
    order = orders[default if asked is None else asked.field]
    if asked is None or asked.direction is None:
        return order
    descending = asked.direction is OrderDirection.DESC
    return order if order.descending == descending else order.reversed(f"{order.name}_reversed")
