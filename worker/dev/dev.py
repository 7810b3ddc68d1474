"""`sojourn dev`: everything stays up until it is told to end."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console, Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from activities.clock import JourneyClock
from worker.cli.errors import FailedError, WrongUseError
from worker.cli.output import console
from worker.dev.addresses import Ports, choose
from worker.dev.folder import DataFolder
from worker.dev.system import System, run_until_stopped, running
from worker.settings import read_settings

REAL_TIME = 1.0
FAST = 21_600  # from here on a late timer shows: a tenth of a second is more than half an hour


@dataclass(frozen=True)
class Wishes:
    """What `sojourn dev` was asked for; None where nothing was said.

    Attributes:
        data: the data folder.
        speed: journey seconds a second.
        port: of the API.
        temporal_port: of Temporal.
        ui_port: of the Temporal UI.
    """

    data: Path
    speed: float | None = None
    port: int | None = None
    temporal_port: int | None = None
    ui_port: int | None = None


def run_dev(wishes: Wishes) -> int:
    """Run a system until SIGINT or SIGTERM.

    Args:
        wishes: from the command line.

    Returns:
        The exit code: 0 when it was told to end, 1 when one of its programs ended by itself.
    """
    return run_until_stopped(_run(wishes, console()))


async def _run(wishes: Wishes, out: Console) -> int:
    folder = DataFolder(wishes.data)
    with folder.taken():
        ports = choose(wishes.port, wishes.temporal_port, wishes.ui_port)
        settings = read_settings(signing=False)  # what the developer has set must be right, too
        now = datetime.now(UTC)
        first = JourneyClock(now, settings.clock_origin or now, wishes.speed or settings.clock_speed)
        environment = {name: value for name, value in os.environ.items() if not name.startswith("TEMPORAL_")}
        with out.status("Starting Temporal, the worker and the API ..."):
            context = running(folder, ports, first, environment)
            system = await context.__aenter__()
        return 0


def _show(out: Console, system: System, folder: DataFolder) -> None: ...
