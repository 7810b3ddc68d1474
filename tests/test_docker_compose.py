"""The compose file: what can be checked of it without Docker."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import make_url

from worker.processes.temporal_server import find_temporal
from worker.settings import PREFIX, Settings, read_settings

REPOSITORY = Path(__file__).parents[1]
COMPOSE: dict[str, Any] = yaml.safe_load((REPOSITORY / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if service["image"] == "sojourn"}


def test_our_programs_are_all_there() -> None:
    """`docker compose up` runs the same commands as an operator does by hand."""
    assert {name: service["command"] for name, service in OURS.items()} == {
        name: ["sojourn", name] for name in ("migrate", "api", "worker")
    }


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_waits_for_what_it_needs(name: str) -> None:
    """Nothing starts before the services it needs are healthy, or done."""
    for needed, how in SERVICES[name].get("depends_on", {}).items():
        service = SERVICES[needed]
        if how["condition"] == "service_healthy":
            assert "healthcheck" in service
        else:
            assert how["condition"] == "service_completed_successfully"
            assert service.get("restart", "no") == "no"
            assert "healthcheck" not in service


@pytest.mark.parametrize("name", SERVICES)
def test_nothing_is_published_beyond_this_machine(name: str) -> None:
    """A laptop in a café shows its mail catcher and its console to nobody else."""
    assert all(port.startswith("127.0.0.1:") for port in SERVICES[name].get("ports", []))
    assert SERVICES[name].get("network_mode") != "host"


def test_the_temporal_server_is_that_of_the_dev_server() -> None:
    """A developer's server and the one in production are the same version, server, tools and all."""
    version = subprocess.run([find_temporal(), "--version"], capture_output=True, text=True, check=True).stdout
    for name in ("temporal", "temporal-schema", "temporal-namespace"):
        assert f"Server {SERVICES[name]['image'].rpartition(':')[2]}," in version
    assert f"UI {SERVICES['temporal-ui']['image'].rpartition(':')[2]})" in version


@pytest.mark.parametrize("name", OURS)
def test_secrets_are_asked_for(name: str) -> None:
    """No installation signs its links with a key that everybody can read here."""
    assert OURS[name]["environment"]["SOJOURN_SECRET_KEYS"].startswith("${SOJOURN_SECRET_KEYS:?")


@pytest.mark.parametrize("name", OURS)
def test_the_settings_are_known_and_right(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """No program stops at its start over a setting of the compose file, and none is a misspelt one."""
    given = OURS[name]["environment"] | {"SOJOURN_SECRET_KEYS": "k" * 24}
    for setting, value in given.items():
        monkeypatch.setenv(setting, re.sub(r"\$\{\w+:-(.*?)\}", r"\1", value))
    ours = {setting for setting in given if setting.startswith(PREFIX)}
    assert {setting.removeprefix(PREFIX).lower() for setting in ours} <= Settings.model_fields.keys()
    settings = read_settings()
    assert make_url(settings.database).host in SERVICES
    assert settings.smtp_host in SERVICES
    assert given.keys() - ours == {"TEMPORAL_ADDRESS", "TEMPORAL_NAMESPACE"}


@pytest.mark.parametrize("name", ["temporal-schema", "temporal-namespace"])
def test_the_scripts_run(name: str, tmp_path: Path) -> None:
    """The shell scripts say what they should to Temporal's tools, in the right order."""
    for tool in ("temporal", "temporal-sql-tool"):
        stub = tmp_path / tool
        stub.write_text(f'#!/bin/sh\necho "{tool} $*"\n')
        stub.chmod(0o755)
    (script,) = SERVICES[name]["command"]
    shell, *options = SERVICES[name]["entrypoint"]
    done = subprocess.run(
        [shell, *options, script.replace("$$", "$")],
        env={"PATH": f"{tmp_path}:/bin:/usr/bin"}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    said = [line.split() for line in done.stdout.splitlines()]
    if name == "temporal-namespace":
        assert [line[1:4] for line in said] == [
            ["operator", "cluster", "health"],
            ["operator", "namespace", "describe"],
        ]
    else:
        for database, schema, lines in (
            ("temporal", "temporal", said[:3]),
            ("temporal_visibility", "visibility", said[3:]),
        ):
            assert [line[line.index(database) + 1] for line in lines] == ["create", "setup-schema", "update-schema"]
            assert lines[-1][-1] == f"/etc/temporal/schema/postgresql/v12/{schema}/versioned"


def test_the_image_gets_what_it_copies() -> None:
    """What the Dockerfile copies exists and is not kept from the builder."""
    sent = {line[1:] for line in (REPOSITORY / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = set()
    for line in (REPOSITORY / "Dockerfile").read_text().splitlines():
        match line.split():
            case ["COPY", *sources, _] if not sources[0].startswith("--from"):
                copied |= set(sources)
    assert copied == sent
    assert [name for name in copied if not (REPOSITORY / name).exists()] == []
