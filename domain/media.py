"""What a pin shows: pictures, videos, and carousels of either (DOMAIN a.2, Media)."""

from enum import StrEnum

import msgspec


class MediaStatus(StrEnum):
    """How far the processing of an upload has come."""

    REGISTERED = "REGISTERED"
    PROCESSING = "PROCESSING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"


class CreativeType(StrEnum):
    """The form of a pin (DOMAIN a.3)."""

    REGULAR = "REGULAR"
    VIDEO = "VIDEO"
    SHOPPING = "SHOPPING"
    CAROUSEL = "CAROUSEL"
    MAX_VIDEO = "MAX_VIDEO"
    COLLECTION = "COLLECTION"
    IDEA = "IDEA"
    SHOWCASE = "SHOWCASE"
    QUIZ = "QUIZ"
    COLLAGE = "COLLAGE"
    MAX_WIDTH_REGULAR_COLLECTION = "MAX_WIDTH_REGULAR_COLLECTION"
    MAX_WIDTH_VIDEO_COLLECTION = "MAX_WIDTH_VIDEO_COLLECTION"


class Image(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One picture: where its original is, its size in pixels, and what to show before it loads."""

    source_url: str
    width: int
    height: int
    dominant_color: str | None = None
    blur_hash: str | None = None


class CarouselImage(
    msgspec.Struct, frozen=True, kw_only=True, gc=False, tag_field="kind", tag="image"
):
    """One picture of a carousel, with words and a link of its own."""

    image: Image
    title: str | None = None
    description: str | None = None
    link: str | None = None


class CarouselVideo(
    msgspec.Struct, frozen=True, kw_only=True, gc=False, tag_field="kind", tag="video"
):
    """One video of a carousel, with words and a link of its own."""

    video: "VideoMedia"
    title: str | None = None
    description: str | None = None
    link: str | None = None


class ImageMedia(
    msgspec.Struct, frozen=True, kw_only=True, gc=False, tag_field="kind", tag="image"
):
    """A single picture."""

    image: Image


class VideoMedia(
    msgspec.Struct, frozen=True, kw_only=True, gc=False, tag_field="kind", tag="video"
):
    """A video. Size and duration are None until processing has measured them."""

    video_url: str
    cover: Image | None = None
    duration_ms: int | None = None
    width: int | None = None
    height: int | None = None
    processing: MediaStatus = MediaStatus.SUCCEEDED


class MultiImageMedia(
    msgspec.Struct, frozen=True, kw_only=True, gc=False, tag_field="kind", tag="images"
):
    """A carousel of 2–5 pictures."""

    items: tuple[CarouselImage, ...]


class MultiVideoMedia(
    msgspec.Struct, frozen=True, kw_only=True, gc=False, tag_field="kind", tag="videos"
):
    """A carousel of 2–5 videos."""

    items: tuple[CarouselVideo, ...]


class MixedMedia(
    msgspec.Struct, frozen=True, kw_only=True, gc=False, tag_field="kind", tag="mixed"
):
    """A carousel of 2–5 pictures and videos."""

    items: tuple[CarouselImage | CarouselVideo, ...]


PinMedia = ImageMedia | VideoMedia | MultiImageMedia | MultiVideoMedia | MixedMedia


def cover_image(media: PinMedia | None) -> Image | None:
    """The picture that stands for `media` in a grid: the first one, or a video's cover."""
    match media:
        case ImageMedia(image=image):
            return image
        case VideoMedia(cover=cover):
            return cover
        case MultiImageMedia(items=items) | MultiVideoMedia(items=items) | MixedMedia(items=items):
            first = items[0]
            return first.image if isinstance(first, CarouselImage) else first.video.cover
    return None
