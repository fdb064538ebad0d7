"""Directories for the data of stores, in memory where the machine has some to spare.

MongoDB waits for the disk at each write: with two workers on two cores, nobody works meanwhile.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Final

_MEMORY: Final = Path("/dev/shm")  # noqa: S108  # each directory in it has a name of its own
_PREFIX: Final = "pinery-tests"

_ENOUGH_BYTES: Final = 4 << 30
"""Two workers with all their stores take a third of it."""


@contextmanager
def throwaway_directory() -> Iterator[Path]:
    """A directory that is gone after the block."""
    directory = Path(mkdtemp(prefix=f"{_PREFIX}-{os.getpid()}-", dir=_memory()))
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


@cache
def _memory() -> Path | None:
    """Where files are kept in memory; None where there is no such place, or little room in it.

    What tests that were killed have left there is taken away first: it would take memory for ever.
    """
    if not os.access(_MEMORY, os.W_OK):
        return None
    for left in _MEMORY.glob(f"{_PREFIX}-*"):
        if not _lives(int(left.name.removeprefix(f"{_PREFIX}-").partition("-")[0])):
            shutil.rmtree(left, ignore_errors=True)
    return _MEMORY if shutil.disk_usage(_MEMORY).free >= _ENOUGH_BYTES else None


def _lives(pid: int) -> bool:
    """Whether there is such a process."""
    with suppress(PermissionError):  # Somebody else's lives, too.
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
    return True
