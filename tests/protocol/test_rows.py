"""Every row of the protocol has a test, and every test that names a row names one that exists."""

from pathlib import Path

import pytest

from tests.protocol.rows import ROWS, Marked, StrayMarker, marked, marked_in

TESTS = Path(__file__).parents[1]


def test_every_row_has_a_test() -> None:
    tested = {each.row for each in marked_in(TESTS)}
    untested = [f"{row}: {what}" for row, what in ROWS.items() if row not in tested]
    assert not untested, "\n".join(untested)


def test_every_marker_names_a_row() -> None:
    unknown = [f"{each.row}, in {each.place}" for each in marked_in(TESTS) if each.row not in ROWS]
    assert not unknown, "\n".join(unknown)


SOURCE = """
pytestmark = [pytest.mark.row("D4"), pytest.mark.slow]

@pytest.mark.row("Q1", "Q2")
async def test_a() -> None: ...

CASES = [1, pytest.param(2, marks=pytest.mark.row("S1"))]

class TestB:
    @pytest.mark.parametrize("n", [1])
    @pytest.mark.row("N1")
    def test_b(self) -> None: ...

def test_c() -> None: ...
"""


def test_markers_are_found_on_tests_on_cases_and_on_files() -> None:
    assert sorted(marked(SOURCE, "x")) == [
        Marked("D4", "x:2"),
        Marked("N1", "x:11"),
        Marked("Q1", "x:4"),
        Marked("Q2", "x:4"),
        Marked("S1", "x:7"),
    ]


@pytest.mark.parametrize(
    "source",
    [
        '@pytest.mark.row("Q1")\ndef helper(): ...',
        'row = pytest.mark.row("Q1")',
        "@pytest.mark.row\ndef test_a(): ...",
        "@pytest.mark.row(Q1)\ndef test_a(): ...",
        "@pytest.mark.row(*ROWS)\ndef test_a(): ...",
    ],
)
def test_a_marker_that_proves_nothing_is_refused(source: str) -> None:
    with pytest.raises(StrayMarker):
        list(marked(source, "x"))
