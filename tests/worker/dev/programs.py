"""Runs `sojourn dev` as a developer does, and looks at its processes."""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.worker.cli.command import ROOT, environment
from worker.processes.ports import free_ports

READY_SECONDS = 60
STOP_SECONDS = 40


class Dev:
    """A `sojourn dev` that was started.

    Attributes:
        folder: its data folder.
        process: its own process; the programs it starts are this one's children.
    """

    def __init__(self, folder: Path, *arguments: str, project: Path = ROOT) -> None:
        self.folder = folder
        self.output = folder.with_suffix(".out")
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "worker.cli", "dev", "--data", folder, *arguments],
                cwd=project,
                env=environment(PYTHONPATH=os.fspath(project)),
                stdout=output,
                stderr=output,
            )

    @property
    def said(self) -> str:
        """What it wrote to the terminal."""
        return self.output.read_text(encoding="utf-8")

    def ready(self) -> dict[str, Any]:
        """Wait for dev.json, and return what it says."""
        file = self.folder / "dev.json"
        deadline = time.monotonic() + READY_SECONDS
        while not file.exists():
            assert self.process.poll() is None, self.said
            assert time.monotonic() < deadline, self.said
            time.sleep(0.05)
        found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        return found

    def children(self) -> dict[str, int]:
        """Process ids of the programs it has started, by name."""
        found = {}
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                parent = int(stat.read_text().rpartition(")")[2].split()[1])
                command = (stat.parent / "cmdline").read_bytes().decode().split("\0")
            except (FileNotFoundError, ProcessLookupError):
                continue  # it has ended this very moment
            if parent == self.process.pid:
                name = "temporal" if Path(command[0]).name == "temporal" else command[-2]
                found[name] = int(stat.parent.name)
        return found


@contextmanager
def dev(folder: Path, *arguments: str, project: Path = ROOT) -> Iterator[Dev]:
    """A `sojourn dev` of a project, on free ports; it is over when the context is left, however."""
    ports = [str(port) for port in free_ports(3)]
    options = ("--port", ports[0], "--temporal-port", ports[1], "--ui-port", ports[2])
    started = Dev(folder, *options, *arguments, project=project)
    try:
        yield started
    finally:
        started.process.kill()  # its programs are tied to it
        started.process.wait()


def alive(pid: int) -> bool:
    """Whether a process still does something; one that merely waits to be reaped does not."""
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


async def all_gone(pids: list[int]) -> None:
    """Wait for the end of processes that are nobody's children here."""
    deadline = time.monotonic() + STOP_SECONDS
    while any(alive(pid) for pid in pids):
        assert time.monotonic() < deadline, [pid for pid in pids if alive(pid)]
        await asyncio.sleep(0.05)
