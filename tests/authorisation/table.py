"""The table: every mutation, and what comes of it for every role on every board; and every reading.

`python -m tests.authorisation.table` prints it as Markdown; `docs/authorisation.md` is what it
printed. A mutation without a row in `rows` fails `test_mutations.py`.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from domain.boards import BoardPrivacy
from tests.authorisation.oracle import sees
from tests.authorisation.roles import MEANING, Role
from tests.authorisation.rows import ROWS
from tests.authorisation.rule import SIGNS
from tests.authorisation.scenes import THINGS, thing, username_of

READINGS: Final[Mapping[str, str]] = {
    "the owner": "owner",
    "somebody deactivated": "deactivated",
    "the board": "board",
    "a section of it": "section",
    "a pin on it": "pin",
    "a comment on the pin": "comment",
    "a topic": "topic",
    "one's own notification": "own_notification",
    "another's notification": "friend_notification",
    "one's own upload": "own_upload",
    "another's upload": "friend_upload",
}
"""What is read, and the thing of `scenes.THINGS` that it is."""

NEVER_BY_ID: Final = ("PromotedPin",)
"""Node types that no id leads to: an ad is what it was in the place where it was served."""


def size() -> str:
    """How large the table is, in words."""
    cases = sum(len(row.privacies) * len(Role) for row in ROWS)
    mutations = len({row.mutation for row in ROWS})
    return (
        f"{mutations} mutations in {len(ROWS)} rows × {len(Role)} roles × boards: {cases:,} cases"
    )


def markdown() -> Iterator[str]:
    """The table, line by line."""
    yield "# Who may do what"
    yield ""
    yield "Written by `python -m tests.authorisation.table`; every cell is a test over HTTP."
    yield f"{size()}."
    yield ""
    yield from (f"- `{sign}`: {meaning}" for sign, meaning in SIGNS.values())
    yield ""
    yield "Where more than one could be said, it is `401`, then `403` for the mutation itself, then"
    yield "what is wrong with the input alone, then `∅`, then `403` for a secret board, then `✗`."
    yield "A cell with three is for a PUBLIC, a PROTECTED (ads-only) and a SECRET board."
    yield ""
    yield from (f"- **{role}** {MEANING[role]}" for role in Role)
    yield ""
    yield "## Mutations"
    yield ""
    yield from _table(
        "mutation",
        {
            row.title: [
                [SIGNS[row.expected(role, privacy)][0] for privacy in row.privacies]
                for role in Role
            ]
            for row in ROWS
        },
    )
    yield ""
    yield "## Reading, by id and by every other path"
    yield ""
    yield from _table(
        "node",
        {
            f"{THINGS[name][0]}: {what}": [
                [_reading(name, role, privacy) for privacy in BoardPrivacy] for role in Role
            ]
            for what, name in READINGS.items()
        }
        | {f"{type_}: by id": [["∅"]] * len(Role) for type_ in NEVER_BY_ID},
    )


def _table(head: str, rows: Mapping[str, list[list[str]]]) -> Iterator[str]:
    yield f"| {head} | {' | '.join(Role)} |"
    yield f"| --- |{' --- |' * len(Role)}"
    for title, cells in rows.items():
        yield f"| {title} | {' | '.join(_cell(signs) for signs in cells)} |"


def _cell(signs: list[str]) -> str:
    return signs[0] if len(set(signs)) == 1 else " ".join(signs)


def _reading(name: str, role: Role, privacy: BoardPrivacy) -> str:
    return "✓" if sees(role, thing(name, username_of(role), privacy)) else "∅"


if __name__ == "__main__":
    print("\n".join(markdown()))
