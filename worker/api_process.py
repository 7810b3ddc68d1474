"""`sojourn api`: the HTTP API and the customers' pages."""

import errno
import logging
import socket
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import uvicorn
from temporalio.client import Client
from temporalio.service import RPCError

import workflows
from activities.channels import SMS
from activities.providers.mailbox import Mailbox
from activities.templates.renderer import JinjaRenderer
from api.app import create_app
from api.relay import Relay
from api.routes.mailbox import mailbox_router
from api.services import ApiSettings, Services
from worker.assembly import assemble, system_clock
from worker.callbacks import callback_parsers, help_answer
from worker.connection import connect
from worker.history_access import HistoryAccess
from worker.patience import patiently
from worker.payload_keys import data_converter
from worker.pictures import drawer
from worker.processes.ports import PortInUseError
from worker.rehearsals import rehearser
from worker.schema import require_migrated
from worker.settings import Settings
from worker.stuck import StuckWatch
from worker.worker_process import stop_on_signals
from workflows.journey.enrollment import Status

log = logging.getLogger(__name__)

ANSWER_TIMEOUT = timedelta(seconds=2)


async def build_services(settings: Settings, client: Client) -> Services:
    """What the application works with.

    Args:
        settings: checked.
        client: of Temporal; may be lazy.
    """
    parts = assemble(settings)
    clock = await patiently(lambda: system_clock(parts.database, settings), settings)

    async def reachable() -> bool:
        try:
            return await client.service_client.check_health(timeout=ANSWER_TIMEOUT)
        except (RPCError, RuntimeError):
            return False

    async def next_step(workflow_id: str) -> Mapping[str, Any] | None:
        try:
            status: Status = await client.get_workflow_handle(workflow_id).query(
                "status", result_type=Status, rpc_timeout=ANSWER_TIMEOUT
            )
        except (RPCError, RuntimeError):  # over, forgotten, without a worker, or Temporal is away
            return None
        what = f"On hold: {status.hold_reason}" if status.held else status.what
        return {"what": what, "at": status.until, "step": status.step}

    watch = StuckWatch(client, settings.task_queue)
    catalogue = workflows.catalogue()
    return Services(
        settings=ApiSettings(
            public_url=settings.public_url,
            secret=settings.keys[-1],
            ui_url=settings.ui_url,
            namespace=client.namespace,
            default_timezone=settings.default_timezone,
            default_country=settings.default_country,
            spread_seconds=settings.spread.total_seconds(),
            docs=settings.docs,
            imports_folder=settings.imports_folder,
            import_per_minute=settings.import_per_minute,
            codec_open=settings.codec_open,
            sms_stop_words=settings.sms_stop_words,
            frequency_caps=settings.frequency_caps.caps,
        ),
        database=parts.database,
        clock=clock,
        links=parts.links,
        reachability=parts.reachability,
        catalogue=catalogue,
        brand=settings.brand,
        now=lambda: datetime.now(UTC),
        relay=Relay(
            parts.database,
            client,
            parts.reachability,
            settings.task_queue,
            bulk_a_turn=0,  # the workers' relays carry those, so that here live ones never wait behind them
        ),
        temporal_reachable=reachable,
        next_step=next_step,
        codec=client.data_converter.payload_codec,
        may_read_histories=HistoryAccess(client).allows,
        callbacks=callback_parsers(settings),
        providers={channel.value: provider.name for channel, provider in parts.providers.items()},
        stuck=watch.journeys,
        count_stuck=watch.count,
        answer_text=help_answer(settings, parts.providers[SMS]),
        draw=drawer(catalogue),
        rehearse=rehearser(catalogue, settings.brand),
        templates=JinjaRenderer(settings.brand).written(),
        deliver=lambda delivery: parts.providers[delivery.channel].deliver(delivery),
    )


async def run_api(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT.

    Raises:
        WrongSettingError: the database is not migrated.
        DatabaseUnusableError: it cannot be opened, for a minute.
        PortInUseError: another program listens on the port.
        OSError: this machine has no such address, or the port is not for this user.
    """
    await patiently(lambda: require_migrated(settings), settings)
    # uvicorn hands the signal that ended it on; without this it would end the process before all is closed.
    stop_on_signals()
    services = await build_services(settings, await connect(data_converter(settings.encryption), lazy=True))
    app = create_app(services)
    if settings.shows_mailbox:
        app.include_router(mailbox_router(Mailbox(settings.mail_folder).messages, settings.brand))
    config = uvicorn.Config(app, access_log=False, log_config=None, timeout_graceful_shutdown=10)
    try:
        with listening(settings.api_host, settings.api_port) as listener:
            log.info("the API listens on %s:%s", *listener.getsockname()[:2])
            await uvicorn.Server(config).serve(sockets=[listener])
    finally:
        services.database.close()


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens, so that a port in use is found out before anything else starts."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio sends without delay only where the protocol is named; a body would wait 40 ms for the headers' receipt.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(512)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise PortInUseError(port, "the API") from error
        raise OSError(error.errno, error.strerror, f"{host}:{port}") from error
    return listener
