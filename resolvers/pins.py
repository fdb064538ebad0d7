"""Pins, and what the viewer has to do with them."""

from collections.abc import Sequence

import msgspec

from domain.errors import BadUserInput
from domain.orders import CreatedAtOrderField
from domain.permissions import Reasons, cannot_delete_pin, cannot_edit_pin
from domain.pins import CommentRecord, PinRecord, ReactionType
from domain.policies import may_read_note
from domain.record import Id
from domain.topics import TopicRecord
from loaders.boards import BoardByIdLoader
from loaders.comments import CommentCountByPinLoader, CommentsByPinLoader
from loaders.pins import (
    CopiesByPinLoader,
    CopyCountByPinLoader,
    PinByIdLoader,
    SaveCountByRootLoader,
    ViewerCopiesByRootLoader,
    ViewerReactionByPinLoader,
)
from loaders.sections import SectionByIdLoader
from loaders.topics import TopicByIdLoader
from loaders.users import UserByIdLoader
from resolvers.connections import Connection, Edge, Window
from resolvers.context import Info
from resolvers.declared import batch, from_loader
from resolvers.nodes import check_size, typed_id
from resolvers.ordering import OrderBy, order_of
from storage import comments as comment_orders
from storage import pins as pin_orders

MAX_PINS = 100
MAX_TOPICS = 10

creator = from_loader(UserByIdLoader, "creator_id")
owner = from_loader(UserByIdLoader, "owner_id")
board = from_loader(BoardByIdLoader, "board_id")
section = from_loader(SectionByIdLoader, "section_id")
parent = from_loader(PinByIdLoader, "parent_id")
root = from_loader(PinByIdLoader, "root_id")
aggregated_save_count = from_loader(SaveCountByRootLoader, "root_id", default=0)
viewer_reaction = from_loader(ViewerReactionByPinLoader, "id")


class ReactionCount(msgspec.Struct, frozen=True):
    """How many people reacted to a pin in one way."""

    type: ReactionType
    count: int


async def pin(_root: None, info: Info, id: str) -> PinRecord | None:
    """The pin with an id."""
    return await info.context.loaders(PinByIdLoader).load(typed_id("Pin", "id", id))


async def pins(_root: None, info: Info, ids: list[str]) -> list[PinRecord | None]:
    """The pins of many ids, in their order."""
    check_size("ids", len(ids), MAX_PINS)
    keys = [typed_id("Pin", "ids", id) for id in ids]
    return await info.context.loaders(PinByIdLoader).load_many(keys)


@batch
async def topics(pins: Sequence[PinRecord], info: Info) -> list[list[TopicRecord]]:
    """What each pin is about."""
    loader = info.context.loaders(TopicByIdLoader)
    known = await loader.load_mapping(topic_id for pin in pins for topic_id in pin.topic_ids)
    return [[known[i] for i in pin.topic_ids[:MAX_TOPICS] if i in known] for pin in pins]


async def readable_notes(pins: Sequence[PinRecord], info: Info) -> list[str | None]:
    """The private note of each pin, where the viewer may read it."""
    noted = [pin for pin in pins if pin.note is not None]
    boards = await info.context.loaders(BoardByIdLoader).load_mapping(pin.board_id for pin in noted)
    readable = {
        pin.id
        for pin in noted
        if pin.board_id in boards and may_read_note(info.context.viewer, pin, boards[pin.board_id])
    }
    return [pin.note if pin.id in readable else None for pin in pins]


note = batch(readable_notes)


def reactions(pin: PinRecord) -> list[ReactionCount]:
    """How often each reaction was given, most often first; those never given are left out."""
    counts = [ReactionCount(type, n) for type, n in pin.reaction_counts.items() if n > 0]
    return sorted(counts, key=lambda each: (-each.count, each.type))


def reaction_count(pin: PinRecord) -> int:
    """How many people reacted."""
    return sum(pin.reaction_counts.values())


def comments(
    pin: PinRecord, info: Info, window: Window, order_by: OrderBy[CreatedAtOrderField] | None
) -> Connection[CommentRecord]:
    """The comments on a pin, newest first unless asked otherwise."""
    orders = {CreatedAtOrderField.CREATED_AT: comment_orders.NEWEST}
    page = window.page(order_of(order_by, orders, CreatedAtOrderField.CREATED_AT))
    loaders = info.context.loaders
    return Connection(
        pin.id, page, loaders(CommentsByPinLoader, page), loaders(CommentCountByPinLoader)
    )


def saves(pin: PinRecord, info: Info, window: Window) -> Connection[PinRecord]:
    """The public copies that were saved from a pin, newest first."""
    page = window.page(pin_orders.NEWEST)
    loaders = info.context.loaders
    return Connection(pin.id, page, loaders(CopiesByPinLoader, page), loaders(CopyCountByPinLoader))


@batch
async def viewer_has_saved(pins: Sequence[PinRecord], info: Info) -> list[bool]:
    """Whether the viewer owns a copy of each pin, or of any other copy of its picture."""
    copies = await _viewer_copies(pins, info)
    return [any(copy.id != pin.id for copy in copies.get(pin.root_id, ())) for pin in pins]


@batch
async def viewer_saved_to(
    pins: Sequence[PinRecord], info: Info, first: int
) -> list[list[Edge[PinRecord]] | Exception]:
    """The viewer's newest copies of each pin."""
    if not 0 <= first <= pin_orders.SAVED_TO_LIMIT:
        limit = pin_orders.SAVED_TO_LIMIT
        return [BadUserInput(f"`first` must be from 0 to {limit}; it was {first}.")] * len(pins)
    copies = await _viewer_copies(pins, info)
    return [
        [
            Edge(copy, pin_orders.NEWEST)
            for copy in copies.get(pin.root_id, ())
            if copy.id != pin.id
        ][:first]
        for pin in pins
    ]


def viewer_is_owner(pin: PinRecord, info: Info) -> bool:
    """Whether the pin is the viewer's own."""
    return pin.owner_id == info.context.viewer.user_id


def viewer_can_edit(pin: PinRecord, info: Info) -> bool:
    """Whether the viewer may edit the pin."""
    return not cannot_edit_pin(info.context.viewer, pin)


def viewer_cannot_edit_reasons(pin: PinRecord, info: Info) -> Reasons:
    """Why the viewer may not edit the pin."""
    return cannot_edit_pin(info.context.viewer, pin)


@batch
async def viewer_can_delete(pins: Sequence[PinRecord], info: Info) -> list[bool]:
    """Whether the viewer may delete each pin."""
    return [not reasons for reasons in await _cannot_delete(pins, info)]


@batch
async def viewer_cannot_delete_reasons(pins: Sequence[PinRecord], info: Info) -> list[Reasons]:
    """Why the viewer may not delete each pin."""
    return await _cannot_delete(pins, info)


async def _viewer_copies(pins: Sequence[PinRecord], info: Info) -> dict[Id, list[PinRecord]]:
    loader = info.context.loaders(ViewerCopiesByRootLoader)
    return await loader.load_mapping(pin.root_id for pin in pins)


async def _cannot_delete(pins: Sequence[PinRecord], info: Info) -> list[Reasons]:
    viewer = info.context.viewer
    boards = await info.context.loaders(BoardByIdLoader).load_mapping(pin.board_id for pin in pins)
    return [
        cannot_delete_pin(viewer, pin, boards[pin.board_id])
        if pin.board_id in boards
        else cannot_edit_pin(viewer, pin)
        for pin in pins
    ]
