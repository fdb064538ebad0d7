"""`schema.graphql` is what the code says: a change of the schema shows in review."""

from pathlib import Path

from schema.api import print_schema

SDL = Path(__file__).parents[2] / "schema.graphql"


def test_schema_file_is_up_to_date() -> None:
    assert SDL.read_text() == print_schema(), "Run `make schema`, and read the difference."
