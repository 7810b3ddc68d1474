"""`sojourn worker` and `sojourn api` with the suite's journeys and little patience, which die where a test says.

Run as `python -m tests.faults.failing worker`; SOJOURN_FAILPOINT is read here alone.
"""

import asyncio
import logging
import os
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import workflows
from activities.gate.pacing import PaceLimits, Pacing
from activities.templates.renderer import JinjaRenderer
from tests.faults.asked import asked
from tests.faults.failpoints import UNHURRIED, install
from tests.faults.journeys import JOURNEYS
from worker import api_process, assembly, worker_process
from worker.settings import Settings, read_settings
from worker.wiring import Parts
from workflows.journey import calls

TEMPLATES = Path(__file__).parent / "templates"  # pushes: the product has none of its own
# As in production each is longer than the one before it, and all are short enough to be waited for.
CALL, LEASE, SEND_TIMEOUT = timedelta(seconds=5), timedelta(seconds=6), timedelta(seconds=7)
SETTLING = timedelta(seconds=8)
PACE = PaceLimits(
    first_hold=timedelta(seconds=1),
    longest_hold=timedelta(seconds=2),
    probe=timedelta(seconds=2),
    soonest_again=timedelta(seconds=1),
    latest_again=timedelta(seconds=2),
    memory=timedelta(seconds=0.2),
)


def pushing(settings: Settings) -> Parts:
    """The parts of the product, words for pushes, and providers that can be asked where the run wants them."""
    parts = assembly.assemble(settings)
    renderer = JinjaRenderer(parts.brand, [TEMPLATES])
    return replace(parts, renderer=renderer, providers=asked(parts.providers))


def impatient(settings: Settings) -> Parts:
    """The same with little patience."""
    parts = pushing(settings)
    limits = replace(parts.limits, call=CALL, lease=LEASE, settling=SETTLING)
    return replace(parts, limits=limits, pacing=Pacing(settings.plans, PACE))


def main() -> None:
    """Run the program that the first argument names."""
    failpoint = os.environ.pop("SOJOURN_FAILPOINT", "")  # the product knows no such setting
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s: %(message)s")
    journeys = workflows.catalogue() | JOURNEYS
    workflows.catalogue = lambda: journeys
    worker_process.assemble = api_process.assemble = pushing  # type: ignore[attr-defined] # for this process
    if not failpoint.startswith(UNHURRIED):
        worker_process.assemble = api_process.assemble = impatient  # type: ignore[attr-defined] # for this process
        calls.SEND_TIMEOUT = SEND_TIMEOUT
    install(failpoint)
    run = {"worker": worker_process.run_worker, "api": api_process.run_api}[sys.argv[1]]
    asyncio.run(run(read_settings()))


if __name__ == "__main__":
    main()
