"""Renditions of a picture: how large each is, and where it is served (DOMAIN a.2, Image).

A rendition keeps the picture's proportions (CONTAIN) or those of the box that was asked for
(COVER), and is never larger than the original. All sizes are pixels.
"""

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from enum import StrEnum
from hashlib import blake2b
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import NamedTuple
from urllib.parse import urlsplit

from domain.errors import BadUserInput
from domain.media import Image

MAX_SIDE = 4096


class ImageFit(StrEnum):
    """How a picture fills a box, in CSS's words: whole and inside it, or filling it, cropped."""

    CONTAIN = "CONTAIN"
    COVER = "COVER"


class ImageFormat(StrEnum):
    """The encoding of a rendition."""

    JPEG = "JPEG"
    PNG = "PNG"
    WEBP = "WEBP"
    AVIF = "AVIF"


class Size(NamedTuple):
    """A width and a height in pixels, each at least 1."""

    width: int
    height: int


class Rendition(NamedTuple):
    """A picture in one size. Without a proxy `url` is the original's, for clients to scale."""

    width: int
    height: int
    url: str


class Box(NamedTuple):
    """What a rendition is fitted into; a side that is None follows from the proportions."""

    width: int | None
    height: int | None
    fit: ImageFit


BOXES: Mapping[str, Box] = MappingProxyType(
    {
        "150x150": Box(150, 150, ImageFit.COVER),
        "400x300": Box(400, 300, ImageFit.COVER),
        "600x": Box(600, None, ImageFit.CONTAIN),
        "1200x": Box(1200, None, ImageFit.CONTAIN),
    }
)
"""The renditions that every picture has, by the keys of Pinterest's API."""

_EXTENSIONS = {
    ImageFormat.JPEG: "jpg",
    ImageFormat.PNG: "png",
    ImageFormat.WEBP: "webp",
    ImageFormat.AVIF: "avif",
}
_KNOWN_EXTENSIONS = frozenset({*_EXTENSIONS.values(), "gif"})


def image_url(
    image: Image,
    proxy_url: str | None = None,
    width: int | None = None,
    height: int | None = None,
    format: ImageFormat | None = None,
    fit: ImageFit = ImageFit.CONTAIN,
) -> str:
    """Where a rendition is served.

    With a proxy: `{proxy}/{fit}/{width}x{height}/{base64url of the original's URL}.{extension}`;
    without: the original's URL. `format` None keeps the original's. The arguments are checked
    either way, so that an answer does not depend on whether a proxy is set: raises
    `BadUserInput` when a side is not in 1..4096.
    """
    size = rendition_size(image, width, height, fit)
    if not proxy_url:
        return image.source_url
    source = urlsafe_b64encode(image.source_url.encode()).decode("ascii").rstrip("=")
    extension = _EXTENSIONS[format] if format else _extension(image.source_url)
    path = f"{fit.lower()}/{size.width}x{size.height}/{source}.{extension}"
    return f"{proxy_url.rstrip('/')}/{path}"


def rendition_size(
    image: Image,
    width: int | None = None,
    height: int | None = None,
    fit: ImageFit = ImageFit.CONTAIN,
) -> Size:
    """How large a rendition is; with neither side given, as large as the original may be served.

    Raises `BadUserInput` when a side is not in 1..4096.
    """
    _check("width", width)
    _check("height", height)
    original = Size(max(1, image.width), max(1, image.height))
    if fit is ImageFit.COVER and width is not None and height is not None:
        return _inside(Size(width, height), original)
    box = Size(
        MAX_SIDE if width is None else width,
        MAX_SIDE if height is None else height,
    )
    return _inside(original, box)


def rendition(image: Image, key: str, proxy_url: str | None = None) -> Rendition:
    """The rendition of one of the keys in `BOXES`; raises `KeyError` for another."""
    box = BOXES[key]
    size = rendition_size(image, box.width, box.height, box.fit)
    url = image_url(image, proxy_url, box.width, box.height, fit=box.fit)
    return Rendition(size.width, size.height, url)


def image_key(image: Image | None) -> str | None:
    """What two pins of one picture have in common: 16 hex digits of a hash of its URL."""
    if image is None:
        return None
    return blake2b(image.source_url.encode(), digest_size=8).hexdigest()


def _inside(size: Size, box: Size) -> Size:
    """The largest size of the same proportions that fits the box and is no larger than `size`."""
    if size.width <= box.width and size.height <= box.height:
        return size
    # The side that is furthest over its limit becomes the limit; whole numbers, rounded half up.
    if size.width * box.height >= size.height * box.width:
        return Size(box.width, max(1, _rounded(size.height * box.width, size.width)))
    return Size(max(1, _rounded(size.width * box.height, size.height)), box.height)


def _rounded(numerator: int, denominator: int) -> int:
    return (2 * numerator + denominator) // (2 * denominator)


def _check(name: str, side: int | None) -> None:
    if side is not None and not 1 <= side <= MAX_SIDE:
        raise BadUserInput(f"The {name} of an image must be 1 to {MAX_SIDE} pixels, not {side}.")


def _extension(url: str) -> str:
    """The original's format by its name; JPEG when the name does not tell."""
    extension = PurePosixPath(urlsplit(url).path).suffix.removeprefix(".").lower()
    return extension if extension in _KNOWN_EXTENSIONS else "jpg"
