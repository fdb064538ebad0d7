import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.texts import (
    BOARD_NAME,
    COMMENT,
    MAX_MARKS,
    PIN_DESCRIPTION,
    PIN_TITLE,
    TextRule,
    clean,
    clean_color,
    clean_username,
    is_blank,
    quoted,
)
from domain.user_errors import InputError, Refused, UserError, UserErrorCode

TOO_LONG = UserErrorCode.TOO_LONG
BLANK = UserErrorCode.BLANK
INVALID = UserErrorCode.INVALID

SHORT = TextRule(max_length=5, may_be_blank=False)
ENGLAND = "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"

RULES = st.builds(
    TextRule,
    max_length=st.integers(1, 12),
    multiline=st.booleans(),
    may_be_blank=st.booleans(),
)
AWKWARD_CHARACTERS = (
    "\u0301\u0323\u0344\u0f73\u0958\U0001d160 \t\n\r\u2028\u3000\u200d\ufe0f\u202e\x07"
)
AWKWARD = st.text(
    st.characters()
    | st.sampled_from(
        "\u0301\u0323\u0344\u0f73\u1d160\u0958 \t\n\r\u2028\u3000\u200d\ufe0f\u202e\x07"
    ),
    max_size=60,
)


def error(code: UserErrorCode, message: str) -> InputError:
    return InputError(code=code, message=message)


def refused(text: str, rule: TextRule) -> tuple[UserError, ...]:
    with pytest.raises(Refused) as raised:
        clean(text, rule)
    return raised.value.errors


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("Soup", "Soup"),
        ("  \u3000\tSoup of the day\u2003\n\x85", "Soup of the day"),
        ("Cafe\u0301", "Café"),
        ("Å", "Å"),
        ("👩‍🍳❤️👍🏽", "👩‍🍳❤️👍🏽"),
        (ENGLAND, ENGLAND),
        ("می‌خواهم", "می‌خواهم"),
        ("שלום\u200f!", "שלום\u200f!"),
        ("พ่อครัว", "พ่อครัว"),
        ("\U0001fae8 newer than this Python", "\U0001fae8 newer than this Python"),
        ("", ""),
        (" \u200b\u200d\u3164\u2800\ufeff ", ""),
    ],
)
def test_what_a_title_is_stored_as(text: str, stored: str) -> None:
    assert clean(text, PIN_TITLE) == stored


def test_a_text_of_lines_has_one_kind_of_line_break() -> None:
    text = " one\r\ntwo\rthree\u2028four\u2029\tfive\n"
    assert clean(text, PIN_DESCRIPTION) == "one\ntwo\nthree\nfour\n\tfive"


def test_lengths_are_counted_in_normalised_code_points() -> None:
    assert clean("e\u0301" * 100, PIN_TITLE) == "é" * 100
    assert clean("  " + "👩‍🍳" * 33 + "!" + "  ", PIN_TITLE) == "👩‍🍳" * 33 + "!"
    assert clean("ΐ" * 100, PIN_TITLE) == "ΐ" * 100


@pytest.mark.parametrize(
    ("text", "came"),
    [("x" * 117, "117"), ("e\u0301" * 101, "101"), ("x" * 401, "401"), ("x" * 12_345, "12,345")],
)
def test_a_text_that_is_too_long(text: str, came: str) -> None:
    message = f"It may have at most 100 characters; there were {came}."
    assert refused(text, PIN_TITLE) == (error(TOO_LONG, message),)


@pytest.mark.parametrize("text", ["", "  ", "\u3000\n", "\u200b\u2060", "\u2800", "\U000e0041", "️"])
def test_a_name_that_shows_nothing_is_blank(text: str) -> None:
    assert refused(text, BOARD_NAME) == (error(BLANK, "It needs 1–180 characters; it was blank."),)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ab\ncd", "It must be one line; character 3 is U+000A."),
        ("a\tb", "It must be one line; character 2 is U+0009."),
        ("a\u2028b", "It must be one line; character 2 is U+2028."),
        (" a\x07", "It must be plain text; character 2 is U+0007."),
        ("\x1fa", "It must be plain text; character 1 is U+001F."),
        ("a\x00", "It must be plain text; character 2 is U+0000."),
        ("a\x7f", "It must be plain text; character 2 is U+007F."),
        ("a\x9bb", "It must be plain text; character 2 is U+009B."),
        ("a\u202eb", "It must be plain text; character 2 is U+202E."),
        ("a\u2066b", "It must be plain text; character 2 is U+2066."),
        ("a\ud83d", "It must be plain text; character 2 is U+D83D."),
        ("a\ufdd0", "It must be plain text; character 2 is U+FDD0."),
        ("a\ufffe", "It must be plain text; character 2 is U+FFFE."),
        ("a\U0010ffff", "It must be plain text; character 2 is U+10FFFF."),
    ],
)
def test_what_no_title_may_have(text: str, message: str) -> None:
    assert refused(text, PIN_TITLE) == (error(INVALID, message),)


