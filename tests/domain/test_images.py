from base64 import urlsafe_b64decode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import BadUserInput
from domain.images import (
    BOXES,
    ImageFit,
    ImageFormat,
    Rendition,
    Size,
    image_key,
    image_url,
    rendition,
    rendition_size,
)
from domain.media import Image

PROXY = "https://images.example/"
SOURCE = "https://museum.example/works/D23812_8.jpg?size=full"
PATH = "aHR0cHM6Ly9tdXNldW0uZXhhbXBsZS93b3Jrcy9EMjM4MTJfOC5qcGc_c2l6ZT1mdWxs"


def picture(width: int = 1200, height: int = 900, source_url: str = SOURCE) -> Image:
    return Image(source_url=source_url, width=width, height=height)


@pytest.mark.parametrize(
    ("image", "width", "height", "fit", "size"),
    [
        (picture(1200, 900), None, None, ImageFit.CONTAIN, (1200, 900)),
        (picture(1200, 900), 600, None, ImageFit.CONTAIN, (600, 450)),
        (picture(1200, 900), None, 300, ImageFit.CONTAIN, (400, 300)),
        (picture(1200, 900), 600, 300, ImageFit.CONTAIN, (400, 300)),
        (picture(1200, 900), 2400, None, ImageFit.CONTAIN, (1200, 900)),
        (picture(1200, 900), 150, 150, ImageFit.COVER, (150, 150)),
        (picture(1200, 900), 600, None, ImageFit.COVER, (600, 450)),
        (picture(100, 80), 150, 150, ImageFit.COVER, (80, 80)),
        (picture(300, 1000), 400, 300, ImageFit.COVER, (300, 225)),
        (picture(512, 367), 150, None, ImageFit.CONTAIN, (150, 108)),
        (picture(10_000, 2), 100, None, ImageFit.CONTAIN, (100, 1)),
        (picture(8192, 4096), None, None, ImageFit.CONTAIN, (4096, 2048)),
    ],
)
def test_the_size_of_a_rendition(
    image: Image, width: int | None, height: int | None, fit: ImageFit, size: tuple[int, int]
) -> None:
    assert rendition_size(image, width, height, fit) == Size(*size)


@given(
    st.integers(1, 10_000),
    st.integers(1, 10_000),
    st.none() | st.integers(1, 4096),
    st.none() | st.integers(1, 4096),
    st.sampled_from(ImageFit),
)
def test_a_rendition_is_never_larger_than_the_original_or_the_box(
    original_width: int, original_height: int, width: int | None, height: int | None, fit: ImageFit
) -> None:
    size = rendition_size(picture(original_width, original_height), width, height, fit)
    assert 1 <= size.width <= min(original_width, width or 4096)
    assert 1 <= size.height <= min(original_height, height or 4096)


@given(st.integers(200, 5_000), st.integers(200, 5_000), st.integers(100, 4096))
def test_a_contained_picture_keeps_its_proportions(width: int, height: int, asked: int) -> None:
    size = rendition_size(picture(width, height), asked)
    # The rounded side is at most half a pixel off, whichever side that was.
    assert abs(size.width * height - size.height * width) <= max(width, height) / 2


@pytest.mark.parametrize("side", [0, -1, 4097])
@pytest.mark.parametrize("proxy_url", [None, PROXY])
def test_a_side_out_of_bounds_is_refused(side: int, proxy_url: str | None) -> None:
    with pytest.raises(BadUserInput, match=f"width of an image must be 1 to 4096.*{side}"):
        image_url(picture(), proxy_url, width=side)
    with pytest.raises(BadUserInput, match="height"):
        image_url(picture(), proxy_url, height=side)


def test_without_a_proxy_the_original_is_linked() -> None:
    assert image_url(picture(), None, 600, format=ImageFormat.WEBP) == SOURCE


def test_with_a_proxy_the_path_says_what_to_do() -> None:
    assert urlsafe_b64decode(PATH).decode() == SOURCE
    assert image_url(picture(), PROXY, 600) == f"https://images.example/contain/600x450/{PATH}.jpg"
    webp = image_url(picture(), PROXY, 150, 150, ImageFormat.WEBP, ImageFit.COVER)
    assert webp == f"https://images.example/cover/150x150/{PATH}.webp"


@pytest.mark.parametrize(
    ("source_url", "extension"),
    [
        ("https://a.example/b.PNG", "png"),
        ("https://a.example/b.gif?c=d.jpg", "gif"),
        ("https://a.example/b.jpeg", "jpg"),
        ("https://a.example/b", "jpg"),
        ("https://a.example/b.php", "jpg"),
    ],
)
def test_the_format_is_the_originals_when_none_is_asked_for(
    source_url: str, extension: str
) -> None:
    url = image_url(picture(source_url=source_url), PROXY, 600)
    assert url.rpartition(".")[2] == extension


def test_the_fixed_renditions() -> None:
    sizes = {key: rendition(picture(), key, PROXY) for key in BOXES}
    base = "https://images.example"
    assert sizes == {
        "150x150": Rendition(150, 150, f"{base}/cover/150x150/{PATH}.jpg"),
        "400x300": Rendition(400, 300, f"{base}/cover/400x300/{PATH}.jpg"),
        "600x": Rendition(600, 450, f"{base}/contain/600x450/{PATH}.jpg"),
        "1200x": Rendition(1200, 900, f"{base}/contain/1200x900/{PATH}.jpg"),
    }


def test_a_rendition_without_a_proxy_is_the_original_to_be_scaled() -> None:
    assert rendition(picture(), "150x150") == Rendition(150, 150, SOURCE)


def test_one_picture_has_one_key() -> None:
    key = image_key(picture(600, 800))
    assert key == image_key(picture(10, 10))
    assert key is not None
    assert len(key) == 16
    assert key != image_key(picture(source_url="https://museum.example/other.jpg"))
    assert image_key(None) is None
