"""From the setting to the connection: how a process encrypts and decrypts what goes through Temporal."""

from collections.abc import Sequence
from dataclasses import replace

from sqlmodel import Session, col, select
from temporalio.api.common.v1 import Payload
from temporalio.client import Client
from temporalio.converter import DataConverter, DefaultFailureConverter
from temporalio.service import RPCError, RPCStatusCode

from activities.storage.database import Database
from activities.storage.tables import Enrollment
from worker.codec import EncryptingCodec, key_ids
from worker.payloads import CONVERTER
from worker.privacy_settings import PayloadKey
from worker.settings import WrongSettingError


class HiddenFailures(DefaultFailureConverter):
    """Puts messages and stack traces of failures into a payload, which is encrypted."""

    def __init__(self) -> None:
        super().__init__(encode_common_attributes=True)


def data_converter(keys: Sequence[PayloadKey]) -> DataConverter:
    """How values become what Temporal keeps, in every process alike.

    Args:
        keys: the oldest first; without any, nothing is encrypted.
    """
    if not keys:
        return CONVERTER
    codec = EncryptingCodec(keys)
    return replace(CONVERTER, payload_codec=codec, failure_converter_class=HiddenFailures)


async def require_payload_keys(client: Client, database: Database, keys: Sequence[PayloadKey]) -> None:
    """Refuse to run journeys that could not be read: a worker without the key would only park them one by one.

    Looks at the journey that has run for longest and at the one that began last.

    Args:
        client: of Temporal.
        database: knows which run.
        keys: of this process.

    Raises:
        WrongSettingError: a key is missing; it is named.
    """
    for workflow_id in await database.read(_oldest_and_newest):
        needed = key_ids(await _payloads(client, workflow_id))
        missing = needed - {key.id for key in keys}
        if missing:
            raise WrongSettingError(
                f"SOJOURN_PAYLOAD_KEYS: key {min(missing)} is missing; journeys that run are encrypted with it"
            )


def _oldest_and_newest(session: Session) -> list[str]:
    running = select(Enrollment.workflow_id).where(Enrollment.state == "running")
    ends = (col(Enrollment.enrolled_at), col(Enrollment.enrolled_at).desc())
    found = [session.exec(running.order_by(end).limit(1)).first() for end in ends]
    return [workflow_id for workflow_id in dict.fromkeys(found) if workflow_id is not None]


async def _payloads(client: Client, workflow_id: str) -> list[Payload]:
    """What a workflow was started with, as Temporal keeps it; nothing where Temporal has forgotten it."""
    try:
        description = await client.get_workflow_handle(workflow_id).describe()
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return []
        raise
    metadata = description.raw_description.execution_config.user_metadata
    return [metadata.summary, metadata.details]
