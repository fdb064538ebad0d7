"""What people write, made fit to store, or what is wrong with it (DOMAIN b.5).

A text is NFC, trimmed of white space, free of control characters, and counted in code points after
that: a cook, which is a person, a joiner and a pan, is three. Whatever a person can see is allowed,
and so is what makes up an emoji: joiners, variation selectors, the tags of a flag. Refused are:

* control characters, but line breaks and tabs where a text may have lines;
* the overrides, embeddings and isolates of text direction (U+202A–202E, U+2066–2069), because they
  act on what a screen shows after the text, which is not the writer's. The marks of direction
  (U+200E, U+200F, U+061C) act on their neighbours alone, do the same for honest text, and are fine;
* lone surrogates and noncharacters, which are no characters;
* more than 30 marks on one character (as UAX #15 has it): they cover the lines around them, and the
  time to normalise them grows with the square of their number.

Every function here raises `Refused` with all that is wrong, as errors that name no field yet.
"""

import re
import unicodedata

import msgspec

from domain.user_errors import InputError, Refused, UserErrorCode

MAX_MARKS = 30

_WHITE_SPACE = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
"""Unicode's White_Space; `str.strip` would take four control characters too."""

_NONCHARACTERS = "\ufdd0-\ufdef" + "".join(
    chr(plane << 16 | last) for plane in range(17) for last in (0xFFFE, 0xFFFF)
)
_NEVER = f"\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff{_NONCHARACTERS}"
_FORBIDDEN_IN_LINES = re.compile(f"[\x00-\x08\x0b-\x1f{_NEVER}]")
_FORBIDDEN_IN_LINE = re.compile(f"[\x00-\x1f\u2028\u2029{_NEVER}]")
_LINE_BREAK = re.compile("\r\n?|[\u2028\u2029]")
_BREAKS_A_LINE = frozenset("\t\n\r\u2028\u2029")

_UNSEEN = re.compile(
    f"[{_WHITE_SPACE}\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2060-\u206f"
    "\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff]*"
)
"""What leaves no trace on a screen: a text of nothing else is blank."""

_MOST_DECOMPOSED = 4
"""No character is more than four when it is decomposed, so nothing shrinks further by NFC."""

_MARKS_IN_DISGUISE = frozenset("\u0f73\u0f75\u0f81")
"""Tibetan signs that count as letters until they are decomposed into marks."""

_USERNAME = re.compile(r"(?!\d+$)[a-z0-9_]{3,30}")
_MAX_USERNAME = 30
_COLOR = re.compile(r"#[0-9a-fA-F]{6}")


class TextRule(msgspec.Struct, frozen=True, kw_only=True):
    """What a text may be: its most code points, whether it may have lines, whether it may be blank.

    A blank text that may be is the same as none.
    """

    max_length: int
    multiline: bool = False
    may_be_blank: bool = True


PIN_TITLE = TextRule(max_length=100)
PIN_DESCRIPTION = TextRule(max_length=800, multiline=True)
ALT_TEXT = TextRule(max_length=500, multiline=True)
NOTE = TextRule(max_length=500, multiline=True)
BOARD_NAME = TextRule(max_length=180, may_be_blank=False)
BOARD_DESCRIPTION = TextRule(max_length=500, multiline=True)
SECTION_TITLE = TextRule(max_length=180, may_be_blank=False)
COMMENT = TextRule(max_length=500, multiline=True, may_be_blank=False)
FULL_NAME = TextRule(max_length=100, may_be_blank=False)
BUSINESS_NAME = TextRule(max_length=100)
ABOUT = TextRule(max_length=500, multiline=True)
REPORT_DETAILS = TextRule(max_length=500, multiline=True)


def trim(text: str) -> str:
    """The text without the white space around it."""
    return text.strip(_WHITE_SPACE)


