"""Our commands, each a process of its own that starts at once.

`python -m cli` spends two seconds of processor time on its imports, and tests start it some hundred
times. So one process imports everything and does nothing else, and each command is forked from it:
with an environment, streams, memory and an exit status of its own, and nobody else's threads.

That process is started when it is first needed, and ends with the one that started it.
"""

import asyncio
import gc
import importlib
import json
import os
import pkgutil
import runpy
import select
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import IO, Any, Final, NoReturn

import cli

ROOT = Path(__file__).parents[1]

_MOST_BYTES: Final = 131_072
"""More than the words and the environment of a command take."""


class Program:
    """A command that runs; started by the constructor, in the directory of the project."""

    def __init__(
        self,
        *words: str,
        environment: Mapping[str, str],
        stdout: IO[Any] | None = None,
        stderr: IO[Any] | None = None,
    ) -> None:
        """What `python -m cli WORDS` is, with no other environment than this.

        What it prints is thrown away where there is no file for it.
        """
        self.returncode: int | None = None
        self._line = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._line.connect(_ancestor())
        order = json.dumps({"words": words, "environment": dict(environment)}).encode()
        assert len(order) < _MOST_BYTES
        with Path(os.devnull).open("w") as nothing:
            streams = [(each or nothing).fileno() for each in (stdout, stderr)]
            socket.send_fds(self._line, [order], streams)
        self.pid = int(self._line.recv(100))

    def poll(self) -> int | None:
        """The exit status, once it has ended."""
        with suppress(TimeoutError):
            self.wait(0)
        return self.returncode

    def wait(self, timeout_s: float) -> int:
        """The exit status, when it has ended. Raises `TimeoutError`."""
        if self.returncode is None:
            if not select.select([self._line], [], [], timeout_s)[0]:
                raise TimeoutError(f"The command still runs after {timeout_s} s.")
            self.returncode = int(self._line.recv(100))
            self._line.close()
        return self.returncode

    async def ends(self, timeout_s: float = 60) -> int:
        """The exit status, when it has ended, while the loop goes on. Raises `TimeoutError`."""
        return await asyncio.to_thread(self.wait, timeout_s)

    def send_signal(self, which: signal.Signals) -> None:
        """Sends it a signal, if it still runs."""
        if self.poll() is None:
            os.kill(self.pid, which)


def run(
    *words: str, environment: Mapping[str, str], timeout_s: float = 120
) -> subprocess.CompletedProcess[str]:
    """Runs a command to its end. Raises `TimeoutError`, and kills it then."""
    with tempfile.TemporaryFile("w+") as stdout, tempfile.TemporaryFile("w+") as stderr:
        program = Program(*words, environment=environment, stdout=stdout, stderr=stderr)
        try:
            status = program.wait(timeout_s)
        except TimeoutError:
            program.send_signal(signal.SIGKILL)
            raise
        stdout.seek(0)
        stderr.seek(0)
        return subprocess.CompletedProcess(words, status, stdout.read(), stderr.read())


def usual_environment() -> dict[str, str]:
    """The environment of the tests, without any setting of ours.

    What is compiled may be kept: no process compiles it anew.
    """
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("PINERY_") and name != "PYTHONDONTWRITEBYTECODE"
    }


@cache
def _ancestor() -> str:
    """The socket of the process that commands are forked from."""
    address = f"{tempfile.mkdtemp(prefix='pinery-')}/commands.sock"
    started = subprocess.Popen(
        [sys.executable, "-m", "tests.programs", address],
        cwd=ROOT,
        env=usual_environment(),
        stdin=subprocess.PIPE,  # It ends when this does.
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    _kept.append(started)
    assert started.stdout is not None
    assert started.stdout.readline() == b"ready\n"
    return address


_kept: Final[list["subprocess.Popen[bytes]"]] = []
"""What is never waited for, because it ends with this process."""


def _serve(address: str) -> None:
    """Forks commands until whoever started this is gone; returns in a command, to be it."""
    for module in pkgutil.iter_modules(cli.__path__, "cli."):
        if module.name != "cli.__main__":  # Which each command is to run anew.
            importlib.import_module(module.name)
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # So that nobody need wait for those who wait.
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as door:
        door.bind(address)
        door.listen()
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        while sys.stdin not in (ready := select.select([door, sys.stdin], [], [])[0]):
            assert ready
            line, _ = door.accept()
            if os.fork() == 0:
                door.close()
                _attend(line)
                return
            line.close()
    Path(address).unlink()
    Path(address).parent.rmdir()
    os._exit(0)


def _attend(line: socket.socket) -> None:
    """Starts one command and says how it ends; returns in the command."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    message, streams, _, _ = socket.recv_fds(line, _MOST_BYTES, 2)
    pid = os.fork()
    if pid == 0:
        line.close()
        _become(json.loads(message), *streams)
    else:
        _say_how_it_ends(line, pid)


def _say_how_it_ends(line: socket.socket, pid: int) -> NoReturn:
    with suppress(OSError):  # Nobody may want to know any more.
        line.send(str(pid).encode())
        _, status = os.waitpid(pid, 0)
        line.send(str(os.waitstatus_to_exitcode(status)).encode())
    os._exit(0)


def _become(order: Mapping[str, Any], stdout: int, stderr: int) -> None:
    """Makes this process what was ordered."""
    with Path(os.devnull).open() as nothing:
        os.dup2(nothing.fileno(), 0)
    for stream, number in ((stdout, 1), (stderr, 2)):
        os.dup2(stream, number)
        os.close(stream)
    os.environ.clear()
    os.environ.update(order["environment"])
    sys.argv = ["cli", *order["words"]]


if __name__ == "__main__":
    _serve(sys.argv[1])
    runpy.run_module("cli", run_name="__main__", alter_sys=True)
