"""`python -m worker.fake_providers`: the same as `sojourn fake-providers`, without the other commands."""

import typer

from worker.cli.fake_providers import fake_providers

if __name__ == "__main__":
    typer.run(fake_providers)