@pytest.mark.parametrize(
    "character", ["\x00", "\x0b", "\x1b", "\x85", "\u202a", "\u2069", "\udfff"]
)
def test_what_no_text_of_lines_may_have(character: str) -> None:
    message = f"It must be plain text; character 3 is U+{ord(character):04X}."
    assert refused(f"a\n{character}b", COMMENT) == (error(INVALID, message),)


def test_everything_that_is_wrong_is_told() -> None:
    assert refused("a\nb" + "c" * 5 + "\u0301" * 5, SHORT) == (
        error(TOO_LONG, "It may have at most 5 characters; there were 12."),
        error(INVALID, "It must be one line; character 2 is U+000A."),
    )


@pytest.mark.parametrize("mark", ["\u0323", "\u0301", "\u0f71", "\u0f73"])
def test_marks_on_one_character_are_limited(mark: str) -> None:
    """\u0f73 is two marks, so thirty of it are too many though they are read as thirty."""
    most = MAX_MARKS // len(unicodedata.normalize("NFD", mark))
    clean("x" + mark * most + "y" + mark * most, PIN_DESCRIPTION)
    message = "A character may have at most 30 marks; one has more."
    for many in (most + 1, MAX_MARKS + 1, 1000):
        assert refused("x" + mark * many, PIN_DESCRIPTION) == (error(INVALID, message),)


@given(AWKWARD, RULES)
@example("\u0344" * 30, TextRule(max_length=100))
def test_what_is_clean_stays_as_it_is(text: str, rule: TextRule) -> None:
    try:
        stored = clean(text, rule)
    except Refused as refused:
        assert refused.errors
        return
    assert clean(stored, rule) == stored
    assert unicodedata.is_normalized("NFC", stored)
    assert stored == stored.strip()
    assert len(stored) <= rule.max_length
    assert stored or rule.may_be_blank
    assert stored.encode("utf-8").decode("utf-8") == stored
    assert {c for c in stored if unicodedata.category(c) == "Cc"} <= (
        {"\n", "\t"} if rule.multiline else set()
    )


@given(AWKWARD, RULES)
def test_equivalent_texts_are_one_text(text: str, rule: TextRule) -> None:
    def result(spelling: str) -> object:
        try:
            return clean(spelling, rule)
        except Refused as refused:
            return {found.code for found in refused.errors}

    assert result(unicodedata.normalize("NFC", text)) == result(text)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=8))
def test_length_alone_never_hides_what_fits(text: str) -> None:
    """What is cut off before it is normalised could not have become short enough."""
    composed = unicodedata.normalize("NFC", text)
    assert len(text) <= 4 * len(composed)


@pytest.mark.parametrize(
    ("text", "blank"),
    [("", True), (" \u200d", True), ("\xad", True), ("\u034f", True), ("a", False), ("‐", False)],
)
def test_blank(text: str, blank: bool) -> None:
    assert is_blank(text) is blank


@pytest.mark.parametrize(
    ("text", "stored"),
    [("ana", "ana"), (" Ana_99 ", "ana_99"), ("a" * 30, "a" * 30), ("___", "___"), ("12a", "12a")],
)
def test_usernames(text: str, stored: str) -> None:
    assert clean_username(text) == stored
    assert clean_username(stored) == stored


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        (" ", BLANK, "It needs 3–30 characters; it was blank."),
        ("a" * 31, TOO_LONG, "It may have at most 30 characters; there were 31."),
        ("ab", INVALID, "It must be 3–30 of a–z, 0–9 and _, and not digits alone; it was 'ab'."),
        ("123", INVALID, "It must be 3–30 of a–z, 0–9 and _, and not digits alone; it was '123'."),
        ("٣٤٥", INVALID, "It must be 3–30 of a–z, 0–9 and _, and not digits alone; it was '٣٤٥'."),
        ("añа", INVALID, "It must be 3–30 of a–z, 0–9 and _, and not digits alone; it was 'añа'."),
        ("a b", INVALID, "It must be 3–30 of a–z, 0–9 and _, and not digits alone; it was 'a b'."),
        (
            "a\nb",
            INVALID,
            "It must be 3–30 of a–z, 0–9 and _, and not digits alone; it was 'a\\nb'.",
        ),
    ],
)
def test_what_is_no_username(text: str, code: UserErrorCode, message: str) -> None:
    with pytest.raises(Refused) as raised:
        clean_username(text)
    assert raised.value.errors == (error(code, message),)


def test_colors() -> None:
    assert clean_color(" #A1b2C3\n") == "#a1b2c3"


@pytest.mark.parametrize("text", ["", "a1b2c3", "#a1b2c", "#a1b2c3d", "#a1b2cg", "#١٢٣٤٥٦", "red"])
def test_what_is_no_color(text: str) -> None:
    with pytest.raises(Refused) as raised:
        clean_color(text)
    message = f"It must be a colour such as #1a2b3c; it was '{text}'."
    assert raised.value.errors == (error(INVALID, message),)


def test_what_came_is_quoted_short_and_without_what_cannot_be_printed() -> None:
    assert quoted("é" * 50) == "'" + "é" * 40 + "'"
    assert quoted("a\u202e\ud83d") == r"'a\u202e\ud83d'"
