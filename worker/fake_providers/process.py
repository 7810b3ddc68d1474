"""The fake providers as a process of their own."""

import socket
import sys
from pathlib import Path

import uvicorn

from worker.fake_providers.app import create_app
from worker.fake_providers.callbacks import Callbacks
from worker.fake_providers.connections import ReachableConnection
from worker.fake_providers.journal import Journal
from worker.fake_providers.registry import PROVIDERS
from worker.processes.ports import LOOPBACK, require_free


async def serve(*, port: int, journal: Path, callbacks: str) -> None:
    """Serve until SIGTERM or SIGINT; the address goes to stdout once connections are taken.

    Args:
        port: on 127.0.0.1; 0 for a free one.
        journal: file that keeps every request.
        callbacks: URL to which `/{provider}` is added; "" for none.

    Raises:
        PortInUseError: another program listens on the port.
    """
    require_free(port, "fake providers")
    app = create_app(PROVIDERS, Journal(journal), Callbacks(callbacks))
    config = uvicorn.Config(
        app, http=ReachableConnection, access_log=False, log_level="warning", timeout_graceful_shutdown=1
    )
    with socket.create_server((LOOPBACK, port)) as listener:
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # or a body waits 40 ms behind its headers
        sys.stdout.write(f"http://{LOOPBACK}:{listener.getsockname()[1]}\n")
        sys.stdout.flush()
        await uvicorn.Server(config).serve(sockets=[listener])
