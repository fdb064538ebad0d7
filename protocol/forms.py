"""Forms that carry a file, read as they arrive (RFC 7578).

The fields come first and the file last, so that a file is only taken whose fields are known, and
no more of it is held than the piece that has just come.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, TypeAlias

import msgspec
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

_FORM: Final = b"multipart/form-data"
_DISPOSITION: Final = b"content-disposition"
_MOST_FIELDS: Final = 20
_LONGEST_FIELD: Final = 4_096
_LONGEST_HEADER: Final = 1_024
_MOST_HEADERS: Final = 4


class InvalidForm(Exception):
    """The body is not such a form; the message says why, for whoever sent it."""


class FileStarts(msgspec.Struct, frozen=True):
    """The fields are complete, and what follows is the file in the field `name`."""

    name: str
    fields: dict[str, str]


FormEvent: TypeAlias = FileStarts | bytearray
"""The beginning of the file, or a piece of it."""


class FileForm:
    """Reads one form, piece by piece. Refuses what has no end, no file, or anything behind it."""

    def __init__(self, content_type: str) -> None:
        """Raises `InvalidForm` when the header `Content-Type` names no form with a boundary."""
        media_type, parameters = parse_options_header(content_type)
        boundary = parameters.get(b"boundary")
        if media_type != _FORM or not boundary:
            raise InvalidForm("The body must be multipart/form-data, with a boundary.")
        callbacks: MultipartCallbacks = {
            "on_part_begin": self._begin,
            "on_header_field": self._add_to_name,
            "on_header_value": self._add_to_value,
            "on_header_end": self._end_header,
            "on_headers_finished": self._end_headers,
            "on_part_data": self._add,
            "on_part_end": self._end_part,
            "on_end": self._end,
        }
        try:
            self._parser = MultipartParser(
                boundary,
                callbacks,
                max_header_count=_MOST_HEADERS,
                max_header_size=_LONGEST_HEADER,
            )
        except FormParserError as error:
            raise InvalidForm(f"The body is malformed: {error}.") from None
        self._fields: dict[str, str] = {}
        self._header = (bytearray(), bytearray())
        self._disposition = b""
        self._name = ""
        self._value = bytearray()
        self._has_file = False
        self._is_whole = False
        self._events: list[FormEvent] = []

    def feed(self, data: bytes) -> Iterator[FormEvent]:
        """What a piece of the body brings. Raises `InvalidForm`."""
        try:
            self._parser.write(data)
        except FormParserError as error:
            raise InvalidForm(f"The body is malformed: {error}.") from None
        events, self._events = self._events, []
        yield from events

    def finish(self) -> None:
        """The body has ended. Raises `InvalidForm` when the form has not, or had no file."""
        if not self._is_whole:
            raise InvalidForm("The body ended before its form did.")
        if not self._has_file:
            raise InvalidForm("The form has no file.")

    def _begin(self) -> None:
        if self._has_file:
            raise InvalidForm("The file must be the last field of the form.")
        if len(self._fields) >= _MOST_FIELDS:
            raise InvalidForm(f"A form may have {_MOST_FIELDS} fields.")
        self._disposition = b""

    def _add_to_name(self, data: bytes, start: int, end: int) -> None:
        self._header[0].extend(data[start:end])

    def _add_to_value(self, data: bytes, start: int, end: int) -> None:
        self._header[1].extend(data[start:end])

    def _end_header(self) -> None:
        name, value = self._header
        if bytes(name).lower() == _DISPOSITION:
            self._disposition = bytes(value)
        self._header = (bytearray(), bytearray())

    def _end_headers(self) -> None:
        kind, options = parse_options_header(self._disposition)
        name = options.get(b"name")
        if kind != b"form-data" or not name:
            raise InvalidForm("Each part of a form must have a name.")
        self._name = _text(name)
        self._value = bytearray()
        if b"filename" in options:
            self._has_file = True
            self._events.append(FileStarts(self._name, self._fields))

    def _add(self, data: bytes, start: int, end: int) -> None:
        if self._has_file:
            self._add_to_file(data[start:end])
            return
        self._value.extend(data[start:end])
        if len(self._value) > _LONGEST_FIELD:
            raise InvalidForm(f"A field may have {_LONGEST_FIELD:,} bytes.")

    def _add_to_file(self, data: bytes) -> None:
        """What looks like a boundary and is none comes in crumbs."""
        last = self._events[-1] if self._events else None
        if isinstance(last, bytearray):
            last.extend(data)
        else:
            self._events.append(bytearray(data))

    def _end_part(self) -> None:
        if self._has_file:
            return
        if self._name in self._fields:
            raise InvalidForm(f"The field {self._name[:100]!r} may be given only once.")
        self._fields[self._name] = _text(bytes(self._value))

    def _end(self) -> None:
        self._is_whole = True


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise InvalidForm("The names and values of a form must be UTF-8.") from None
