"""What pins show: pictures in every size, videos, and carousels."""

from base64 import urlsafe_b64encode
from typing import Any

import pytest

from domain.media import (
    CarouselImage,
    CarouselVideo,
    Image,
    ImageMedia,
    MediaStatus,
    MixedMedia,
    MultiImageMedia,
    MultiVideoMedia,
    PinMedia,
    VideoMedia,
)
from resolvers.nodes import global_id
from server import create_app
from storage.embedded import EmbeddedStores
from storage.storage import Storage
from tests.client import Client, serving, settings_of
from tests.world import World

TALL = Image(
    source_url="https://images.example/tall.png",
    width=1000,
    height=1500,
    dominant_color="#112233",
    blur_hash="LEHV6nWB2yk8",
)
SMALL = Image(source_url="https://images.example/small", width=100, height=30)
VIDEO = VideoMedia(
    video_url="https://video.example/1.mp4", cover=SMALL, duration_ms=1500, width=720, height=1280
)
UNPROCESSED = VideoMedia(video_url="https://video.example/2.mp4", processing=MediaStatus.PROCESSING)

MEDIA = """
query ($id: ID!) {
  pin(id: $id) {
    media {
      __typename
      ... on ImageMedia { image { url } }
      ... on VideoMedia { ...video }
      ... on MultiImageMedia { items { ...picture } }
      ... on MultiVideoMedia { items { ...clip } }
      ... on MixedMedia { items { __typename ...picture ...clip } }
    }
  }
}
fragment video on VideoMedia { videoUrl durationMs width height processing cover { url } }
fragment picture on CarouselImage { title description link image { url } }
fragment clip on CarouselVideo { title description link video { videoUrl } }
"""

PICTURE_ANSWER = {
    "title": "Tall",
    "description": "A tall one",
    "link": "https://tall.example/",
    "image": {"url": "https://images.example/tall.png"},
}
PLAIN_PICTURE_ANSWER = {
    "title": None,
    "description": None,
    "link": None,
    "image": {"url": "https://images.example/small"},
}
CLIP_ANSWER = {
    "title": "Clip",
    "description": "Moving",
    "link": "https://clip.example/",
    "video": {"videoUrl": "https://video.example/1.mp4"},
}
PICTURE = CarouselImage(
    image=TALL, title="Tall", description="A tall one", link="https://tall.example/"
)
PLAIN_PICTURE = CarouselImage(image=SMALL)
CLIP = CarouselVideo(video=VIDEO, title="Clip", description="Moving", link="https://clip.example/")


@pytest.mark.parametrize(
    ("media", "expected"),
    [
        (
            ImageMedia(image=TALL),
            {"__typename": "ImageMedia", "image": {"url": "https://images.example/tall.png"}},
        ),
        (
            VIDEO,
            {
                "__typename": "VideoMedia",
                "videoUrl": "https://video.example/1.mp4",
                "durationMs": 1500,
                "width": 720,
                "height": 1280,
                "processing": "SUCCEEDED",
                "cover": {"url": "https://images.example/small"},
            },
        ),
        (
            UNPROCESSED,
            {
                "__typename": "VideoMedia",
                "videoUrl": "https://video.example/2.mp4",
                "durationMs": None,
                "width": None,
                "height": None,
                "processing": "PROCESSING",
                "cover": None,
            },
        ),
        (
            MultiImageMedia(items=(PICTURE, PLAIN_PICTURE)),
            {"__typename": "MultiImageMedia", "items": [PICTURE_ANSWER, PLAIN_PICTURE_ANSWER]},
        ),
        (
            MultiVideoMedia(items=(CLIP, CLIP)),
            {"__typename": "MultiVideoMedia", "items": [CLIP_ANSWER, CLIP_ANSWER]},
        ),
        (
            MixedMedia(items=(PICTURE, CLIP)),
            {
                "__typename": "MixedMedia",
                "items": [
                    {"__typename": "CarouselImage"} | PICTURE_ANSWER,
                    {"__typename": "CarouselVideo"} | CLIP_ANSWER,
                ],
            },
        ),
        (None, None),
    ],
    ids=["image", "video", "unprocessed", "images", "videos", "mixed", "none"],
)
async def test_each_kind(
    client: Client, world: World, media: PinMedia | None, expected: dict[str, Any] | None
) -> None:
    pin = await world.pin(await world.board(await world.user("ana")), media=media)
    assert await client.data(MEDIA, id=global_id(pin)) == {"pin": {"media": expected}}


