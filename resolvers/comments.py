"""Comments and replies."""

from collections.abc import Sequence

from domain.pins import CommentRecord
from loaders.comments import RepliesByCommentLoader
from loaders.pins import PinByIdLoader
from loaders.users import UserByIdLoader
from resolvers.connections import Connection, Window
from resolvers.context import Info
from resolvers.declared import batch, from_loader
from storage import comments as comment_orders

author = from_loader(UserByIdLoader, "author_id")
pin = from_loader(PinByIdLoader, "pin_id")


def replies(comment: CommentRecord, info: Info, window: Window) -> Connection[CommentRecord]:
    """The replies to a comment, oldest first."""
    page = window.page(comment_orders.OLDEST)
    pages = info.context.loaders(RepliesByCommentLoader, page)
    return Connection(comment.id, page, pages, comment.reply_count)


@batch
async def viewer_can_delete(comments: Sequence[CommentRecord], info: Info) -> list[bool]:
    """Whether the viewer wrote each comment, or owns the pin it is on."""
    viewer_id = info.context.viewer.user_id
    pins = await info.context.loaders(PinByIdLoader).load_mapping(c.pin_id for c in comments)
    owners = {pin.id: pin.owner_id for pin in pins.values()}
    return [
        viewer_id is not None and viewer_id in {c.author_id, owners.get(c.pin_id)} for c in comments
    ]
