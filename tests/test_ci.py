"""In CI no test may be skipped: real pytest runs of small modules, with `tests.ci` loaded."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SKIPS = {
    "in the test": "def test_it(): pytest.skip('no browser')",
    "in a fixture": ("@pytest.fixture\ndef it(): pytest.skip('no browser')\ndef test_it(it): pass"),
    "by a mark": "@pytest.mark.skip(reason='no browser')\ndef test_it(): pass",
    "of the module": "pytest.skip('no browser', allow_module_level=True)",
}


def run(directory: Path, test: str, *arguments: str, ci: str) -> subprocess.CompletedProcess[str]:
    """Run `test` in a pytest of its own, far from this project's settings."""
    (directory / "pytest.ini").write_text("[pytest]\n")
    (directory / "test_small.py").write_text(f"import pytest\n{test}\n")
    command = [sys.executable, "-m", "pytest", "-p", "tests.ci", "-p", "xdist", *arguments]
    environment = os.environ | {
        "CI": ci,
        "PYTHONPATH": str(Path(__file__).parent.parent),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",  # Those that are not asked for take seconds.
    }
    environment.pop("PYTEST_ADDOPTS", None)
    return subprocess.run(
        command, cwd=directory, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("test", SKIPS.values(), ids=SKIPS)
def test_a_skip_fails_in_ci_and_names_its_reason(tmp_path: Path, test: str) -> None:
    finished = run(tmp_path, test, ci="true")
    assert finished.returncode in (pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.INTERRUPTED)
    assert "no browser (in CI every test must run)" in finished.stdout


def test_a_skip_fails_in_parallel_runs_too(tmp_path: Path) -> None:
    finished = run(tmp_path, SKIPS["in the test"], "-n", "1", ci="true")
    assert finished.returncode == pytest.ExitCode.TESTS_FAILED
    assert "no browser (in CI every test must run)" in finished.stdout


def test_a_skip_is_a_skip_elsewhere(tmp_path: Path) -> None:
    finished = run(tmp_path, SKIPS["in the test"], ci="")
    assert finished.returncode == pytest.ExitCode.OK
    assert "1 skipped" in finished.stdout


def test_an_expected_failure_is_no_skip(tmp_path: Path) -> None:
    finished = run(tmp_path, "@pytest.mark.xfail\ndef test_it(): assert False", ci="true")
    assert finished.returncode == pytest.ExitCode.OK
    assert "1 xfailed" in finished.stdout
