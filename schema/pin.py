"""Pins, comments on them, and saves of them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from domain.media import CreativeType
from domain.permissions import CannotReason
from domain.pins import CommentRecord, PinRecord, ReactionType
from protocol.caching import CacheHint
from protocol.cost import Cost, ListSize
from resolvers import comments, connections, pins, related, saves
from schema.fields import PAGE, PAGED, PRIVATE, argument, attribute, field, node_type, object_type
from schema.inputs import CommentOrder
from schema.node import Connection, Edge, Node
from schema.scalars import Color, Url
from storage.pins import SAVED_TO_LIMIT

if TYPE_CHECKING:
    from schema.board import Board, BoardSection
    from schema.media import PinMedia
    from schema.topic import Topic
    from schema.user import User

_USUAL_TOPICS = 3
"""How many topics most pins have. Priced at the 10 that one may have, no page of pins would fit."""


@node_type(
    PinRecord,
    description="A picture, video or carousel on a board. A save is a pin of its own: a copy with "
    "a `parent` and a `root`. A pin is visible to whoever sees its board.",
    cache=CacheHint(max_age_s=60),
)
class Pin(Node):
    title: str | None = attribute("The title; at most 100 characters.")
    description: str | None = attribute("The description; at most 800 characters.")
    alt_text: str | None = attribute("What there is to see, for those who do not; at most 500.")
    link: Url | None = attribute("Where the pin leads.")
    domain: str | None = attribute("The host of the link.")
    dominant_color: Color | None = attribute("The colour to show until the picture has loaded.")
    created_at: datetime = attribute("When the pin was made; for a copy, when it was saved.")
    creator: User | None = field(pins.creator, "Who made the root of this pin.")
    owner: User | None = field(pins.owner, "Whose pin this is; for a copy, who saved it.")
    board: Board | None = field(
        pins.board, "The board it is on; null when the viewer may not see it."
    )
    section: BoardSection | None = field(pins.section, "The section of the board, if it is in one.")
    parent: Pin | None = field(
        pins.parent, "The pin it was saved from; null for a root, or when it is gone or hidden."
    )
    root: Pin | None = field(
        pins.root, "The first pin of the save tree, itself for a root; null when gone or hidden."
    )
    is_repin: bool = attribute("Whether it was saved from another pin, even if that one is gone.")
    creative_type: CreativeType | None = attribute("The form of the pin.")
    media: PinMedia | None = attribute("What the pin shows.")
    note: str | None = field(
        pins.note, "A private note; for its owner and members of the board.", cache=PRIVATE
    )
    save_count: int = attribute("How often this very pin was saved. May lag.")
    comment_count: int = attribute("How many comments it has. May lag.")
    reaction_count: int = field(pins.reaction_count, "How many people reacted. May lag.")
    aggregated_save_count: int = field(
        pins.aggregated_save_count, "How often its picture was saved, over the whole save tree."
    )
    reactions: list[ReactionGroup] = field(
        pins.reactions,
        "How often each reaction was given; those never given are left out.",
        cost=Cost(size=ListSize(len(ReactionType))),
    )
    viewer_reaction: ReactionType | None = field(
        pins.viewer_reaction, "The viewer's reaction.", cache=PRIVATE
    )
    comments: CommentConnection | None = field(
        pins.comments,
        "The comments, without replies.",
        *PAGE,
        argument("order_by", CommentOrder | None, "The order; by default newest first."),
        cost=PAGED,
    )
    saves: PinSaveConnection | None = field(
        pins.saves,
        "The copies that were saved from this pin, newest first. Those on secret boards count in "
        "`saveCount` and are never listed.",
        *PAGE,
        cost=PAGED,
    )
    topics: list[Topic] | None = field(
        pins.topics,
        "What it is about; at most 10.",
        cost=Cost(size=ListSize(_USUAL_TOPICS)),
    )
    related: RelatedPinConnection | None = field(
        related.related,
        "More like this, best first: what people saved beside it on their boards. At most 200.",
        *PAGE,
        cost=PAGED,
    )
    has_been_promoted: bool = attribute("Whether it was ever shown as an ad.")
    revision: int = attribute("Rises with each edit; for `expectedRevision`.")
    viewer_has_saved: bool = field(
        pins.viewer_has_saved,
        "Whether the viewer has saved it, or another copy of its picture.",
        cache=PRIVATE,
    )
    viewer_saved_to: list[PinSaveEdge] | None = field(
        pins.viewer_saved_to,
        "The viewer's own newest copies.",
        argument("first", int, "How many: 0–5.", 5),
        cost=Cost(size=ListSize(SAVED_TO_LIMIT, ("first",))),
        cache=PRIVATE,
    )
    viewer_is_owner: bool = field(
        pins.viewer_is_owner, "Whether it is the viewer's own pin.", cache=PRIVATE
    )
    viewer_can_edit: bool = field(
        pins.viewer_can_edit, "Whether the viewer may edit it.", cache=PRIVATE
    )
    viewer_cannot_edit_reasons: list[CannotReason] = field(
        pins.viewer_cannot_edit_reasons,
        "Why the viewer may not edit it; empty if they may.",
        cache=PRIVATE,
    )
    viewer_can_delete: bool = field(
        pins.viewer_can_delete, "Whether the viewer may delete it.", cache=PRIVATE
    )
    viewer_cannot_delete_reasons: list[CannotReason] = field(
        pins.viewer_cannot_delete_reasons,
        "Why the viewer may not delete it; empty if they may.",
        cache=PRIVATE,
    )


@object_type(pins.ReactionCount, description="How often one reaction was given.")
class ReactionGroup:
    type: ReactionType = attribute("The reaction.")
    count: int = attribute("How many people gave it.")


@node_type(
    CommentRecord,
    description="A comment on a pin, or a reply to one.",
    cache=CacheHint(max_age_s=60),
)
class Comment(Node):
    text: str = attribute("What it says; 1–500 characters.")
    author: User | None = field(comments.author, "Who wrote it.")
    pin: Pin | None = field(comments.pin, "The pin it is on.")
    created_at: datetime = attribute("When it was written.")
    edited_at: datetime | None = attribute("When it was last changed; null if never.")
    reply_count: int = attribute("How many replies it has. May lag.")
    reaction_count: int = attribute("How many people reacted to it. May lag.")
    replies: CommentConnection | None = field(
        comments.replies, "The replies, oldest first.", *PAGE, cost=PAGED
    )
    viewer_can_delete: bool = field(
        comments.viewer_can_delete, "Whether the viewer wrote it, or owns the pin.", cache=PRIVATE
    )


@object_type(description="A pin in a list.")
class PinEdge(Edge):
    node: Pin | None = field(connections.row, "The pin.")


@object_type(description="A page of pins.")
class PinConnection(Connection):
    edges: list[PinEdge] = field(connections.edges, "The pins and their places.")
    nodes: list[Pin | None] = field(connections.nodes, "The pins.")


@object_type(description="A pin on a board.")
class BoardPinEdge(Edge):
    node: Pin | None = field(connections.row, "The pin.")
    added_at: datetime = field(saves.saved_at, "When it was added to the board.")
    added_by: User | None = field(saves.user, "Who added it.")
    position: str = field(saves.position, "Its place in the board's own order, as a sortable text.")
    note: str | None = field(
        saves.note, "The pin's private note, for those who may read it.", cache=PRIVATE
    )


@object_type(description="A page of the pins on a board.")
class BoardPinConnection(Connection):
    edges: list[BoardPinEdge] = field(connections.edges, "The pins and their places.")
    nodes: list[Pin | None] = field(connections.nodes, "The pins.")


@object_type(description="The saving of a pin: the copy, where it went, and who did it.")
class PinSaveEdge(Edge):
    node: Pin | None = field(connections.row, "The copy.")
    board: Board | None = field(saves.board, "The board it was saved to.")
    user: User | None = field(saves.user, "Who saved it.")
    saved_at: datetime = field(saves.saved_at, "When it was saved.")


@object_type(description="A page of the saves of a pin, newest first.")
class PinSaveConnection(Connection):
    edges: list[PinSaveEdge] = field(connections.edges, "The saves and their places.")
    nodes: list[Pin | None] = field(connections.nodes, "The copies.")


@object_type(description="A pin that resembles another.")
class RelatedPinEdge(Edge):
    node: Pin | None = field(related.pin, "The pin.")


@object_type(description="A page of related pins, best first.")
class RelatedPinConnection(Connection):
    edges: list[RelatedPinEdge] = field(connections.edges, "The pins and their places.")
    nodes: list[Pin | None] = field(related.pins, "The pins.")


@object_type(description="A comment in a list.")
class CommentEdge(Edge):
    node: Comment | None = field(connections.row, "The comment.")


@object_type(description="A page of comments.")
class CommentConnection(Connection):
    edges: list[CommentEdge] = field(connections.edges, "The comments and their places.")
    nodes: list[Comment | None] = field(connections.nodes, "The comments.")
