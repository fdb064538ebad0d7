"""Edits that clash: who edits says which revision they saw (DOMAIN f, `expectedRevision`)."""

from typing import Protocol

from domain.user_errors import ConflictError, Refused
from resolvers.mutation import input_path


class Revised(Protocol):
    """A record whose edits are counted."""

    @property
    def revision(self) -> int:
        """Rises with each edit."""


def check_revision(record: Revised, expected: int | None) -> None:
    """Raises `Refused` with CONFLICT unless a fresh record is as the viewer saw it.

    `expected` is None for whoever does not care, and then the last edit wins.
    """
    if expected is None or expected == record.revision:
        return
    message = f"It was edited meanwhile: revision {expected} was expected, and it has "
    message += f"{record.revision}."
    field = input_path("expectedRevision")
    raise Refused(ConflictError(message=message, field=field, current_revision=record.revision))
