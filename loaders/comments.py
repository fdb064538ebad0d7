"""Comments and replies. They are seen by whoever sees their pin and their author."""

from collections.abc import Collection, Container, Iterable, Mapping, Sequence

from domain.pins import CommentRecord
from domain.record import Id
from loaders.base import (
    BatchLoader,
    Loaders,
    PageLoader,
    rows_of,
    slices_within,
    visible_slices,
)
from loaders.pins import PinByIdLoader
from loaders.users import UserByIdLoader
from storage.paging import Slice


class CommentByIdLoader(BatchLoader[Id, CommentRecord]):
    """A comment; None when there is none or the viewer may not see it."""

    def at_hand(self, keys: Sequence[Id]) -> Mapping[Id, CommentRecord] | None:
        """The visible comments, if all that decides is at hand."""
        comments = self.storage.comments.at_hand(keys)
        return None if comments is None else comments_at_hand(self.loaders, comments.values())

    async def fetch(self, keys: Sequence[Id]) -> Mapping[Id, CommentRecord]:
        """The visible comments among the keys."""
        comments = await self.storage.comments.get_many(keys)
        return await visible_comments(self.loaders, comments.values())


class CommentPageLoader(PageLoader[CommentRecord]):
    """A page of comments: what both lists share."""

    async def visible(
        self, slices: Mapping[Id, Slice[CommentRecord]]
    ) -> dict[Id, Slice[CommentRecord]]:
        """The slices without hidden comments."""
        return await visible_slices(slices, lambda rows: visible_comments(self.loaders, rows))


class CommentsByPinLoader(CommentPageLoader):
    """A page of a pin's comments, without replies."""

    def at_hand(self, keys: Sequence[Id]) -> Mapping[Id, Slice[CommentRecord]] | None:
        """The pages of all pins, if they and all that decides are at hand."""
        slices = self.storage.comments.pages_at_hand(keys, self.page)
        if slices is None:
            return None
        visible = comments_at_hand(self.loaders, rows_of(slices))
        return None if visible is None else slices_within(slices, visible)

    async def fetch(self, keys: Sequence[Id]) -> Mapping[Id, Slice[CommentRecord]]:
        """The pages of all pins."""
        return await self.visible(await self.storage.comments.pages_by_pin(keys, self.page))


class RepliesByCommentLoader(CommentPageLoader):
    """A page of a comment's replies."""

    async def fetch(self, keys: Sequence[Id]) -> Mapping[Id, Slice[CommentRecord]]:
        """The pages of all comments."""
        return await self.visible(await self.storage.comments.pages_of_replies(keys, self.page))


class CommentCountByPinLoader(BatchLoader[Id, int]):
    """How many comments a pin has, without replies."""

    async def fetch(self, keys: Sequence[Id]) -> Mapping[Id, int]:
        """The counts of all pins."""
        return await self.storage.comments.counts_by_pin(keys)


def comments_at_hand(
    loaders: Loaders, comments: Collection[CommentRecord]
) -> dict[Id, CommentRecord] | None:
    """As `visible_comments`, if all that decides is at hand; else None."""
    pins = loaders(PinByIdLoader).known(comment.pin_id for comment in comments)
    authors = loaders(UserByIdLoader).known(comment.author_id for comment in comments)
    return None if pins is None or authors is None else _between(comments, pins, authors)


async def visible_comments(
    loaders: Loaders, comments: Iterable[CommentRecord]
) -> dict[Id, CommentRecord]:
    """The comments whose pin and author the viewer may see, by id."""
    comments = list(comments)
    on_their_way = loaders(PinByIdLoader).load_mapping(comment.pin_id for comment in comments)
    authors = await loaders(UserByIdLoader).load_mapping(c.author_id for c in comments)
    return _between(comments, await on_their_way, authors)


def _between(
    comments: Iterable[CommentRecord], pins: Container[Id], authors: Container[Id]
) -> dict[Id, CommentRecord]:
    return {c.id: c for c in comments if c.pin_id in pins and c.author_id in authors}
