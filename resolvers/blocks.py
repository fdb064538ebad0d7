"""Whom the viewer blocked."""

from datetime import datetime

from domain.blocks import BlockRecord
from domain.record import Id
from domain.scopes import require_scopes
from domain.viewer import Scope, Viewer
from loaders.users import BlockedUserByIdLoader, BlocksMadeLoader
from resolvers.connections import Connection, Edge, Window, nodes_from
from resolvers.context import Info
from resolvers.declared import from_loader
from storage.blocks import NEWEST

blocked_user = from_loader(BlockedUserByIdLoader, "row.blocked_id")
blocked_users = nodes_from(BlockedUserByIdLoader, "blocked_id")


def blocks(viewer: Viewer, info: Info, window: Window) -> Connection[BlockRecord]:
    """The users whom the viewer blocked, newest block first."""
    require_scopes(viewer, [Scope.USER_ACCOUNTS_READ])
    page = window.page(NEWEST)
    return Connection(Id(viewer.user_id or ""), page, info.context.loaders(BlocksMadeLoader, page))


def blocked_at(edge: Edge[BlockRecord]) -> datetime | None:
    """When they were blocked."""
    return edge.row.created_at
