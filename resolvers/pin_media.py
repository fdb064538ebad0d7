"""What a new pin shows, as an input says it (DOMAIN b.3, PinMediaSource)."""

from collections.abc import Iterator, Sequence
from typing import Final, Protocol

import msgspec

from domain.media import (
    CarouselImage,
    CreativeType,
    Image,
    ImageMedia,
    MultiImageMedia,
    PinMedia,
    VideoMedia,
)
from domain.record import Id
from domain.texts import PIN_DESCRIPTION, PIN_TITLE
from domain.uploads import usable_image
from domain.user_errors import InputError, UserErrorCode
from loaders.base import Loaders
from loaders.uploads import MediaUploadByIdLoader
from resolvers.inputs import Input

MAX_SIDE: Final = 20_000
CAROUSEL: Final = range(2, 6)

_NOTHING: Final = Image(source_url="", width=1, height=1)


class RemoteImage(Protocol):
    """A picture that is somewhere else, and how large it is."""

    url: str
    width: int
    height: int


class ImageSource(Protocol):
    """A picture by one of two names; the other is unset, which is false."""

    image_url: RemoteImage | None
    image_upload: str | None


class CarouselItem(Protocol):
    """One picture of a carousel."""

    image: ImageSource
    title: str | None
    description: str | None
    link: str | None


class Video(Protocol):
    """A video that can be played where it is."""

    url: str
    cover: ImageSource | None
    duration_ms: int | None
    width: int | None
    height: int | None


class MediaInput(ImageSource, Protocol):
    """What a pin shows, by one of four names; the others are unset, which is false."""

    video: Video | None
    images: Sequence[CarouselItem] | None


class ReadMedia(msgspec.Struct, frozen=True):
    """What a pin shows, and the uploads that it is made of."""

    media: PinMedia
    creative_type: CreativeType
    uploads: tuple[Id, ...]


async def read_media(check: Input, input: MediaInput, loaders: Loaders) -> ReadMedia:
    """What an input says to show, with the pictures of the viewer's own uploads.

    What is wrong with it is told to `check`, at the paths of its fields.
    """
    reader = _Reader(check, loaders)
    if input.images:
        items = [
            await reader.item(check.within("images", str(place)), item)
            for place, item in enumerate(input.images)
        ]
        if len(items) not in CAROUSEL:
            check.refuse(
                UserErrorCode.INVALID,
                f"A carousel has 2 to 5 pictures; there were {len(items)}.",
                "images",
            )
        return reader.made(MultiImageMedia(items=tuple(items)), CreativeType.CAROUSEL)
    if input.video:
        return reader.made(
            await reader.video(check.within("video"), input.video), CreativeType.VIDEO
        )
    return reader.made(ImageMedia(image=await reader.image(check, input)), CreativeType.REGULAR)


class _Reader:
    """Reads pictures, and remembers from which uploads."""

    def __init__(self, check: Input, loaders: Loaders) -> None:
        self._loaders = loaders
        self._uploads: list[Id] = []

    def made(self, media: PinMedia, creative_type: CreativeType) -> ReadMedia:
        """What was read."""
        return ReadMedia(media, creative_type, tuple(dict.fromkeys(self._uploads)))

    async def image(self, check: Input, source: ImageSource) -> Image:
        """A picture, remote or uploaded."""
        if source.image_url:
            return _remote(check.within("imageUrl"), source.image_url)
        upload_id = check.id("MediaUpload", source.image_upload or "", "imageUpload")
        if not upload_id:
            return _NOTHING
        upload = await self._loaders(MediaUploadByIdLoader).load(upload_id)
        path = check.path("imageUpload")
        image = usable_image(upload, Id(self._loaders.viewer.user_id or ""), path)
        if isinstance(image, InputError):
            check.refuse(image.code, image.message, "imageUpload")
            return _NOTHING
        self._uploads.append(upload_id)
        return image

    async def item(self, check: Input, item: CarouselItem) -> CarouselImage:
        """One picture of a carousel."""
        return CarouselImage(
            image=await self.image(check.within("image"), item.image),
            title=check.text(item.title, "title", PIN_TITLE),
            description=check.text(item.description, "description", PIN_DESCRIPTION),
            link=check.link(item.link, "link"),
        )

    async def video(self, check: Input, video: Video) -> VideoMedia:
        """A video, with the picture to show before it plays."""
        for name, value in (
            ("durationMs", video.duration_ms),
            ("width", video.width),
            ("height", video.height),
        ):
            if value is not None and value < 1:
                check.refuse(UserErrorCode.INVALID, f"It must be above 0; it was {value}.", name)
        cover = None
        if video.cover:
            cover = await self.image(check.within("cover"), video.cover)
        return VideoMedia(
            video_url=check.link(video.url, "url") or "",
            cover=cover,
            duration_ms=video.duration_ms,
            width=video.width,
            height=video.height,
        )


def images_of(media: PinMedia) -> Iterator[Image]:
    """The pictures that a pin shows at once."""
    match media:
        case ImageMedia(image=image):
            yield image
        case VideoMedia(cover=Image() as cover):
            yield cover
        case MultiImageMedia(items=items):
            yield from (item.image for item in items)


def _remote(check: Input, image: RemoteImage) -> Image:
    for name, side in (("width", image.width), ("height", image.height)):
        if not 1 <= side <= MAX_SIDE:
            check.refuse(
                UserErrorCode.INVALID,
                f"It must be from 1 to {MAX_SIDE:,} pixels; it was {side:,}.",
                name,
            )
    url = check.link(image.url, "url")
    if url is None:
        check.refuse(UserErrorCode.BLANK, "It must be the address of a picture.", "url")
    return Image(source_url=url or "", width=image.width, height=image.height)
