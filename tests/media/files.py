"""Files to upload: real ones of Pillow, and some that lie."""

import struct
import zlib
from io import BytesIO
from typing import Any

from PIL import Image

RED = (200, 30, 30)

Color = int | tuple[int, ...]


def encoded(picture: Image.Image, format: str, **options: Any) -> bytes:
    """A file of a picture."""
    file = BytesIO()
    picture.save(file, format, **options)
    return file.getvalue()


def jpeg(width: int = 60, height: int = 40, color: Color = RED, **options: Any) -> bytes:
    """A JPEG of one colour."""
    return encoded(Image.new("RGB", (width, height), color), "JPEG", **options)


def png(
    width: int = 60, height: int = 40, color: Color = RED, mode: str = "RGB", **options: Any
) -> bytes:
    """A PNG of one colour."""
    return encoded(Image.new(mode, (width, height), color), "PNG", **options)


def halves(width: int = 60, height: int = 40) -> Image.Image:
    """A picture that is white on its left and black on its right."""
    picture = Image.new("RGB", (width, height), "black")
    picture.paste("white", (0, 0, width // 2, height))
    return picture


def header_only(width: int, height: int) -> bytes:
    """A PNG of some 70 bytes that claims to be large."""
    size = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 100)
    chunks = ((b"IHDR", size), (b"IDAT", pixels), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    checksum = struct.pack(">I", zlib.crc32(kind + data))
    return struct.pack(">I", len(data)) + kind + data + checksum


def opened(data: bytes) -> Image.Image:
    """The picture in a file that was kept."""
    picture = Image.open(BytesIO(data))
    picture.load()
    return picture


def swapped_profile() -> bytes:
    """An ICC profile of a screen whose red is green, and whose green is red."""
    red, green, blue = (0.4361, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7141)
    tags = {
        b"wtpt": _xyz(0.9642, 1.0, 0.8249),
        b"rXYZ": _xyz(*green),
        b"gXYZ": _xyz(*red),
        b"bXYZ": _xyz(*blue),
        **{name: b"curv" + struct.pack(">IIHH", 0, 1, 0x0233, 0) for name in _CURVES},
    }
    start = 128 + 4 + 12 * len(tags)
    table, data = struct.pack(">I", len(tags)), b""
    for name, value in tags.items():
        table += name + struct.pack(">II", start + len(data), len(value))
        data += value
    header = struct.pack(
        ">I4sI4s4s4s", start + len(data), b"", 0x02100000, b"mntr", b"RGB ", b"XYZ "
    )
    header += b"\0" * 12 + b"acsp" + b"\0" * 28 + _xyz(0.9642, 1.0, 0.8249)[8:]
    return header.ljust(128, b"\0") + table + data


_CURVES = (b"rTRC", b"gTRC", b"bTRC")


def _xyz(*values: float) -> bytes:
    return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(value * 65536) for value in values))
