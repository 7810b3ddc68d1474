"""The doctor says what is wrong and what to do, and touches nothing."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingUDPServer
from threading import Thread
from typing import Any

import dns.message
import dns.rcode
import dns.rdatatype
import dns.resolver
import dns.rrset
import pytest
from temporalio.testing import WorkflowEnvironment

from activities.storage import provider_states
from activities.storage.database import Database
from tests.system import running_system, until
from tests.worker.cli.command import SECRET, sojourn
from worker.dev.folder import DataFolder
from worker.doctor import Finding, State
from worker.doctor.database import examine_database
from worker.doctor.dns_records import examine_dns
from worker.doctor.machine import examine_machine
from worker.doctor.providers import examine_providers
from worker.doctor.temporal import examine_temporal
from worker.settings import Settings, read_settings

SENDER = {"email_provider": "sendgrid", "sendgrid_api_key": "key", "email_sender": "Shop <hello@shop.example>"}
GOOD = {
    "shop.example": {"MX": "10 mx.shop.example.", "TXT": '"v=spf1 include:sendgrid.net -all"'},
    "_dmarc.shop.example": {"TXT": '"v=DMARC1; " "p=reject"'},
}


def test_a_system_that_is_not_there_is_told_what_it_lacks(tmp_path: Path) -> None:
    """Whoever installs Sojourn reads what is missing and what to do; a script reads the same and the exit code."""
    settings = {"SOJOURN_DATA": str(tmp_path), "SOJOURN_SECRET_KEYS": SECRET, "TEMPORAL_ADDRESS": "127.0.0.1:1"}
    done = sojourn("doctor", "--json", **settings)
    assert done.returncode == 1, done.stderr
    found = json.loads(done.stdout)
    states = {each["check"]: each["state"] for each in found["checks"]}
    assert found["ok"] is False
    assert (states["disk"], states["database"], states["temporal"]) == ("ok", "failed", "failed")
    assert states["provider mailbox"] == "warning"
    advice = {each["check"]: each["advice"] for each in found["checks"]}
    assert "sojourn migrate" in advice["database"]


def test_a_database_is_looked_into(sqlite_url: str) -> None:
    """Operators hear of a channel that somebody paused, and of how to open it."""
    settings = _settings(database_url=sqlite_url)
    assert {each.state for each in examine_database(settings)} == {State.OK}
    database = Database(sqlite_url, inline=True)
    long_ago = datetime.now(UTC) - timedelta(days=1)
    database.write_now(lambda session: provider_states.pause(session, "mailbox", "full", long_ago))
    database.close()
    found = _by_check(examine_database(settings))
    assert (found["channel email"].state, found["write-ahead log"].state) == (State.WARNING, State.OK)
    assert "channels resume email" in found["channel email"].advice


async def test_beside_dev_the_doctor_looks_where_dev_has_temporal(
    server: WorkflowEnvironment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A developer who runs the doctor in the folder of a running dev hears of that Temporal, unless they name one."""
    monkeypatch.delenv("TEMPORAL_ADDRESS", raising=False)
    monkeypatch.setenv("TEMPORAL_CONFIG_FILE", "")
    address = server.client.service_client.config.target_host
    with DataFolder(tmp_path).announced({"temporal": address}):
        first = await anext(examine_temporal(_settings(data=tmp_path)))
        monkeypatch.setenv("TEMPORAL_ADDRESS", "127.0.0.1:1")
        named = await anext(examine_temporal(_settings(data=tmp_path)))
    assert (first.state, first.what) == (State.OK, f"answers at {address}")
    assert (named.state, "127.0.0.1:1" in named.what) == (State.FAILED, True)


