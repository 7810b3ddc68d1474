"""How long `sojourn simulate` takes: the whole process, from the command to its exit.

Beside it stands what it computed (CPU time), which says more on a machine that has other things to do.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.figures import Spread
from tests.scenarios import FOLDER

LIMIT_SECONDS = 3.0
ROUNDS = 5
SCENARIOS = (
    "data-collection-voucher/complete-at-entry",
    "data-collection-voucher/not-complete-email-and-sms",
    "data-collection-voucher/rewarded-by-sms",
    "data-collection-voucher/window-closed-new-york",
    "data-collection-points/rewarded-by-email",
)


def run() -> bool:
    """Measure and print.

    Returns:
        Whether every median stays below the limit, and every repetition gave the same bytes.
    """
    good = True
    with TemporaryDirectory() as folder:
        for name in SCENARIOS:
            journey, _, scenario = name.partition("/")
            file = Path(folder) / f"{scenario}.json"
            told = json.loads((FOLDER / journey / f"{scenario}.json").read_text(encoding="utf-8"))
            file.write_text(json.dumps(told["scenario"]), encoding="utf-8")
            seconds, computed, answers = _rounds(journey, file)
            same = len(answers) == 1
            quick = seconds.median < LIMIT_SECONDS
            good = good and same and quick
            verdict = ("kept" if quick else "EXCEEDED") + ("" if same else "  THE ANSWERS DIFFER")
            print(f"{name:52} {seconds:.2f} s, CPU {computed:.2f} s  limit {LIMIT_SECONDS:g} s: {verdict}")
    return good


def _rounds(journey: str, file: Path) -> tuple[Spread, Spread, set[bytes]]:
    command = (sys.executable, "-m", "worker.cli", "simulate", journey, "--scenario", str(file), "--json")
    seconds, computed, answers = [], [], set()
    for _ in range(ROUNDS):
        began, before = time.perf_counter(), os.times()
        answers.add(subprocess.run(command, check=True, capture_output=True).stdout)
        seconds.append(time.perf_counter() - began)
        after = os.times()
        computed.append(after.children_user + after.children_system - before.children_user - before.children_system)
    return Spread(seconds), Spread(computed), answers
