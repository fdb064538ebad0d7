"""Pictures, in the sizes that clients ask for."""

from collections.abc import Callable

from domain import images
from domain.images import ImageFit, ImageFormat
from domain.images import Rendition as ImageRendition
from domain.media import Image
from resolvers.context import Info
from resolvers.declared import shared

__all__ = ["ImageRendition", "aspect_ratio", "rendition", "url"]


def aspect_ratio(image: Image) -> float:
    """Width divided by height, to four places: masonry needs no more."""
    return round(image.width / image.height, 4)


@shared
def url(
    image: Image,
    info: Info,
    width: int | None,
    height: int | None,
    format: ImageFormat | None,
    fit: ImageFit,
) -> str:
    """Where the picture is served in a size; raises `BadUserInput` for an impossible one."""
    proxy = info.context.settings.image_proxy_url
    return images.image_url(image, proxy, width=width, height=height, format=format, fit=fit)


def rendition(key: str) -> Callable[[Image, Info], ImageRendition]:
    """The resolver of one of the fixed renditions, by its key."""

    @shared
    def resolve(image: Image, info: Info) -> ImageRendition:
        return images.rendition(image, key, info.context.settings.image_proxy_url)

    return resolve
