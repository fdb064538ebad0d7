"""`docs/clients.md` says what is so: its blocks run, its tables are whole, its figures are ours."""

import json
import re
from collections import Counter

import httpx

from config import Settings
from domain.errors import ErrorCode
from domain.rate_limits import BURSTS, Burst, BurstPolicy
from tests.clients import guide, node, table
from tests.clients.conftest import Servers


def test_every_block_is_a_file_or_says_that_it_is_not_run() -> None:
    unmarked = [block for block in guide.blocks() if block.path is None and block.is_run]
    assert unmarked == []
    left_out = Counter(block.language for block in guide.blocks() if not block.is_run)
    assert left_out == {"kotlin": 2, "swift": 1, "json": 1}


def test_every_file_has_one_block() -> None:
    paths = Counter(block.path for block in guide.blocks() if block.path is not None)
    assert [path for path, count in paths.items() if count > 1] == []


def test_every_file_is_run() -> None:
    """By a test, by a script of the tests, or by another file of the guide."""
    sources = [path.read_text() for path in (*node.HOME.glob("test_*.py"), *node.SCRIPTS.iterdir())]
    files = guide.files()
    for path in files:
        others = [text for other, text in files.items() if other != path]
        assert any(_is_named(path, text) for text in (*sources, *others)), path


def _is_named(path: str, text: str) -> bool:
    name = path.rpartition("/")[2]
    # TypeScript is run as what `tsc` makes of it; Relay's components are run by their artifacts.
    compiled = name.replace(".ts", ".js")
    artifact = name.replace(".jsx", "_")
    found_by_tools = {"persisted-query-manifest.config.json", "tsconfig.json"}
    return any(word in text for word in (name, compiled, artifact)) or path in found_by_tools


def test_the_table_is_what_was_tried() -> None:
    assert guide.table() == table.markdown(), "Run `python -m tests.clients.table`, and paste it."


def test_every_code_of_an_error_is_explained() -> None:
    section = guide.section("Errors")
    explained = [
        code.strip("` ")
        for row in section.splitlines()
        if row.startswith("| `")
        for code in row.split("|")[1].split(",")
    ]
    assert sorted(explained) == sorted(ErrorCode)


async def test_the_cost_of_an_operation_is_told_as_the_guide_says(servers: Servers) -> None:
    query = '{ topic(by: { key: "cooking" }) { pins(first: 2) { nodes { id } } } }'
    headers = {"Authorization": f"Bearer {servers.poor_tokens[0]}"}
    async with httpx.AsyncClient(headers=headers) as http:
        answer = (await http.post(servers.urls["open"], json={"query": query})).json()
    cost, told = answer["extensions"]["cost"], json.loads(guide.files()["cost.json"])
    left, told_left = (each["throttleStatus"].pop("currentlyAvailable") for each in (cost, told))
    assert cost == told
    assert told_left <= left < 2_000  # points come back while the server prepares the text


def test_the_figures_are_those_of_the_settings() -> None:
    defaults = {name: field.default for name, field in Settings.model_fields.items()}
    section = " ".join(guide.section("Cost and rate limits").split())
    assert f"A caller has {defaults['rate_limit_points']:,} points" in section
    assert f"gets {defaults['rate_limit_refill_per_s']} back each second" in section


def test_the_bursts_are_those_that_are_counted() -> None:
    rows = re.findall(r"^\| (`.+`) \| (\d+) \| (\d+) \|$", guide.section("Mutations"), re.MULTILINE)
    told = {
        Burst(name.strip("` ")): BurstPolicy(int(at_once), int(per_minute))
        for names, at_once, per_minute in rows
        for name in names.split(",")
    }
    assert told == BURSTS
    seconds = Settings.model_fields["mutation_deadline_ms"].default // 1_000
    assert f"ends after {seconds} seconds" in " ".join(guide.section("Mutations").split())
