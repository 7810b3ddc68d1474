"""`python -m bench [cost|console|gate|simulate|throughput]`: one, or all. Exits 1 when a limit is not kept."""

import argparse
import asyncio
import logging
from collections.abc import Callable

from temporalio.runtime import LoggingConfig, Runtime, TelemetryConfig

from bench import console, cost, gate, simulate, throughput


def main() -> int:
    """Measure what the command line names."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure Sojourn on this machine.")
    what = ("cost", "console", "gate", "simulate", "throughput")
    parser.add_argument("what", nargs="?", choices=(*what, "all"), default="all")
    parser.add_argument("--customers", type=int, help="console: how many (1,000,000 on PostgreSQL, 100,000 on SQLite)")
    parser.add_argument("--database", choices=tuple(console.CUSTOMERS), default="sqlite", help="console: on which")
    parser.add_argument("--sends", type=int, default=200, help="gate: a round, each way (200)")
    parser.add_argument("--journeys", type=int, default=300, help="throughput: at once, a round (300)")
    parser.add_argument("--rounds", type=int, default=5, help="throughput, gate: of each contestant (5)")
    asked = parser.parse_args()
    # Providers that fail, and tasks that wait on a busy machine, are part of it.
    logging.getLogger("temporalio").setLevel(logging.CRITICAL)
    Runtime.set_default(Runtime(telemetry=TelemetryConfig(logging=LoggingConfig(filter="error"))))

    measurements: dict[str, Callable[[], bool]] = {
        "cost": lambda: asyncio.run(cost.run()),
        "console": lambda: console.run(customers=asked.customers, database=asked.database),
        "gate": lambda: asyncio.run(gate.run(sends=asked.sends, rounds=asked.rounds)),
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
