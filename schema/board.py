"""Boards, their sections and their members."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import strawberry

from domain.boards import BoardPrivacy, BoardRecord, BoardRole, InviteStatus, SectionRecord
from domain.permissions import CannotReason
from protocol.caching import CacheHint
from protocol.cost import Cost, ListSize
from resolvers import boards, connections, members, related
from schema.fields import PAGE, PAGED, PRIVATE, argument, attribute, field, node_type, object_type
from schema.inputs import BoardPinOrder
from schema.node import Connection, Edge, Node
from schema.user import CREATIVE_TYPES

if TYPE_CHECKING:
    from schema.media import Image
    from schema.pin import BoardPinConnection, Pin, RelatedPinConnection
    from schema.user import FollowerConnection, User


@node_type(
    BoardRecord,
    description="A collection of pins. A secret board exists for its members only: for everybody "
    "else it is null by every path.",
    cache=CacheHint(max_age_s=60),
)
class Board(Node):
    name: str = attribute("The name; 1–180 characters.")
    slug: str = attribute("The last part of the board's address; unique per owner.")
    description: str | None = attribute("What the board is about.")
    privacy: BoardPrivacy = attribute("Who may see the board.")
    is_ads_only: bool = attribute("Whether the board only holds pins that are shown as ads.")
    owner: User | None = field(boards.owner, "Whose board this is.")
    collaborators: BoardCollaboratorConnection | None = field(
        boards.collaborators,
        "Who shares the board, longest first; invitations are listed for members only.",
        *PAGE,
        cost=PAGED,
    )
    collaborator_count: int = field(
        boards.collaborator_count, "How many people share the board with its owner."
    )
    follower_count: int = attribute("How many follow the board. May lag.")
    pin_count: int = attribute("How many pins are on the board. May lag.")
    section_count: int = attribute("How many sections the board has. May lag.")
    cover: Image | None = field(
        boards.cover, "The picture that the owner chose, or that of the first pin."
    )
    preview_pins: list[Pin] | None = field(
        boards.preview_pins,
        "The first pins of the board.",
        argument("first", int, "How many: 0–5.", 5),
        cost=Cost(size=ListSize(boards.MAX_PREVIEW, ("first",))),
    )
    sections: BoardSectionConnection | None = field(
        boards.sections, "The sections, in their places.", *PAGE, cost=PAGED
    )
    pins: BoardPinConnection | None = field(
        boards.pins,
        "The pins on the board.",
        *PAGE,
        argument("section_id", strawberry.ID | None, "Only pins of this section."),
        CREATIVE_TYPES,
        argument("added_by", strawberry.ID | None, "Only pins that this user added."),
        argument("order_by", BoardPinOrder | None, "The order; by default the board's own."),
        cost=PAGED,
    )
    followers: FollowerConnection | None = field(
        boards.followers, "Who follows the board, newest first.", *PAGE, cost=PAGED
    )
    recommended_pins: RelatedPinConnection | None = field(
        related.recommended_pins,
        "Pins that fit the board and are not on it, best first. At most 200 in all.",
        *PAGE,
        cost=PAGED,
    )
    revision: int = attribute("Rises with each edit: give it as `expectedRevision` to the next.")
    created_at: datetime = attribute("When the board was made.")
    pins_modified_at: datetime = attribute("When a pin was last added, moved or removed.")
    archived_at: datetime | None = attribute("When the board was archived; null if it is not.")
    viewer_follows: bool = field(
        boards.viewer_follows,
        "Whether the viewer follows the board: itself, or with all boards of its owner.",
        cache=PRIVATE,
    )
    viewer_role: BoardRole | None = field(
        boards.viewer_role, "The viewer's role; null for whoever is no member.", cache=PRIVATE
    )
    viewer_can_add_pins: bool = field(
        boards.viewer_can_add_pins, "Whether the viewer may add pins.", cache=PRIVATE
    )
    viewer_cannot_add_pins_reasons: list[CannotReason] = field(
        boards.viewer_cannot_add_pins_reasons,
        "Why the viewer may not add pins; empty if they may.",
        cache=PRIVATE,
    )
    viewer_can_edit: bool = field(
        boards.viewer_can_edit, "Whether the viewer may edit the board.", cache=PRIVATE
    )
    viewer_cannot_edit_reasons: list[CannotReason] = field(
        boards.viewer_cannot_edit_reasons,
        "Why the viewer may not edit it; empty if they may.",
        cache=PRIVATE,
    )
    viewer_can_invite: bool = field(
        boards.viewer_can_invite, "Whether the viewer may invite people.", cache=PRIVATE
    )
    viewer_cannot_invite_reasons: list[CannotReason] = field(
        boards.viewer_cannot_invite_reasons,
        "Why the viewer may not invite; empty if they may.",
        cache=PRIVATE,
    )


@node_type(SectionRecord, description="A named part of a board.", cache=CacheHint(max_age_s=60))
class BoardSection(Node):
    title: str = attribute("The title; 1–180 characters.")
    position: int = field(boards.section_places, "The place among the board's sections, from 0.")
    pin_count: int = attribute("How many pins are in the section. May lag.")
    created_at: datetime = attribute("When the section was made.")
    board: Board | None = field(boards.section_board, "The board that it is part of.")
    pins: BoardPinConnection | None = field(
        boards.section_pins, "The pins of the section, in the board's order.", *PAGE, cost=PAGED
    )


@object_type(description="A board in a list.")
class BoardEdge(Edge):
    node: Board | None = field(connections.row, "The board.")


@object_type(description="A page of boards.")
class BoardConnection(Connection):
    edges: list[BoardEdge] = field(connections.edges, "The boards and their places.")
    nodes: list[Board | None] = field(connections.nodes, "The boards.")


@object_type(description="A section of a board, in its list.")
class BoardSectionEdge(Edge):
    node: BoardSection | None = field(connections.row, "The section.")


@object_type(description="A page of sections.")
class BoardSectionConnection(Connection):
    edges: list[BoardSectionEdge] = field(connections.edges, "The sections and their places.")
    nodes: list[BoardSection | None] = field(connections.nodes, "The sections.")


@object_type(description="One person's share in a board.")
class BoardCollaboratorEdge(Edge):
    node: User | None = field(members.user, "The person.")
    role: BoardRole = field(members.role, "What they may do.")
    status: InviteStatus = field(members.status, "How their invitation stands.")
    can_invite: bool = field(members.can_invite, "Whether they may invite others.")
    invited_by: User | None = field(members.invited_by, "Who invited them.")
    joined_at: datetime | None = field(members.joined_at, "Since when; null until they accept.")


@object_type(description="A page of the people who share a board, longest first.")
class BoardCollaboratorConnection(Connection):
    edges: list[BoardCollaboratorEdge] = field(connections.edges, "The people and their roles.")
    nodes: list[User | None] = field(members.users, "The people.")
