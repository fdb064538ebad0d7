"""What is made of a file: a picture of ours, or a reason why not."""

import struct
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from domain.uploads import ImageType, UploadFailure
from storage.probing import Picture, Unacceptable, probe
from tests.media.files import encoded, halves, header_only, jpeg, opened, png, swapped_profile

JPEG, PNG = ImageType.JPEG, ImageType.PNG

HTML = b"<!doctype html><script>alert(1)</script>"
GIF = encoded(Image.new("P", (60, 40)), "GIF")
WEBP = encoded(Image.new("RGB", (60, 40)), "WEBP")
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'

SECRET = b"52.520008 N, 13.404954 E"


def refused(data: bytes, declared: ImageType) -> UploadFailure:
    with pytest.raises(Unacceptable) as caught:
        probe(data, declared)
    return caught.value.failure


def corners(picture: Picture) -> tuple[object, object]:
    """The colours at the top left and the bottom right."""
    image = opened(picture.data).convert("L")
    return image.getpixel((0, 0)), image.getpixel((image.width - 1, image.height - 1))


@pytest.mark.parametrize(("data", "declared"), [(jpeg(), JPEG), (png(), PNG)])
def test_a_picture_is_measured_and_keeps_its_type(data: bytes, declared: ImageType) -> None:
    picture = probe(data, declared)
    assert (picture.width, picture.height) == (60, 40)
    kept = opened(picture.data)
    assert (kept.format, kept.mode, kept.size) == (declared.name, "RGB", (60, 40))


def test_colour_and_blur_are_those_of_the_picture() -> None:
    assert probe(png(color=(0, 0, 0)), PNG)[3:] == ("#000000", "L00000fQfQfQfQfQfQfQfQfQfQfQ")
    tall = probe(png(40, 60, (0, 0, 0)), PNG)
    assert tall.blur_hash == "T00000fQfQfQfQfQfQfQfQfQfQfQ"
    spotted = Image.new("RGB", (60, 40), (200, 30, 30))
    spotted.paste((0, 0, 255), (0, 0, 10, 10))
    assert probe(encoded(spotted, "PNG"), PNG).dominant_color == "#c81e1e"


@pytest.mark.parametrize(
    ("data", "declared"),
    [
        (jpeg(), PNG),
        (png(), JPEG),
        (HTML, PNG),
        (HTML, JPEG),
        (SVG, PNG),
        (GIF, PNG),
        (WEBP, JPEG),
        (b"", JPEG),
        (b"\xff\xd8", JPEG),
        (b" " + png(), PNG),
    ],
)
def test_a_lie_about_the_type_is_refused(data: bytes, declared: ImageType) -> None:
    assert refused(data, declared) is UploadFailure.WRONG_TYPE


@pytest.mark.parametrize(
    ("data", "declared"),
    [
        (b"\x89PNG\r\n\x1a\n" + HTML, PNG),
        (b"\xff\xd8\xff\xe0" + HTML, JPEG),
        (b"\xff\xd8\xff" + GIF, JPEG),
        (png()[:60], PNG),
        (encoded(halves(600, 400), "JPEG")[:-200], JPEG),
        (encoded(Image.effect_noise((300, 200), 90), "JPEG")[:9_000], JPEG),
        (encoded(Image.effect_noise((300, 200), 90), "PNG")[:9_000], PNG),
        (jpeg()[:30], JPEG),
        (png()[:20], PNG),
        (header_only(1_000, 1_000), PNG),
        (header_only(0, 0), PNG),
    ],
)
def test_a_damaged_file_is_refused(data: bytes, declared: ImageType) -> None:
    assert refused(data, declared) is UploadFailure.DAMAGED


