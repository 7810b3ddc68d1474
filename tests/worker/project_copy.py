"""A copy of the project, in which a newcomer may add a journey."""

import shutil
from pathlib import Path

from tests.worker.cli.command import ROOT

COPIED = ("workflows", "activities", "api", "worker", "tests")


def copy_project(target: Path) -> None:
    """Copy all that a journey needs to be checked, tested and run."""
    for folder in COPIED:
        shutil.copytree(ROOT / folder, target / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", target)
