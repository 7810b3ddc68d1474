"""Journeys that call other systems: what is refused at import, and a member's welcome on a real server, over HTTP."""

import json
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from standardwebhooks import Webhook as Verifier
from temporalio import workflow
from temporalio.testing import WorkflowEnvironment

from activities.clock import JourneyClock
from activities.providers.webhook_calls import WebhookCalls
from tests.activities.providers.http_server import HttpServer, an_answer, an_http_server
from tests.histories.privacy import given_away
from tests.scenarios import Branch, branches
from tests.system import running_system, until
from worker.rehearsal.rehearse import rehearse
from worker.rehearsal.scenario import parse_scenario
from workflows.journey import (
    Cap,
    Earn,
    EconomyRules,
    Enrollment,
    From,
    Journey,
    On,
    Outcome,
    Parameter,
    Reentry,
    Secret,
    SendWindow,
    Webhook,
)

CONTRACT = Path(__file__).parents[2] / "docs" / "contracts" / "member-welcome.json"
SIGNING = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
[WELCOMED] = [branch for branch in branches() if str(branch) == "member-welcome/accepted"]


@workflow.defn(name="buyers")
class Buyers(Journey):
    """Points for every order, up to a cap, and a push of the shop's."""

    trigger = On("order.completed")
    reentry = Reentry.per("orderId")
    send_window = SendWindow("09:00", "21:00")

    points = Parameter(40, "points for an order")
    shop = Parameter("mailbox:shop", "address of the shop")
    economy = EconomyRules(
        Earn("order.completed", points, caps=(Cap(100, within=timedelta(days=30)),)), Earn("call.completed", 5)
    )
    push = Webhook(
        shop,
        headers={"Authorization": Secret("SHOP_TOKEN", prefix="Bearer "), "X-Order": From("event.orderId")},
        body={"points": From("points.issued"), "shop": shop, "fixed": [1, None, {"token": Secret("SHOP_TOKEN")}]},
        marketing=True,
    )

    @workflow.run
    async def run(self, enrollment: Enrollment) -> Outcome:  # noqa: ARG002 - what Temporal passes
        earned = [await self.earn("order.completed") for _ in range(3)]
        await self.earn("call.completed")
        await self.call_webhook(self.push, hands_over=earned[2])
        return self.end(f"{sum(map(bool, earned))} awards")


async def test_an_event_earns_points_up_to_a_cap_and_a_push_waits_for_the_window() -> None:
    """A rehearsal shows each award, the one that was cut, and the push in the morning, without its token."""
    rehearsed = await rehearse(
        Buyers,
        parse_scenario(
            json.dumps(
                {
                    "start": "2027-03-27T22:30:00Z",
                    "customer": {"id": "c1", "email": "ada@example.com", "timezone": "Europe/London"},
                    "trigger": {"type": "order.completed", "properties": {"orderId": "o-7"}},
                }
            )
        ),
    )
    assert rehearsed.outcome == "3 awards"
    points = [entry["amount"] for entry in rehearsed.timeline if entry["kind"] == "points"]
    assert points == [40, 40, 20, 5]
    put_off, called = [entry for entry in rehearsed.timeline if entry["kind"] == "webhook"]
    assert (put_off["result"], put_off["url"]) == ("deferred", None)
    assert (called["result"], called["at"]) == ("sent", "2027-03-28T08:00:00Z")  # summer time has begun
    assert called["headers"] == {"Authorization": "Bearer ***", "X-Order": "o-7"}
    assert called["body"] == {"points": 20, "shop": "mailbox:shop", "fixed": [1, None, {"token": "***"}]}


def _content(folder: Path) -> str:
    return "".join(path.read_bytes().decode(errors="replace") for path in folder.rglob("*") if path.is_file())


def _with_provider(url: str) -> Branch:
    scenario = {
        "start": "2027-03-27T02:30:00Z",
        "customer": dict(WELCOMED.scenario.customer),
        "trigger": {"type": "platform.user.created"},
        "parameters": {"provider": url},
    }
    return Branch("member-welcome", "live", "", parse_scenario(json.dumps(scenario)), "welcomed", [])


