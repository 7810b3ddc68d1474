"""Scenarios of every branch: run in a rehearsal and on the real server, and listed here for both."""

import json
from dataclasses import dataclass
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
        outcome: which end it must come to.
        messages: channel, template and result of each message, in order; None where only the end matters.
    """

    journey: str
    name: str
    promise: str
    scenario: Scenario
    outcome: str
    messages: list[list[str]] | None

    def __str__(self) -> str:
        return f"{self.journey}/{self.name}"


def branches() -> list[Branch]:
    """Every branch, in the order of the files."""
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
            )
        )
    return found
