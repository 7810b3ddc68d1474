"""What a run came to in numbers, and where they are kept for docs/guarantees.md."""

import json
import os
from dataclasses import asdict, dataclass, replace
from pathlib import Path

FOLDER = "FAULTS_RECORD"  # the environment variable that names a folder; nothing is kept without it


@dataclass(frozen=True)
class Tally:
    """Messages of one run, or of several.

    Attributes:
        expected: those that the rules let go.
        sent: reached the customer.
        doubled: went once more than they should.
        lost: never reached the customer.
        unclear: are shown to staff as `unknown`.
        outside: arrived while the customer's window was closed.
        runs: how many runs it stands for.
    """

    expected: int = 0
    sent: int = 0
    doubled: int = 0
    lost: int = 0
    unclear: int = 0
    outside: int = 0
    runs: int = 1

    def __add__(self, other: "Tally") -> "Tally":
        """Two runs together."""
        mine, theirs = asdict(self), asdict(other)
        return Tally(**{name: mine[name] + theirs[name] for name in mine})


def record(row: str, fault: str, provider: str, tally: Tally, *, runs: int = 0) -> None:
    """Keep the numbers of a run.

    Args:
        row: of the matrix, such as M1.
        fault: in a few words.
        provider: what it does for us: key, lookup or none; or a dash.
        tally: the numbers.
        runs: how many times the fault happened, where that is not the number of runs.
    """
    folder = os.environ.get(FOLDER)
    if not folder:
        return
    kept = {"row": row, "fault": fault, "provider": provider, **asdict(replace(tally, runs=runs or tally.runs))}
    Path(folder).mkdir(parents=True, exist_ok=True)
    with (Path(folder) / f"{os.getpid()}.ndjson").open("a", encoding="utf-8") as file:
        file.write(json.dumps(kept) + "\n")
