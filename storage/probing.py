"""What a posted file really is, and the picture that is made of it.

Nothing of a client's file is ever served. It is decoded whole and encoded anew, which leaves behind
whatever was hidden in it: where the camera was, a thumbnail of what was cropped away, another file
behind the last byte. All of this is computation: `probe` takes bytes and gives bytes.
"""

import warnings
from io import BytesIO
from typing import Final, NamedTuple

from PIL import Image as Pillow
from PIL import ImageCms

from domain.blurhash import blur_hash
from domain.images import rendition_size
from domain.media import Image
from domain.uploads import MAX_HEIGHT, MAX_PIXELS, MAX_WIDTH, ImageType, UploadFailure

Pillow.MAX_IMAGE_PIXELS = MAX_PIXELS
"""Pillow refuses twice as many by itself, whoever calls it."""

# Pillow warns of what is odd about a file. It is not our file, and nobody reads standard error.
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")

_MAGIC: Final = {ImageType.JPEG: b"\xff\xd8\xff", ImageType.PNG: b"\x89PNG\r\n\x1a\n"}
_FORMATS: Final = {ImageType.JPEG: "JPEG", ImageType.PNG: "PNG"}

_ORIENTATION: Final = 0x0112
_UPRIGHT: Final = {
    2: Pillow.Transpose.FLIP_LEFT_RIGHT,
    3: Pillow.Transpose.ROTATE_180,
    4: Pillow.Transpose.FLIP_TOP_BOTTOM,
    5: Pillow.Transpose.TRANSPOSE,
    6: Pillow.Transpose.ROTATE_270,
    7: Pillow.Transpose.TRANSVERSE,
    8: Pillow.Transpose.ROTATE_90,
}
"""What turns a picture upright, by how its camera was held (EXIF)."""

_JPEG_QUALITY: Final = 88
_PNG_LEVEL: Final = 4
"""Level 6, Pillow's own choice, takes twice as long for some per cent less."""
_SMALL: Final = 32
_COLORS: Final = 8
_WHITE: Final = (255, 255, 255, 255)


class Picture(NamedTuple):
    """A picture as it is served: `data` is a file of the type that was declared, upright, in sRGB
    and without metadata. Width and height are its own, in pixels."""

    data: bytes
    width: int
    height: int
    dominant_color: str
    blur_hash: str


class Unacceptable(Exception):
    """The file is not what was declared, or not what we take."""

    def __init__(self, failure: UploadFailure) -> None:
        super().__init__(failure.value)
        self.failure = failure


def probe(data: bytes, declared: ImageType) -> Picture:
    """The picture in a file. One larger than is ever served is scaled down.

    Takes up to some seconds and 750 MB for the largest that is allowed, so run it in a thread. A
    file that would take more is refused by its header. Raises `Unacceptable`.
    """
    if not data.startswith(_MAGIC[declared]):
        raise Unacceptable(UploadFailure.WRONG_TYPE)
    try:
        with Pillow.open(BytesIO(data), formats=[_FORMATS[declared]]) as file:
            _check(file)
            picture = _normal(file, declared)
    except (Unacceptable, MemoryError):
        raise
    except (Pillow.DecompressionBombError, Pillow.DecompressionBombWarning):
        raise Unacceptable(UploadFailure.TOO_MANY_PIXELS) from None
    except Exception as error:  # Pillow raises all sorts of them for a file that is broken
        raise Unacceptable(UploadFailure.DAMAGED) from error
    small = _small(picture)
    return Picture(
        _encoded(picture, declared),
        picture.width,
        picture.height,
        _dominant_color(small),
        _blur_hash(small),
    )


def _check(file: Pillow.Image) -> None:
    """Refuses by the header, before anything is decoded."""
    if file.width > MAX_WIDTH or file.height > MAX_HEIGHT or file.width * file.height > MAX_PIXELS:
        raise Unacceptable(UploadFailure.TOO_MANY_PIXELS)
    # Some cameras put several pictures into a JPEG, of which the first is the photograph.
    if file.format == "PNG" and getattr(file, "is_animated", False):
        raise Unacceptable(UploadFailure.ANIMATED)


