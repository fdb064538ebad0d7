"""The viewer."""

from domain.viewer import Viewer
from loaders.users import UserByIdLoader
from resolvers.context import Info
from resolvers.declared import from_loader

user = from_loader(UserByIdLoader, "user_id")


def viewer(_root: None, info: Info) -> Viewer | None:
    """The viewer, if somebody is signed in."""
    return info.context.viewer if info.context.viewer.is_signed_in else None
