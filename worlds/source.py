"""Reads a world's files line by line: never more than one line in memory, whatever their size."""

import gzip
import zlib
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path
from typing import NamedTuple

MAX_LINE_BYTES = 1 << 20

_BUFFER_BYTES = 1 << 18


class Line(NamedTuple):
    """One line of a file. `offset` is how many compressed bytes have been read to get it.

    `error` is set, and `text` empty, for a line that could not be read.
    """

    number: int
    text: bytes
    offset: int
    error: str | None = None


def read_lines(path: Path) -> Iterator[Line]:
    """The lines of a gzip-compressed file that are not blank, counted from 1.

    A line over `MAX_LINE_BYTES` and the place where a damaged file breaks off are lines with an
    `error`; after damage nothing follows. Raises `OSError` when the file cannot be opened.
    """
    with path.open("rb") as raw, gzip.GzipFile(fileobj=raw) as unpacked:
        reader, number = BufferedReader(unpacked, _BUFFER_BYTES), 0
        while True:
            number += 1
            try:
                text = reader.readline(MAX_LINE_BYTES)
                whole = len(text) < MAX_LINE_BYTES or text.endswith(b"\n") or _skip_rest(reader)
            except (EOFError, zlib.error, gzip.BadGzipFile) as error:
                yield Line(number, b"", raw.tell(), f"the file is damaged from here on: {error}")
                return
            if not text:
                return
            if not whole:
                reason = f"the line is longer than {MAX_LINE_BYTES:,} bytes"
                yield Line(number, b"", raw.tell(), reason)
            elif not text.isspace():
                yield Line(number, text, raw.tell())


def _skip_rest(reader: "BufferedReader[gzip.GzipFile]") -> bool:
    """Reads on to the end of an overlong line; False, since the line cannot be had whole."""
    while (piece := reader.readline(MAX_LINE_BYTES)) and not piece.endswith(b"\n"):
        pass
    return False
