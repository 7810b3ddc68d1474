"""One program that a supervisor runs: how to start it, and what can go wrong with it."""

import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

TAIL_LINES = 20
_TAIL_BYTES = 16_384


@dataclass(frozen=True)
class Child:
    """A program to run.

    Attributes:
        name: what messages call it, such as "worker".
        command: program and arguments; no shell is involved.
        env: its whole environment.
        log: the file to which its output is appended; folders are made as needed.
        ready: awaited after the start; returns once the program can be used. None: it is ready at once.
    """

    name: str
    command: Sequence[str]
    env: Mapping[str, str]
    log: Path
    ready: Callable[[], Awaitable[object]] | None = None


@dataclass(frozen=True)
class ChildExit:
    """A program that has ended.

    Attributes:
        name: the child's name.
        returncode: its exit code; the negative number of a signal that ended it.
        log: its log file.
        log_tail: the last lines it wrote.
    """

    name: str
    returncode: int
    log: Path
    log_tail: str

    def __str__(self) -> str:
        if self.returncode < 0:
            cause = f"was ended by {signal.Signals(-self.returncode).name}"
        else:
            cause = f"exited with code {self.returncode}"
        return f"{self.name} {cause}{_quoted(self.log, self.log_tail)}"


class ChildDiedError(Exception):
    """A program ended before it was ready.

    Attributes:
        exit: how it ended, and what it wrote last.
    """

    def __init__(self, exit_: ChildExit) -> None:
        self.exit = exit_
        super().__init__(f"before it was ready, {exit_}")


class ChildNotReadyError(Exception):
    """A program runs but was not ready in time."""

    def __init__(self, name: str, seconds: float, log: Path, tail: str) -> None:
        super().__init__(f"{name} was not ready within {seconds:g} s{_quoted(log, tail)}")


def log_tail(log: Path, start: int = 0, lines: int = TAIL_LINES) -> str:
    """The last lines of a log file.

    Args:
        log: the file.
        start: size of the file when the program was started; what stands before it is not its own.
        lines: how many lines at most.
    """
    with log.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(start, size - _TAIL_BYTES))
        text = file.read().decode(errors="replace")
    return "\n".join(text.splitlines()[-lines:])


def _quoted(log: Path, tail: str) -> str:
    return f"; the end of {log}:\n{tail}" if tail else f"; {log} says nothing"
