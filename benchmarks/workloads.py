"""What servers are asked in a comparison: five documents, and the variables they are sent with.

The texts are `benchmarks/workloads/NAME.graphql`, byte for byte, and a server that serves persisted
documents knows each by the SHA-256 of those bytes.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Final

import msgspec

FOLDER: Final = Path(__file__).parent / "workloads"
PAGE: Final = 25
WIDTH: Final = 100

Variables = Mapping[str, object]


class Audience(msgspec.Struct, frozen=True):
    """Who asks, by bearer token, and what they ask for: global ids of pins, and usernames."""

    tokens: Sequence[str]
    usernames: Sequence[str]
    pins: Sequence[str]


class Question(msgspec.Struct, frozen=True):
    """One request, without the way in which it names its document."""

    token: str
    variables: Variables


class Workload(msgspec.Struct, frozen=True, dict=True):
    """One document. `about` says in a few words what it is like."""

    name: str
    about: str

    @cached_property
    def text(self) -> str:
        """The document."""
        return (FOLDER / f"{self.name}.graphql").read_bytes().decode()

    @cached_property
    def digest(self) -> str:
        """The id of the document: the SHA-256 of its text, in hex."""
        return sha256(self.text.encode()).hexdigest()

    def questions(self, audience: Audience, *, first: int = PAGE) -> list[Question]:
        """What this document is asked with: one question or more of each viewer."""
        tokens = audience.tokens
        every = self._variables(audience, first)
        asked = max(len(every), len(tokens))
        return [Question(tokens[i % len(tokens)], every[i % len(every)]) for i in range(asked)]

    def _variables(self, audience: Audience, first: int) -> list[Variables]:
        match self.name:
            case "home_feed" | "deep_feed":
                return [{"first": first}]
            case "profile":
                return [{"username": username} for username in audience.usernames]
            case "pin":
                return [{"id": pin} for pin in audience.pins]
            case "wide":
                starts = range(0, max(1, len(audience.pins) - WIDTH + 1), WIDTH // 2)
                return [{"ids": audience.pins[start : start + WIDTH]} for start in starts]
        raise ValueError(f"There is no workload {self.name!r}.")


WORKLOADS: Final = (
    Workload("home_feed", "25 pins of a feed, as a phone shows them"),
    Workload("profile", "a user, 10 boards, 4 pins of each"),
    Workload("deep_feed", "25 pins, their comments, what is related to each"),
    Workload("pin", "one pin: the least there is"),
    Workload("wide", "100 pins by id, all their fields"),
)
"""In the order in which they are shown."""
