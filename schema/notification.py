"""Notifications: what somebody is told."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, TypeAlias

import strawberry

from domain.notifications import NotificationRecord, NotificationType
from resolvers import connections, notifications
from schema.board import Board
from schema.fields import PRIVATE, attribute, field, name_type, node_type, object_type
from schema.node import Connection, Edge, Node
from schema.pin import Comment, Pin
from schema.user import User

NotificationSubject: TypeAlias = Annotated[
    Pin | Board | Comment | User,
    strawberry.union("NotificationSubject", description="What a notification can be about."),
]
name_type("NotificationSubject", NotificationSubject)


@node_type(
    NotificationRecord,
    description="Something that the viewer is told. It is there while the viewer may see both who "
    "did it and what it is about, and for 90 days at most.",
    cache=PRIVATE,
)
class Notification(Node):
    type: NotificationType = attribute("What has happened.")
    actor: User | None = field(notifications.actor, "Who did it.")
    subject: NotificationSubject | None = field(
        notifications.subject,
        "What it is about, and what there is to open: the new follower, the board, the copy that "
        "was saved, the comment or reply, the pin that was reacted to.",
    )
    created_at: datetime = attribute("When it happened.")
    read_at: datetime | None = attribute("When it was marked as read; null until then.")


@object_type(description="A notification in a list.", cache=PRIVATE)
class NotificationEdge(Edge):
    node: Notification | None = field(connections.row, "The notification.")


@object_type(description="A page of notifications.", cache=PRIVATE)
class NotificationConnection(Connection):
    edges: list[NotificationEdge] = field(connections.edges, "The notifications and their places.")
    nodes: list[Notification | None] = field(connections.nodes, "The notifications.")
