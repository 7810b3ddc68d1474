"""The supervisor: programs start one after the other, and none outlives the one that started it."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from worker.processes.child import Child, ChildDiedError, ChildNotReadyError
from worker.processes.ports import free_ports
from worker.processes.readiness import http_ok, polled
from worker.processes.supervisor import Supervisor

REPOSITORY = Path(__file__).parents[3]
RESISTANT = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); signal.pause()"


def python(name: str, code: str, folder: Path, *, ready: Callable[[], Awaitable[object]] | None = None) -> Child:
    """A small Python program that logs into the folder; ready once it has written a line."""
    log = folder / "logs" / f"{name}.log"

    async def has_written() -> bool:
        return log.exists() and log.stat().st_size > 0

    return Child(name, (sys.executable, "-c", code), os.environ, log, ready or polled(has_written))


def alive(pid: int) -> bool:
    """Whether a process still does something; one that merely waits to be reaped does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    return not (stat.exists() and stat.read_text().rpartition(")")[2].split()[0] == "Z")


async def gone(pid: int) -> None:
    """Wait for the end of a process that is nobody's child here."""
    deadline = time.monotonic() + 10
    while alive(pid):
        assert time.monotonic() < deadline, f"process {pid} is still there"
        await asyncio.sleep(0.02)


