"""The HTTP side of the fakes: each provider below its own name, the controls below two underscores."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from worker.fake_providers import core
from worker.fake_providers.callbacks import Callbacks
from worker.fake_providers.connections import Cut
from worker.fake_providers.core import Event, FakeProvider, Reply
from worker.fake_providers.deliveries import Deliveries
from worker.fake_providers.journal import Journal
from worker.fake_providers.script import Player, Rule, Script

GARBAGE = b"\x00\x01garbage, no HTTP\r\n\r\n"


class Telling(BaseModel):
    """A callback on demand.

    Attributes:
        event: name of `core.Event`.
        sent: id of what was delivered; not for `inbound`.
        times: how often the very same callback is posted.
        forged: signed with a wrong secret.
        sender: of an inbound text.
        text: of an inbound text.
    """

    event: str
    sent: str = ""
    times: int = 1
    forged: bool = False
    sender: str = ""
    text: str = ""


def create_app(providers: Mapping[str, FakeProvider], journal: Journal, callbacks: Callbacks) -> FastAPI:
    """The application.

    Args:
        providers: by name.
        journal: keeps every request.
        callbacks: posts what providers tell.
    """
    deliveries = Deliveries()
    players: dict[str, Player] = {}

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await callbacks.aclose()
        journal.close()

    app = FastAPI(title="Fake providers", lifespan=lifespan, openapi_url=None)

    def known(name: str) -> FakeProvider:
        if name not in providers:
            raise HTTPException(404, f"no fake of {name}; there are {', '.join(sorted(providers))}")
        return providers[name]

    @app.put("/__script/{name}", status_code=204)
    async def script(name: str, script: Script) -> None:
        """Replace what a provider is told."""
        players[known(name).name] = Player(script)

    @app.get("/__journal")
    async def journal_entries(provider: str = "") -> list[dict[str, Any]]:
        """Requests since the last `DELETE /__state`, the oldest first."""
        return [entry for entry in journal.entries if provider in {"", entry["provider"]}]

    @app.get("/__sent")
    async def sent(provider: str = "") -> list[core.Sent]:
        """What was delivered, the oldest first."""
        return deliveries.of(provider) if provider else deliveries.all

    @app.get("/__callbacks")
    async def posted() -> list[dict[str, Any]]:
        """Every attempt at a callback, with the status of its answer; 0 where there was none."""
        return callbacks.posted

    @app.get("/__settings/{name}")
    async def settings(name: str, request: Request) -> Mapping[str, str]:
        """Environment variables which make Sojourn use the fake."""
        return known(name).settings(f"{str(request.base_url).rstrip('/')}/{name}")

    @app.post("/__callbacks/{name}", status_code=202)
    async def tell(name: str, telling: Telling) -> None:
        """Post a callback now."""
        about = next((each for each in deliveries.all if each.id == telling.sent), None)
        if telling.sent and about is None:
            raise HTTPException(404, "nothing with this id was delivered")
        now = datetime.now(UTC)
        event = Event(telling.event, uuid4().hex, now, about, telling.sender, telling.text, telling.forged)
        callbacks.start(known(name), event, times=telling.times)

    @app.delete("/__state", status_code=204)
    async def forget() -> None:
        """Begin anew: no scripts, nothing delivered, no callbacks under way. The journal's file keeps all."""
        players.clear()
        deliveries.clear()
        callbacks.stop()
        journal.forget()

    @app.api_route("/{name}/{path:path}", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
    async def provider(name: str, path: str, call: Request) -> Response:
        """Whatever the provider's API has there."""
        fake = known(name)
        request = core.Request(call.method, f"/{path}", dict(call.query_params), dict(call.headers), await call.body())
        sending = fake.read(request)
        entry = journal.write(name, request, sending)
        player = players.get(name) or Player(Script())
        rule = player.next(request.path, sending.recipient if sending else None)

        async def answer() -> Reply:
            """As the real provider would."""
            refusal = fake.refused(request)
            if refusal:
                return refusal
            if sending is None:
                return fake.other(request, deliveries.of(name))
            reply, new = deliveries.take(fake, sending, request, entry)
            if new:
                for each in (*player.script.callbacks, *rule.callbacks):
                    await callbacks.after(fake, new, each)
            return reply

        real = await answer() if rule.delivers else None
        if rule.seconds:
            await _wait(call, rule.seconds)
        return _act(rule, real)

    return app


async def _wait(call: Request, seconds: float) -> None:
    """Be silent for a while, or until nobody waits for an answer any more."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while (await call.receive())["type"] != "http.disconnect":
                pass


def _act(rule: Rule, real: Reply | None) -> Response:
    """Answer as the rule says.

    Args:
        rule: what to do.
        real: what the real provider would answer; None if the request is not to be processed.
    """
    if rule.do in {"accept", "hang"} and real:
        return _response(real)
    if rule.do == "answer":
        waits = {"retry-after": rule.retry_after} if rule.retry_after else {}
        return _response(Reply(rule.status, rule.body, {**rule.headers, **waits}))
    return Cut(GARBAGE if rule.do == "garbage" else b"")


def _response(reply: Reply) -> Response:
    if isinstance(reply.body, str | bytes):
        return Response(reply.body, reply.status, dict(reply.headers))
    return JSONResponse(reply.body, reply.status, dict(reply.headers))
