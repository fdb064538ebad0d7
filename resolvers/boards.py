"""Boards, their sections and their members."""

from collections.abc import Sequence
from typing import Protocol

from domain.boards import BoardRecord, BoardRole, SectionRecord, role_of
from domain.errors import BadUserInput
from domain.follows import FollowKind, FollowRecord
from domain.media import CreativeType, Image, cover_image
from domain.orders import BoardPinFilter, BoardPinOrderField
from domain.permissions import Reasons, cannot_add_pins, cannot_edit_board, cannot_invite
from domain.pins import PinRecord
from domain.record import Id
from loaders.boards import (
    JOINED,
    BoardByIdLoader,
    BoardIdBySlugLoader,
    CollaboratorsByBoardLoader,
    MemberRow,
)
from loaders.follows import ViewerFollowsBoardLoader
from loaders.pins import (
    PinByIdLoader,
    PinCountByBoardLoader,
    PinsByBoardLoader,
    PinsBySectionLoader,
)
from loaders.sections import SectionPlacesByBoardLoader, SectionsByBoardLoader
from loaders.users import UserByIdLoader, UserIdByUsernameLoader
from resolvers.connections import Connection, Window
from resolvers.context import Info
from resolvers.declared import batch, from_loader
from resolvers.nodes import check_size, typed_id
from resolvers.ordering import OrderBy, order_of
from resolvers.users import followers_of
from storage import pins as pin_orders
from storage.paging import Page
from storage.sections import POSITION

MAX_BOARDS = 100
MAX_PREVIEW = 5

PIN_ORDERS = {
    BoardPinOrderField.CUSTOM: pin_orders.CUSTOM,
    BoardPinOrderField.CREATED_AT: pin_orders.NEWEST,
}

owner = from_loader(UserByIdLoader, "owner_id")
section_board = from_loader(BoardByIdLoader, "board_id")


class BoardSlug(Protocol):
    """A board's address."""

    username: str
    slug: str


class BoardBy(Protocol):
    """A board by one of two names; the other is unset, which is false."""

    id: str | None
    slug: BoardSlug | None


async def board(_root: None, info: Info, by: BoardBy) -> BoardRecord | None:
    """The board with an id, or with its owner's name and its slug."""
    loaders = info.context.loaders
    if not by.slug:
        return await loaders(BoardByIdLoader).load(typed_id("Board", "id", by.id or ""))
    owner_id = await loaders(UserIdByUsernameLoader).load(by.slug.username.lower())
    if owner_id is None:
        return None
    board_id = await loaders(BoardIdBySlugLoader).load((owner_id, by.slug.slug))
    return None if board_id is None else await loaders(BoardByIdLoader).load(board_id)


async def boards(_root: None, info: Info, ids: list[str]) -> list[BoardRecord | None]:
    """The boards of many ids, in their order."""
    check_size("ids", len(ids), MAX_BOARDS)
    keys = [typed_id("Board", "ids", id) for id in ids]
    return await info.context.loaders(BoardByIdLoader).load_many(keys)


def pins(
    board: BoardRecord,
    info: Info,
    window: Window,
    section_id: str | None,
    creative_types: list[CreativeType] | None,
    added_by: str | None,
    order_by: OrderBy[BoardPinOrderField] | None,
) -> Connection[PinRecord]:
    """The pins of a board."""
    page = window.page(order_of(order_by, PIN_ORDERS, BoardPinOrderField.CUSTOM))
    only = BoardPinFilter(
        None if section_id is None else typed_id("BoardSection", "sectionId", section_id),
        frozenset(creative_types or ()),
        None if added_by is None else typed_id("User", "addedBy", added_by),
    )
    loaders = info.context.loaders
    pages = loaders(PinsByBoardLoader, page, only)
    return Connection(board.id, page, pages, loaders(PinCountByBoardLoader, only))


def sections(board: BoardRecord, info: Info, window: Window) -> Connection[SectionRecord]:
    """The sections of a board, in their places."""
    page = window.page(POSITION)
    pages = info.context.loaders(SectionsByBoardLoader, page)
    return Connection(board.id, page, pages, board.section_count)


@batch
async def section_places(sections: Sequence[SectionRecord], info: Info) -> list[int]:
    """The place of each section on its board, counted from 0.

    One that is not found any more, or is beyond the most that a board may have, is after the rest.
    """
    loader = info.context.loaders(SectionPlacesByBoardLoader)
    places = await loader.load_mapping(section.board_id for section in sections)

    def of(section: SectionRecord) -> int:
        on_board = places.get(section.board_id, {})
        return on_board.get(section.id, len(on_board))

    return [of(section) for section in sections]


