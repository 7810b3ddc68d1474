"""TCP ports of this machine: free ones, and a clear word when a wanted one is taken."""

import errno
import socket
from contextlib import ExitStack

LOOPBACK = "127.0.0.1"


class PortInUseError(Exception):
    """Another program listens on a port that we want.

    Attributes:
        port: the port that is taken.
    """

    def __init__(self, port: int, purpose: str = "") -> None:
        self.port = port
        wanted_for = f", wanted for {purpose}," if purpose else ""
        super().__init__(f"port {port} on {LOOPBACK}{wanted_for} is in use by another program")


def free_ports(n: int) -> tuple[int, ...]:
    """Different ports on which nothing listens at the moment.

    They are not reserved: start the programs that will listen on them soon.

    Args:
        n: how many.
    """
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(n)]
        for each in sockets:  # all are held until all are chosen, so that no two are the same
            each.bind((LOOPBACK, 0))
        return tuple(each.getsockname()[1] for each in sockets)


def require_free(port: int, purpose: str = "") -> int:
    """Make sure that a server could listen on a port now.

    Args:
        port: the wanted port.
        purpose: what it is wanted for, as the error shall say it, such as "the API".

    Returns:
        The port.

    Raises:
        PortInUseError: something listens on it.
        PermissionError: this user may not listen on it (ports below 1024).
    """
    with socket.socket() as probe:
        # As servers do: connections of a former server that linger in TIME_WAIT do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise PortInUseError(port, purpose) from error
            raise
    return port
