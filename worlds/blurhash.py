"""BlurHash: a blurred picture in 28 characters (https://blurha.sh, algorithm and base 83)."""

from random import Random

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~"

COLUMNS, ROWS = 4, 3

_NO_CONTRAST = 9
_MOST_CONTRAST = 18


def random_blur_hash(random: Random, color: str) -> str:
    """A plausible hash whose mean colour is `color` (#RRGGBB), with soft random shapes."""
    size = (COLUMNS - 1) + (ROWS - 1) * 9
    shapes = "".join(_encode(_random_shape(random), 2) for _ in range(COLUMNS * ROWS - 1))
    strongest = random.randrange(6, 30)
    mean = int(color.removeprefix("#"), 16)
    return _encode(size, 1) + _encode(strongest, 1) + _encode(mean, 4) + shapes


def _random_shape(random: Random) -> int:
    """The strength of one cosine in red, green and blue, each 0–18 with 9 for none."""
    value = 0
    light = random.gauss(0, 2.5)
    for _ in range(3):
        strength = round(_NO_CONTRAST + light + random.gauss(0, 0.8))
        value = value * (_MOST_CONTRAST + 1) + min(max(strength, 0), _MOST_CONTRAST)
    return value


def _encode(value: int, length: int) -> str:
    base = len(ALPHABET)
    return "".join(ALPHABET[value // base**place % base] for place in reversed(range(length)))
