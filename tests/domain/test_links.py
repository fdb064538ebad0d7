import pytest

from domain.links import clean_link, domain_of, split_link
from domain.user_errors import InputError, Refused, UserErrorCode

NO_ADDRESS = "is not an absolute http or https address"
NO_HOST = "has a host that cannot be one"
NO_PORT = "has a host or port that cannot be one"
NOT_PRINTED = "has white space or control characters"
SECRETS = "holds credentials"


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("https://example.org/a?b=%20#c", "https://example.org/a?b=%20#c"),
        (" HTTP://Example.org:8080\n", "HTTP://Example.org:8080"),
        ("https://bücher.example/Straße", "https://bücher.example/Straße"),
        ("https://example.org/Cafe\u0301", "https://example.org/Cafe\u0301"),
        ("https://localhost", "https://localhost"),
        ("https://example.org/" + "x" * 2028, "https://example.org/" + "x" * 2028),
        ("", ""),
        (" \u3000", ""),
    ],
)
def test_what_a_link_is_stored_as(text: str, stored: str) -> None:
    assert clean_link(text) == stored


@pytest.mark.parametrize(
    ("link", "reason"),
    [
        ("example.org", NO_ADDRESS),
        ("//example.org", NO_ADDRESS),
        ("ftp://example.org", NO_ADDRESS),
        ("javascript:alert(1)", NO_ADDRESS),
        ("data:text/html,x", NO_ADDRESS),
        ("https://", NO_ADDRESS),
        ("https://user@example.org", SECRETS),
        ("https://:secret@example.org", SECRETS),
        ("https://good.example\\@evil.org", SECRETS),
        ("https://good.example\\.evil.org", NO_HOST),
        ("https://%65vil.org", NO_HOST),
        ("https://ｅvil.org", NO_HOST),
        ("https://evil。org", NO_HOST),
        ("https://.example.org", NO_HOST),
        ("https://example..org", NO_HOST),
        ("https://.", NO_HOST),
        (f"https://{'a' * 254}", NO_HOST),
        ("https://example.org:99999", NO_PORT),
        ("https://example.org:a", NO_PORT),
        ("https://[::1", NO_PORT),
        ("https://[x]", NO_PORT),
        ("https://example.org／x", NO_PORT),
        ("https://exa mple.org", NOT_PRINTED),
        ("https://example.org/\u202e", NOT_PRINTED),
        ("https://example.org/\ud83d", NOT_PRINTED),
    ],
)
def test_what_is_no_link(link: str, reason: str) -> None:
    with pytest.raises(Refused) as raised:
        clean_link(link)
    assert raised.value.errors == (
        InputError(code=UserErrorCode.INVALID, message=f"The address {reason}."),
    )
    with pytest.raises(ValueError, match=reason):
        split_link(link)


def test_a_link_that_is_too_long() -> None:
    with pytest.raises(Refused) as raised:
        clean_link("https://example.org/" + "x" * 2029)
    message = "It may have at most 2,048 characters; there were 2,049."
    assert raised.value.errors == (InputError(code=UserErrorCode.TOO_LONG, message=message),)


@pytest.mark.parametrize(
    ("link", "domain"),
    [
        ("https://www.Example.ORG./a", "example.org"),
        ("https://BÜCHER.example", "bücher.example"),
        ("https://xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("https://www.com", "www.com"),
        ("https://www.a.b", "a.b"),
        ("https://i❤.example", "i❤.example"),
        ("http://[2001:DB8::1]:80/", "2001:db8::1"),
        ("http://192.0.2.1", "192.0.2.1"),
    ],
)
def test_domains(link: str, domain: str) -> None:
    assert domain_of(link) == domain
