"""A copy of the project, in which a newcomer may add a journey."""

import compileall
import shutil
from pathlib import Path

from tests.worker.cli.command import ROOT

COPIED = ("workflows", "activities", "api", "worker", "tests")


def copy_project(target: Path) -> None:
    """Copy all that a journey needs to be checked, tested and run, compiled: each program there would do it again."""
    for folder in COPIED:
        shutil.copytree(ROOT / folder, target / folder)
        compileall.compile_dir(target / folder, quiet=1)  # what is not yet
    shutil.copy(ROOT / "pyproject.toml", target)
