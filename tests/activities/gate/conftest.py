"""The ledger machine and a shop, ready to run."""

from collections.abc import Iterator

import pytest

from activities.storage.database import Database
from tests.activities.gate.shop import Shop
from tests.activities.gate.test_ledger_machine import LedgerMachine


@pytest.fixture
def machine() -> Iterator[type[LedgerMachine]]:
    """The machine over one database, which its examples share: each brings its own customer."""
    database = Database("sqlite://", inline=True)
    database.create_all()

    class Machine(LedgerMachine):
        pass

    Machine.database = database
    yield Machine
    database.close()


@pytest.fixture
async def shop(database: Database) -> Shop:
    """Two gates at noon."""
    return Shop(database)
