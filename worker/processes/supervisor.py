"""Starts programs one after the other, waits until each is ready, and stops them in reverse order."""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from worker.processes import tether
from worker.processes.child import Child, ChildDiedError, ChildExit, ChildNotReadyError, log_tail


@dataclass
class _Running:
    child: Child
    pid: int
    log_start: int
    exited: asyncio.Task[int]

    def tail(self) -> str:
        return log_tail(self.child.log, self.log_start)

    def exit(self) -> ChildExit:
        return ChildExit(self.child.name, self.exited.result(), self.child.log, self.tail())

    def kill(self) -> None:
        """End it and what it has started, at once."""
        if not self.exited.done():
            with suppress(ProcessLookupError):  # it has ended this very moment
                os.killpg(self.pid, signal.SIGKILL)

    async def stop(self, within: float) -> None:
        if self.exited.done():
            return
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGTERM)
        await asyncio.wait({self.exited}, timeout=within)
        self.kill()
        await self.exited


class Supervisor:
    """Runs programs as children of this one; leaving the context stops them.

    Every child leads a process group of its own, so Ctrl-C in a terminal reaches this program alone, which
    then stops the children in order. On Linux the children are killed by the kernel should this program
    die without stopping them (or the thread that started them end); see `worker.processes.tether`.

    Args:
        stop_within: seconds from the polite SIGTERM to SIGKILL, for each child.

    Example:
        ```python
        async with Supervisor() as supervisor:
            await supervisor.start(Child("api", command, env, log, ready=http_ok(f"{url}/readyz")))
            print(await supervisor.wait_any())
        ```
    """

    def __init__(self, *, stop_within: float = 20.0) -> None:
        self._stop_within = stop_within
        self._running: list[_Running] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.stop()

    @property
    def pids(self) -> dict[str, int]:
        """Process ids by name, of those that run."""
        return {each.child.name: each.pid for each in self._running if not each.exited.done()}

    async def start(self, child: Child, *, within: float = 60.0) -> int:
        """Start a program and wait until it is ready.

        Args:
            child: the program.
            within: seconds that it may take to be ready.

        Returns:
            Its process id.

        Raises:
            ChildDiedError: it ended first; the message carries the last lines of its log.
            ChildNotReadyError: it is not ready in time. It still runs, until `stop`.
        """
        running = await _spawn(child)
        self._running.append(running)
        if child.ready is not None:
            await _until_ready(running, child.ready(), within)
        return running.pid

    async def wait_any(self) -> ChildExit:
        """Wait until one of the programs ends by itself, and tell which and what it wrote last.

        Raises:
            RuntimeError: nothing was started.
        """
        if not self._running:
            raise RuntimeError("no child was started")
        await asyncio.wait({each.exited for each in self._running}, return_when=asyncio.FIRST_COMPLETED)
        return next(each.exit() for each in self._running if each.exited.done())

    async def stop(self) -> None:
        """Stop all programs, the last started first. May be called again; does nothing then.

        If the caller is cancelled meanwhile, those left are killed at once.
        """
        try:
            while self._running:
                await self._running[-1].stop(self._stop_within)
                self._running.pop()
        finally:
            for each in reversed(self._running):
                each.kill()


async def _spawn(child: Child) -> _Running:
    child.log.parent.mkdir(parents=True, exist_ok=True)
    with child.log.open("ab") as log:
        log_start = log.tell()
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-S", str(Path(tether.__file__)), str(os.getpid())),
            *child.command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=dict(child.env),
            start_new_session=True,
        )
    exited = asyncio.create_task(process.wait(), name=f"exit of {child.name}")
    return _Running(child, process.pid, log_start, exited)


async def _until_ready(running: _Running, ready: Awaitable[object], within: float) -> None:
    probe = asyncio.ensure_future(ready)
    try:
        await asyncio.wait({probe, running.exited}, timeout=within, return_when=asyncio.FIRST_COMPLETED)
        # First of all its death: the probe may have reached another program on the same port.
        if running.exited.done():
            raise ChildDiedError(running.exit())
        if not probe.done():
            raise ChildNotReadyError(running.child.name, within, running.child.log, running.tail())
        probe.result()
    finally:
        probe.cancel()
        await asyncio.gather(probe, return_exceptions=True)
