"""Where a program can be made to die (guarantees F3): put around the product's own parts by the programs tests start.

==== ==========================================================================================
FP1  a message was let pass: the first transaction is committed, nothing has left
FP2  the connection is there, the first byte is not written
FP3  the provider has answered, nobody has noted it
FP4  the answer is noted, Temporal has not heard it
FP5  the outbox was claimed, the journey is not started
FP6  the journey is started, the outbox does not know
FP7  an erasure, at one of its stages: FP7.1 to FP7.5
FP8  a registration is written, not committed
FP9  a registration is committed, not answered
==== ==========================================================================================

`sleep` freezes the process at FP2 instead. `poison` cannot write to customers of one name. `unhurried` strikes
nowhere, and leaves the product its own patience; `unhurried+600` has a wall clock that is so many seconds wrong.
"""

import asyncio
import logging
import os
import signal
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from activities.channels import Channel
from activities.gate import attempts, gate, webhooks
from activities.providers import http_calls
from activities.rendering import Rendered
from activities.storage import erasure, intake
from activities.storage.database import Database
from activities.templates.renderer import JinjaRenderer
from api.relay import Relay
from api.services import Services
from tests.faults.wrong_clock import set_clock
from worker import erasures

UNHURRIED = "unhurried"
POISONED = "Poisoned"
STRUCK = "struck"
WOKE = "the attempt of a worker that slept is over"
PATIENCE = 3.0  # seconds for the others to come to the same place, when the first one stands there


def die(messages: int = 0) -> None:
    """End this very process, as a power cut does; a file says over how many messages."""
    _strike(messages, signal.SIGKILL)


def sleep(messages: int) -> None:
    """Freeze this very process until somebody continues it; a file says over how many messages."""
    _strike(messages, signal.SIGSTOP)


def _strike(messages: int, number: signal.Signals) -> None:
    (Path(os.environ["SOJOURN_DATA"]) / STRUCK).write_text(str(messages))
    os.kill(os.getpid(), number)


class Gathering:
    """Strikes this process once enough of its work stands at one place: one death tries many messages.

    Args:
        number: how many; fewer if the rest do not come within `PATIENCE`.
        strike: what happens then. Whoever survives it goes on.
    """

    def __init__(self, number: int, strike: Callable[[int], None]) -> None:
        self._number = number
        self._strike = strike
        self._there = 0
        self._over = asyncio.Event()

    async def reached(self) -> None:
        """Stand here until the others have come, too."""
        self._there += 1
        if self._there == 1:
            asyncio.get_running_loop().call_later(PATIENCE, self._now)
        if self._there >= self._number:
            self._now()
        await self._over.wait()

    def _now(self) -> None:
        if not self._over.is_set():
            self._strike(self._there)
            self._over.set()


def install(failpoint: str) -> None:
    """Make this process die at a place.

    Args:
        failpoint: such as `FP3` or `FP3:12`, which gathers twelve messages there first; empty or `unhurried` for none.
    """
    if failpoint.startswith(UNHURRIED):
        set_clock(float(failpoint.removeprefix(UNHURRIED) or 0))
        return
    if not failpoint:
        return
    name, _, number = failpoint.partition(":")
    _INSTALLERS[name](Gathering(int(number or 1), sleep if name == "sleep" else die))


async def _go_on(*_: object) -> None:
    """Nothing happens here."""


def _around_calls(
    before: Callable[[], Awaitable[None]] = _go_on,
    answered: Callable[[], Awaitable[None]] = _go_on,
    noted: Callable[[], Awaitable[None]] = _go_on,
) -> None:
    original = attempts.around_a_call

    async def around(database: Database, name: str, decide: Any, attempt: Any, settle: Any) -> Any:
        attempted = False

        async def standing(passed: Any) -> Any:
            nonlocal attempted
            attempted = True
            await before()
            verdict = await attempt(passed)
            await answered()
            return verdict

        answer = await original(database, name, decide, standing, settle)
        if attempted:
            await noted()
        return answer

    gate.around_a_call = webhooks.around_a_call = around  # type: ignore[attr-defined] # taken over for this process


def _before_the_write(place: Gathering) -> None:
    trace = http_calls._Progress.trace

    async def standing(self: Any, event: str, info: Mapping[str, Any]) -> None:
        is_message = event.endswith("send_request_headers.started") and info["request"].url.target != b"/fcm/token"
        if is_message:
            await place.reached()
        await trace(self, event, info)

    http_calls._Progress.trace = standing  # type: ignore[method-assign] # taken over for this process


def _sleeps_before_the_write(place: Gathering) -> None:
    async def answered() -> None:
        logging.getLogger(__name__).info(WOKE)

    _before_the_write(place)
    _around_calls(answered=answered)


def _poisoned(_: Gathering) -> None:
    render = JinjaRenderer.render

    def picky(self: JinjaRenderer, template: str, channel: Channel, context: Mapping[str, Any]) -> Rendered:
        if context["first_name"] == POISONED:
            raise TypeError("a bug that only some customers meet")
        return render(self, template, channel, context)

    JinjaRenderer.render = picky  # type: ignore[method-assign] # taken over for this process


def _before_the_start(place: Gathering) -> None:
    async def standing(*_: object) -> None:
        await place.reached()

    Relay._start = standing  # type: ignore[assignment,method-assign] # taken over for this process


def _dies(owner: Any, name: str, *, after: bool = False) -> Callable[[Gathering], None]:
    """Dies when a function is called, or when it has done its work."""

    def install_(_: Gathering) -> None:
        original = getattr(owner, name)

        def dying(*args: Any, **named: Any) -> Any:
            if after:
                original(*args, **named)
            die()

        setattr(owner, name, dying)

    return install_


_INSTALLERS: Mapping[str, Callable[[Gathering], None]] = {
    "poison": _poisoned,
    "sleep": _sleeps_before_the_write,
    "FP1": lambda place: _around_calls(before=place.reached),
    "FP2": _before_the_write,
    "FP3": lambda place: _around_calls(answered=place.reached),
    "FP4": lambda place: _around_calls(noted=place.reached),
    "FP5": _before_the_start,
    "FP6": _dies(Relay, "_settle"),
    "FP7.1": _dies(erasure, "_blank", after=True),
    "FP7.2": _dies(Services, "tell"),
    "FP7.3": _dies(erasure, "blank_again", after=True),
    "FP7.4": _dies(erasures, "forget", after=True),
    "FP7.5": _dies(erasure, "cleared"),
    "FP8": _dies(intake, "register", after=True),
    "FP9": _dies(Services, "tell"),
}
