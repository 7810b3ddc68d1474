"""Runs `sojourn` as a shell does."""

import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlmodel import Session

from activities.storage.database import Database
from worker.cli import main

ROOT = Path(__file__).parents[3]
SECONDS = 60
SECRET = "a-key-for-tests-of-32-characters"


def environment(**settings: str) -> dict[str, str]:
    """This process's environment without settings of ours or Temporal's, and with the given ones."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("SOJOURN_", "TEMPORAL_"))}
    return clean | {"TEMPORAL_CONFIG_FILE": os.devnull} | settings


def sojourn(*arguments: str | Path, stdin: str = "", **settings: str) -> "subprocess.CompletedProcess[str]":
    """Run a command to its end.

    Args:
        arguments: of the command line.
        stdin: what is piped in.
        settings: environment variables.
    """
    return subprocess.run(
        [sys.executable, "-m", "worker.cli", *arguments],
        check=False,
        capture_output=True,
        text=True,
        encoding="utf-8",
        input=stdin,
        timeout=SECONDS,
        cwd=ROOT,
        env=environment(**settings),
    )


def killed_once(begun: Callable[[Session], object], url: str, *arguments: str | Path, **settings: str) -> None:
    """Start a command, and kill it with -9 in the middle.

    Args:
        begun: looks whether it is at work.
        url: of the database to look into; opened once, so that looking leaves the processor to the command.
        arguments: of the command line.
        settings: environment variables.
    """
    database = Database(url, inline=True)
    process = subprocess.Popen([sys.executable, "-m", "worker.cli", *arguments], cwd=ROOT, env=environment(**settings))
    deadline = time.monotonic() + 2 * SECONDS
    try:
        while not database.read_now(begun):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.02)
    finally:
        process.kill()
        database.close()
    assert process.wait() == -signal.SIGKILL


def complaint(done: "subprocess.CompletedProcess[str]", exit_code: int) -> str:
    """The one line that a failed command says; fails for a traceback or anything on stdout."""
    assert (done.returncode, done.stdout) == (exit_code, ""), done.stderr
    lines = [line for line in done.stderr.splitlines() if " INFO " not in line]
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("Error: ")
    return lines[0].removeprefix("Error: ")


def sojourn_here(*arguments: str | Path, stdin: str = "", **settings: str) -> "subprocess.CompletedProcess[str]":
    """As `sojourn`, but inside this process: what takes a second to load is loaded already."""
    streams = [io.TextIOWrapper(io.BytesIO(content), encoding="utf-8") for content in (stdin.encode(), b"", b"")]
    with pytest.MonkeyPatch.context() as patch:
        for name, stream in zip(("stdin", "stdout", "stderr"), streams, strict=True):
            patch.setattr(sys, name, stream)
        patch.setattr(sys, "argv", ["sojourn", *map(str, arguments)])
        patch.setattr(os, "environ", environment(**settings))
        exit_code: object = 0
        try:
            main()
        except SystemExit as end:
            exit_code = end.code or 0
    said = []
    for stream in streams[1:]:
        stream.seek(0)
        said.append(stream.read())
    assert isinstance(exit_code, int)
    return subprocess.CompletedProcess(list(map(str, arguments)), exit_code, *said)
