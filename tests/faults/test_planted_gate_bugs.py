"""The search for broken promises is worth something: it finds each of these bugs, planted on purpose."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from sqlmodel import Session

from activities.channels import Channel
from activities.delivery import Deduplication, Delivery, Verdict
from activities.gate import gate as gate_module
from activities.gate import policy
from activities.gate.gate import MessageGate
from activities.gate.policy import Case
from activities.messages import GateAnswer, SendOrder
from activities.storage import ledger
from activities.storage.database import Database
from activities.storage.facts import Reachability
from activities.storage.tables import Message
from tests.activities.gate.conftest import machine
from tests.activities.gate.desk import WORDING, PlainRenderer, plain_gate
from tests.activities.gate.fakes import Act, FakeProvider
from tests.activities.gate.test_ledger_machine import CAPPED, EXAMPLES, LedgerMachine, capped_gate

__all__ = ["machine"]

# The same search every time; once it has found something, nobody needs the shortest way there.
SEARCH = settings(EXAMPLES, max_examples=1000, phases=[Phase.generate], derandomize=True, database=None)

Plant = Callable[[pytest.MonkeyPatch], None]


def _ignored_lease(patch: pytest.MonkeyPatch) -> None:
    """A second worker does not wait for the first."""
    limits = replace(CAPPED, lease=timedelta(0), settling=timedelta(0))
    no_lease = staticmethod(lambda database, provider: plain_gate(database, provider, limits))
    patch.setattr(LedgerMachine, "gate_of", no_lease)


def _skipped_window(patch: pytest.MonkeyPatch) -> None:
    """The gate relies on the journey to have waited for the window."""
    only_consent = policy._marketing_objection

    def without_window(session: Session, case: Case, *known: Any) -> GateAnswer | None:
        return only_consent(session, replace(case, order=replace(case.order, window=None)), *known)

    patch.setattr(policy, "_marketing_objection", without_window)
    patch.setattr(MessageGate, "_closes", lambda _self, _case: None)


def _forgotten_token(patch: pytest.MonkeyPatch) -> None:
    """A worker that wakes late settles an attempt that is not its own."""
    settle = MessageGate._settle

    def as_if_it_were_ours(
        self: MessageGate, session: Session, order: SendOrder, passed: Any, *verdict_and_moment: Any
    ) -> Any:
        message = ledger.find(session, order)
        assert message is not None
        return settle(self, session, order, replace(passed, token=message.attempt_token), *verdict_and_moment)

    patch.setattr(MessageGate, "_settle", as_if_it_were_ours)


def _dropped_opt_out(patch: pytest.MonkeyPatch) -> None:
    """The gate does not look whether the customer has left."""

    class Deaf(Reachability):
        def agreed(self, *_: object) -> bool:
            return True

    def deaf_gate(database: Database, provider: FakeProvider) -> MessageGate:
        providers = dict.fromkeys(Channel, provider)
        return MessageGate(database, providers, PlainRenderer(), WORDING, Deaf("test-secret"), CAPPED)

    patch.setattr(LedgerMachine, "gate_of", staticmethod(deaf_gate))


def _obeyed_hold_only_once(patch: pytest.MonkeyPatch) -> None:
    """A message that was let pass before is not checked again."""

    def first_attempts_only(session: Session, case: Case, *known: Any) -> GateAnswer | None:
        message = ledger.find(session, case.order)
        return None if message and message.attempts else policy.objection(session, case, *known)

    patch.setattr(gate_module, "objection", first_attempts_only)
    patch.setattr(MessageGate, "_closes", lambda _self, _case: None)


def _forgotten_cap(patch: pytest.MonkeyPatch) -> None:
    """A gate is built without the caps of the system."""
    patch.setattr(LedgerMachine, "gate_of", staticmethod(plain_gate))


def _forgotten_repeat(patch: pytest.MonkeyPatch) -> None:
    """A repeated attempt that fails is taken for proof that the first one did, too."""
    pass_ = MessageGate._pass
    patch.setattr(MessageGate, "_pass", lambda *args, **named: replace(pass_(*args, **named), repeats=False))


def _resent_without_key(patch: pytest.MonkeyPatch) -> None:
    """An attempt of unclear fate is repeated at a provider that knows no keys."""

    def trusting_gate(database: Database, provider: FakeProvider) -> MessageGate:
        gate = capped_gate(database, provider)
        honest = provider._take
        provider.deduplication, real = Deduplication.KEY, provider.deduplication

        def take(delivery: Delivery) -> Verdict:
            provider.deduplication = real
            try:
                return honest(delivery)
            finally:
                provider.deduplication = Deduplication.KEY

        patch.setattr(provider, "_take", take)
        return gate

    patch.setattr(LedgerMachine, "gate_of", staticmethod(trusting_gate))


def _rewritten_words(patch: pytest.MonkeyPatch) -> None:
    """A repeated attempt carries words of its own under the same key."""
    pass_ = MessageGate._pass

    def with_new_words(*args: Any, **named: Any) -> Any:
        passed = pass_(*args, **named)
        return replace(passed, delivery=replace(passed.delivery, text=passed.token))

    patch.setattr(MessageGate, "_pass", with_new_words)


def _lost_settlement(patch: pytest.MonkeyPatch) -> None:
    """What the provider accepted is noted as to be tried again."""
    move = ledger.move

    def forgetful(message: Message, to: ledger.State, reason: str = "") -> None:
        move(message, ledger.State.RETRYABLE if to is ledger.State.ACCEPTED else to, reason)

    patch.setattr(ledger, "move", forgetful)


@pytest.mark.parametrize(
    "plant",
    [
        _skipped_window,
        _forgotten_token,
        _dropped_opt_out,
        _obeyed_hold_only_once,
        _forgotten_cap,
        _forgotten_repeat,
        _resent_without_key,
        _rewritten_words,
        _lost_settlement,
    ],
    ids=lambda plant: plant.__name__.strip("_"),
)
def test_the_search_finds_a_planted_bug(
    plant: Plant, machine: type[LedgerMachine], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A developer who breaks the gate like this is told before any customer is."""
    plant(monkeypatch)
    with pytest.raises((AssertionError, ledger.IllegalMoveError)):
        run_state_machine_as_test(machine, settings=SEARCH)


def test_an_ignored_lease_is_found(machine: type[LedgerMachine], monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer whose workers do not wait for one another is told: what a search meets by chance alone is tried."""
    _overtaken(machine)
    _ignored_lease(monkeypatch)
    with pytest.raises(AssertionError):
        _overtaken(machine)


def _overtaken(machine: type[LedgerMachine]) -> None:
    """One worker stands before its call; two more are given its message; it wakes."""
    run = machine()
    run.begin(deduplication=Deduplication.LOOKUP)
    run.be_overtaken(place=0, pause=Act.PAUSE_BEFORE, later=0, acts=[Act.ACCEPT, Act.ACCEPT])
    run.no_message_goes_twice()
    run.teardown()
