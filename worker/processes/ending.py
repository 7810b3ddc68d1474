"""The end of a program that Temporal's client has served: not before the client's threads have left Python.

The client's own threads hand every answer over by calling into Python. The program may go on with the answer, and end,
before such a call has returned; an interpreter that is taken apart under it aborts the process (exit -6,
"PyGILState_Release: ... finalizing").
"""

import atexit
import sys
import threading
import time
from functools import cache

WITHIN = 5.0


@cache
def end_in_order() -> None:
    """Let this process wait at its end, before the interpreter goes, for threads that Python did not start."""
    atexit.register(_wait)


def _wait() -> None:
    deadline = time.monotonic() + WITHIN
    while _foreign_threads() and time.monotonic() < deadline:
        time.sleep(0.001)


def _foreign_threads() -> set[int]:
    """Threads in Python code that Python did not start."""
    running = sys._current_frames().keys()  # noqa: SLF001 - documented, and nothing else knows of foreign threads
    return running - {thread.ident for thread in threading.enumerate()}
