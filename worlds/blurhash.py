"""Blurred pictures that were never taken, for worlds whose pictures nobody has looked at."""

from random import Random

from domain.blurhash import ALPHABET, MOST_CONTRAST, NO_CONTRAST, base83

__all__ = ["ALPHABET", "COLUMNS", "ROWS", "random_blur_hash"]

COLUMNS, ROWS = 4, 3


def random_blur_hash(random: Random, color: str) -> str:
    """A plausible hash whose mean colour is `color` (#RRGGBB), with soft random shapes."""
    size = (COLUMNS - 1) + (ROWS - 1) * 9
    shapes = "".join(base83(_random_shape(random), 2) for _ in range(COLUMNS * ROWS - 1))
    strongest = random.randrange(6, 30)
    mean = int(color.removeprefix("#"), 16)
    return base83(size, 1) + base83(strongest, 1) + base83(mean, 4) + shapes


def _random_shape(random: Random) -> int:
    """The strength of one cosine in red, green and blue, each 0–18 with 9 for none."""
    value = 0
    light = random.gauss(0, 2.5)
    for _ in range(3):
        strength = round(NO_CONTRAST + light + random.gauss(0, 0.8))
        value = value * (MOST_CONTRAST + 1) + min(max(strength, 0), MOST_CONTRAST)
    return value
