"""The machine: its disk."""

import shutil
from collections.abc import Iterator

from worker.doctor.findings import Finding, failed, ok, warning
from worker.settings import Settings

MIB = 1024 * 1024
LOW = 1024 * MIB
NONE_LEFT = 100 * MIB


def examine_machine(settings: Settings) -> Iterator[Finding]:
    """Whether there is room for what is kept here.

    Args:
        settings: name the data folder.
    """
    folder = settings.data.absolute()
    existing = next(each for each in (folder, *folder.parents) if each.exists())
    free = shutil.disk_usage(existing).free
    said = f"{free // MIB:,} MiB free in {folder}"
    if free < NONE_LEFT:
        yield failed("disk", said, "Free some space: a full disk stops the database, and with it every message.")
    elif free < LOW:
        yield warning("disk", said, "Free some space before the database needs it.")
    else:
        yield ok("disk", said)
