"""Scenarios of every branch: run in a rehearsal and on the real server, and listed here for both."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from worker.rehearsal.scenario import Scenario, parse_scenario

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Branch:
    """One path through a journey, and what the customer gets on it.

    Attributes:
        journey: name of the journey.
        name: of the file.
        promise: what the branch promises, one sentence.
        scenario: what happens.
        outcome: which end it must come to; None where the trigger's rules let nobody in.
        messages: channel, template and result of each message, in order; None where only the end matters.
        webhooks: step and result of each call to another system, in order; None where nothing is said of them.
    """

    journey: str
    name: str
    promise: str
    scenario: Scenario
    outcome: str | None
    messages: list[list[str]] | None
    webhooks: list[list[str]] | None = None

    def __str__(self) -> str:
        return f"{self.journey}/{self.name}"


def branches() -> list[Branch]:
    """Every branch that a customer enters, in the order of the files."""
    return [branch for branch in _all() if branch.outcome is not None]


def refused_branches() -> list[Branch]:
    """Every case that a trigger's rules refuse: it has no outcome, since nobody enters."""
    return [branch for branch in _all() if branch.outcome is None]


@cache
def _all() -> Sequence[Branch]:
    """Read once a process; to be looked at, not to be changed."""
    found = []
    for path in sorted(FOLDER.glob("*/*.json")):
        content = json.loads(path.read_text(encoding="utf-8"))
        found.append(
            Branch(
                path.parent.name,
                path.stem,
                content["promise"],
                parse_scenario(json.dumps(content["scenario"])),
                content["outcome"],
                content["messages"],
                content.get("webhooks"),
            )
        )
    return found