async def test_a_member_is_welcomed_over_http(
    server: WorkflowEnvironment, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The client's provider gets one signed call that keeps the contract, after a failed one, and no secret is left."""
    caplog.set_level(logging.DEBUG)
    clock = JourneyClock(datetime.now(UTC), datetime(2027, 3, 27, 2, 30, tzinfo=UTC))
    async with an_http_server(HttpServer(answer=an_answer(503, Retry_After="1"))) as provider:
        branch = _with_provider(f"http://127.0.0.1:{provider.port}/welcome")
        calls = WebhookCalls(allow_private=True)
        async with running_system(
            server.client,
            tmp_path,
            environment=server,
            clock=clock,
            webhooks=calls,
            secrets={"MEMBER_WELCOME": SIGNING}.get,
        ) as system:
            with server.with_time_skipping_disabled():
                enrollment_id = await system.enter(branch)
                await until(lambda: bool(provider.calls), what="the first call")
                provider.answer = an_answer(202)
                await system.end(enrollment_id)
            timeline = system.timeline(enrollment_id)
            history = (await system.handle(enrollment_id).fetch_history()).to_json_dict()
        await calls.aclose()
    assert [entry["kind"] for entry in timeline] == ["points", "webhook", "outcome"]
    last = provider.calls[-1]
    assert Verifier(SIGNING).verify(last.body, last.headers) == last.json()
    Draft202012Validator(json.loads(CONTRACT.read_text(encoding="utf-8"))).validate(last.json())
    assert last.json()["data"] == {
        "customer_id": "c1",
        "first_name": "Ada",
        "last_name": "Byron",
        "points_issued": 250,
        "balance": 250,
        "template": "member-welcome",
    }
    assert len({(call.body, call.headers["webhook-id"]) for call in provider.calls}) == 1
    stored = _content(tmp_path)
    secrets = {SIGNING, SIGNING.removeprefix("whsec_")}
    assert given_away(history, {*secrets, "Byron", "c1"}) == set()
    for place in (stored, caplog.text, json.dumps(timeline)):
        assert not any(secret in place for secret in secrets)


def _journey(**attributes: Any) -> type[Journey]:
    async def run(self: Journey, enrollment: Enrollment) -> Outcome:  # noqa: ARG001 - what Temporal passes
        return self.end("done")

    return type("Odd", (Journey,), {"trigger": On("x"), "run": run, **attributes})


@pytest.mark.parametrize(
    ("declare", "named"),
    [
        (lambda: From("shoe_size"), "shoe_size"),
        (lambda: From("attributes."), "attributes."),
        (lambda: Secret("push token"), "push token"),
        (lambda: Secret("KEYS"), "KEYS"),
        (lambda: Webhook("ftp://x"), "ftp://x"),
        (lambda: Webhook(Parameter("x", "where")), "'x'"),
        (lambda: Webhook("https://x", headers={"Host": "y"}), "Host"),
        (lambda: Webhook("https://x", headers={"webhook-id": "y"}), "webhook-id"),
        (lambda: Webhook("https://x", headers={"X Y": "y"}), "X Y"),
        (lambda: Webhook("https://x", headers={"X": 1}), "header X"),
        (lambda: Webhook("https://x", body={"$secret": "KEYS"}), "\\$secret"),
        (lambda: Webhook("https://x", body={"at": datetime.now(UTC)}), "JSON"),
        (lambda: Webhook("https://x", contract="../x"), "../x"),
        (lambda: Earn("", 1), "type"),
        (lambda: Earn("x", -1), "-1"),
        (lambda: Earn("x", 1, caps=(Cap(1, within=timedelta(0)),)), "longer"),
        (lambda: EconomyRules(Earn("x", 1), Earn("x", 2)), "one rule"),
    ],
)
def test_what_could_never_be_called_is_refused_at_import(declare: Callable[[], object], named: str) -> None:
    """A developer's slip in a webhook or an economy rule shows when the file is imported, and names the culprit."""
    with pytest.raises(ValueError, match=named):
        declare()


def test_a_parameter_of_a_webhook_is_one_that_staff_can_change() -> None:
    """An address that looks configurable is: a parameter inside a webhook must be an attribute of the journey."""
    with pytest.raises(TypeError, match="Odd: push: its parameters"):
        _journey(push=Webhook(Parameter("https://x", "where")))


def test_a_wrong_address_is_refused_where_it_is_set() -> None:
    """Staff who mistype an address learn it at once, and not from members who were never welcomed."""
    assert Buyers.resolve({"shop": "https://shop.example/push"})["shop"] == "https://shop.example/push"
    with pytest.raises(ValueError, match="parameter shop: an address begins with"):
        Buyers.resolve({"shop": "shop.example"})


def test_a_webhook_knows_what_it_needs() -> None:
    """Whoever runs the system can be told every secret before the first call."""
    assert Buyers.push.needs == {"SHOP_TOKEN"}
    assert Buyers.push.name == "push"
