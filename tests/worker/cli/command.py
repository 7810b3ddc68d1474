"""Runs `sojourn` as a shell does."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

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
