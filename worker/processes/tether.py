"""Replaces itself by another program that the kernel kills when the program's parent dies.

Run as a script, `python -I -S tether.py PARENT_PID COMMAND...`. Doing this between fork and exec instead
would run Python code in a fork of a process full of threads (the Temporal client's), which may deadlock.

Only Linux knows such a bond. Elsewhere the program is run without one: should its parent be killed with
SIGKILL, it stays and has to be stopped by hand.
"""

import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # linux/prctl.h; it outlives exec, and holds for this process but not for its children


def main(parent: int, command: list[str]) -> None:
    """Become the command.

    Args:
        parent: process id of the process that started this one.
        command: program and arguments; the program is looked up on PATH.
    """
    if sys.platform == "linux":
        import ctypes

        libc = ctypes.CDLL(None, use_errno=True)
        if libc.prctl(PR_SET_PDEATHSIG, ctypes.c_ulong(signal.SIGKILL)) != 0:
            sys.exit(f"prctl: {os.strerror(ctypes.get_errno())}")
        if os.getppid() != parent:  # it died before the bond was made
            sys.exit("the parent process is gone")
    try:
        os.execvp(command[0], command)  # noqa: S606 the command is our caller's, no shell is involved
    except OSError as error:
        sys.exit(f"cannot run {command[0]}: {error.strerror}")


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
