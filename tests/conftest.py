"""Fixtures that more than one folder needs."""

from collections.abc import AsyncIterator

import pytest
from temporalio.testing import WorkflowEnvironment

from tests.temporal import skipping_server


@pytest.fixture(scope="session")
async def server() -> AsyncIterator[WorkflowEnvironment]:
    """A real Temporal server whose time can be skipped; one for the whole session."""
    async with skipping_server() as environment:
        yield environment
