"""Slugs: the part of an address that a name becomes, in any script."""

import re
import unicodedata
from collections.abc import Callable

MAX_SLUG = 100

_ASCII_BREAK = re.compile(r"[^a-z0-9]+")


def slug_of(name: str, *, fallback: str) -> str:
    """The lower-case slug of a name: letters, marks and digits of any script, joined by hyphens.

    A name without any of them (one of emoji alone) has the slug `fallback`.
    """
    folded = name.casefold()
    if folded.isascii():
        slug = _ASCII_BREAK.sub("-", folded)
    else:
        slug = _hyphenated(unicodedata.normalize("NFC", folded))
    return slug.strip("-")[:MAX_SLUG].rstrip("-") or fallback


def free_slug(slug: str, claim: Callable[[str], bool]) -> str:
    """The first of `slug`, `slug-2`, `slug-3` … that `claim` grants."""
    candidate, number = slug, 1
    while not claim(candidate):
        number += 1
        candidate = f"{slug}-{number}"
    return candidate


def _hyphenated(text: str) -> str:
    kept: list[str] = []
    in_word = False
    for character in text:
        kind = unicodedata.category(character)[0]
        # Marks count in a word: without its vowel signs a Hindi or Thai word is another word.
        in_word = kind in "LN" or (in_word and kind == "M")
        kept.append(character if in_word else " ")
    return "-".join("".join(kept).split())
