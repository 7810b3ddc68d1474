"""Fixtures that more than one folder needs."""

import gc
import os
from collections.abc import AsyncIterator, Iterator

import pytest
from hypothesis import HealthCheck, settings
from temporalio.testing import WorkflowEnvironment

from activities.storage import staff
from tests.chromium import chromium
from tests.databases import (
    database,
    database_url,
    empty_database_url,
    migrated_file,
    postgres,
    postgres_dialect,
    sqlite_database,
    sqlite_url,
)
from tests.fake_providers import fake_process, fakes
from tests.temporal import skipping_server

__all__ = [
    "chromium",
    "database",
    "database_url",
    "empty_database_url",
    "fake_process",
    "fakes",
    "migrated_file",
    "postgres",
    "postgres_dialect",
    "server",
    "sqlite_database",
    "sqlite_url",
]

# On a busy machine an example takes as long as it takes: that is no failure.
settings.register_profile("patient", max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


def pytest_xdist_auto_num_workers() -> int:
    """Half as many again as there are processors: many tests wait for a server or a browser."""
    return (os.cpu_count() or 1) * 3 // 2


def pytest_collection_finish() -> None:
    """Thousands of tests are in memory until the end: looking through them for garbage took a seventh of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


@pytest.fixture(scope="session")
async def server() -> AsyncIterator[WorkflowEnvironment]:
    """A real Temporal server whose time can be skipped; one for the whole session."""
    async with skipping_server() as environment:
        yield environment


@pytest.fixture(scope="session", autouse=True)
def _quick_passwords() -> Iterator[None]:
    """What makes a password dear to guess would cost each test that signs in a quarter of a second."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(staff, "_COST", 2**4)
        yield
