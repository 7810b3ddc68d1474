"""Programs that Temporal's client has served end as they should, however the threads are scheduled."""

import os
import subprocess
import sys
from pathlib import Path

from worker.processes.ports import free_ports

ROOT = Path(__file__).parent.parent.parent.parent

# The client's thread is taken off the processor for a while, right after the answer was handed over.
ENDS_AT_ONCE = """
import asyncio, threading, time
from worker.connection import TemporalUnreachableError, connect

hand_over = asyncio.BaseEventLoop.call_soon_threadsafe

def slowly(*args, **named):
    handle = hand_over(*args, **named)
    if threading.get_ident() != threading.main_thread().ident:
        time.sleep(0.5)
    return handle

asyncio.BaseEventLoop.call_soon_threadsafe = slowly

async def main():
    try:
        await connect()
    except TemporalUnreachableError:
        print("heard")

asyncio.run(main())
"""


def test_a_program_does_not_abort_at_its_end() -> None:
    """A deploy on a busy machine sees workers end with 0, not by an abort of their interpreter."""
    (port,) = free_ports(1)
    env = os.environ | {"PYTHONPATH": str(ROOT), "TEMPORAL_ADDRESS": f"127.0.0.1:{port}", "TEMPORAL_CONFIG_FILE": ""}
    done = subprocess.run(  # noqa: PLW1510 - its exit is what is tested
        [sys.executable, "-c", ENDS_AT_ONCE], env=env, capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "heard\n", "")