def test_a_flipped_bit_in_the_pixels_of_a_png_is_found() -> None:
    data = bytearray(encoded(Image.effect_noise((300, 200), 90), "PNG"))
    data[len(data) // 2] ^= 1
    assert refused(bytes(data), PNG) is UploadFailure.DAMAGED


@pytest.mark.parametrize("size", [(60_000, 60_000), (8_193, 1), (1, 8_193), (8_000, 6_251)])
def test_a_header_that_claims_too_much_is_refused(size: tuple[int, int]) -> None:
    assert refused(header_only(*size), PNG) is UploadFailure.TOO_MANY_PIXELS


def test_a_real_bomb_is_refused_before_it_is_decoded() -> None:
    bomb = encoded(Image.new("1", (20_000, 20_000)), "PNG")
    assert len(bomb) < 100_000
    assert refused(bomb, PNG) is UploadFailure.TOO_MANY_PIXELS
    # A JPEG says its size in the header, too.
    data = bytearray(jpeg(8_000, 8))
    at = data.index(b"\xff\xc0") + 5
    data[at : at + 4] = struct.pack(">HH", 65_000, 65_000)
    assert refused(bytes(data), JPEG) is UploadFailure.TOO_MANY_PIXELS


def test_a_text_that_unfolds_is_refused() -> None:
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Comment", "a" * 100_000_000, zip=True)
    data = encoded(Image.new("RGB", (8, 8)), "PNG", pnginfo=notes)
    assert len(data) < 200_000
    assert refused(data, PNG) is UploadFailure.DAMAGED


def test_an_animation_is_refused() -> None:
    frames = [Image.new("RGB", (8, 8), color) for color in ("red", "blue")]
    data = encoded(frames[0], "PNG", save_all=True, append_images=frames[1:])
    assert refused(data, PNG) is UploadFailure.ANIMATED


def test_of_a_jpeg_with_several_pictures_the_first_is_taken() -> None:
    frames = [Image.new("RGB", (60, 40), color) for color in ("red", "blue")]
    data = encoded(frames[0], "MPO", save_all=True, append_images=frames[1:])
    picture = probe(data, JPEG)
    assert (picture.width, picture.height, picture.dominant_color) == (60, 40, "#fe0000")
    assert opened(picture.data).format == "JPEG"


@pytest.mark.parametrize(
    ("orientation", "size", "first", "last"),
    [
        (1, (60, 40), 255, 0),
        (2, (60, 40), 0, 255),
        (3, (60, 40), 0, 255),
        (4, (60, 40), 255, 0),
        (5, (40, 60), 255, 0),
        (6, (40, 60), 255, 0),
        (7, (40, 60), 0, 255),
        (8, (40, 60), 0, 255),
    ],
)
@pytest.mark.parametrize("declared", [JPEG, PNG])
def test_a_picture_is_upright(
    declared: ImageType, orientation: int, size: tuple[int, int], first: int, last: int
) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = probe(encoded(halves(), declared.name, exif=exif), declared)
    assert (picture.width, picture.height) == size == opened(picture.data).size
    assert corners(picture) == (first, last)
    assert 0x0112 not in opened(picture.data).getexif()


@pytest.mark.parametrize("declared", [JPEG, PNG])
def test_no_metadata_is_published(declared: ImageType) -> None:
    exif = Image.Exif()
    exif[0x010E] = SECRET.decode()
    gps = exif.get_ifd(0x8825)
    gps[1], gps[2] = "N", (52.0, 31.0, 12.0)
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Comment", SECRET.decode())
    options = {"pnginfo": notes} if declared is PNG else {"comment": SECRET}
    data = encoded(halves(), declared.name, exif=exif, dpi=(300, 300), **options)
    # And whatever else is behind the picture.
    data += b"PK\x03\x04" + SECRET
    assert data.count(SECRET) == 3
    kept = probe(data, declared).data
    assert SECRET not in kept
    assert b"PK\x03\x04" not in kept
    image = opened(kept)
    assert not image.getexif()
    assert image.info.keys() <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"} | {
        "progressive",
        "progression",
    }


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data:UserWarning")
def test_broken_metadata_does_no_harm() -> None:
    data = jpeg(exif=b"Exif\0\0" + b"MM\0*\0\0\0\x08\xff\xff" + b"\xff" * 40)
    assert probe(data, JPEG)[1:3] == (60, 40)


def test_colours_are_those_of_a_common_screen() -> None:
    plain = probe(png(color=(255, 0, 0)), PNG)
    swapped = probe(png(color=(255, 0, 0), icc_profile=swapped_profile()), PNG)
    assert plain.dominant_color == "#ff0000"
    red, green, blue = bytes.fromhex(swapped.dominant_color[1:])
    assert (red, green, blue) == pytest.approx((0, 255, 0), abs=3)
    assert b"iCCP" not in swapped.data


def test_a_profile_that_is_none_is_as_good_as_none() -> None:
    assert probe(png(icc_profile=b"nonsense" * 40), PNG).dominant_color == "#c81e1e"


@pytest.mark.parametrize(
    ("picture", "declared", "color", "mode"),
    [
        (Image.new("L", (60, 40), 77), JPEG, "#4d4d4d", "RGB"),
        (Image.new("CMYK", (60, 40), (0, 0, 0, 255)), JPEG, "#000000", "RGB"),
        (Image.new("1", (60, 40), 1), PNG, "#ffffff", "RGB"),
        (Image.new("L", (60, 40), 77), PNG, "#4d4d4d", "RGB"),
        (Image.new("I;16", (60, 40), 77 * 256), PNG, "#4d4d4d", "RGB"),
        (Image.new("LA", (60, 40), (77, 255)), PNG, "#4d4d4d", "RGBA"),
        (Image.new("RGBA", (60, 40), (9, 9, 9, 0)), PNG, "#ffffff", "RGBA"),
        (Image.new("RGB", (60, 40), "#c81e1e").quantize(4), PNG, "#c81e1e", "RGB"),
    ],
)
def test_every_kind_of_pixel(
    picture: Image.Image, declared: ImageType, color: str, mode: str
) -> None:
    probed = probe(encoded(picture, declared.name), declared)
    assert probed.dominant_color == color
    assert opened(probed.data).mode == mode


@pytest.mark.parametrize("size", [(1, 1), (1, 4_000), (4_000, 1)])
def test_a_thin_picture(size: tuple[int, int]) -> None:
    assert probe(png(*size), PNG)[1:3] == size


@pytest.mark.parametrize("declared", [JPEG, PNG])
def test_what_is_larger_than_is_ever_served_is_scaled_down(declared: ImageType) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    picture = probe(encoded(halves(8_192, 2_001), declared.name, exif=exif), declared)
    assert (picture.width, picture.height) == (1_001, 4_096) == opened(picture.data).size
    assert corners(picture) == (255, 0)


@given(
    declared=st.sampled_from(ImageType),
    kept=st.integers(0, 700),
    noise=st.binary(max_size=300),
    skipped=st.integers(0, 300),
)
def test_no_bytes_make_it_fail_in_another_way(
    declared: ImageType, kept: int, noise: bytes, skipped: int
) -> None:
    whole = jpeg() if declared is JPEG else png()
    with suppress(Unacceptable):
        probe(whole[:kept] + noise + whole[kept + skipped :], declared)
