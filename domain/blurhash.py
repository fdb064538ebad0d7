"""BlurHash: a blurred picture in a few characters (https://blurha.sh, algorithm and base 83).

A hash of 4 × 3 components has 28 characters: how many components there are, how strong the
strongest shape is, the mean colour, and eleven shapes, each a cosine in red, green and blue.
"""

from collections.abc import Sequence
from math import copysign, cos, pi, sqrt
from typing import Final, NamedTuple

ALPHABET: Final = (
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~"
)

NO_CONTRAST: Final = 9
"""What stands for nothing among the 19 strengths of a cosine."""
MOST_CONTRAST: Final = 18

_MOST_COMPONENTS: Final = 9


class _Light(NamedTuple):
    """Red, green and blue in linear light; 1 is as bright as a screen gets."""

    red: float
    green: float
    blue: float


def blur_hash(
    pixels: Sequence[tuple[int, int, int]], width: int, *, columns: int, rows: int
) -> str:
    """The hash of a picture, given as its rows of sRGB pixels one after the other.

    Its price is that of each pixel for each component: scale the picture down to some 32 pixels
    first, which no eye can tell. Raises `ValueError` when the pixels make no rows of `width`, or
    `columns` or `rows` is not in 1..9.
    """
    if not pixels or len(pixels) % width:
        raise ValueError(f"{len(pixels)} pixels make no rows of {width}.")
    if not (1 <= columns <= _MOST_COMPONENTS and 1 <= rows <= _MOST_COMPONENTS):
        raise ValueError(f"A hash has 1 to 9 columns and rows, not {columns} and {rows}.")
    lights = [_Light(*(_LINEAR[value] for value in pixel)) for pixel in pixels]
    mean, *shapes = (
        _component(lights, width, column, row) for row in range(rows) for column in range(columns)
    )
    strongest = max((abs(value) for shape in shapes for value in shape), default=0.0)
    scale = max(0, min(82, int(strongest * 166 - 0.5))) if shapes else 0
    return (
        base83((columns - 1) + (rows - 1) * 9, 1)
        + base83(scale, 1)
        + base83(_rgb(mean), 4)
        + "".join(base83(_strengths(shape, (scale + 1) / 166), 2) for shape in shapes)
    )


def base83(value: int, length: int) -> str:
    """A number in `length` digits of base 83."""
    base = len(ALPHABET)
    return "".join(ALPHABET[value // base**place % base] for place in reversed(range(length)))


def _component(lights: Sequence[_Light], width: int, column: int, row: int) -> _Light:
    """How much there is of one cosine."""
    height = len(lights) // width
    across = [cos(pi * column * x / width) for x in range(width)]
    down = [cos(pi * row * y / height) for y in range(height)]
    red = green = blue = 0.0
    for place, light in enumerate(lights):
        weight = across[place % width] * down[place // width]
        red += weight * light.red
        green += weight * light.green
        blue += weight * light.blue
    share = (1 if column == row == 0 else 2) / len(lights)
    return _Light(red * share, green * share, blue * share)


def _rgb(light: _Light) -> int:
    red, green, blue = map(_encoded, light)
    return red << 16 | green << 8 | blue


def _strengths(shape: _Light, strongest: float) -> int:
    """The three strengths of a shape, each 0–18, in one number."""
    number = 0
    for value in shape:
        relative = value / strongest
        strength = int(copysign(sqrt(abs(relative)), relative) * NO_CONTRAST + NO_CONTRAST + 0.5)
        number = number * (MOST_CONTRAST + 1) + max(0, min(MOST_CONTRAST, strength))
    return number


def _linear(value: int) -> float:
    """The light of a value of sRGB, 0–255."""
    part = value / 255
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def _encoded(light: float) -> int:
    """The value of sRGB that stands for a light."""
    part = max(0.0, min(1.0, light))
    encoded = part * 12.92 if part <= 0.0031308 else 1.055 * part ** (1 / 2.4) - 0.055
    return int(encoded * 255 + 0.5)


_LINEAR: Final = tuple(map(_linear, range(256)))
