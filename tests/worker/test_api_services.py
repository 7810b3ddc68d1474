"""What the API is told by the settings."""

from pathlib import Path

from activities.frequency import FrequencyCap
from worker.api_process import build_services
from worker.connection import connect
from worker.settings import read_settings


async def test_the_console_counts_by_the_caps_that_the_gate_keeps(sqlite_url: str, tmp_path: Path) -> None:
    """Staff who look why a message waits see the caps of the settings, not others."""
    settings = read_settings(
        database_url=sqlite_url,
        data=tmp_path,
        secret_keys=["a key for tests, long enough to be one"],
        caps="4/14,sms:1/1",
    )
    services = await build_services(settings, await connect(lazy=True))
    try:
        assert list(services.settings.frequency_caps) == [FrequencyCap(4, 14), FrequencyCap(1, 1, "sms")]
    finally:
        services.database.close()
