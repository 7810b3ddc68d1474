"""One site and one browser for all of these tests."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.browser.site import Site, open_site


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    """A running site with a small simulated population."""
    async with open_site(tmp_path_factory.mktemp("site")) as found:
        yield found
