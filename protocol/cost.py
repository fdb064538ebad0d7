"""What an operation asks for, in points, before it is executed (DOMAIN g.13)."""

import msgspec


class ListSize(msgspec.Struct, frozen=True):
    """How many items a field gives.

    The largest of the `arguments` that are given says so: an integer by its value, a list by its
    length. Without any it is `assumed`. `fields` are the fields of a connection that hold its
    items; none are named when the field is the list itself.
    """

    assumed: int
    arguments: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()


class Cost(msgspec.Struct, frozen=True):
    """What a field costs: its `weight` for itself, and how many times its selection is resolved.

    Without a weight it is 1 for an object, 0 for a leaf and 10 for a mutation.
    """

    weight: int | None = None
    size: ListSize | None = None