async def test_start_returns_when_the_program_can_be_used(tmp_path: Path) -> None:
    """What starts after the API can call it at once."""
    (port,) = free_ports(1)
    command = (sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1")
    ready = http_ok(f"http://127.0.0.1:{port}/")
    async with Supervisor() as supervisor:
        pid = await supervisor.start(Child("api", command, os.environ, tmp_path / "api.log", ready))
        await ready()
        assert supervisor.pids == {"api": pid}
        assert os.getpgid(pid) == os.getsid(pid) == pid
    assert not alive(pid)


async def test_an_early_death_is_told_with_its_last_words(tmp_path: Path) -> None:
    """A developer reads at once why a program did not come up, and nothing of an earlier run."""
    child = python("worker", "import sys; print('no such database'); sys.exit(3)", tmp_path, ready=asyncio.Event().wait)
    child.log.parent.mkdir()
    child.log.write_text("all was well yesterday\n")
    async with Supervisor() as supervisor:
        with pytest.raises(ChildDiedError, match="worker exited with code 3") as died:
            await supervisor.start(child)
    assert died.value.exit.log_tail == "no such database"
    assert str(died.value).endswith("worker.log:\nno such database")
    assert "yesterday" in child.log.read_text()


async def test_a_missing_program_is_told(tmp_path: Path) -> None:
    """A wrong path reads as one, not as a stack trace."""
    missing = Child("ui", ("/no/such/program",), os.environ, tmp_path / "ui.log", asyncio.Event().wait)
    async with Supervisor() as supervisor:
        with pytest.raises(ChildDiedError, match="cannot run /no/such/program: No such file"):
            await supervisor.start(missing)


async def test_who_is_never_ready_is_given_up(tmp_path: Path) -> None:
    """A start that hangs ends with the log's last lines, and the program goes with the rest."""
    async with Supervisor() as supervisor:
        hanging = python("temporal", "import time; print('waiting for a lock', flush=True); time.sleep(600)", tmp_path)
        pid = await supervisor.start(hanging)
        with pytest.raises(ChildNotReadyError, match=r"api was not ready within 0\.2 s; .*api\.log says nothing"):
            await supervisor.start(
                python("api", "import time; time.sleep(600)", tmp_path, ready=asyncio.Event().wait),
                within=0.2,
            )
        pids = supervisor.pids
        assert pids.keys() == {"temporal", "api"}
    assert not alive(pid)
    assert not alive(pids["api"])


async def test_a_probe_that_fails_is_heard(tmp_path: Path) -> None:
    """An error of the probe itself is not taken for a slow start."""

    async def broken() -> None:
        raise LookupError("no such namespace")

    async with Supervisor() as supervisor:
        with pytest.raises(LookupError, match="no such namespace"):
            await supervisor.start(python("worker", "import time; time.sleep(600)", tmp_path, ready=broken))


async def test_programs_stop_in_reverse_order(tmp_path: Path) -> None:
    """The worker has let go of its tasks before its Temporal server goes."""
    order = tmp_path / "order"
    code = """
import pathlib, signal, sys
def stop(*_):
    with pathlib.Path({order!r}).open("a") as file:
        file.write({name!r} + "\\n")
    sys.exit()
signal.signal(signal.SIGTERM, stop)
print("up", flush=True)
signal.pause()
"""
    async with Supervisor() as supervisor:
        for name in ("temporal", "worker", "api"):
            await supervisor.start(python(name, code.format(order=str(order), name=name), tmp_path))
    assert order.read_text().split() == ["api", "worker", "temporal"]
    assert supervisor.pids == {}
    await supervisor.stop()


async def test_who_ignores_the_request_is_killed_with_its_children(tmp_path: Path) -> None:
    """Ctrl-C always ends, even if a program hangs."""
    code = f"""
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", {RESISTANT!r}], stdout=subprocess.PIPE)
child.stdout.readline()
print(child.pid, flush=True)
{RESISTANT}
"""
    stubborn = python("stubborn", code, tmp_path)
    async with Supervisor(stop_within=0.2) as supervisor:
        pid = await supervisor.start(stubborn)
        grandchild = int(stubborn.log.read_text().split()[0])
        assert alive(grandchild)
    assert not alive(pid)
    await gone(grandchild)


async def test_a_second_ctrl_c_ends_the_waiting(tmp_path: Path) -> None:
    """A caller that is cancelled while it stops its programs leaves none behind."""
    supervisor = Supervisor(stop_within=600)
    pid = await supervisor.start(python("stubborn", RESISTANT, tmp_path))
    stopping = asyncio.create_task(supervisor.stop())
    await asyncio.wait({stopping}, timeout=0.2)
    stopping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await stopping
    await gone(pid)
    await supervisor.stop()


async def test_a_later_death_is_noticed(tmp_path: Path) -> None:
    """When one program dies, the developer is told which, how, and its last words."""
    async with Supervisor() as supervisor:
        await supervisor.start(python("temporal", "import time; print('up', flush=True); time.sleep(600)", tmp_path))
        dying = python("worker", "raise LookupError('no such queue')", tmp_path)
        pid = await supervisor.start(replace(dying, ready=None))
        exit_ = await asyncio.wait_for(supervisor.wait_any(), 10)
        assert (exit_.name, exit_.returncode) == ("worker", 1)
        assert exit_.log_tail.endswith("LookupError: no such queue")
        assert supervisor.pids.keys() == {"temporal"}
        assert not alive(pid)


async def test_a_killed_program_is_told_by_its_signal(tmp_path: Path) -> None:
    """A program that the system killed is not said to have exited with a code."""
    async with Supervisor() as supervisor:
        pid = await supervisor.start(
            python("worker", "import time; print('up', flush=True); time.sleep(600)", tmp_path)
        )
        os.kill(pid, signal.SIGKILL)
        assert "worker was ended by SIGKILL; the end of" in str(await asyncio.wait_for(supervisor.wait_any(), 10))


async def test_there_is_nothing_to_wait_for_without_children() -> None:
    """Waiting for no program is a mistake that says so instead of hanging."""
    with pytest.raises(RuntimeError, match="no child was started"):
        await Supervisor().wait_any()


async def test_a_program_sees_only_the_given_environment(tmp_path: Path) -> None:
    """A setting of the developer's shell does not leak into a throw-away demo."""
    command = (sys.executable, "-c", "import os; print(sorted(os.environ), flush=True)")
    async with Supervisor() as supervisor:
        await supervisor.start(Child("env", command, {"SOJOURN_API_PORT": "1"}, tmp_path / "env.log"))
        exit_ = await asyncio.wait_for(supervisor.wait_any(), 10)
    assert "SOJOURN_API_PORT" in exit_.log_tail
    assert "PATH" not in exit_.log_tail


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ties a child to its parent's life")
async def test_nothing_outlives_a_parent_that_was_killed(tmp_path: Path) -> None:
    """After kill -9 of `sojourn dev` no server is left to hold its ports."""
    code = f"""
import asyncio, os, pathlib, sys
from worker.processes.child import Child
from worker.processes.supervisor import Supervisor

async def main():
    log = pathlib.Path({str(tmp_path / "server.log")!r})
    async with Supervisor() as supervisor:
        server = Child("server", (sys.executable, "-c", {RESISTANT!r}), os.environ, log)
        print(await supervisor.start(server), flush=True)
        await supervisor.wait_any()

asyncio.run(main())
"""
    parent = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", code), cwd=REPOSITORY, stdout=asyncio.subprocess.PIPE
    )
    assert parent.stdout is not None
    child = int(await asyncio.wait_for(parent.stdout.readline(), 20))
    assert alive(child)
    parent.kill()
    await parent.wait()
    await gone(child)
