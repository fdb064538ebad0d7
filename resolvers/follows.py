"""Edges of the follow graph, as the connections of both sides show them."""

from datetime import datetime

from domain.follows import FollowRecord
from loaders.boards import BoardByIdLoader
from loaders.topics import TopicByIdLoader
from loaders.users import UserByIdLoader
from resolvers.connections import Edge, nodes_from
from resolvers.declared import from_loader

follower = from_loader(UserByIdLoader, "row.follower_id")
followed_user = from_loader(UserByIdLoader, "row.target_id")
followed_board = from_loader(BoardByIdLoader, "row.target_id")
followed_topic = from_loader(TopicByIdLoader, "row.target_id")


def followed_at(edge: Edge[FollowRecord]) -> datetime:
    """When the edge was made."""
    return edge.row.created_at


followers = nodes_from(UserByIdLoader, "follower_id")
followed_users = nodes_from(UserByIdLoader, "target_id")
followed_boards = nodes_from(BoardByIdLoader, "target_id")
followed_topics = nodes_from(TopicByIdLoader, "target_id")
