"""Posts callbacks, and tries again as providers do where nobody takes them."""

import asyncio
import contextlib
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx

from activities.providers.trusted import trusted
from worker.fake_providers.core import Callback, Event, FakeProvider, Sent
from worker.fake_providers.script import CallbackRule

TRY_AGAIN = 0.5  # seconds
TRIES = 60


class Callbacks:
    """Posts what providers tell.

    Args:
        url: to which `/{provider}` is added; "" posts only where a request itself names an address.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._client = httpx.AsyncClient(timeout=10, verify=trusted(), trust_env=False)
        self._under_way: set[asyncio.Task[None]] = set()
        self.posted: list[dict[str, Any]] = []

    async def after(self, provider: FakeProvider, sent: Sent, rule: CallbackRule) -> None:
        """Post what follows a delivery: at once if `rule.first`, else in the background."""
        event = Event(rule.event, uuid4().hex, datetime.now(UTC), sent, forged=rule.forged)
        if rule.first:
            await self.tell(provider, event, times=rule.times, tries=1)
        else:
            self.start(provider, event, after=rule.after, times=rule.times)

    def start(self, provider: FakeProvider, event: Event, *, after: float = 0, times: int = 1) -> None:
        """Post in the background, after so many seconds."""

        async def later() -> None:
            await asyncio.sleep(after)
            await self.tell(provider, event, times=times)

        task = asyncio.create_task(later())
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def tell(self, provider: FakeProvider, event: Event, *, times: int = 1, tries: int = TRIES) -> None:
        """Post the very same callback `times` times, each until it is taken.

        Args:
            provider: that tells.
            event: what it tells.
            times: how often.
            tries: before it gives up.
        """
        usual = f"{self._url.rstrip('/')}/{provider.name}" if self._url else ""
        callback = provider.callback(event, usual)
        if callback is None or not (callback.url or usual):
            return
        for _ in range(times):
            for attempt in range(tries):
                status = await self._post(callback.url or usual, callback)
                self.posted.append(
                    {
                        "provider": provider.name,
                        "event": event.name,
                        "message": event.sent.id if event.sent else "",
                        "status": status,
                        "at": datetime.now(UTC).isoformat(),
                    }
                )
                # Nobody tries again what was refused as such: only what found nobody, or somebody in trouble.
                if 0 < status < 500 and status != 429:
                    break
                if attempt + 1 < tries:
                    await asyncio.sleep(TRY_AGAIN)

    async def _post(self, url: str, callback: Callback) -> int:
        try:
            answer = await self._client.post(url, content=callback.body, headers=dict(callback.headers))
        except (httpx.HTTPError, httpx.InvalidURL):
            return 0
        return answer.status_code

    def stop(self) -> None:
        """Post nothing more of what is under way."""
        for task in self._under_way:
            task.cancel()
        self.posted.clear()

    async def aclose(self) -> None:
        """Stop, and close the connections."""
        under_way = list(self._under_way)
        self.stop()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*under_way, return_exceptions=True)
        await self._client.aclose()
