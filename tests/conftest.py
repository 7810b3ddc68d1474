"""Fixtures that more than one folder needs."""

from collections.abc import AsyncIterator

import pytest
from temporalio.testing import WorkflowEnvironment

from tests.databases import (
    database,
    database_url,
    empty_database_url,
    migrated_file,
    postgres,
    sqlite_database,
    sqlite_url,
)
from tests.fake_providers import fake_process, fakes
from tests.temporal import skipping_server

__all__ = [
    "database",
    "database_url",
    "empty_database_url",
    "fake_process",
    "fakes",
    "migrated_file",
    "postgres",
    "server",
    "sqlite_database",
    "sqlite_url",
]


@pytest.fixture(scope="session")
async def server() -> AsyncIterator[WorkflowEnvironment]:
    """A real Temporal server whose time can be skipped; one for the whole session."""
    async with skipping_server() as environment:
        yield environment
