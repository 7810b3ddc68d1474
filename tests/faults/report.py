"""docs/guarantees.md from measured runs: `python -m tests.faults.report FOLDER` after `make faults` has filled it.

The folder is the one that FAULTS_RECORD named during the run.
"""

import json
import sys
from collections import defaultdict
from pathlib import Path

from tests.faults.tally import Tally

PAGE = Path(__file__).parent.parent.parent / "docs" / "guarantees.md"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
HEAD = (
    "| | Fault | Provider | Runs | Expected | Sent | Doubled | Lost | Shown as `unknown` | Outside the window |\n"
    "|---|---|---|--:|--:|--:|--:|--:|--:|--:|"
)


def table(folder: Path) -> str:
    """The runs of a folder as a table: a line a fault and kind of provider."""
    found: dict[tuple[str, str, str], Tally] = defaultdict(lambda: Tally(runs=0))
    for path in sorted(folder.glob("*.ndjson")):
        for line in path.read_text(encoding="utf-8").splitlines():
            kept = json.loads(line)
            key = kept.pop("row"), kept.pop("fault"), kept.pop("provider")
            found[key] += Tally(**kept)
    rows = [
        f"| {row} | {fault} | {provider} | {each.runs} | {each.expected} | {each.sent} | {each.doubled} | {each.lost} "
        f"| {each.unclear} | {each.outside} |"
        for (row, fault, provider), each in sorted(found.items(), key=lambda item: _order(*item[0]))
    ]
    return "\n".join([HEAD, *rows])


def _order(row: str, fault: str, provider: str) -> tuple[int, str, str]:
    digits = "".join(each for each in row.partition(",")[0] if each.isdigit())
    return int(digits or 99), fault, provider


def main(folder: Path) -> None:
    """Put the table into the page."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\n{table(folder)}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
