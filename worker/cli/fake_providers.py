"""`sojourn fake-providers`: providers that deliver nothing, for tests and trials."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer


def fake_providers(
    journal: Annotated[Path, typer.Option(help="File to which every request is appended.")],
    port: Annotated[int, typer.Option(min=0, max=65535, help="On 127.0.0.1; 0 for a free one.")] = 4010,
    callbacks: Annotated[
        str, typer.Option(help="Where callbacks go, such as http://127.0.0.1:8080/v1/hooks; nowhere if not given.")
    ] = "",
) -> None:
    """Speak the APIs of SendGrid, Twilio and the others until SIGTERM or SIGINT, and deliver nothing.

    Prints its address once it listens. GET /__settings/NAME tells the settings that make Sojourn use a provider's
    fake; `worker/fake_providers/__init__.py` has the other controls.
    """
    from worker.fake_providers.process import serve

    asyncio.run(serve(port=port, journal=journal, callbacks=callbacks))
