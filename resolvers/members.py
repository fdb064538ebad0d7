"""The people who share a board, as its connection shows them."""

from datetime import datetime

from domain.boards import BoardRole, InviteStatus
from loaders.boards import MemberRow
from loaders.users import UserByIdLoader
from resolvers.connections import Edge, nodes_from
from resolvers.declared import from_loader

user = from_loader(UserByIdLoader, "row.id")
invited_by = from_loader(UserByIdLoader, "row.member.invited_by_id")


users = nodes_from(UserByIdLoader, "id")


def role(edge: Edge[MemberRow]) -> BoardRole:
    """What a member may do."""
    return edge.row.member.role


def status(edge: Edge[MemberRow]) -> InviteStatus:
    """How a member's invitation stands."""
    return edge.row.member.status


def can_invite(edge: Edge[MemberRow]) -> bool:
    """Whether a member may invite others."""
    return edge.row.member.can_invite


def joined_at(edge: Edge[MemberRow]) -> datetime | None:
    """Since when; None until the invitation is accepted."""
    return edge.row.member.joined_at
