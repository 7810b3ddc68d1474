"""Recorded histories: how customers went each path, to be replayed by every later version of the code."""

import json
from pathlib import Path

from temporalio.client import WorkflowHistory

FOLDER = Path(__file__).parent


def recorded() -> list[Path]:
    """The files, one a path, in the order of their names."""
    return sorted(FOLDER.glob("*/*.json"))


def name_of(path: Path) -> str:
    """Journey and branch, as tests and scenarios name them."""
    return f"{path.parent.name}/{path.stem}"


def path_of(name: str) -> Path:
    """The file of a branch."""
    return FOLDER / f"{name}.json"


def load(path: Path) -> WorkflowHistory:
    """One history, ready to be replayed."""
    return WorkflowHistory.from_json(name_of(path), json.loads(path.read_text(encoding="utf-8")))