async def test_temporal_is_looked_into(
    server: WorkflowEnvironment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Operators hear whether a worker serves the task queue, and for how long Temporal remembers."""
    monkeypatch.setenv("TEMPORAL_ADDRESS", server.client.service_client.config.target_host)
    monkeypatch.setenv("TEMPORAL_CONFIG_FILE", "")
    async with running_system(server.client, tmp_path) as system:
        ours, found = _settings(task_queue=system.task_queue), dict[str, Finding]()

        async def served() -> bool:
            found.update(_by_check([each async for each in examine_temporal(ours)]))
            return {found[f"{kind} workers"].state for kind in ("workflow", "activity")} == {State.OK}

        await until(served, what="the worker to poll")
        assert {found[check].state for check in ("temporal", "search attributes")} == {State.OK}
        assert found["stuck journeys"].what == "none"
    found = _by_check([each async for each in examine_temporal(_settings(task_queue="nobodys"))])
    assert found["workflow workers"].state is State.FAILED
    assert found["clock of Temporal"].state is State.NOT_CHECKED


async def test_providers_are_reached_and_not_called() -> None:
    """A wrong host is found before the first customer, without a message to anybody."""
    nowhere = {"email_provider": "smtp", "smtp_host": "127.0.0.1", "smtp_port": 1, "smtp_sender": "a@shop.example"}
    found = _by_check([each async for each in examine_providers(_settings(**nowhere))])
    assert found["provider smtp"].state is State.FAILED
    assert found["account with smtp"].state is State.NOT_CHECKED


def test_the_disk_is_looked_at_before_it_is_there(tmp_path: Path) -> None:
    """A data folder that the first start will make counts with the disk that it will be on."""
    (found,) = examine_machine(_settings(data=tmp_path / "not" / "yet"))
    assert found.check == "disk"


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        (GOOD, {"MX": State.OK, "SPF": State.OK, "DMARC": State.OK}),
        (
            {"shop.example": {"MX": "10 mx.shop.example."}},
            {"MX": State.OK, "SPF": State.WARNING, "DMARC": State.WARNING},
        ),
        ({}, {"DNS of the sender": State.WARNING}),
    ],
    ids=["complete", "no policies", "unknown domain"],
)
def test_the_senders_domain_is_asked_about(records: dict[str, dict[str, str]], expected: dict[str, State]) -> None:
    """Without SPF and DMARC emails land among spam; whoever forgot them hears of it first here."""
    with name_server(records) as resolver:
        found = _by_check(examine_dns(_settings(**SENDER), resolver))
    assert {check: each.state for check, each in found.items()} == expected


def test_a_name_server_that_is_silent_is_not_taken_for_an_answer() -> None:
    """Behind a firewall the doctor says that it could not look, and does not blame the domain."""
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers, resolver.port, resolver.lifetime = ["127.0.0.1"], 1, 0.2
    (found,) = examine_dns(_settings(**SENDER), resolver)
    assert found.state is State.NOT_CHECKED


@contextmanager
def name_server(records: dict[str, dict[str, str]]) -> Iterator[dns.resolver.Resolver]:
    """A name server that knows these records, and a resolver that asks it."""

    class Handler(BaseRequestHandler):
        def handle(self) -> None:
            data, socket = self.request
            query = dns.message.from_wire(data)
            question = query.question[0]
            name, kind = str(question.name).rstrip("."), dns.rdatatype.to_text(question.rdtype)
            answer = dns.message.make_response(query)
            if name not in records and not any(each.endswith(name) for each in records):
                answer.set_rcode(dns.rcode.NXDOMAIN)
            elif kind in records.get(name, {}):
                answer.answer.append(dns.rrset.from_text(question.name, 60, "IN", kind, records[name][kind]))
            socket.sendto(answer.to_wire(), self.client_address)

    with ThreadingUDPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers, resolver.port = ["127.0.0.1"], server.server_address[1]
        try:
            yield resolver
        finally:
            server.shutdown()
            thread.join()


def _settings(**values: Any) -> Settings:
    return read_settings(signing=False, **values)


def _by_check(findings: "Iterator[Finding] | list[Finding]") -> dict[str, Finding]:
    return {each.check: each for each in findings}
