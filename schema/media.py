"""Pictures and videos."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import strawberry

from domain import media as records
from domain.images import ImageFit, ImageFormat
from domain.media import MediaStatus
from protocol.cost import Cost, ListSize
from resolvers import media
from schema.fields import argument, attribute, field, name_type, object_type
from schema.scalars import Color, Url

_CAROUSEL = Cost(size=ListSize(5))
"""What a carousel costs: it has two to five items."""


@object_type(media.ImageRendition, description="A picture in one size.")
class ImageRendition:
    width: int = attribute("The width in pixels.")
    height: int = attribute("The height in pixels.")
    url: Url = attribute("Where it is served.")


@object_type(records.Image, description="A picture, and what a layout needs before it has loaded.")
class Image:
    width: int = attribute("The width of the original in pixels.")
    height: int = attribute("The height of the original in pixels.")
    aspect_ratio: float = field(media.aspect_ratio, "Width divided by height.")
    dominant_color: Color | None = attribute("The colour to show until the picture is there.")
    blur_hash: str | None = attribute("A BlurHash of the picture, to show until it is there.")
    url: Url = field(
        media.url,
        "Where the picture is served in the size that is asked for. It is never scaled up.",
        argument("width", int | None, "The width in pixels, 1–4096; when absent, as it follows."),
        argument("height", int | None, "The height in pixels, 1–4096; when absent, as it follows."),
        argument("format", ImageFormat | None, "The file format; when absent, the original's."),
        argument("fit", ImageFit, "How to meet a size of another shape.", ImageFit.CONTAIN),
    )
    _150x150: ImageRendition | None = field(
        media.rendition("150x150"), "150 × 150 pixels, cropped.", name="_150x150"
    )
    _400x300: ImageRendition | None = field(
        media.rendition("400x300"), "400 × 300 pixels, cropped.", name="_400x300"
    )
    _600x: ImageRendition | None = field(media.rendition("600x"), "600 pixels wide.", name="_600x")
    _1200x: ImageRendition | None = field(
        media.rendition("1200x"), "1200 pixels wide.", name="_1200x"
    )


@object_type(records.ImageMedia, description="A single picture.")
class ImageMedia:
    image: Image | None = attribute("The picture.")


@object_type(
    records.VideoMedia,
    description="A video. Size and duration are null until processing has measured them.",
)
class VideoMedia:
    video_url: Url = attribute("Where the video is served.")
    cover: Image | None = attribute("The picture to show before it plays.")
    duration_ms: int | None = attribute("The duration in milliseconds.")
    width: int | None = attribute("The width in pixels.")
    height: int | None = attribute("The height in pixels.")
    processing: MediaStatus = attribute("How far its processing has come.")


@object_type(records.CarouselImage, description="A picture of a carousel.")
class CarouselImage:
    image: Image | None = attribute("The picture.")
    title: str | None = attribute("Its own title.")
    description: str | None = attribute("Its own description.")
    link: Url | None = attribute("Where it leads.")


@object_type(records.CarouselVideo, description="A video of a carousel.")
class CarouselVideo:
    video: VideoMedia | None = attribute("The video.")
    title: str | None = attribute("Its own title.")
    description: str | None = attribute("Its own description.")
    link: Url | None = attribute("Where it leads.")


@object_type(records.MultiImageMedia, description="A carousel of two to five pictures.")
class MultiImageMedia:
    items: list[CarouselImage] = attribute("The pictures, in order.", cost=_CAROUSEL)


@object_type(records.MultiVideoMedia, description="A carousel of two to five videos.")
class MultiVideoMedia:
    items: list[CarouselVideo] = attribute("The videos, in order.", cost=_CAROUSEL)


CarouselItem: TypeAlias = Annotated[
    CarouselImage | CarouselVideo,
    strawberry.union("CarouselItem", description="A picture or a video of a carousel."),
]
name_type("CarouselItem", CarouselItem)


@object_type(records.MixedMedia, description="A carousel of two to five pictures and videos.")
class MixedMedia:
    items: list[CarouselItem] = attribute("The pictures and videos, in order.", cost=_CAROUSEL)


PinMedia: TypeAlias = Annotated[
    ImageMedia | VideoMedia | MultiImageMedia | MultiVideoMedia | MixedMedia,
    strawberry.union("PinMedia", description="What a pin shows."),
]
name_type("PinMedia", PinMedia)
