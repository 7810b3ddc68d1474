"""The fake providers as a process of their own, for tests."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from activities.providers.trusted import trusted

ROOT = Path(__file__).parent.parent
TETHER = ROOT / "worker" / "processes" / "tether.py"
START_WITHIN = 30.0  # seconds
Rule = Mapping[str, Any]


@dataclass(frozen=True)
class FakeProviders:
    """A running process.

    Attributes:
        address: of the process, such as `http://127.0.0.1:4010`.
        journal_file: every request, one JSON object a line.
        pid: of the process.
        client: for the controls.
    """

    address: str
    journal_file: Path
    pid: int
    client: httpx.AsyncClient

    def url(self, provider: str) -> str:
        """Where a provider answers."""
        return f"{self.address}/{provider}"

    async def settings(self, provider: str) -> dict[str, str]:
        """Environment variables which make Sojourn use the fake."""
        return dict(await self._get(f"/__settings/{provider}"))

    async def script(
        self,
        provider: str,
        *rules: Rule,
        callbacks: Sequence[Rule] = (),
        chaos: Mapping[str, Any] | None = None,
    ) -> None:
        """Tell a provider what to do from now on; see `worker.fake_providers.script.Script`."""
        script = {"rules": list(rules), "callbacks": list(callbacks), "chaos": chaos}
        (await self.client.put(f"/__script/{provider}", json=script)).raise_for_status()

    async def journal(self, provider: str = "") -> list[dict[str, Any]]:
        """Requests since the last `clear`, the oldest first."""
        return list(await self._get("/__journal", provider=provider))

    async def sent(self, provider: str = "") -> list[dict[str, Any]]:
        """What was delivered, the oldest first; `sending` has key, recipient and content."""
        return list(await self._get("/__sent", provider=provider))

    async def callbacks(self) -> list[dict[str, Any]]:
        """Attempts at callbacks, with the status of their answers."""
        return list(await self._get("/__callbacks"))

    async def tell(self, provider: str, event: str, sent: str = "", **more: Any) -> None:
        """Make a provider post a callback; see `worker.fake_providers.app.Telling`."""
        telling = {"event": event, "sent": sent, **more}
        (await self.client.post(f"/__callbacks/{provider}", json=telling)).raise_for_status()

    async def clear(self) -> None:
        """Begin anew: no scripts, nothing delivered."""
        (await self.client.delete("/__state")).raise_for_status()

    async def _get(self, path: str, **params: str) -> Any:
        answer = await self.client.get(path, params=params)
        return answer.raise_for_status().json()


@asynccontextmanager
async def fake_providers(folder: Path, *, callbacks: str = "") -> AsyncIterator[FakeProviders]:
    """Run the process on a free port until the block ends.

    Args:
        folder: for its journal.
        callbacks: where callbacks go, such as `http://127.0.0.1:8080/v1/hooks`; nowhere if not given.
    """
    journal = folder / "providers.ndjson"
    options = ["--port", "0", "--journal", str(journal), "--callbacks", callbacks]
    tethered = [sys.executable, "-I", "-S", str(TETHER), str(os.getpid())]  # it dies with the tests, however they die
    command = [*tethered, sys.executable, "-m", "worker.fake_providers", *options]
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    try:
        assert process.stdout is not None
        address = (await asyncio.wait_for(process.stdout.readline(), START_WITHIN)).decode().strip()
        assert address, "the fake providers ended before they listened"
        async with httpx.AsyncClient(
            base_url=address, timeout=START_WITHIN, verify=trusted(), trust_env=False
        ) as client:
            yield FakeProviders(address, journal, process.pid, client)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


@pytest.fixture(scope="session")
async def fake_process(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FakeProviders]:
    """One process for the whole session; `fakes` is it without anything that a former test did."""
    async with fake_providers(tmp_path_factory.mktemp("fake_providers")) as running:
        yield running


@pytest.fixture
async def fakes(fake_process: FakeProviders) -> FakeProviders:
    """The fake providers, well and without memories."""
    await fake_process.clear()
    return fake_process
