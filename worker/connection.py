"""How Temporal is reached, and what must be true of it before journeys can run."""

import contextlib

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest
from temporalio.client import Client
from temporalio.converter import DataConverter
from temporalio.envconfig import ClientConfig
from temporalio.service import RPCError, RPCStatusCode

from worker.payloads import CONVERTER
from worker.processes.ending import end_in_order
from worker.settings import WrongSettingError
from workflows.journey import search_attributes

DEFAULT_ADDRESS = "127.0.0.1:7233"


class TemporalUnreachableError(Exception):
    """Temporal does not answer."""


async def connect(data_converter: DataConverter = CONVERTER, *, lazy: bool = False, otherwise: str = "") -> Client:
    """A client by Temporal's own settings (`TEMPORAL_ADDRESS`, `TEMPORAL_NAMESPACE`, profiles).

    Args:
        data_converter: encrypts, where payload keys are set.
        lazy: do not reach out before the first call; the API must start while Temporal is away.
        otherwise: the address where nothing else says it; Temporal's own one if not given.

    Raises:
        TemporalUnreachableError: it does not answer; the message names the address.
        WrongSettingError: one of Temporal's settings cannot be read.
    """
    end_in_order()
    try:
        config = ClientConfig.load_client_connect_config()
    except RuntimeError as error:
        raise WrongSettingError(f"Temporal's settings (TEMPORAL_...): {' '.join(str(error).split())}") from None
    address = config.setdefault("target_host", otherwise or DEFAULT_ADDRESS)
    try:
        return await Client.connect(**config, data_converter=data_converter, lazy=lazy)
    except (RuntimeError, RPCError) as error:
        raise TemporalUnreachableError(
            f"Temporal does not answer at {address}. Is it running? TEMPORAL_ADDRESS says where it is."
        ) from error


async def register_search_attributes(client: Client) -> None:
    """Register what journeys set: an unknown search attribute would block a workflow for ever.

    On Temporal Cloud, where a program may not do this, the attributes are made there by hand (docs/production.md).
    """
    operator = client.operator_service
    listed = await operator.list_search_attributes(ListSearchAttributesRequest(namespace=client.namespace))
    missing = {
        key.name: IndexedValueType.ValueType(key.indexed_value_type)
        for key in search_attributes.ALL
        if key.name not in listed.custom_attributes
    }
    if missing:
        # Another process may have been quicker.
        with contextlib.suppress(_AlreadyThere):
            await _add(client, missing)


class _AlreadyThere(Exception):  # noqa: N818 - not an error
    pass


async def _add(client: Client, missing: dict[str, "IndexedValueType.ValueType"]) -> None:
    request = AddSearchAttributesRequest(namespace=client.namespace, search_attributes=missing)
    try:
        await client.operator_service.add_search_attributes(request)
    except RPCError as error:
        if error.status is RPCStatusCode.ALREADY_EXISTS:
            raise _AlreadyThere from error
        raise
