"""The providers: whether their hosts can be reached, and what a driver finds out by itself. Nothing is sent."""

import asyncio
from collections.abc import AsyncIterator
from typing import Protocol, runtime_checkable
from urllib.parse import urlsplit

from worker.assembly import providers
from worker.doctor.findings import Finding, failed, not_checked, ok, warning
from worker.settings import Settings, WrongSettingError

PATIENCE = 10.0


@runtime_checkable
class Checkable(Protocol):
    """What a driver may offer besides delivering."""

    async def check(self) -> str | None:
        """What is wrong with the account or its settings, asked without sending; None if nothing is."""
        ...


async def examine_providers(settings: Settings) -> AsyncIterator[Finding]:
    """Each provider that delivers on a channel.

    Args:
        settings: checked.
    """
    try:
        found = providers(settings)
    except (WrongSettingError, OSError) as error:
        yield failed("providers", str(error), "Set it right; no worker starts like this.")
        return
    for name, provider in {provider.name: provider for provider in found.values()}.items():
        check = f"provider {name}"
        if name == "mailbox":
            yield warning(
                check, "keeps messages in files and sends nothing", "Choose a provider before customers come."
            )
            continue
        yield await _host(check, *_address(settings, name))
        if isinstance(provider, Checkable):
            problem = await provider.check()
            yield failed(check, problem, f"See docs/providers/{name}.md.") if problem else ok(check, "account in order")
        else:
            yield not_checked(f"account with {name}", "it cannot be asked without sending")


def _address(settings: Settings, name: str) -> tuple[str, int]:
    """Where a provider is; every provider has its address in a setting of its name."""
    if name == "smtp":
        return settings.smtp_host, settings.smtp_port
    url = urlsplit(str(getattr(settings, f"{name}_url")))
    return url.hostname or "", url.port or (80 if url.scheme == "http" else 443)


async def _host(check: str, host: str, port: int) -> Finding:
    try:
        async with asyncio.timeout(PATIENCE):
            _, writer = await asyncio.open_connection(host, port)
    except (OSError, TimeoutError) as error:
        why = str(error) or type(error).__name__
        return failed(check, f"{host}:{port} cannot be reached: {why}", "See its address, and the firewall.")
    writer.close()
    return ok(check, f"{host}:{port} can be reached")
