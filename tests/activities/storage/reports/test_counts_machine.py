"""The numbers of a report under everything that can happen to journeys, found by search.

Hypothesis lets customers enter, enter again, be held out, walk, be held, be ended, be reset, convert and be erased,
in any order, while the counting chore runs now and then. What the report says is checked after every step against
the rows themselves.
"""

from collections import Counter

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlmodel import Session, select

from activities.storage import accounts, journey_settings
from activities.storage.database import Database
from activities.storage.enrollments import of_customer
from activities.storage.holdout import HELD_OUT, TREATED
from activities.storage.inside import people_at
from activities.storage.places import shown_at
from activities.storage.reports import journey_report, rollup
from activities.storage.tables import Conversion, Customer, Enrollment
from tests.activities.storage.reports.populations import DAY, Population
from tests.courses import course
from workflows import catalogue

JOURNEY = "order-follow-up"  # entered once an order
ORDER = {"products": [{"category": "Winter boots"}], "completedOn": "2027-02-01T00:00:00Z"}
STEPS = ("thanks", "first-week", "time-to-choose-a-channel", "send-window#2", "subscribed")
RESULTS = ("deferred", "sent", "unknown", "failed:550", "failed:address refused", "suppressed:opted out")
TEMPLATES = ("order-follow-up", "order-reminder")
COURSE = course(JOURNEY)
OUTCOMES = ("discount by email", "no answer", "cancelled", "terminated", "erased")
EXAMPLES = settings(max_examples=15, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck))


class CountsMachine(RuleBasedStateMachine):
    """One journey and its report."""

    customers = Bundle("customers")

    def __init__(self) -> None:
        super().__init__()
        self.database = Database("sqlite://", inline=True)
        self.database.create_all()
        self.session = Session(self.database.engine, expire_on_commit=False)
        self.people = Population(self.session)
        self.orders = 0

    def teardown(self) -> None:
        """Let go of the database."""
        self.session.close()
        self.database.close()

    @rule(target=customers)
    def register(self) -> str:
        """A new customer, who is not in the journey yet."""
        return self.people.register(f"customer{len(self.session.exec(select(Customer.id)).all())}").id

    @rule(customer=customers)
    def order(self, customer: str) -> None:
        """A customer enters, maybe again."""
        self.orders += 1
        self.people.event(self._customer(customer), "order.completed", orderId=str(self.orders), **ORDER)

    @rule(customer=customers, step=st.sampled_from(STEPS))
    def walk(self, customer: str, step: str) -> None:
        """Their last journey records a step, whether or not it is over."""
        for row in self._last(customer):
            self.people.walk(row, step)

    @rule(customer=customers, template=st.sampled_from(TEMPLATES), result=st.sampled_from(RESULTS))
    def write_to(self, customer: str, template: str, result: str) -> None:
        """The gate decides about a message, maybe for the second time after a reset."""
        for row in self._last(customer):
            self.people.record(row, ("message", f"{template}-email", {"result": result}))

    @rule(customer=customers)
    def hold(self, customer: str) -> None:
        """Staff hold it, which it records."""
        for row in self._last(customer):
            self.people.record(row, ("event", "hold", {"type": "journey.held"}))

    @rule(customer=customers, outcome=st.sampled_from(OUTCOMES))
    def end(self, customer: str, outcome: str) -> None:
        """It is over, maybe for the second time after a reset."""
        for row in self._last(customer):
            self.people.end(row, outcome)

    @rule(customer=customers)
    def convert(self, customer: str) -> None:
        """The customer subscribes to the programme."""
        self.people.event(self._customer(customer), "service.subscribed", serviceName="LoyaltyProgrammeEmail")

    @rule(customer=customers)
    def erase(self, customer: str) -> None:
        """The customer is forgotten."""
        found = self._customer(customer)
        if found.erased_at is None:
            found.erased_at = self.people.now
            accounts.erased(self.session, found, self.people.now)

    @rule(share=st.sampled_from((0.0, 0.5)))
    def hold_out(self, share: float) -> None:
        """Staff change how many are held out."""
        journey_settings.set_holdout(self.session, JOURNEY, share, self.people.now)

    @rule(days=st.sampled_from((1, 20)))
    def later(self, days: int) -> None:
        """Time passes."""
        self.people.now += days * DAY

    @rule(limit=st.sampled_from((1, 3, 1000)))
    def fold(self, limit: int) -> None:
        """The counting chore gets its turn."""
        self.session.flush()
        rollup.fold(self.session, limit)

    @invariant()
    def numbers_add_up(self) -> None:
        """Nobody is lost, and nobody is counted twice."""
        self.session.flush()
        report = journey_report(self.session, catalogue()[JOURNEY])
        rows = self.session.exec(select(Enrollment).where(Enrollment.journey == JOURNEY)).all()
        treated = [row for row in rows if row.arm == TREATED]
        for step in report.steps:
            assert step.entered == step.waiting + step.left + step.ended
        waiting = {step.step: step.waiting for step in report.steps if step.waiting}
        assert waiting == Counter(row.step or "start" for row in treated if row.state != "ended")
        assert report.outcomes == Counter(row.outcome for row in treated if row.state == "ended")
        assert {arm.arm: arm.enrolled for arm in report.arms if arm.enrolled} == Counter(row.arm for row in rows)
        conversions = self.session.exec(select(Conversion.arm).where(Conversion.journey == JOURNEY)).all()
        assert {arm.arm: arm.converted for arm in report.arms if arm.converted} == Counter(conversions)
        today = self.people.now.date()
        latest = journey_report(self.session, catalogue()[JOURNEY], today, today)
        assert latest.enrolled == sum(row.enrolled_at.date() == today for row in rows)

    @invariant()
    def people_are_where_the_code_says(self) -> None:
        """Whoever is behind a message is shown at one step, and no step has fewer than none."""
        self.session.flush()
        report = journey_report(self.session, catalogue()[JOURNEY], course=COURSE)
        for step in report.steps:
            assert step.entered == step.waiting + step.left + step.ended
            assert min(step.waiting, step.left, step.ended) >= 0
        rows = self.session.exec(select(Enrollment).where(Enrollment.journey == JOURNEY)).all()
        inside = [row for row in rows if row.arm == TREATED and row.state != "ended"]
        waiting = Counter(shown_at(row.step or "start", row.decided, COURSE) for row in inside)
        assert {step.step: step.waiting for step in report.steps if step.waiting} == waiting
        for name, number in waiting.items():
            found = people_at(self.session, JOURNEY, [name], course=COURSE, limit=len(inside) + 1)
            assert [each.step for each in found] == [name] * number

    @invariant()
    def who_is_held_out_is_left_alone(self) -> None:
        """An arm is for good."""
        rows = self.session.exec(select(Enrollment).where(Enrollment.arm == HELD_OUT)).all()
        assert all(row.outcome == "held out" for row in rows)

    def _customer(self, customer_id: str) -> Customer:
        return self.session.get_one(Customer, customer_id)

    def _last(self, customer_id: str) -> list[Enrollment]:
        """The customer's last entry, if they were let in."""
        found = [row for row in of_customer(self.session, self._customer(customer_id)) if row.journey == JOURNEY]
        return [row for row in found[-1:] if row.arm == TREATED]


def test_no_order_of_events_makes_the_numbers_wrong() -> None:
    """Whatever happens, at every step those who came are those who wait, left or ended there."""
    run_state_machine_as_test(CountsMachine, settings=EXAMPLES)
