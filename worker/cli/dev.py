"""`sojourn dev` and `sojourn demo`: everything in one terminal."""

from pathlib import Path
from typing import Annotated

import typer

Port = Annotated[int | None, typer.Option(min=1, max=65535)]
MAX_SPEED = 43_200  # a day in two seconds; the shortest send window then lasts a second


def dev(
    speed: Annotated[
        float | None,
        typer.Option(
            min=0.001, max=MAX_SPEED, help="Journey seconds a second: 1440 lives a day in a minute. [default: 1]"
        ),
    ] = None,
    data: Annotated[Path, typer.Option(metavar="DIR", help="Where everything is kept.")] = Path("data"),
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Of the API. [default: 8080, or the next free]")
    ] = None,
    temporal_port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Of Temporal. [default: 7233, or the next free]")
    ] = None,
    ui_port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Of the Temporal UI. [default: 8233, or the next free]")
    ] = None,
    seed_demo: Annotated[
        int,
        typer.Option(min=0, max=20_000, help="First simulate this many customers over the last 60 days: 10 a second."),
    ] = 0,
    fake_providers: Annotated[
        bool, typer.Option("--fake-providers", help="Send through the real drivers to fakes of the providers.")
    ] = False,
) -> None:
    """Run Temporal, its UI, the worker and the API until Ctrl-C. Nothing leaves this machine."""
    from worker.dev.dev import Wishes, run_dev

    raise typer.Exit(run_dev(Wishes(data, speed, port, temporal_port, ui_port, seed_demo, fake_providers)))


def demo(
    as_json: Annotated[bool, typer.Option("--json", help="Print only the outcomes and messages, as JSON.")] = False,
    seed_demo: Annotated[
        int,
        typer.Option(
            min=0, max=20_000, help="First simulate this many customers, 10 a second, and read the report on them."
        ),
    ] = 0,
) -> None:
    """Live ten days of a dozen sample customers in half a minute, then clean up.

    Exits 1 unless every end of the journey, a deferral, an opt-out and a cancel occurred.
    """
    from worker.dev.demo import run_demo

    raise typer.Exit(run_demo(as_json=as_json, people=seed_demo))
