"""The audits of GraphQL over HTTP (npm `graphql-http`): every one of them, at every level."""

from collections import Counter

from tests.clients.conftest import Scene


async def test_every_audit_passes(scene: Scene) -> None:
    results = await scene.play("audits.mjs")
    assert [each for each in results if each["status"] != "ok"] == []
    counts = Counter(each["level"] for each in results)
    print("graphql-http:", ", ".join(f"{count} {level}" for level, count in counts.items()))
    assert counts == {"MUST": 13, "SHOULD": 23, "MAY": 25}
