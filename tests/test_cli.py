"""The commands, as a person types them: processes of their own, on embedded stores of their own."""

import gzip
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest

from domain.viewer import EVERY_SCOPE, Scope
from schema.api import print_schema
from storage.embedded import EmbeddedStores
from tests.memory import throwaway_directory
from tests.programs import ROOT, run, usual_environment
from tests.stores import throwaway_stores

FEED = "{ viewer { user { username } homeFeed(first: 2) { nodes { __typename } } } }"
SMALL = ("--users", "20", "--pins", "300")


class Shell:
    """Runs commands on one data directory and one port."""

    def __init__(self, data_dir: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.data_dir = data_dir
        self._environment = {
            **usual_environment(),
            "PINERY_DATA_DIR": str(data_dir),
            "PINERY_PORT": str(self.port),
        }

    def run(self, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
        """One command, to its end."""
        return run(*words, environment=self._environment | settings)

    @contextmanager
    def serving(self, **settings: str) -> Iterator[subprocess.Popen[str]]:
        """A server that answers; killed at the end if the test did not end it.

        It is the one command here that an interpreter of its own runs, as it does for people.
        """
        process = subprocess.Popen(
            [sys.executable, "-m", "cli", "serve"],
            cwd=ROOT,
            env=self._environment | settings,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            self._wait_until_ready(process)
            yield process
        finally:
            process.kill()
            process.communicate()

    def url(self, path: str) -> str:
        """A path of the server."""
        return f"http://127.0.0.1:{self.port}{path}"

    def _wait_until_ready(self, process: subprocess.Popen[str]) -> None:
        for _ in range(600):
            assert process.poll() is None, process.communicate()[0]
            try:
                if httpx.get(self.url("/readyz")).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.1)
        raise AssertionError("The server did not become ready.")


@pytest.fixture(scope="module")
def shell() -> Iterator[Shell]:
    """A shell whose data directory holds a small demo world."""
    with throwaway_directory() as directory:
        shell = Shell(directory)
        built = shell.run("demo", *SMALL)
        assert built.returncode == 0, built.stderr
        yield shell


@pytest.fixture
def beside(shell: Shell) -> Iterator[Shell]:
    """The same shell, while a server would run: commands find the stores started."""
    with throwaway_stores(shell.data_dir):
        yield shell


def ask(shell: Shell, token: str) -> dict[str, object]:
    """The home feed of a token's viewer."""
    headers = {"Authorization": f"Bearer {token}"}
    answer = httpx.post(shell.url("/graphql"), json={"query": FEED}, headers=headers)
    data: dict[str, object] = answer.json()["data"]["viewer"]
    return data


@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_server_serves_and_ends_with_all_that_it_started(
    shell: Shell, how: signal.Signals, workers: str
) -> None:
    with shell.serving(PINERY_WORKERS=workers) as process:
        token = shell.run("token", "Ana").stdout.strip()
        feed = ask(shell, token)
        assert feed["user"] == {"username": "ana"}
        assert len(feed["homeFeed"]["nodes"]) == 2  # type: ignore[index]  # a feed
        viewers = httpx.get(shell.url("/graphql/demo-viewers")).json()
        assert [viewer["username"] for viewer in viewers][:2] == ["ana", "bruno"]
        assert ask(shell, viewers[1]["token"])["user"] == {"username": "bruno"}
        process.send_signal(how)
        assert process.wait(30) == 0
    assert not EmbeddedStores(shell.data_dir).is_serving


def test_a_second_server_on_the_same_data_says_why_it_cannot(shell: Shell) -> None:
    with shell.serving():
        second = shell.run("serve")
    assert second.returncode == 1
    assert str(shell.data_dir) in second.stderr.replace("\n", "")
    assert "Traceback" not in second.stderr


def test_a_demo_world_is_built_once(shell: Shell) -> None:
    again = shell.run("demo", *SMALL)
    assert again.returncode == 0
    assert "was already there" in again.stderr


def test_mistakes_get_a_sentence(shell: Shell, tmp_path: Path) -> None:
    for words, sentence in (
        (("token", "nobody"), "No user is called 'nobody'."),
        (("import", str(tmp_path)), "holds none of"),
    ):
        ended = shell.run(*words)
        assert ended.returncode == 1
        assert sentence in " ".join(ended.stderr.split())
        assert "Traceback" not in ended.stderr


def test_an_import_is_strict_when_asked(beside: Shell, tmp_path: Path) -> None:
    with gzip.open(tmp_path / "users.jsonl.gz", "wt") as file:
        file.write('{"id": "u1", "username": "newcomer"}\nnot json\n')
    assert beside.run("import", str(tmp_path)).returncode == 0
    strict = beside.run("import", str(tmp_path), "--strict")
    assert strict.returncode == 1
    assert "users.jsonl.gz, line 2" in " ".join(strict.stderr.split())
    assert beside.run("token", "newcomer").returncode == 0


def test_a_token_says_what_it_was_asked_to_say(beside: Shell) -> None:
    def claims(*words: str) -> dict[str, Any]:
        token = beside.run("token", "Ana", *words).stdout.strip()
        read: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
        return read

    usual = claims()
    assert set(usual["scope"].split()) == EVERY_SCOPE
    assert "staff" not in usual
    month = usual["exp"] - usual["iat"]
    support = claims("--staff", "support", "--scope", "pins:read", "--scope", "boards:read")
    assert support["staff"] == "support"
    assert support["scope"] == "boards:read pins:read"
    assert support["exp"] - support["iat"] < month / 30
    assert set(claims("--developer")["scope"].split()) == set(Scope)
    refused = beside.run("token", "Ana", "--staff", "root")
    assert refused.returncode == 2
    assert "'support', 'admin'" in refused.stderr


def test_schema_is_printed(shell: Shell) -> None:
    assert shell.run("schema").stdout == print_schema()