def clean(text: str, rule: TextRule) -> str:
    """The text as it is stored, "" for a blank one; raises `Refused` unless it keeps the rule.

    Line breaks of all kinds become "\\n" in a text of lines. Cleaning a clean text changes nothing.
    """
    if rule.multiline:
        text = _LINE_BREAK.sub("\n", text)
    text = trim(text)
    if len(text) > _MOST_DECOMPOSED * rule.max_length:
        raise Refused(_too_long(text, rule))
    if _has_too_many_marks(text):
        raise Refused(_TOO_MANY_MARKS)
    text = unicodedata.normalize("NFC", text)
    errors = _errors(text, rule)
    if errors:
        raise Refused(*errors)
    return "" if is_blank(text) else text


def is_blank(text: str) -> bool:
    """Whether a text shows nothing: white space, joiners, fillers."""
    return _UNSEEN.fullmatch(text) is not None


def clean_username(text: str) -> str:
    """A username in its one spelling, lower-case; raises `Refused` for what cannot be one."""
    name = trim(text)
    if is_blank(name):
        raise Refused(_error(UserErrorCode.BLANK, "It needs 3–30 characters; it was blank."))
    if len(name) > _MAX_USERNAME:
        came = f"It may have at most {_MAX_USERNAME} characters; there were {len(name):,}."
        raise Refused(_error(UserErrorCode.TOO_LONG, came))
    name = name.lower()
    if _USERNAME.fullmatch(name) is None:
        expected = "It must be 3–30 of a–z, 0–9 and _, and not digits alone"
        raise Refused(_error(UserErrorCode.INVALID, f"{expected}; it was {quoted(name)}."))
    return name


def clean_color(text: str) -> str:
    """A colour as `#rrggbb`, lower-case; raises `Refused` for anything else."""
    color = trim(text)
    if _COLOR.fullmatch(color) is None:
        message = f"It must be a colour such as #1a2b3c; it was {quoted(color)}."
        raise Refused(_error(UserErrorCode.INVALID, message))
    return color.lower()


def quoted(text: str, most: int = 40) -> str:
    """The beginning of a text, in quotes and escaped, for a message that says what came."""
    return ascii(text[:most]) if not text.isprintable() else repr(text[:most])


def _errors(text: str, rule: TextRule) -> list[InputError]:
    errors = []
    if is_blank(text) and not rule.may_be_blank:
        message = f"It needs 1–{rule.max_length} characters; it was blank."
        errors.append(_error(UserErrorCode.BLANK, message))
    if len(text) > rule.max_length:
        errors.append(_too_long(text, rule))
    forbidden = (_FORBIDDEN_IN_LINES if rule.multiline else _FORBIDDEN_IN_LINE).search(text)
    if forbidden is not None:
        errors.append(_has_forbidden(forbidden.start(), forbidden[0]))
    if _has_too_many_marks(text):
        errors.append(_TOO_MANY_MARKS)
    return errors


def _too_long(text: str, rule: TextRule) -> InputError:
    message = f"It may have at most {rule.max_length} characters; there were {len(text):,}."
    return _error(UserErrorCode.TOO_LONG, message)


def _has_forbidden(place: int, character: str) -> InputError:
    expected = "It must be one line" if character in _BREAKS_A_LINE else "It must be plain text"
    message = f"{expected}; character {place + 1} is U+{ord(character):04X}."
    return _error(UserErrorCode.INVALID, message)


def _has_too_many_marks(text: str) -> bool:
    if text.isascii():
        return False
    run = 0
    for character in text:
        is_mark = unicodedata.combining(character) or character in _MARKS_IN_DISGUISE
        run = run + 1 if is_mark else 0
        if run > MAX_MARKS:
            return True
    return False


def _error(code: UserErrorCode, message: str) -> InputError:
    return InputError(code=code, message=message)


_TOO_MANY_MARKS = _error(
    UserErrorCode.INVALID, f"A character may have at most {MAX_MARKS} marks; one has more."
)
