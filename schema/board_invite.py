"""Invitations to share a board."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import strawberry

from domain.boards import BoardRole
from resolvers import invites
from schema.fields import PRIVATE, attribute, field, object_type

if TYPE_CHECKING:
    from schema.board import Board
    from schema.user import User


@object_type(
    invites.BoardInvite,
    description="An open invitation to share a board. Of a secret one it says whose it is, and no "
    "more.",
    cache=PRIVATE,
)
class BoardInvite:
    board_id: strawberry.ID = field(invites.board_id, "The board's id, for `respondToInvite`.")
    board_name: str | None = attribute("The board's name; null while a secret board is not joined.")
    board: Board | None = field(
        invites.board, "The board; null while it is secret and the invitation is open."
    )
    role: BoardRole = attribute("What the viewer may do there as a member.")
    owner: User | None = field(invites.owner, "Whose board it is.")
    invited_by: User | None = field(invites.invited_by, "Who invited the viewer.")
    invited_at: datetime | None = attribute("When the viewer was invited.")
