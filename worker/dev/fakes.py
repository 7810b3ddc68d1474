"""Fake providers as one more program of `sojourn dev`: messages go through the real drivers and end in a journal."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass

from worker.dev.addresses import Ports
from worker.dev.folder import DataFolder
from worker.fake_providers.registry import PROVIDERS
from worker.processes.child import Child
from worker.processes.ports import LOOPBACK, free_ports
from worker.processes.readiness import http_ok
from worker.settings import PREFIX

NAME = "fake-providers"
# Whose fake delivers where the developer's own setting names none.
USUAL = {"EMAIL_PROVIDER": "resend", "SMS_PROVIDER": "twilio", "PUSH_PROVIDER": "fcm"}


@dataclass(frozen=True)
class Fakes:
    """The program, and what makes Sojourn use it.

    Attributes:
        url: where it listens.
        child: the program, ready to be started.
        settings: of Sojourn, by their names without the prefix, in lower case.
    """

    url: str
    child: Child
    settings: Mapping[str, str]


def choose_fakes(folder: DataFolder, ports: Ports, environment: Mapping[str, str]) -> Fakes:
    """Fakes on a free port, of the providers that the developer has set.

    Args:
        folder: where their journal goes.
        ports: where their callbacks go.
        environment: of the developer.
    """
    (port,) = free_ports(1)
    url = f"http://{LOOPBACK}:{port}"
    return Fakes(url, _program(port, url, folder, ports, environment), _settings(url, environment))


def _program(port: int, url: str, folder: DataFolder, ports: Ports, environment: Mapping[str, str]) -> Child:
    journal, hooks = folder.path / "providers.ndjson", f"{ports.api_url}/v1/hooks"
    options = ("--port", str(port), "--journal", str(journal), "--callbacks", hooks)
    command = (sys.executable, "-P", "-m", "worker.cli", NAME, *options)
    return Child(NAME, command, environment, folder.log(NAME), http_ok(f"{url}/__callbacks"))


def _settings(url: str, environment: Mapping[str, str]) -> dict[str, str]:
    wanted = {setting: environment.get(PREFIX + setting, usual) for setting, usual in USUAL.items()}
    chosen = {setting: name if name in PROVIDERS else USUAL[setting] for setting, name in wanted.items()}
    found: dict[str, str] = {}
    for name in chosen.values():
        found |= PROVIDERS[name].settings(f"{url}/{name}")
    found |= {PREFIX + setting: name for setting, name in chosen.items()}
    return {name.removeprefix(PREFIX).lower(): value for name, value in found.items()}
