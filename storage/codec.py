"""Records to documents and back: the one place that knows ObjectId.

Reading: collections are opened with `CODEC`, which gives ids as hex strings and times with a zone,
so that msgspec converts a document to its record in one step. Writing: `document` puts ObjectIds
where the record's type says `Id`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec
from bson import CodecOptions, ObjectId
from bson.codec_options import TypeDecoder, TypeRegistry

from domain.record import Id, Record

Document = dict[str, Any]
"""A document as the driver takes and gives it; its values are of any BSON type."""

R = TypeVar("R", bound=msgspec.Struct)


class _HexIds(TypeDecoder):
    """Gives ObjectIds as their 24 hex digits."""

    bson_type = ObjectId

    def transform_bson(self, value: ObjectId) -> str:
        return str(value)


CODEC: CodecOptions[Document] = CodecOptions(tz_aware=True, type_registry=TypeRegistry([_HexIds()]))


def new_id() -> Id:
    """An id that nothing has yet. Ids of one process rise, and all of them do by the second."""
    return Id(str(ObjectId()))


def object_id(entity_id: str) -> ObjectId:
    """The ObjectId of 24 hex digits; raises `bson.errors.InvalidId` for anything else."""
    return ObjectId(entity_id)


def object_ids(entity_ids: Iterable[str]) -> list[ObjectId]:
    """The ObjectIds of many ids, in order."""
    return [ObjectId(entity_id) for entity_id in entity_ids]


def record(document: Mapping[str, Any], record_type: type[R]) -> R:
    """The record of a document; raises `msgspec.ValidationError` when they do not agree."""
    return msgspec.convert(document, record_type, strict=False)


def records(documents: Sequence[Mapping[str, Any]], record_type: type[R]) -> list[R]:
    """The records of many documents, in order."""
    return [msgspec.convert(document, record_type, strict=False) for document in documents]


def document(value: Record) -> Document:
    """The document of a record, ready to be inserted."""
    return _struct_encoder(type(value))(value)  # type: ignore[no-any-return]  # a Struct encodes to a dict


Encoder = Callable[[Any], Any]


@cache
def _struct_encoder(struct_type: type[msgspec.Struct]) -> Encoder:
    hints = get_type_hints(struct_type)
    fields = [
        (info.name, info.encode_name, _encoder(hints[info.name]))
        for info in msgspec.structs.fields(struct_type)
    ]
    config = struct_type.__struct_config__
    tag = {config.tag_field: config.tag} if config.tag_field else {}

    def encode(value: Any) -> Document:
        return tag | {key: convert(getattr(value, name)) for name, key, convert in fields}

    return encode


@cache
def _encoder(annotation: Any) -> Encoder:
    if annotation is Id:
        return ObjectId
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in (Union, UnionType):
        return _union_encoder(arguments)
    if origin is tuple:
        item = _encoder(arguments[0])
        return lambda values: [item(value) for value in values]
    if isinstance(annotation, type) and issubclass(annotation, msgspec.Struct):
        return _struct_encoder(annotation)
    return msgspec.to_builtins if origin is dict else _plain


def _union_encoder(members: tuple[Any, ...]) -> Encoder:
    if Id in members:
        return lambda value: None if value is None else ObjectId(value)
    structs = [member for member in members if member is not NoneType]

    def encode(value: Any) -> Any:
        if isinstance(value, msgspec.Struct):
            return _struct_encoder(type(value))(value)
        return value if value is None else _encoder(structs[0])(value)

    return encode


def _plain(value: Any) -> Any:
    """A value that BSON has a type for; a string enum is stored as its string."""
    return str(value) if isinstance(value, str) else value