def _normal(file: Pillow.Image, declared: ImageType) -> Pillow.Image:
    """The picture in 8-bit RGB, or RGBA, upright and no larger than it is served."""
    size = rendition_size(Image(source_url="", width=file.width, height=file.height))
    # A JPEG can be decoded at half its size, which costs a quarter.
    file.draft("RGB", size)
    file.load()
    turn = _UPRIGHT.get(_orientation(file))
    picture = _in_srgb(_scaled(_in_colors(file), size), file.info.get("icc_profile"))
    if declared is ImageType.JPEG and picture.mode != "RGB":
        picture = picture.convert("RGB")
    return picture if turn is None else picture.transpose(turn)


def _in_colors(file: Pillow.Image) -> Pillow.Image:
    """As CMYK, RGB or RGBA with 8 bits a channel, whatever it was."""
    if file.mode.startswith("I"):  # 16 bits of grey
        file = file.point(lambda value: value / 256).convert("L")
    if file.mode in ("RGBA", "CMYK"):
        return file
    if file.has_transparency_data:
        return file.convert("RGBA")
    return file if file.mode == "RGB" else file.convert("RGB")


def _scaled(picture: Pillow.Image, size: tuple[int, int]) -> Pillow.Image:
    if picture.size == size:
        return picture
    return picture.resize(size, Pillow.Resampling.LANCZOS)


def _in_srgb(picture: Pillow.Image, profile: bytes | None) -> Pillow.Image:
    """The same colours in the one space that every client knows; RGB or RGBA.

    A profile that cannot be used is as good as none: the picture is there all the same.
    """
    wanted = "RGBA" if picture.mode == "RGBA" else "RGB"
    if profile is not None:
        try:
            converted = ImageCms.profileToProfile(
                picture,
                ImageCms.ImageCmsProfile(BytesIO(profile)),
                ImageCms.createProfile("sRGB"),
                outputMode=wanted,
            )
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            converted = None
        if converted is not None:
            return converted
    return picture if picture.mode == wanted else picture.convert(wanted)


def _orientation(file: Pillow.Image) -> int:
    """How the camera was held; 1, upright, when the file does not say or cannot be read."""
    try:
        return int(file.getexif().get(_ORIENTATION, 1))
    except Exception:
        return 1


def _encoded(picture: Pillow.Image, declared: ImageType) -> bytes:
    """A file with the pixels and nothing else."""
    picture.info = {}
    file = BytesIO()
    if declared is ImageType.JPEG:
        picture.save(file, "JPEG", quality=_JPEG_QUALITY, progressive=True)
    else:
        picture.save(file, "PNG", compress_level=_PNG_LEVEL)
    return file.getvalue()


def _small(picture: Pillow.Image) -> Pillow.Image:
    """The picture in a few pixels, on white where it is transparent."""
    longest = max(picture.size)
    size = (
        max(1, picture.width * _SMALL // longest),
        max(1, picture.height * _SMALL // longest),
    )
    small = picture.resize(size, Pillow.Resampling.BOX)
    if small.mode == "RGBA":
        small = Pillow.alpha_composite(Pillow.new("RGBA", size, _WHITE), small)
    return small.convert("RGB")


def _dominant_color(small: Pillow.Image) -> str:
    """The colour of the largest group of pixels, as `#rrggbb`."""
    grouped = small.quantize(_COLORS)
    # Of groups of one size, the first.
    largest = max(range(_COLORS), key=grouped.histogram().__getitem__)
    palette = bytes(grouped.getpalette() or (0, 0, 0))
    return f"#{palette[3 * largest : 3 * largest + 3].hex()}"


def _blur_hash(small: Pillow.Image) -> str:
    columns, rows = (4, 3) if small.width >= small.height else (3, 4)
    raw = small.tobytes()
    pixels = list(zip(raw[0::3], raw[1::3], raw[2::3], strict=True))
    return blur_hash(pixels, small.width, columns=columns, rows=rows)
