"""The command line as a whole."""

import subprocess
import sys
from importlib.metadata import entry_points

import pytest

from tests.worker.cli.command import sojourn_here
from worker.cli import main

COMMANDS = ("dev", "demo", "worker", "api", "migrate", "journeys", "simulate", "vouchers", "keys", "fake-providers")
HEAVY = ("temporalio", "sqlalchemy", "sqlmodel", "fastapi", "pydantic", "jinja2", "httpx")


def test_help_lists_every_command_and_loads_nothing_heavy() -> None:
    """`sojourn --help` answers at once: it loads no database, no web framework and no Temporal."""
    code = (
        "import sys; from worker.cli.app import app; app(['--help'], standalone_mode=False); "
        f"print([name for name in {HEAVY} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
    assert all(f" {command} " in done.stdout for command in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_explains_itself(command: str) -> None:
    """A developer who types `--help` behind a command is told what it does."""
    done = sojourn_here(command, "--help")
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) > 5


def test_a_misspelt_command_is_wrong_use() -> None:
    """A shell script sees that a command is misspelt."""
    done = sojourn_here("simulat")
    assert done.returncode == 2
    assert "simulat" in done.stderr


def test_the_console_script_is_this_command_line() -> None:
    """`.venv/bin/sojourn` runs what is tested here."""
    (script,) = entry_points(group="console_scripts", name="sojourn")
    assert script.load() is main
