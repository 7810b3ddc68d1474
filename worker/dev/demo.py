"""`sojourn demo`: the whole system lives ten days of a dozen customers in half a minute."""

import asyncio
import os
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console

from activities.clock import JourneyClock
from worker.cli.errors import FailedError
from worker.cli.output import console, print_json
from worker.dev.addresses import any_free
from worker.dev.cast import CAST
from worker.dev.demo_crowd import Found, simulate
from worker.dev.demo_show import Show, document
from worker.dev.ends import Story, complaints
from worker.dev.first_start import Prepared, prepare
from worker.dev.folder import DataFolder
from worker.dev.inbox import Inbox
from worker.dev.stage import Person, Stage
from worker.dev.system import run_until_stopped, running, together
from worker.processes.supervisor import Supervisor
from worker.settings import PREFIX

SPEED = 43_200  # a day in two seconds
STARTING = "Starting Temporal, the worker and the API"
LONGEST = 70.0  # seconds for the journeys; they take about 25


def run_demo(*, as_json: bool, people: int = 0) -> int:
    """Run the demo to its end. It leaves no process and no file behind.

    Args:
        as_json: print only the outcomes and messages, as JSON.
        people: how many customers to simulate before; 0 for none.

    Returns:
        The exit code: 0 if everything that the demo must show occurred, else 1.

    Raises:
        FailedError: a program ended by itself, or the demo could not be played.
    """
    return run_until_stopped(_Demo(as_json=as_json, simulated=people).run(), stopped=1)


class _Demo:
    def __init__(self, *, as_json: bool, simulated: int) -> None:
        self._as_json = as_json
        self._simulated = simulated
        # With --json stdout belongs to the document; nobody watches then.
        self._out = Console(quiet=True) if as_json else console()
        self._starting = self._out.status(STARTING)
        self._show = Show(self._out)
        self._began = time.monotonic()
        self._spent: dict[str, float] = {}
        self._people: list[Person] = []
        self._stories: list[Story] = []
        self._found: Found | None = None

    async def run(self) -> int:
        with tempfile.TemporaryDirectory(prefix="sojourn-demo-") as path:
            folder = DataFolder(Path(path))
            with folder.taken():
                await self._run_in(folder)
        if self._as_json:
            print_json(document(self._people, self._stories, self._found))
        else:
            self._show.summary(self._people, self._stories, self._spent, self._found)
        found = complaints(self._stories)
        for complaint in found:
            console(stderr=True).print(f"Error: {complaint}", soft_wrap=True)
        return 1 if found else 0

    async def _run_in(self, folder: DataFolder) -> None:
        ports = any_free()
        inherited = {name: value for name, value in os.environ.items() if not name.startswith((PREFIX, "TEMPORAL_"))}
        starting = self._starting
        starting.start()
        try:
            now = datetime.now(UTC)
            prepared = await asyncio.to_thread(prepare, folder.database, JourneyClock(now, now, SPEED), "")
            if self._simulated:
                self._found = await simulate(folder, ports.api_url, prepared.clock, self._simulated, self._lived)
                self._lap("the simulated customers")
            async with running(folder, ports, inherited, spread_minutes="0") as supervisor:
                starting.stop()
                self._lap("start")
                await self._live(supervisor, folder, ports.api_url, prepared)
                self._lap("the journeys")
            self._lap("stop")
        finally:
            starting.stop()

    def _lived(self, number: int) -> None:
        done = number == self._simulated
        self._starting.update(STARTING if done else f"Simulated {number:,} of {self._simulated:,} customers")

    async def _live(self, supervisor: Supervisor, folder: DataFolder, url: str, prepared: Prepared) -> None:
        inbox = Inbox(folder.mail)
        stage = Stage(url, prepared.api_key, prepared.clock, inbox, self._show.deed)
        tasks: list[asyncio.Future[Any]] = [
            asyncio.ensure_future(work) for work in (inbox.watch(), self._watch(inbox), _no_death(supervisor))
        ]
        try:
            await stage.begin()
            # One after the other: a design of somebody's own is set while they register.
            self._people = [await stage.register(sample) for sample in CAST]
            self._show.begins(self._people)
            lives = together(*(self._live_one(stage, person) for person in self._people))
            tasks.append(asyncio.ensure_future(lives))
            done, _ = await asyncio.wait(tasks, timeout=LONGEST, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
            self._stories = [await stage.story(person) for person in self._people]
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await stage.close()

    async def _live_one(self, stage: Stage, person: Person) -> None:
        """A customer's part ends with their journey, done or not."""
        part = asyncio.ensure_future(stage.play(person))
        try:
            self._show.end(person, *await stage.ended(person))
            if part.done():
                part.result()
        finally:
            part.cancel()
            await asyncio.gather(part, return_exceptions=True)

    async def _watch(self, inbox: Inbox) -> None:
        shown = 0
        while True:
            for message in await inbox.after(shown):
                self._show.message(message)
                shown += 1

    def _lap(self, what: str) -> None:
        """Note what the time since the last lap was spent on."""
        self._spent[what] = time.monotonic() - self._began - sum(self._spent.values())


async def _no_death(supervisor: Supervisor) -> None:
    raise FailedError(str(await supervisor.wait_any()))
