"""The input of a mutation, as resolvers check it."""

from types import SimpleNamespace

import pytest
import strawberry

from domain.ids import to_global_id
from domain.record import Id
from domain.texts import BOARD_NAME, COMMENT, PIN_DESCRIPTION, PIN_TITLE
from domain.user_errors import InputError, Refused, UserError, UserErrorCode
from resolvers.inputs import Input, is_given

PIN = Id("0" * 23 + "1")
OTHER_PIN = Id("0" * 23 + "2")
PIN_ID = to_global_id("Pin", PIN)
OTHER_PIN_ID = to_global_id("Pin", OTHER_PIN)
BOARD_ID = to_global_id("Board", PIN)


def error(code: str, message: str, *field: str) -> InputError:
    return InputError(code=UserErrorCode(code), message=message, field=field)


def refused(check: Input) -> tuple[UserError, ...]:
    with pytest.raises(Refused) as raised:
        check.done()
    return raised.value.errors


def test_an_input_that_can_be_done() -> None:
    check = Input()
    assert check.text(" Soup ", "title", PIN_TITLE) == "Soup"
    assert check.required_text(" Nice\r\none ", "text", COMMENT) == "Nice\none"
    assert check.link(" https://example.org ", "link") == "https://example.org"
    assert check.color("#AABBCC", "color") == "#aabbcc"
    assert check.username("Ana", "username") == "ana"
    assert check.id("Pin", PIN_ID, "pinId") == PIN
    assert check.ids("Pin", [PIN_ID, OTHER_PIN_ID, PIN_ID], "ids", limit=3) == (PIN, OTHER_PIN)
    check.done()


@pytest.mark.parametrize("nothing", [None, "", " \u200b\n"])
def test_a_text_that_may_be_blank_is_taken_away_by_a_blank_one(nothing: str | None) -> None:
    check = Input()
    assert check.text(nothing, "title", PIN_TITLE) is None
    assert check.link(nothing and nothing.strip(" \u200b\n"), "link") is None
    check.done()


def test_everything_that_is_wrong_is_told_at_once() -> None:
    check = Input()
    check.text("a\n" + "x" * 115, "title", PIN_TITLE)
    check.text("\x07", "description", PIN_DESCRIPTION)
    check.required_text("", "text", PIN_TITLE)
    check.link("ftp://example.org", "link")
    check.color("red", "dominantColor")
    check.username("a-b", "username")
    check.id("Pin", BOARD_ID, "pinId")
    check.id("User", "x", "userId")
    check.ids("Pin", [PIN_ID, "x", OTHER_PIN_ID, BOARD_ID], "ids", limit=4)
    check.refuse(UserErrorCode.NOT_FOUND, "There is no such section.", "sectionId")
    assert refused(check) == (
        error("TOO_LONG", "It may have at most 100 characters; there were 117.", "input", "title"),
        error("INVALID", "It must be one line; character 2 is U+000A.", "input", "title"),
        error("INVALID", "It must be plain text; character 1 is U+0007.", "input", "description"),
        error("BLANK", "It needs 1–100 characters; it was blank.", "input", "text"),
        error(
            "INVALID",
            "The address is not an absolute http or https address.",
            "input",
            "link",
        ),
        error(
            "INVALID",
            "It must be a colour such as #1a2b3c; it was 'red'.",
            "input",
            "dominantColor",
        ),
        error(
            "INVALID",
            "It must be 3–30 of a–z, 0–9 and _, and not digits alone; it was 'a-b'.",
            "input",
            "username",
        ),
        error("INVALID", "It must be the id of a Pin; it was the id of a Board.", "input", "pinId"),
        error("INVALID", "It must be the id of a User; it was something else.", "input", "userId"),
        error("INVALID", "It must be the id of a Pin; it was something else.", "input", "ids", "1"),
        error(
            "INVALID", "It must be the id of a Pin; it was the id of a Board.", "input", "ids", "3"
        ),
        error("NOT_FOUND", "There is no such section.", "input", "sectionId"),
    )


def test_what_is_not_found_is_refused() -> None:
    check = Input()
    assert check.found("a pin", "pin", "pinId") == "a pin"
    check.done()
    nothing: str | None = None
    check.found(nothing, "section", "sectionId")
    assert refused(check) == (
        error("NOT_FOUND", "There is no such section.", "input", "sectionId"),
    )


def test_lists_of_ids_have_bounds() -> None:
    check = Input()
    assert check.ids("Pin", ["x"] * 4, "many", limit=3) == ()
    assert check.ids("Pin", [], "none", limit=3) == ()
    assert check.ids("Pin", [], "cleared", limit=3, at_least=0) == ()
    assert check.ids("Pin", None, "unsaid", limit=3) == ()
    assert refused(check) == (
        error("LIMIT_EXCEEDED", "It takes at most 3; there were 4.", "input", "many"),
        error("BLANK", "It needs at least 1; there were 0.", "input", "none"),
    )


def test_a_part_of_an_input_has_a_longer_path() -> None:
    check = Input()
    check.within("slides", "2").text("x" * 101, "title", PIN_TITLE)
    check.within("media").link("x", "imageUrl")
    assert refused(check) == (
        error(
            "TOO_LONG",
            "It may have at most 100 characters; there were 101.",
            "input",
            "slides",
            "2",
            "title",
        ),
        error(
            "INVALID",
            "The address is not an absolute http or https address.",
            "input",
            "media",
            "imageUrl",
        ),
    )


def test_an_update_changes_what_was_given_and_nothing_else() -> None:
    """Omitted is not null (DOMAIN g.8)."""
    input = SimpleNamespace(
        title=None,
        description=strawberry.UNSET,
        link="https://example.org",
        alt_text=strawberry.UNSET,
        section_id=None,
        board_id=strawberry.UNSET,
    )
    check = Input()
    changes = check.changes(
        title=check.text(input.title, "title", PIN_TITLE),
        description=check.text(input.description, "description", PIN_DESCRIPTION),
        link=check.link(input.link, "link"),
        alt_text=check.text(input.alt_text, "altText", PIN_TITLE),
        section_id=check.id("BoardSection", input.section_id, "sectionId"),
        board_id=check.id("Board", input.board_id, "boardId"),
    )
    check.done()
    assert changes == {"title": None, "link": "https://example.org", "section_id": None}
    assert (is_given(input.title), is_given(input.description)) == (True, False)


def test_what_a_record_always_has_cannot_be_taken_away() -> None:
    check = Input()
    check.text(None, "name", BOARD_NAME)
    check.text(strawberry.UNSET, "omitted", BOARD_NAME)
    check.username(None, "username")
    check.username(strawberry.UNSET, "omittedUsername")
    assert refused(check) == (
        error("BLANK", "It needs 1–180 characters; it was blank.", "input", "name"),
        error("BLANK", "It needs 3–30 characters; it was blank.", "input", "username"),
    )


def test_a_change_that_was_not_checked_is_a_bug() -> None:
    check = Input()
    body = check.text("x", "body", PIN_TITLE)
    with pytest.raises(KeyError, match="text"):
        check.changes(text=body)
