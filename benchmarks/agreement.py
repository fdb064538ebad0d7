"""Whether servers give the same answers: else there is nothing to compare."""

import asyncio
from typing import Final

import httpx

from benchmarks.audience import ask_one
from benchmarks.contestants import Running
from benchmarks.workloads import Audience, Workload

_AT_ONCE: Final = 4
_PATIENCE_S: Final = 30.0
_LONGEST: Final = 120


class Disagreement(Exception):
    """Two servers answer one question differently; the message says where."""


async def answers_of(
    server: Running, workload: Workload, audience: Audience, *, most: int, by_text: bool = False
) -> list[dict[str, object]]:
    """What a server answers to the first questions of a workload, of as many viewers.

    Raises `ValueError` for an error.
    """
    document = {"query": workload.text} if by_text else {"documentId": workload.digest}
    questions = workload.questions(audience)[:most]
    places = asyncio.Semaphore(_AT_ONCE)
    url = f"http://127.0.0.1:{server.port}"
    async with httpx.AsyncClient(base_url=url, timeout=_PATIENCE_S) as http:

        async def ask(place: int) -> dict[str, object]:
            async with places:
                return await ask_one(http, questions[place], document)

        return list(await asyncio.gather(*map(ask, range(len(questions)))))


async def check_agreement(
    reference: Running, server: Running, workload: Workload, audience: Audience, *, most: int
) -> int:
    """How many answers were compared, each by text and by id. Raises `Disagreement`."""
    expected = await answers_of(reference, workload, audience, most=most)
    for by_text in (False, True):
        try:
            came = await answers_of(server, workload, audience, most=most, by_text=by_text)
        except (ValueError, httpx.HTTPError) as error:
            raise Disagreement(f"{workload.name}: {type(error).__name__} {error}") from None
        for place, (one, other) in enumerate(zip(expected, came, strict=True)):
            where = difference(one, other)
            if where is not None:
                raise Disagreement(f"{workload.name}, question {place}: {where}")
    return 2 * len(expected)


def difference(expected: object, came: object, path: str = "data") -> str | None:
    """Where two JSON values differ first, in words; None when they are equal.

    Fields of an object may come in any order; True is not 1.
    """
    if isinstance(expected, dict) and isinstance(came, dict):
        if expected.keys() != came.keys():
            return f"{path} has {sorted(came)}, not {sorted(expected)}"
        parts = ((expected[key], came[key], f"{path}.{key}") for key in expected)
    elif isinstance(expected, list) and isinstance(came, list):
        if len(expected) != len(came):
            return f"{path} has {len(came)} items, not {len(expected)}"
        pairs = zip(expected, came, strict=True)
        parts = ((one, other, f"{path}[{i}]") for i, (one, other) in enumerate(pairs))
    elif type(expected) is type(came) and expected == came:
        return None
    else:
        return f"{path} is {came!r:.{_LONGEST}}, not {expected!r:.{_LONGEST}}"
    return next((where for part in parts if (where := difference(*part)) is not None), None)
