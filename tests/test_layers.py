"""The house: each package imports only from those below it (DESIGN 1)."""

from importlinter.cli import lint_imports


def test_layers() -> None:
    assert lint_imports(no_cache=True) == 0
