"""Users and the follow graph around them."""

from typing import Protocol

from domain.boards import BoardPrivacy, BoardRecord
from domain.follows import FollowKind, FollowRecord
from domain.ids import is_entity_id
from domain.media import CreativeType
from domain.orders import BoardOrderField, UserBoardFilter, UserPinFilter
from domain.pins import PinRecord
from domain.policies import board_privacies, pin_privacies
from domain.record import Id, Record
from domain.users import UserRecord
from domain.viewer import Scope
from loaders.boards import BoardCountByOwnerLoader, BoardsByOwnerLoader
from loaders.follows import (
    FollowersLoader,
    FollowingCountLoader,
    FollowingLoader,
    FollowsViewerLoader,
    ViewerFollowsLoader,
)
from loaders.pins import PinCountByOwnerLoader, PinsByOwnerLoader
from loaders.users import BlockWithUserLoader, UserByIdLoader, UserIdByUsernameLoader
from resolvers.connections import Connection, Window
from resolvers.context import Info
from resolvers.declared import from_loader
from resolvers.nodes import check_size, typed_id
from resolvers.ordering import OrderBy, order_of
from storage import boards as board_orders
from storage import follows as follow_orders
from storage import pins as pin_orders

MAX_USERS = 100

BOARD_ORDERS = {
    BoardOrderField.LAST_SAVED: board_orders.LAST_SAVED,
    BoardOrderField.ALPHABETICAL: board_orders.ALPHABETICAL,
    BoardOrderField.CREATED_AT: board_orders.NEWEST,
    BoardOrderField.CUSTOM: board_orders.CUSTOM,
}

viewer_follows = from_loader(ViewerFollowsLoader, "id", FollowKind.USER, default=False)
viewer_is_followed_by = from_loader(FollowsViewerLoader, "id", default=False)
viewer_has_blocked = from_loader(BlockWithUserLoader, "id", default=False)


def viewer_is_self(user: UserRecord, info: Info) -> bool:
    """Whether the viewer is this user."""
    return user.id == info.context.viewer.user_id


class UserBy(Protocol):
    """A user by one of three names; the others are unset, which is no string."""

    id: str | None
    username: str | None
    entity_id: str | None


async def user(_root: None, info: Info, by: UserBy) -> UserRecord | None:
    """The user with a name."""
    loaders = info.context.loaders
    user_id: Id | None
    if isinstance(by.id, str):
        user_id = typed_id("User", "id", by.id)
    elif isinstance(by.username, str):
        user_id = await loaders(UserIdByUsernameLoader).load(by.username.lower())
    else:
        user_id = Id(by.entity_id) if by.entity_id and is_entity_id(by.entity_id) else None
    return None if user_id is None else await loaders(UserByIdLoader).load(user_id)


async def users(_root: None, info: Info, ids: list[str]) -> list[UserRecord | None]:
    """The users of many ids, in their order."""
    check_size("ids", len(ids), MAX_USERS)
    keys = [typed_id("User", "ids", id) for id in ids]
    return await info.context.loaders(UserByIdLoader).load_many(keys)


def boards(
    user: UserRecord,
    info: Info,
    window: Window,
    privacy: BoardPrivacy | None,
    include_archived: bool,
    order_by: OrderBy[BoardOrderField] | None,
) -> Connection[BoardRecord]:
    """A user's own boards; only the user sees those that are not public."""
    page = window.page(order_of(order_by, BOARD_ORDERS, BoardOrderField.LAST_SAVED))
    visible = board_privacies(info.context.viewer, user.id)
    only = UserBoardFilter(visible if privacy is None else visible & {privacy}, include_archived)
    loaders = info.context.loaders
    pages = loaders(BoardsByOwnerLoader, page, only)
    return Connection(user.id, page, pages, loaders(BoardCountByOwnerLoader, only))


def created_pins(
    user: UserRecord,
    info: Info,
    window: Window,
    creative_types: list[CreativeType] | None,
    promoted_only: bool,
) -> Connection[PinRecord]:
    """The root pins of a user, newest first."""
    only = _pin_filter(user, info, creative_types, is_repin=False, promoted_only=promoted_only)
    return _pins(user, info, window, only)


def saved_pins(
    user: UserRecord, info: Info, window: Window, creative_types: list[CreativeType] | None
) -> Connection[PinRecord]:
    """The copies that a user saved, newest first."""
    return _pins(user, info, window, _pin_filter(user, info, creative_types, is_repin=True))


def followers(user: UserRecord, info: Info, window: Window) -> Connection[FollowRecord]:
    """Who follows a user, newest first."""
    return followers_of(user, info, window, FollowKind.USER, user.follower_count)


def following(
    user: UserRecord, info: Info, window: Window, explicit_only: bool
) -> Connection[FollowRecord]:
    """Whom a user follows, newest first."""
    return _following(user, info, window, FollowKind.USER, explicit_only)


def followed_boards(user: UserRecord, info: Info, window: Window) -> Connection[FollowRecord]:
    """Which boards a user follows. Their number is the user's own business: some are secret."""
    viewer = info.context.viewer
    counted = user.id == viewer.user_id and viewer.may(Scope.BOARDS_READ_SECRET)
    return _following(user, info, window, FollowKind.BOARD, counted=counted)


def followed_topics(user: UserRecord, info: Info, window: Window) -> Connection[FollowRecord]:
    """Which topics a user follows, newest first."""
    return _following(user, info, window, FollowKind.TOPIC)


def followers_of(
    target: Record, info: Info, window: Window, kind: FollowKind, count: int
) -> Connection[FollowRecord]:
    """Who follows a user, a board or a topic."""
    page = window.page(follow_orders.NEWEST)
    loaders = info.context.loaders
    return Connection(target.id, page, loaders(FollowersLoader, page, kind), count)


def _pin_filter(
    user: UserRecord,
    info: Info,
    creative_types: list[CreativeType] | None,
    *,
    is_repin: bool,
    promoted_only: bool = False,
) -> UserPinFilter:
    privacies = pin_privacies(info.context.viewer, user.id)
    return UserPinFilter(is_repin, privacies, frozenset(creative_types or ()), promoted_only)


def _pins(
    user: UserRecord, info: Info, window: Window, only: UserPinFilter
) -> Connection[PinRecord]:
    page = window.page(pin_orders.NEWEST)
    loaders = info.context.loaders
    pages = loaders(PinsByOwnerLoader, page, only)
    return Connection(user.id, page, pages, loaders(PinCountByOwnerLoader, only))


def _following(
    user: UserRecord,
    info: Info,
    window: Window,
    kind: FollowKind,
    explicit_only: bool = False,
    *,
    counted: bool = True,
) -> Connection[FollowRecord]:
    page = window.page(follow_orders.NEWEST)
    loaders = info.context.loaders
    pages = loaders(FollowingLoader, page, kind, explicit_only)
    counts = loaders(FollowingCountLoader, kind, explicit_only) if counted else None
    return Connection(user.id, page, pages, counts)
