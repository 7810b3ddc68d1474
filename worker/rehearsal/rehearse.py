"""A rehearsal: one customer through one journey in virtual time, with the real workflow and the real gate."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, fields
from functools import cache
from typing import Any

from sqlmodel import Session, col, select

from activities.channels import Channel
from activities.clock import JourneyClock
from activities.gate.gate import GateLimits
from activities.gate.webhook_contracts import BodyContract, UnknownContractError
from activities.moments import Moment
from activities.storage.database import Database
from activities.storage.facts import Reachability
from activities.storage.ids import repeatable_ids
from activities.storage.intake import Admission
from activities.storage.ledger import SENT_OR_MAY_BE
from activities.storage.links import Links
from activities.storage.tables import Customer, Message, OutboxItem
from activities.storage.tables import Enrollment as EnrollmentRow
from activities.storage.timeline_view import entries, instant
from activities.templates.brand import Brand
from activities.templates.renderer import JinjaRenderer
from activities.webhooks import CHANNEL, HIDDEN
from api.relay import enrollment_of
from worker.rehearsal.carrying import carry
from worker.rehearsal.engine import MAX_STEPS, VirtualRun
from worker.rehearsal.errors import RunCancelled, StuckError, WorkflowBugError
from worker.rehearsal.happenings import enter, happen
from worker.rehearsal.provider import RehearsedProvider, RehearsedWebhooks
from worker.rehearsal.scenario import (
    Happening,
    ProviderResult,
    Scenario,
)
from worker.rehearsal.strict_renderer import StrictRenderer
from worker.wiring import Parts, build_activities
from workflows.journey import Journey

SECRET = "rehearsal"  # noqa: S105 - signs links that lead nowhere
PUBLIC_URL = "https://hello.hearthmoor.example"
SHORT_URL = "https://hmoor.example"
SEED = 1
NOT_PRINTED = frozenset({"timezone", "messages"})


@dataclass(frozen=True)
class Rehearsed:
    """What would happen, as `sojourn simulate --json` prints it.

    Attributes:
        journey: its name.
        entered: False where the trigger does not let the customer in.
        outcome: which end; None if it did not enter or still runs when nothing is left to happen.
        reason: what there is to add.
        started_at: UTC.
        ended_at: UTC.
        timeline: entries in the form of design section 5.
        timezone: the customer's, IANA; not printed.
        messages: what went out or may have, as the ledger has it, in the order of time; not printed.
    """

    journey: str
    entered: bool
    outcome: str | None = None
    reason: str | None = None
    started_at: str | None = None
    ended_at: str | None = None
    timeline: list[dict[str, Any]] = field(default_factory=list)
    timezone: str = "UTC"
    messages: Sequence[Message] = ()

    def document(self) -> dict[str, Any]:
        """The printed form."""
        return {each.name: getattr(self, each.name) for each in fields(self) if each.name not in NOT_PRINTED}


async def rehearse(
    journey: type[Journey],
    scenario: Scenario,
    brand: Brand | None = None,
    *,
    max_steps: int = MAX_STEPS,
    afterwards: Callable[[Session], None] | None = None,
) -> Rehearsed:
    """Run a scenario through a journey, whether or not the journey is active.

    Args:
        journey: the class.
        scenario: checked in its shape.
        brand: in whose name; the invented shop if not given.
        max_steps: how many things may happen before the journey counts as stuck.
        afterwards: a last look at the rehearsal's own database.

    Raises:
        ScenarioError: a value in the scenario is refused; the message names its key.
        RehearsalError: the journey itself is broken.
    """
    _require_contracts(journey)
    with repeatable_ids(SEED):
        stage = _Stage(journey, scenario, brand or Brand(), max_steps)
        try:
            played = await stage.play()
            if afterwards is not None:
                stage.database.write_now(afterwards)
            return played
        finally:
            stage.database.close()


class _Stage:
    """The system in small: the real storage in memory, the real gate, a provider that answers by the script."""

    def __init__(self, journey: type[Journey], scenario: Scenario, brand: Brand, max_steps: int) -> None:
        self.journey = journey
        self.max_steps = max_steps
        self.scenario = scenario
        self.database = Database("sqlite://", inline=True)
        self.database.create_all()
        self.clock = JourneyClock(scenario.start, scenario.start)
        self.reachability = Reachability(SECRET, consent_by_default=scenario.consent_by_default)
        # The journey hears of events; only nobody enters it a second time.
        self.admission = Admission({journey.name: journey}, self.clock)
        providers = {
            channel: RehearsedProvider(scenario.providers.get(channel, ProviderResult.ACCEPTED)) for channel in Channel
        }
        self.renderer = _renderer(brand)
        self.activities = build_activities(
            Parts(
                self.database,
                providers,
                Links(PUBLIC_URL, [SECRET], SHORT_URL),
                self.reachability,
                brand,
                renderer=StrictRenderer(self.renderer),
                moment=lambda: self._moment,
                webhooks=RehearsedWebhooks(scenario.providers.get(CHANNEL, ProviderResult.ACCEPTED)),
                limits=GateLimits(caps=scenario.caps),
                secrets=lambda _name: HIDDEN,
                journeys=self.admission.journeys,
            )
        )
        self.enrollment_id = ""
        self.run: VirtualRun | None = None

    @property
    def _moment(self) -> Moment:
        now = self._running.now
        return lambda: now

    @property
    def _running(self) -> VirtualRun:
        if self.run is None:
            raise RuntimeError("the rehearsal has not begun")
        return self.run

    async def play(self) -> Rehearsed:
        entered = self.database.write_now(
            lambda session: enter(
                session, self.journey, self.scenario, self.admission, self.scenario.start, self.renderer.written()
            )
        )
        if entered is None:
            return Rehearsed(self.journey.name, entered=False)
        self.enrollment_id = entered
        self.database.write_now(self._begin)
        for number, happening in enumerate(self.scenario.then):
            self._running.at(happening.at, self._act(number, happening))
        try:
            with suppress(RunCancelled):  # an outcome like any other, and in the records
                await self._running.run()
        except StuckError:
            held = self.database.read_now(lambda session: self._rows(session)[0].held)
            if not held:  # a journey that nobody resumes simply has no outcome
                raise
        return self.database.read_now(self._report)

    def _begin(self, session: Session) -> None:
        row, customer = self._rows(session)
        row.state = "running"
        row.started_at = self.scenario.start
        session.delete(session.exec(select(OutboxItem)).one())
        self.run = VirtualRun(
            self.journey,
            enrollment_of(row, self.reachability.facts(session, customer)),
            start=self.scenario.start,
            workflow_id=row.workflow_id,
            activities=self.activities,
            max_steps=self.max_steps,
        )

    def _act(self, number: int, happening: Happening) -> Callable[[], None]:
        def act() -> None:
            self.database.write_now(lambda session: self._happen(session, number, happening))

        return act

    def _happen(self, session: Session, number: int, happening: Happening) -> None:
        row, customer = self._rows(session)
        happen(session, happening, f"then[{number}]", row, customer, self.admission)
        session.flush()
        # An event may also let the customer in once more: that would be another rehearsal.
        carry(session, customer.id, {self.enrollment_id: self._running}.get, self.reachability)

    def _rows(self, session: Session) -> tuple[EnrollmentRow, Customer]:
        row = session.get_one(EnrollmentRow, self.enrollment_id)
        return row, session.get_one(Customer, row.customer_id)

    def _report(self, session: Session) -> Rehearsed:
        row, customer = self._rows(session)
        return Rehearsed(
            self.journey.name,
            entered=True,
            outcome=row.outcome,
            reason=row.reason,
            started_at=instant(row.started_at) if row.started_at else None,
            ended_at=instant(row.ended_at) if row.ended_at else None,
            timeline=entries(session, row.id),
            timezone=customer.timezone,
            messages=session.exec(
                select(Message)
                .where(Message.enrollment_id == row.id, col(Message.state).in_(SENT_OR_MAY_BE))
                .order_by(col(Message.decided_at), col(Message.id))
            ).all(),
        )


def _require_contracts(journey: type[Journey]) -> None:
    """On a server the worker would not start."""
    try:
        for webhook in journey.webhooks():
            if webhook.contract:
                BodyContract(webhook.contract)
    except UnknownContractError as error:
        raise WorkflowBugError(str(error)) from None


@cache
def _renderer(brand: Brand) -> JinjaRenderer:
    """Compiled once: most of a rehearsal's time would go into templates."""
    return JinjaRenderer(brand)
