"""BlurHash: hashes that are known, and what every hash has."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.blurhash import ALPHABET, base83, blur_hash

BLACK, WHITE, RED = (0, 0, 0), (255, 255, 255), (255, 0, 0)

pixel = st.tuples(*[st.integers(0, 255)] * 3)


# Those that the reference implementation makes (github.com/woltapp/blurhash, C).
@pytest.mark.parametrize(
    ("pixels", "width", "columns", "rows", "hash"),
    [
        ([BLACK] * 64, 8, 4, 3, "L00000fQfQfQfQfQfQfQfQfQfQfQ"),
        ([WHITE] * 64, 8, 1, 1, "00TSUA"),
        ([RED, BLACK] * 4, 2, 2, 2, "A~Ljc~|c,Y,Y"),
        ([WHITE] * 12 + [RED] * 12, 4, 4, 3, "L~TP;t}[fQ}[?^yDfQyDh0gNfQgN"),
        ([BLACK, RED, WHITE] * 3, 3, 3, 3, "K~Oe9*dq0e^keTELfQfQfQ"),
    ],
)
def test_known_hashes(
    pixels: list[tuple[int, int, int]], width: int, columns: int, rows: int, hash: str
) -> None:
    assert blur_hash(pixels, width, columns=columns, rows=rows) == hash


@given(
    width=st.integers(1, 8),
    lines=st.integers(1, 8),
    columns=st.integers(1, 9),
    rows=st.integers(1, 9),
    data=st.data(),
)
def test_every_hash_says_its_size_and_has_it(
    width: int, lines: int, columns: int, rows: int, data: st.DataObject
) -> None:
    size = width * lines
    pixels = data.draw(st.lists(pixel, min_size=size, max_size=size))
    made = blur_hash(pixels, width, columns=columns, rows=rows)
    assert len(made) == 4 + 2 * columns * rows
    assert made[0] == ALPHABET[(columns - 1) + (rows - 1) * 9]
    assert set(made) <= set(ALPHABET)


@pytest.mark.parametrize(
    ("pixels", "width", "columns", "rows"),
    [([], 1, 4, 3), ([RED] * 3, 2, 4, 3), ([RED], 1, 0, 3), ([RED], 1, 4, 10)],
)
def test_what_is_no_picture(
    pixels: list[tuple[int, int, int]], width: int, columns: int, rows: int
) -> None:
    with pytest.raises(ValueError, match=r"pixels make no rows|1 to 9 columns and rows"):
        blur_hash(pixels, width, columns=columns, rows=rows)


def test_base_83() -> None:
    assert [base83(0, 2), base83(82, 1), base83(83, 2)] == ["00", "~", "10"]
