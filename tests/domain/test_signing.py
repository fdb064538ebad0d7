import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.signing import MAX_TOKEN_LENGTH, Purpose, Signer

SIGNER = Signer(b"0123456789abcdef0123456789abcdef")


def test_a_known_token() -> None:
    token = SIGNER.sign(Purpose.AD_SLOT, b"hello")
    assert token == "aGVsbG8.nHsW8BXDZBwOBE0eKHpLluhr7iXwLkyjhz5BQFmr6C8"


@given(st.binary(max_size=300), st.sampled_from(Purpose))
def test_what_was_signed_verifies(payload: bytes, purpose: Purpose) -> None:
    token = SIGNER.sign(purpose, payload)
    assert SIGNER.verify(purpose, token) == payload
    assert SIGNER.sign(purpose, payload) == token
    assert set(token) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")


@given(st.data())
def test_any_changed_character_is_noticed(data: st.DataObject) -> None:
    token = SIGNER.sign(Purpose.FEED_CURSOR, data.draw(st.binary(min_size=1, max_size=30)))
    place = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.sampled_from("AQgw09_-.é=+/ ").filter(lambda one: one != token[place]))
    changed = token[:place] + other + token[place + 1 :]
    assert SIGNER.verify(Purpose.FEED_CURSOR, changed) is None


def test_the_last_character_has_one_spelling() -> None:
    token = SIGNER.sign(Purpose.FEED_CURSOR, b"x")
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    verified = [last for last in alphabet if SIGNER.verify(Purpose.FEED_CURSOR, token[:-1] + last)]
    assert verified == [token[-1]]


def test_a_token_of_one_purpose_is_none_of_another() -> None:
    token = SIGNER.sign(Purpose.FEED_CURSOR, b"payload")
    assert SIGNER.verify(Purpose.AD_SLOT, token) is None
    assert SIGNER.verify(Purpose.FEED_ITEM, token) is None


def test_a_token_of_another_key_is_not_ours() -> None:
    other = Signer(b"another key, of thirty-two bytes")
    assert SIGNER.verify(Purpose.AD_SLOT, other.sign(Purpose.AD_SLOT, b"payload")) is None


@pytest.mark.parametrize(
    "token", ["", ".", "..", "a", "a.b", "é.é", "\ud800.x", "=.=", "x" * (MAX_TOKEN_LENGTH + 1)]
)
def test_garbage_is_not_a_token(token: str) -> None:
    assert SIGNER.verify(Purpose.AD_SLOT, token) is None


def test_a_token_that_is_too_long_is_not_read() -> None:
    token = SIGNER.sign(Purpose.AD_SLOT, bytes(3100))
    assert len(token) > MAX_TOKEN_LENGTH
    assert SIGNER.verify(Purpose.AD_SLOT, token) is None


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes or more, not 31"):
        Signer(bytes(31))
