"""What a new pin shows, as mutations take it."""

from __future__ import annotations

import strawberry

from schema.fields import input_type

_UNSET = strawberry.UNSET


@input_type(description="A picture that is somewhere else. Its size is known before it is loaded.")
class RemoteImageInput:
    url: str = strawberry.field(description="Its address: http or https.")
    width: int = strawberry.field(description="Pixels; 1–20,000.")
    height: int = strawberry.field(description="Pixels; 1–20,000.")


@input_type(one_of=True, description="A picture: give exactly one field.")
class ImageSourceInput:
    image_url: RemoteImageInput | None = strawberry.field(
        default=_UNSET, description="One that is somewhere else."
    )
    image_upload: strawberry.ID | None = strawberry.field(
        default=_UNSET, description="One of the viewer's uploads that SUCCEEDED."
    )


@input_type(description="One picture of a carousel.")
class CarouselImageInput:
    image: ImageSourceInput = strawberry.field(description="The picture.")
    title: str | None = strawberry.field(
        default=None, description="Its title; at most 100 characters."
    )
    description: str | None = strawberry.field(
        default=None, description="Its description; at most 800 characters."
    )
    link: str | None = strawberry.field(default=None, description="Where it leads.")


@input_type(description="A video that can be played where it is.")
class VideoInput:
    url: str = strawberry.field(description="Its address: http or https.")
    cover: ImageSourceInput | None = strawberry.field(
        default=None, description="The picture to show before it plays."
    )
    duration_ms: int | None = strawberry.field(
        default=None, description="How long it is, in milliseconds."
    )
    width: int | None = strawberry.field(default=None, description="Pixels.")
    height: int | None = strawberry.field(default=None, description="Pixels.")


@input_type(one_of=True, description="What a pin shows: give exactly one field.")
class PinMediaInput:
    image_url: RemoteImageInput | None = strawberry.field(
        default=_UNSET, description="A picture that is somewhere else."
    )
    image_upload: strawberry.ID | None = strawberry.field(
        default=_UNSET, description="One of the viewer's uploads that SUCCEEDED."
    )
    video: VideoInput | None = strawberry.field(default=_UNSET, description="A video.")
    images: list[CarouselImageInput] | None = strawberry.field(
        default=_UNSET, description="A carousel of 2–5 pictures."
    )


@input_type(description="What one picture of a carousel says: omitted leaves it, null clears it.")
class CarouselSlotInput:
    title: str | None = strawberry.field(
        default=_UNSET, description="Its title; at most 100 characters."
    )
    description: str | None = strawberry.field(
        default=_UNSET, description="Its description; at most 800 characters."
    )
    link: str | None = strawberry.field(default=_UNSET, description="Where it leads.")
