"""What `sojourn dev` says once all is ready."""

from datetime import timedelta

from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from activities.clock import JourneyClock
from worker.dev.addresses import Ports
from worker.dev.first_start import LOGIN, Prepared
from worker.dev.folder import DataFolder

FAST = 21_600  # from here on a late timer shows: a tenth of a second is more than half an hour
DAY = timedelta(days=1)


def show(out: Console, folder: DataFolder, ports: Ports, prepared: Prepared, fakes: str | None = None) -> None:
    """Say where everything is, and how to begin.

    Args:
        out: the terminal.
        folder: the data folder.
        ports: where the system is reached.
        prepared: its journey clock and API key.
        fakes: address of the fake providers; the mailbox takes the messages if not given.
    """
    table = Table.grid(padding=(0, 3))
    for name, value in (
        ("API", f"{ports.api_url}  (documentation at /docs)"),
        ("Console", f"{ports.api_url}/console  (login {LOGIN}, password: the API key)"),
        ("Fake providers", f"{fakes}/__sent") if fakes else ("Mailbox", f"{ports.api_url}/mailbox"),
        ("Temporal UI", ports.ui_url),
        ("Temporal", ports.temporal_address),
        ("API key", prepared.api_key),
        ("Data and logs", str(folder.path)),
        ("Journey clock", _pace(prepared.clock)),
    ):
        table.add_row(Text(name, style="bold"), Text(value, overflow="fold"))
    out.print(Panel(table, title="Sojourn is running", subtitle="Ctrl-C ends everything", expand=False, padding=1))
    out.print("Register a customer:\n")
    out.print(_curl(ports.api_url, prepared.api_key), soft_wrap=True)
    out.print()
    if prepared.clock.speed > FAST:
        out.print(
            f"Warning: at speed {prepared.clock.speed:g} a delay of a tenth of a second is more than half an hour on "
            "the journey clock, so messages may miss their send window and go out a day later."
        )


def _pace(clock: JourneyClock) -> str:
    if clock.speed == 1:
        return "the wall clock; --speed 1440 in a new data folder lives a day in a minute"
    return f"speed {clock.speed:g}: a day takes {_spoken(clock.real(DAY))}"


def _spoken(span: timedelta) -> str:
    seconds = span.total_seconds()
    for unit, name in ((3600, "hours"), (60, "minutes")):
        if seconds >= 2 * unit:
            return f"{seconds / unit:.3g} {name}"
    return f"{seconds:.3g} seconds"


def _curl(url: str, key: str) -> str:
    return (
        f"curl {url}/v1/registrations -H 'Authorization: Bearer {key}' -H 'Content-Type: application/json' "
        """-d '{"first_name": "Ada", "email": "ada@example.com"}'"""
    )
