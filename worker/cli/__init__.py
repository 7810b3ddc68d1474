"""The command line `sojourn`.

Each command loads what it needs when it runs, so that `sojourn --help` answers at once.
"""


def main() -> None:
    """Run the command that the arguments name. The console script `sojourn`."""
    from worker.cli.app import run

    run()
