"""Encryption end to end: journeys on a real server, whose histories nobody reads without the key."""

import base64
import json
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio.api.common.v1 import Payload, WorkflowExecution
from temporalio.api.failure.v1 import Failure
from temporalio.api.query.v1 import WorkflowQuery
from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.api.workflowservice.v1 import DescribeWorkflowExecutionRequest, QueryWorkflowRequest
from temporalio.client import Client
from temporalio.converter import DataConverter
from temporalio.testing import WorkflowEnvironment

from activities.channels import Channel
from activities.clock import JourneyClock
from tests.system import System, running_system
from tests.worker.cli.command import SECRET, complaint, sojourn
from tests.workflows.entered import LONGEST, Postbox, branch_named
from worker.codec import EncryptingCodec, is_encrypted, key_ids
from worker.history_access import HistoryAccess
from worker.payload_keys import data_converter, require_payload_keys
from worker.privacy_settings import PayloadKey
from worker.settings import WrongSettingError
from worker.worker_process import build_worker

OLD, NEW = PayloadKey("old", b"a" * 32), PayloadKey("new", b"b" * 32)
# What histories say in clear where nothing is encrypted: attributes, steps, reasons.
WORDS = ("date_of_birth", "time to complete", "Europe/Prague", "complete-your-account", "asked by phone")


@dataclass
class Running:
    """A journey that has sent its first message, encrypted with the old key, and nobody runs it."""

    system: System
    id: str

    @property
    def workflow_id(self) -> str:
        """Its id in Temporal."""
        return self.system.row(self.id).workflow_id


def with_keys(server: WorkflowEnvironment, *keys: PayloadKey) -> Client:
    """A client that encrypts with the last key and reads with all."""
    return Client(server.client.service_client, data_converter=data_converter(keys))


@asynccontextmanager
async def encrypted(server: WorkflowEnvironment, folder: Path, client: Client) -> AsyncIterator[Running]:
    """Let a customer enter and reach the wait after the first message."""
    branch = branch_named(LONGEST, quiet=True)
    clock = JourneyClock(datetime.now(UTC), branch.scenario.start)
    async with running_system(
        client,
        folder,
        environment=server,
        clock=clock,
        providers=dict.fromkeys(Channel, Postbox()),
        worker=False,
    ) as system:
        with server.with_time_skipping_disabled():
            enrollment_id = await system.enter(branch)
        async with build_worker(client, system.parts, system.task_queue):
            await system.forward(enrollment_id, timedelta(days=4))
        yield Running(system, enrollment_id)


async def history(server: WorkflowEnvironment, workflow_id: str) -> Any:
    """The history as Temporal keeps it."""
    found = await server.client.get_workflow_handle(workflow_id).fetch_history()
    return json.loads(found.to_json())


def payloads(document: Any) -> Iterator[Payload]:
    """Every payload but those of search attributes and the SDK's own notes on local activities, which are no one's."""
    match document:
        case {"markerName": "core_local_activity", "details": dict(details)}:
            yield from payloads({key: value for key, value in details.items() if key != "data"})
        case {"metadata": {"encoding": str(encoding)} as metadata, "data": str(data)}:
            key_id = base64.b64decode(metadata.get("encryption-key-id", ""))
            yield Payload(
                metadata={"encoding": base64.b64decode(encoding), "encryption-key-id": key_id},
                data=base64.b64decode(data),
            )
        case dict():
            for key, value in document.items():
                if key not in ("searchAttributes", "indexedFields"):
                    yield from payloads(value)
        case list():
            for value in document:
                yield from payloads(value)


async def test_histories_say_nothing_without_the_key(server: WorkflowEnvironment, tmp_path: Path) -> None:
    """Whoever operates Temporal reads when something happened, and nothing of what; with the key, staff read all."""
    async with encrypted(server, tmp_path, with_keys(server, OLD)) as journey:
        document = await history(server, journey.workflow_id)
        kept = list(payloads(document))
        assert len(kept) > 5
        assert all(map(is_encrypted, kept))
        assert [word for word in WORDS if word in json.dumps(document)] == []
        readable = b"".join(payload.data for payload in await EncryptingCodec([OLD]).decode(kept)).decode()
        assert "time to complete" in readable


