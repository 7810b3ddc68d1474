"""The commands, and what the shell is told of how they ended."""

import sys
from collections.abc import Callable

import typer

from worker.cli import (
    channels,
    check,
    dev,
    diagram,
    doctor,
    erase,
    export,
    fake_providers,
    imports,
    journeys,
    keys,
    new,
    processes,
    report,
    simulate,
    staff,
    stuck,
    summary,
    vouchers,
)

app = typer.Typer(
    name="sojourn",
    help="Durable customer journeys. `sojourn demo` shows one in half a minute; `sojourn dev` lets you try your own.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
COMMANDS: tuple[Callable[..., None], ...] = (
    dev.dev,
    dev.demo,
    processes.worker,
    processes.api,
    processes.migrate,
    journeys.journeys,
    simulate.simulate,
    report.report,
    diagram.diagram,
    new.new,
    check.check,
    doctor.doctor,
    stuck.stuck,
    fake_providers.fake_providers,
    export.export,
    erase.erase,
)
for command in COMMANDS:
    app.command()(command)
app.command("import")(imports.import_)
app.add_typer(vouchers.app, name="vouchers")
app.add_typer(keys.app, name="keys")
app.add_typer(staff.app, name="staff")
app.add_typer(channels.app, name="channels")
app.add_typer(summary.app, name="summary")


def run() -> None:
    """Run a command and exit: 0 done, 1 failed, 2 wrong use."""
    try:
        app()
    except Exception as error:
        from worker.cli.errors import explain

        told = explain(error)
        if told is None:
            raise
        typer.echo(f"Error: {told.message}", err=True)
        sys.exit(told.exit_code)