def section_pins(section: SectionRecord, info: Info, window: Window) -> Connection[PinRecord]:
    """The pins of a section, in the order of the board."""
    page = window.page(pin_orders.CUSTOM)
    pages = info.context.loaders(PinsBySectionLoader, page)
    return Connection(section.id, page, pages, section.pin_count)


def followers(board: BoardRecord, info: Info, window: Window) -> Connection[FollowRecord]:
    """Who follows a board, newest first."""
    return followers_of(board, info, window, FollowKind.BOARD, board.follower_count)


def collaborators(board: BoardRecord, info: Info, window: Window) -> Connection[MemberRow]:
    """Who shares the board: accepted members, and for members also who was invited."""
    page = window.page(JOINED)
    return Connection(board.id, page, info.context.loaders(CollaboratorsByBoardLoader, page))


@batch
async def preview_pins(
    boards: Sequence[BoardRecord], info: Info, first: int
) -> list[list[PinRecord] | Exception]:
    """The first pins of each board, as its cover shows them."""
    if not 0 <= first <= MAX_PREVIEW:
        error = BadUserInput(f"`first` must be from 0 to {MAX_PREVIEW}; it was {first}.")
        return [error] * len(boards)
    loader = info.context.loaders(PinsByBoardLoader, _PREVIEW, BoardPinFilter())
    previews = await loader.load_mapping(board.id for board in boards)
    return [list(previews[b.id].rows[:first]) if b.id in previews else [] for b in boards]


_PREVIEW = Page(MAX_PREVIEW, pin_orders.CUSTOM)


@batch
async def cover(boards: Sequence[BoardRecord], info: Info) -> list[Image | None]:
    """The picture that the owner chose, or that of the first pin."""
    chosen = {b.id: image for b in boards if (image := b.cover_image) is not None}
    chosen |= await _chosen_pictures(boards, info)
    loader = info.context.loaders(PinsByBoardLoader, _PREVIEW, BoardPinFilter())
    previews = await loader.load_mapping(b.id for b in boards if b.id not in chosen)

    def of(board: BoardRecord) -> Image | None:
        if board.id in chosen or board.id not in previews:
            return chosen.get(board.id)
        covers = (cover_image(pin.media) for pin in previews[board.id].rows)
        return next((image for image in covers if image is not None), None)

    return [of(board) for board in boards]


async def _chosen_pictures(boards: Sequence[BoardRecord], info: Info) -> dict[Id, Image]:
    """The pictures of pins that owners chose, by board: not of one that was moved, say (INV-7)."""
    ids = {board.id: board.cover_pin_id for board in boards if board.cover_pin_id is not None}
    pins = await info.context.loaders(PinByIdLoader).load_mapping(ids.values()) if ids else {}
    return {
        board_id: image
        for board_id, pin_id in ids.items()
        if (pin := pins.get(pin_id)) is not None
        and pin.board_id == board_id
        and (image := cover_image(pin.media)) is not None
    }


def collaborator_count(board: BoardRecord) -> int:
    """How many people share the board with its owner."""
    return sum(role_of(board, member.user_id) is not None for member in board.collaborators)


@batch
async def viewer_follows(boards: Sequence[BoardRecord], info: Info) -> list[bool]:
    """Whether the viewer follows each board: itself, or with all those of its owner (INV-11)."""
    keys = [(board.id, board.owner_id) for board in boards]
    seen = await info.context.loaders(ViewerFollowsBoardLoader).load_many(keys)
    return [follows or False for follows in seen]


def viewer_role(board: BoardRecord, info: Info) -> BoardRole | None:
    """The viewer's role; None for whoever is no member."""
    return role_of(board, info.context.viewer.user_id)


def viewer_cannot_add_pins_reasons(board: BoardRecord, info: Info) -> Reasons:
    """Why the viewer may not add pins."""
    return cannot_add_pins(info.context.viewer, board)


def viewer_cannot_edit_reasons(board: BoardRecord, info: Info) -> Reasons:
    """Why the viewer may not edit the board."""
    return cannot_edit_board(info.context.viewer, board)


def viewer_cannot_invite_reasons(board: BoardRecord, info: Info) -> Reasons:
    """Why the viewer may not invite people."""
    return cannot_invite(info.context.viewer, board)


def viewer_can_add_pins(board: BoardRecord, info: Info) -> bool:
    """Whether the viewer may add pins."""
    return not cannot_add_pins(info.context.viewer, board)


def viewer_can_edit(board: BoardRecord, info: Info) -> bool:
    """Whether the viewer may edit the board."""
    return not cannot_edit_board(info.context.viewer, board)


def viewer_can_invite(board: BoardRecord, info: Info) -> bool:
    """Whether the viewer may invite people."""
    return not cannot_invite(info.context.viewer, board)
