"""`sojourn vouchers fill`: pools are filled from Voucherify."""

import asyncio

from tests.fake_providers import FakeProviders
from tests.worker.cli.command import complaint, sojourn


async def test_a_pool_is_filled_and_filling_again_adds_nothing(sqlite_url: str, fakes: FakeProviders) -> None:
    """Operators who fill a pool twice have the codes once, and each is known to Voucherify."""
    settings = {**await fakes.settings("voucherify"), "SOJOURN_DATABASE_URL": sqlite_url}
    for said in ("7 new codes for profile-reward.\n", "0 new codes for profile-reward.\n"):
        done = await asyncio.to_thread(sojourn, "vouchers", "fill", "profile-reward", "--to", "7", **settings)
        assert (done.returncode, done.stdout) == (0, said), done.stderr
    assert len(await fakes.sent("voucherify")) == 7


async def test_trouble_is_one_line(sqlite_url: str, fakes: FakeProviders) -> None:
    """Operators read what to look at: the key that was refused, or the design without a campaign."""
    settings = {**await fakes.settings("voucherify"), "SOJOURN_DATABASE_URL": sqlite_url}
    wrong = settings | {"SOJOURN_VOUCHERIFY_APP_TOKEN": "wrong"}
    refused = await asyncio.to_thread(sojourn, "vouchers", "fill", "profile-reward", **wrong)
    assert "SOJOURN_VOUCHERIFY_APP_TOKEN" in complaint(refused, 1)
    unknown = await asyncio.to_thread(sojourn, "vouchers", "fill", "unknown", **settings)
    assert "no campaign for unknown" in complaint(unknown, 2)
