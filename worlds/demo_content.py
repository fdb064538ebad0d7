"""What the demo world's root pins show and say."""

from random import Random
from typing import NamedTuple

import msgspec

from domain.media import (
    CarouselImage,
    CarouselVideo,
    CreativeType,
    Image,
    ImageMedia,
    MixedMedia,
    MultiImageMedia,
    MultiVideoMedia,
    PinMedia,
    VideoMedia,
)
from domain.record import Id
from domain.slugs import slug_of
from worlds.blurhash import random_blur_hash
from worlds.demo_people import host_of, named_topic
from worlds.demo_words import SEASONS, Theme

_SIZES = ((1000, 1500), (1000, 1500), (1080, 1350), (1200, 1200), (1600, 1067), (736, 1308))
"""Widths and heights in pixels: pins are mostly upright."""

_ELSEWHERE_SHARE = 0.08


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """The part of a pin that copies share."""

    title: str
    description: str | None
    alt_text: str | None
    link: str | None
    domain: str | None
    dominant_color: str
    creative_type: CreativeType
    media: PinMedia
    topic_ids: tuple[Id, ...]


def demo_content(random: Random, theme: Theme, *, site: str | None = None) -> Content:
    """A pin about `theme`; it links to `site` when given, and else to some page or none."""
    words = _words(random, theme)
    color = random.choice(theme.palette)
    if site is None and random.random() < 0.7:
        site = host_of(random.choice(theme.sites))
    media, creative_type = _media(random, color, words.title)
    topics = [theme.name, *words.topics]
    if random.random() < 0.2:
        topics.append(random.choice(SEASONS))
    return Content(
        title=words.title,
        description=_description(random, theme),
        alt_text=words.alt_text,
        link=None if site is None else _link(random, site, words.page),
        domain=site,
        dominant_color=color,
        creative_type=creative_type,
        media=media,
        topic_ids=tuple(map(named_topic, topics)),
    )


class _Words(NamedTuple):
    """What a pin is called, and what follows from its subject."""

    title: str
    page: str
    topics: tuple[str, ...] = ()
    alt_text: str | None = None


def _words(random: Random, theme: Theme) -> _Words:
    if random.random() < _ELSEWHERE_SHARE:
        return _Words(random.choice(theme.elsewhere), page=theme.key)
    topic = random.choice([*theme.topics])
    subject = random.choice(theme.topics[topic])
    title = random.choice(theme.patterns).format(
        subject=subject,
        style=random.choice(theme.styles),
        touch=random.choice(theme.touches),
        aim=random.choice(theme.aims),
    )
    alt_text = f"{_capital(subject)}, photographed." if random.random() < 0.6 else None
    page = slug_of(subject, fallback=theme.key)
    return _Words(_capital(title), page, (topic,), alt_text)


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


def _description(random: Random, theme: Theme) -> str | None:
    if random.random() < 0.15:
        return None
    return " ".join(random.sample(theme.notes, random.choice((1, 1, 2))))


def _link(random: Random, site: str, page: str) -> str:
    return f"https://www.{site}/{page}-{random.randrange(10_000)}"


def _media(random: Random, color: str, title: str) -> tuple[PinMedia, CreativeType]:
    kind = random.random()
    if kind < 0.85:
        return ImageMedia(image=_image(random, color)), CreativeType.REGULAR
    if kind < 0.91:
        return _video(random, color), CreativeType.VIDEO
    count = random.randrange(2, 6)
    pictures = [_slide(random, color, title, place) for place in range(count)]
    if kind < 0.97:
        return MultiImageMedia(items=tuple(pictures)), CreativeType.CAROUSEL
    clips = [CarouselVideo(video=_video(random, color), title=title) for _ in range(count)]
    if kind < 0.98:
        return MultiVideoMedia(items=tuple(clips)), CreativeType.CAROUSEL
    return MixedMedia(items=(pictures[0], *clips[1:])), CreativeType.CAROUSEL


def _slide(random: Random, color: str, title: str, place: int) -> CarouselImage:
    return CarouselImage(image=_image(random, color), title=f"{title} ({place + 1})")


def _image(random: Random, color: str) -> Image:
    width, height = random.choice(_SIZES)
    return Image(
        source_url=f"https://images.pinery.example/pins/{random.getrandbits(64):016x}.jpg",
        width=width,
        height=height,
        dominant_color=color,
        blur_hash=random_blur_hash(random, color),
    )


def _video(random: Random, color: str) -> VideoMedia:
    name = f"{random.getrandbits(64):016x}"
    return VideoMedia(
        video_url=f"https://videos.pinery.example/pins/{name}.mp4",
        cover=_image(random, color),
        duration_ms=random.randrange(4_000, 90_000),
        width=1080,
        height=1920,
    )
