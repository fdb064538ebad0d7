"""Global ids and what they name."""

from collections.abc import Mapping
from typing import Any

from domain.boards import BoardRecord, SectionRecord
from domain.errors import BadUserInput
from domain.ids import from_global_id, to_global_id
from domain.notifications import NotificationRecord
from domain.pins import CommentRecord, PinRecord
from domain.record import Id, Record
from domain.topics import TopicRecord
from domain.uploads import MediaUploadRecord
from domain.users import UserRecord
from loaders.base import BatchLoader
from loaders.binding import bind_each
from loaders.boards import BoardByIdLoader
from loaders.comments import CommentByIdLoader
from loaders.notifications import NotificationByIdLoader
from loaders.pins import PinByIdLoader
from loaders.sections import SectionByIdLoader
from loaders.topics import TopicByIdLoader
from loaders.uploads import MediaUploadByIdLoader
from loaders.users import UserByIdLoader
from resolvers.context import Context, Info

MAX_NODES = 100

TYPE_NAMES: Mapping[type[Record], str] = {
    UserRecord: "User",
    BoardRecord: "Board",
    SectionRecord: "BoardSection",
    PinRecord: "Pin",
    CommentRecord: "Comment",
    TopicRecord: "Topic",
    NotificationRecord: "Notification",
    MediaUploadRecord: "MediaUpload",
}
"""The type that each class of record is served as."""

LOADERS: Mapping[str, type[BatchLoader[Id, Any]]] = {
    "User": UserByIdLoader,
    "Board": BoardByIdLoader,
    "BoardSection": SectionByIdLoader,
    "Pin": PinByIdLoader,
    "Comment": CommentByIdLoader,
    "Topic": TopicByIdLoader,
    "Notification": NotificationByIdLoader,
    "MediaUpload": MediaUploadByIdLoader,
}
"""By what each type is loaded, as far as the viewer may see it."""


def global_id(record: Record) -> str:
    """The `id` of a record."""
    return to_global_id(TYPE_NAMES[type(record)], record.id)


def entity_id(record: Record) -> str:
    """The `entityId` of a record: its stored id."""
    return record.id


async def node(_root: None, info: Info, id: str) -> Record | None:
    """What an id names; None when it names nothing that the viewer may see."""
    key = _key(info.context, id)
    if key is None:
        return None
    loader, entity_id = key
    record: Record | None = await loader.load(entity_id)
    return record


async def nodes(_root: None, info: Info, ids: list[str]) -> list[Record | Exception | None]:
    """What many ids name, in their order, each as `node` has it; an error is that node's alone."""
    check_size("ids", len(ids), MAX_NODES)
    keys = [_key(info.context, id) for id in ids]
    found = iter(await bind_each(key for key in keys if key is not None))
    return [None if key is None else next(found) for key in keys]


def typed_id(type_name: str, argument: str, text: str) -> Id:
    """The stored id in a global id of one type; raises `BadUserInput` for any other text."""
    named = from_global_id(text)
    if named is None or named.type_name != type_name:
        came = "something else" if named is None else f"the id of a {named.type_name}"
        raise BadUserInput(f"`{argument}` must be the id of a {type_name}; it was {came}.")
    return named.entity_id


def check_size(argument: str, size: int, limit: int) -> None:
    """Raises `BadUserInput` for a list that is longer than its field takes."""
    if size > limit:
        raise BadUserInput(f"`{argument}` takes at most {limit}; there were {size}.")


def _key(context: Context, text: str) -> tuple[BatchLoader[Id, Any], Id] | None:
    """What loads what a global id names, and by which key; None when it names nothing."""
    named = from_global_id(text)
    loader = None if named is None else LOADERS.get(named.type_name)
    if named is None or loader is None:
        return None
    return context.loaders(loader), named.entity_id
