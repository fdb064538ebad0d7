"""`docs/authorisation.md` is the table, as its command writes it."""

from pathlib import Path

from tests.authorisation.table import markdown

DOCUMENT = Path(__file__).parents[2] / "docs" / "authorisation.md"


def test_the_document_is_current() -> None:
    written = "\n".join(markdown()) + "\n"
    assert DOCUMENT.read_text() == written, (
        "docs/authorisation.md is old: python -m tests.authorisation.table > docs/authorisation.md"
    )