IMAGE = """
query ($id: ID!) {
  pin(id: $id) {
    media {
      ... on ImageMedia {
        image {
          width height aspectRatio dominantColor blurHash url
          scaled: url(width: 500)
          cropped: url(width: 300, height: 300, format: WEBP, fit: COVER)
          _150x150 { ...size } _400x300 { ...size } _600x { ...size } _1200x { ...size }
        }
      }
    }
  }
}
fragment size on ImageRendition { width height url }
"""


async def test_a_picture_without_a_proxy_is_served_as_it_is(client: Client, world: World) -> None:
    pin = await world.pin(await world.board(await world.user("ana")), media=ImageMedia(image=TALL))
    url = "https://images.example/tall.png"
    image = {
        "width": 1000,
        "height": 1500,
        "aspectRatio": 0.6667,
        "dominantColor": "#112233",
        "blurHash": "LEHV6nWB2yk8",
        "url": url,
        "scaled": url,
        "cropped": url,
        "_150x150": {"width": 150, "height": 150, "url": url},
        "_400x300": {"width": 400, "height": 300, "url": url},
        "_600x": {"width": 600, "height": 900, "url": url},
        "_1200x": {"width": 1000, "height": 1500, "url": url},
    }
    assert await client.data(IMAGE, id=global_id(pin)) == {"pin": {"media": {"image": image}}}


async def test_a_proxy_serves_every_size_and_never_scales_up(
    stores: EmbeddedStores, storage: Storage, world: World
) -> None:
    board = await world.board(await world.user("ana"))
    tall = await world.pin(board, media=ImageMedia(image=TALL))
    small = await world.pin(board, media=ImageMedia(image=SMALL))

    def at(image: Image, size: str, extension: str, fit: str = "contain") -> str:
        name = urlsafe_b64encode(image.source_url.encode()).decode().rstrip("=")
        return f"https://proxy.example/i/{fit}/{size}/{name}.{extension}"

    settings = settings_of(stores, image_proxy_url="https://proxy.example/i/")
    async with serving(create_app(settings, storage)) as url:
        client = Client(url, settings)
        images = [
            (await client.data(IMAGE, id=global_id(pin)))["pin"]["media"]["image"]
            for pin in (tall, small)
        ]
        await client.http.aclose()
    assert images == [
        {
            "width": 1000,
            "height": 1500,
            "aspectRatio": 0.6667,
            "dominantColor": "#112233",
            "blurHash": "LEHV6nWB2yk8",
            "url": at(TALL, "1000x1500", "png"),
            "scaled": at(TALL, "500x750", "png"),
            "cropped": at(TALL, "300x300", "webp", "cover"),
            "_150x150": {
                "width": 150,
                "height": 150,
                "url": at(TALL, "150x150", "png", "cover"),
            },
            "_400x300": {
                "width": 400,
                "height": 300,
                "url": at(TALL, "400x300", "png", "cover"),
            },
            "_600x": {"width": 600, "height": 900, "url": at(TALL, "600x900", "png")},
            "_1200x": {"width": 1000, "height": 1500, "url": at(TALL, "1000x1500", "png")},
        },
        {
            "width": 100,
            "height": 30,
            "aspectRatio": 3.3333,
            "dominantColor": None,
            "blurHash": None,
            "url": at(SMALL, "100x30", "jpg"),
            "scaled": at(SMALL, "100x30", "jpg"),
            "cropped": at(SMALL, "30x30", "webp", "cover"),
            "_150x150": {"width": 30, "height": 30, "url": at(SMALL, "30x30", "jpg", "cover")},
            "_400x300": {"width": 40, "height": 30, "url": at(SMALL, "40x30", "jpg", "cover")},
            "_600x": {"width": 100, "height": 30, "url": at(SMALL, "100x30", "jpg")},
            "_1200x": {"width": 100, "height": 30, "url": at(SMALL, "100x30", "jpg")},
        },
    ]


@pytest.mark.parametrize("arguments", ["width: 0", "width: 4097", "height: -1", "height: 4097"])
async def test_an_impossible_size_is_a_field_error(
    client: Client, world: World, arguments: str
) -> None:
    avatar = Image(source_url="https://images.example/ana.jpg", width=10, height=10)
    await world.user("ana", avatar=avatar)
    answer = await client.execute(
        f'{{ user(by: {{username: "ana"}}) {{ username avatar {{ url({arguments}) }} }} }}'
    )
    assert answer.data == {"user": {"username": "ana", "avatar": None}}
    assert answer.codes == ["BAD_USER_INPUT"]
    assert answer.errors[0]["path"] == ["user", "avatar", "url"]
