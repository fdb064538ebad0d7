"""The input of a mutation, checked: everything that is wrong with it is told at once (DOMAIN b.5).

    check = Input()
    pin_id = check.id("Pin", input.id, "id")
    changes = check.changes(
        title=check.text(input.title, "title", PIN_TITLE),
        link=check.link(input.link, "link"),
    )
    check.done()

A value that is refused stands in for one that is not, until `done` raises: so nothing may be done
with what `Input` returned before `done`. A field that was omitted is None, as one that is null; the
two differ for `changes`, which leaves out what was omitted (DOMAIN g.8).
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar, overload

import msgspec
import strawberry

from domain.ids import from_global_id
from domain.links import clean_link
from domain.record import Id
from domain.texts import TextRule, clean, clean_color, clean_username
from domain.user_errors import InputError, Path, Refused, UserError, UserErrorCode

T = TypeVar("T")

_NO_ID = Id("")


def is_given(value: object) -> bool:
    """Whether a field of an input was sent, null or not: it is not, if it was omitted."""
    return value is not strawberry.UNSET


class Input:
    """Collects what is wrong with the input of one mutation.

    Every method takes a value and the name of its field, as clients write it. `path` leads to the
    input from the mutation's arguments.
    """

    def __init__(self, path: Path = ("input",)) -> None:
        self._path = path
        self._errors: list[UserError] = []
        self._given: dict[str, bool] = {}

    def within(self, *names: str) -> "Input":
        """A part of this input, such as `rows`, `3`: what is refused in it is refused here."""
        part = Input((*self._path, *names))
        part._errors = self._errors
        return part

    def text(self, value: str | None, name: str, rule: TextRule) -> str | None:
        """A text as it is stored; None for none, and for a blank one where the rule allows it."""
        value = self._sent(value, name)
        if value is None and self._given[name] and not rule.may_be_blank:
            value = ""  # null, for a text that cannot be taken away
        return self._cleaned(value, name, lambda text: clean(text, rule))

    def required_text(self, value: str, name: str, rule: TextRule) -> str:
        """A text that is never blank, whatever its rule allows elsewhere."""
        strict = msgspec.structs.replace(rule, may_be_blank=False)
        return self.text(value, name, strict) or ""

    def link(self, value: str | None, name: str) -> str | None:
        """An http or https address; None for none and for a blank one."""
        return self._cleaned(self._sent(value, name), name, clean_link)

    def color(self, value: str | None, name: str) -> str | None:
        """A colour as `#rrggbb`; None for none."""
        return self._cleaned(self._sent(value, name), name, clean_color)

    def username(self, value: str | None, name: str) -> str | None:
        """A username, lower-case; None if it was omitted: a user has one always."""
        value = self._sent(value, name)
        if value is None and self._given[name]:
            value = ""
        return self._cleaned(value, name, clean_username)

    @overload
    def id(self, type_name: str, value: str, name: str) -> Id: ...

    @overload
    def id(self, type_name: str, value: str | None, name: str) -> Id | None: ...

    def id(self, type_name: str, value: str | None, name: str) -> Id | None:
        """The stored id in a global id of one type; None for none."""
        value = self._sent(value, name)
        return None if value is None else self._entity_id(type_name, value, name)

    def ids(
        self,
        type_name: str,
        values: Sequence[str] | None,
        name: str,
        *,
        limit: int,
        at_least: int = 1,
    ) -> tuple[Id, ...]:
        """The stored ids in global ids of one type, each once, in their order; () for none."""
        values = self._sent(values, name)
        if values is None:
            return ()
        if len(values) > limit:
            message = f"It takes at most {limit:,}; there were {len(values):,}."
            self.refuse(UserErrorCode.LIMIT_EXCEEDED, message, name)
            return ()
        if len(values) < at_least:
            message = f"It needs at least {at_least}; there were {len(values)}."
            self.refuse(UserErrorCode.BLANK, message, name)
        found = (
            self._entity_id(type_name, value, name, str(place))
            for place, value in enumerate(values)
        )
        return tuple(dict.fromkeys(found))

    def changes(self, **values: Any) -> dict[str, Any]:
        """The values of an update by the names of the record's fields, without what was omitted.

        Each must have been checked under its own name in camel case: `alt_text` as `altText`.
        Raises `KeyError` otherwise, for the program is wrong: a null and an omitted field would
        be the same.
        """
        return {name: value for name, value in values.items() if self._given[_camel(name)]}

    def found(self, value: T | None, what: str, *names: str) -> T:
        """What an id named, where the viewer may see it; else NOT_FOUND, as for one that is not."""
        if value is None:
            self.refuse(UserErrorCode.NOT_FOUND, f"There is no such {what}.", *names)
        return value  # type: ignore[return-value]  # `done` raises before it is used

    def refuse(self, code: UserErrorCode, message: str, *names: str) -> None:
        """Adds one error, at the field that `names` lead to."""
        field = (*self._path, *names)
        self._errors.append(InputError(code=code, message=message, field=field))

    def path(self, *names: str) -> Path:
        """The path to a field, from the mutation's arguments."""
        return (*self._path, *names)

    def done(self) -> None:
        """Raises `Refused` with everything that was wrong, if anything was."""
        if self._errors:
            raise Refused(*self._errors)

    def _sent(self, value: T | None, name: str) -> T | None:
        self._given[name] = is_given(value)
        return value if self._given[name] else None

    def _cleaned(self, value: str | None, name: str, cleaner: Callable[[str], str]) -> str | None:
        if value is None:
            return None
        try:
            return cleaner(value) or None
        except Refused as refused:
            for error in refused.errors:
                self.refuse(error.code, error.message, name)
            return None

    def _entity_id(self, type_name: str, value: str, *names: str) -> Id:
        named = from_global_id(value)
        if named is not None and named.type_name == type_name:
            return named.entity_id
        came = "something else" if named is None else f"the id of a {named.type_name}"
        message = f"It must be the id of a {type_name}; it was {came}."
        self.refuse(UserErrorCode.INVALID, message, *names)
        return _NO_ID


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(word.capitalize() for word in rest)
