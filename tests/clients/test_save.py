"""A mutation as the guide sends it: once, though its answers are lost."""

import pytest

from storage.storage import Storage
from tests.clients.conftest import Scene
from tests.clients.recording import Step, steps


@pytest.fixture(scope="module")
async def saves(scene: Scene) -> dict[str, Step]:
    """What the code of the guide did, one step after the other: each saves a pin once."""
    return steps(await scene.play("save.mjs"))


def test_a_mutation_is_one_request(saves: dict[str, Step]) -> None:
    assert saves["once"].shapes == [("POST", "text", 200)]
    assert saves["once"].result == 1


def test_after_a_lost_answer_the_same_is_sent_and_done_once(saves: dict[str, Step]) -> None:
    first, second = saves["answerLost"].requests
    assert first.parameters == second.parameters
    assert (first.status, second.status) == (200, 200)
    assert saves["answerLost"].result == 2


def test_what_was_given_up_may_be_delivered_later(saves: dict[str, Step]) -> None:
    assert len(saves["later"].requests) == 2
    assert saves["later"].result == ["There is no answer yet.", 3]


def test_who_corrects_the_input_keeps_the_key(saves: dict[str, Step]) -> None:
    first, second = (sent.parameters["variables"]["key"] for sent in saves["corrected"].requests)
    assert first == second
    assert saves["corrected"].result == ["TOO_LONG", 4]


def test_another_input_needs_another_key(saves: dict[str, Step]) -> None:
    assert saves["reused"].result == "IDEMPOTENCY_KEY_REUSED"


async def test_each_was_saved_once(saves: dict[str, Step], prepared: Storage) -> None:
    assert saves
    pins = prepared.mongo.collection("pins")
    assert await pins.count_documents({"is_repin": True}) == len(saves)
