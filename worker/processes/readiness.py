"""Probes that tell when a started program can be used."""

import asyncio
from collections.abc import Awaitable, Callable

import httpx

from activities.providers.trusted import trusted

EVERY = 0.05  # seconds between two looks; a local look costs next to nothing


def polled(probe: Callable[[], Awaitable[bool]], *, every: float = EVERY) -> Callable[[], Awaitable[None]]:
    """A `Child.ready` that asks again and again until the answer is yes.

    Args:
        probe: the question.
        every: seconds between two questions.
    """

    async def ready() -> None:
        while not await probe():  # noqa: ASYNC110 the other side is a process, it cannot set an event here
            await asyncio.sleep(every)

    return ready


def http_ok(url: str, *, every: float = EVERY) -> Callable[[], Awaitable[None]]:
    """A `Child.ready` that waits for a 2xx answer from a local URL, such as http://127.0.0.1:8080/readyz."""

    async def answers() -> bool:
        try:
            # Without the environment's proxies: the program is on this machine.
            async with httpx.AsyncClient(verify=trusted(), trust_env=False, timeout=5) as client:
                return (await client.get(url)).is_success
        except httpx.TransportError:
            return False

    return polled(answers, every=every)
