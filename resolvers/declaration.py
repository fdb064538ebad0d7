"""How a field of the schema calls its function, for whoever executes it."""

from collections.abc import Callable, Mapping, Sequence
from inspect import Parameter, signature
from typing import Any, Final

from resolvers.connections import window

PAGE: Final = ("first", "after", "last", "before")
"""The arguments of every connection, which reach its function as one, called `window`."""


class Declaration:
    """A function, and the arguments that the schema declares for it.

    The function takes the parent first, then `info` if it has a parameter of that name, then the
    declared arguments by keyword. It knows nothing of Strawberry, and its annotations are its own.
    """

    def __init__(self, function: Callable[..., Any], arguments: Sequence[str]) -> None:
        self.function = function
        self.arguments = tuple(arguments)
        self.parent, *rest = _parameters(function)
        self.info = next((each for each in rest if each.name == "info"), None)
        self._is_windowed = any(each.name == "window" for each in rest)
        self._check(rest)

    @property
    def takes_info(self) -> bool:
        """Whether the function wants to know of its field."""
        return self.info is not None

    def keywords(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The keywords of a call: absent arguments are None, and a page is checked and one window.

        Raises `BadUserInput` for arguments of a page that do not go together.
        """
        keywords: dict[str, Any] = {**dict.fromkeys(self.arguments), **given}
        if self._is_windowed:
            keywords["window"] = window(*(keywords.pop(name) for name in PAGE))
        return keywords

    def _check(self, parameters: Sequence[Parameter]) -> None:
        """A function and its declaration that disagree stop the program, not a request."""
        takes = {each.name for each in parameters} - {"info"}
        if self._is_windowed:
            takes = takes - {"window"} | set(PAGE)
        if takes != set(self.arguments):
            name = getattr(self.function, "__qualname__", self.function)
            raise TypeError(
                f"{name} takes {sorted(takes)}; the schema declares {sorted(self.arguments)}."
            )


def _parameters(function: Callable[..., Any]) -> list[Parameter]:
    return [p for p in signature(function).parameters.values() if p.kind is not p.VAR_KEYWORD]