async def test_what_the_ui_shows_is_encrypted_too(server: WorkflowEnvironment, tmp_path: Path) -> None:
    """The summary of a journey and its card come to the UI encrypted, and its codec endpoint decrypts them."""
    client = with_keys(server, OLD)
    async with encrypted(server, tmp_path, client) as journey:
        execution = WorkflowExecution(workflow_id=journey.workflow_id)
        described = await client.workflow_service.describe_workflow_execution(
            DescribeWorkflowExecutionRequest(namespace=client.namespace, execution=execution)
        )
        metadata = described.execution_config.user_metadata
        async with build_worker(client, journey.system.parts, journey.system.task_queue):
            card = await client.workflow_service.query_workflow(
                QueryWorkflowRequest(
                    namespace=client.namespace,
                    execution=execution,
                    query=WorkflowQuery(query_type="__temporal_workflow_metadata"),
                )
            )
        shown = [metadata.summary, metadata.details, *card.query_result.payloads]
        assert all(map(is_encrypted, shown))
        summary, details, found = await EncryptingCodec([OLD]).decode(shown)
        assert b"data-collection-voucher" in summary.data
        assert b"Journey **data-collection-voucher**" in details.data
        read = DataConverter.default.payload_converter.from_payload(found, WorkflowMetadata)
        assert read.current_details.startswith("**Waiting: time to act on the reminder**")


async def test_a_key_is_replaced_under_a_running_journey(server: WorkflowEnvironment, tmp_path: Path) -> None:
    """A journey that began with the old key goes on with the new one, to its end."""
    async with encrypted(server, tmp_path, with_keys(server, OLD)) as journey:
        system = journey.system
        system.client = with_keys(server, OLD, NEW)
        async with build_worker(system.client, system.parts, system.task_queue):
            await system.forward(journey.id, timedelta(days=60))
            await system.end(journey.id)
        assert system.row(journey.id).outcome == "not complete"
        assert key_ids(payloads(await history(server, journey.workflow_id))) == {"old", "new"}


async def test_encryption_is_turned_on_under_a_running_journey(server: WorkflowEnvironment, tmp_path: Path) -> None:
    """A journey that began in clear goes on encrypted."""
    async with encrypted(server, tmp_path, with_keys(server)) as journey:
        system = journey.system
        await require_payload_keys(server.client, system.database, [OLD])
        system.client = with_keys(server, OLD)
        async with build_worker(system.client, system.parts, system.task_queue):
            await system.forward(journey.id, timedelta(days=60))
            await system.end(journey.id)
        assert system.row(journey.id).outcome == "not complete"
        found = list(payloads(await history(server, journey.workflow_id)))
        assert {is_encrypted(payload) for payload in found} == {True, False}


@pytest.mark.parametrize("keys", [[], [NEW]], ids=["no key", "another key"])
async def test_a_worker_without_the_key_does_not_start(
    server: WorkflowEnvironment, tmp_path: Path, keys: list[PayloadKey]
) -> None:
    """It is refused with the name of the key, instead of stopping every journey."""
    async with encrypted(server, tmp_path, with_keys(server, OLD)) as journey:
        mine = journey.system.database
        with pytest.raises(WrongSettingError, match=r"^SOJOURN_PAYLOAD_KEYS: key old is missing"):
            await require_payload_keys(with_keys(server, *keys), mine, keys)
        await require_payload_keys(with_keys(server, OLD, NEW), mine, [OLD, NEW])


async def test_the_command_tells_it_in_one_line(
    server: WorkflowEnvironment, tmp_path: Path, migrated_file: Path
) -> None:
    """Who forgets the setting at a deploy reads one line."""
    shutil.copy(migrated_file, tmp_path / "sojourn.db")
    async with encrypted(server, tmp_path, with_keys(server, OLD)):
        done = sojourn(
            "worker",
            SOJOURN_DATA=str(tmp_path),
            SOJOURN_SECRET_KEYS=SECRET,
            SOJOURN_SAMPLE_SECRETS="true",
            TEMPORAL_ADDRESS=server.client.service_client.config.target_host,
        )
    assert "key old is missing" in complaint(done, 1)


async def test_failures_are_encrypted(server: WorkflowEnvironment) -> None:
    """The words of an error do not stand in histories in clear, either."""
    converter = with_keys(server, OLD).data_converter
    failure = Failure()
    await converter.encode_failure(RuntimeError("asked by phone"), failure)
    assert b"asked by phone" not in failure.SerializeToString()
    assert str(await converter.decode_failure(failure)) == "RuntimeError: asked by phone"


async def test_a_server_that_lets_everyone_in_proves_nothing(server: WorkflowEnvironment) -> None:
    """A forwarded token opens the codec only where Temporal checks tokens; the dev server does not."""
    assert not await HistoryAccess(server.client).allows("anything")
