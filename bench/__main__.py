"""`python -m bench [cost|throughput|simulate]`: one measurement, or all of them. Exits 1 when a limit is not kept."""

import argparse
import asyncio
import logging
from collections.abc import Callable

from temporalio.runtime import LoggingConfig, Runtime, TelemetryConfig

from bench import cost, simulate, throughput


def main() -> int:
    """Measure what the command line names."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure Sojourn on this machine.")
    parser.add_argument("what", nargs="?", choices=("cost", "throughput", "simulate", "all"), default="all")
    parser.add_argument("--journeys", type=int, default=300, help="throughput: at once, a round (300)")
    parser.add_argument("--rounds", type=int, default=5, help="throughput: of each contestant (5)")
    asked = parser.parse_args()
    # Providers that fail, and tasks that wait on a busy machine, are part of it.
    logging.getLogger("temporalio").setLevel(logging.CRITICAL)
    Runtime.set_default(Runtime(telemetry=TelemetryConfig(logging=LoggingConfig(filter="error"))))

    measurements: dict[str, Callable[[], bool]] = {
        "cost": lambda: asyncio.run(cost.run()),
        "simulate": simulate.run,
        "throughput": lambda: asyncio.run(throughput.run(journeys=asked.journeys, rounds=asked.rounds)),
    }
    chosen = measurements if asked.what == "all" else {asked.what: measurements[asked.what]}
    kept = []
    for name, measure in chosen.items():
        print(f"\n{name}\n", flush=True)
        kept.append(measure())
    return 0 if all(kept) else 1


if __name__ == "__main__":
    raise SystemExit(main())
