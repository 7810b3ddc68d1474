"""What must be true of a site once everything is well again (guarantees section 6.3).

Judged by evidence that the product cannot touch: the journal of the fake providers and Temporal's histories, held
against the product's own database. Each finding names its invariant.
"""

from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from temporalio.client import Client, WorkflowHistory
from temporalio.worker import Replayer

import workflows
from activities.channels import MessageClass
from activities.gate.attempts import NOT_REPEATED
from activities.storage.ledger import SENT_OR_MAY_BE, SETTLED, State
from activities.storage.tables import Customer, Enrollment, Message, OutboxItem, Voucher
from tests.fake_providers import FakeProviders
from tests.faults.journeys import DAYTIME, JOURNEYS
from tests.faults.site import Site
from tests.faults.tally import Tally
from worker.sandbox import journey_runner

TOLERANCE = timedelta(seconds=0.25)  # wall time from the gate's last look at the clock to the provider's journal
NEVER_SENT = {State.REJECTED, State.SUPPRESSED, State.CANCELLED}
KEEPS_KEYS = {"resend", "webhook"}
CANARY = "canary"  # in every address and name of the suite's customers


@dataclass
class Evidence:
    """What is left of a run.

    Attributes:
        site: where it took place.
        ledger: messages and calls.
        enrollments: of all journeys.
        customers: by id.
        vouchers: that are not free.
        untold: items in the outbox.
        requests: of the providers' journal, by our id of the message; look-ups and tokens are not among them.
        delivered: when each message reached a customer, by our id of it.
        promised: ids of enrollments that were acknowledged.
        stopped: wall-clock instants of opt-outs, cancels and erasures, by enrollment.
    """

    site: Site
    ledger: Sequence[Message]
    enrollments: Sequence[Enrollment]
    customers: Mapping[str, Customer]
    vouchers: Sequence[Voucher]
    untold: Sequence[OutboxItem]
    requests: Mapping[str, Sequence[Mapping[str, Any]]]
    delivered: Mapping[str, Sequence[datetime]]
    promised: Sequence[str] = ()
    stopped: Mapping[str, datetime] = field(default_factory=dict)

    def tally(self, only: Collection[str] | None = None) -> Tally:
        """The run in numbers.

        A message whose worker died on its way, and of which the ledger says that it was not repeated because it had
        become needless or unwanted, is not expected; it counts if it reached its customer all the same.

        Args:
            only: ids of enrollments that count; all, if not given.
        """
        mine = [row for row in self.ledger if only is None or row.enrollment_id in only]
        moot = {row.id for row in mine if row.reason.startswith(NOT_REPEATED)} - set(self.delivered)
        due = [row for row in mine if State(row.state) not in NEVER_SENT and row.id not in moot]
        late = {key for key, _ in self.outside()}
        got = [len(self.delivered.get(row.id, ())) for row in due]
        return Tally(
            expected=len(due),
            sent=sum(number > 0 for number in got),
            doubled=sum(number - 1 for number in got if number > 1),
            lost=sum(number == 0 for number in got),
            unclear=sum(row.state == State.UNKNOWN for row in mine),
            outside=sum(row.id in late for row in mine),
        )

    def outside(self) -> Iterator[tuple[str, datetime]]:
        """Messages that arrived while their customer's window was closed, with the instant on the journey clock."""
        clock = self.site.clock
        for row in self.ledger:
            if row.message_class != MessageClass.MARKETING:
                continue
            zone = self.customers[row.customer_id].timezone
            for at in self.delivered.get(row.id, ()):
                if not DAYTIME.is_open(clock.at(at), zone) and not DAYTIME.is_open(clock.at(at - TOLERANCE), zone):
                    yield row.id, clock.at(at)


async def gather(
    site: Site,
    fakes: FakeProviders | None = None,
    *,
    promised: Sequence[str] = (),
    stopped: Mapping[str, datetime] | None = None,
) -> Evidence:
    """Collect what a run has left.

    Args:
        site: where it took place.
        fakes: who delivered; the site's mailbox, if not given.
        promised: ids of enrollments that the API has acknowledged.
        stopped: when nothing more was to go to whom, by enrollment, wall clock.
    """
    ledger = site.table(Message)
    keys = {row.id for row in ledger}
    requests: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    delivered: dict[str, list[datetime]] = defaultdict(list)
    if fakes is None:
        for path in (site.folder / "mail").glob("*-*-*"):
            delivered[path.stem.split("-", 2)[2]].append(datetime.fromtimestamp(path.stat().st_mtime).astimezone())
    else:
        journal = {entry["id"]: entry for entry in await fakes.journal()}
        for entry in journal.values():
            if entry["key"] in keys:
                requests[entry["key"]].append(entry)
        for sent in await fakes.sent():
            if sent["sending"]["key"] in keys:
                arrived = datetime.fromisoformat(journal[sent["request"]]["received_at"])
                delivered[sent["sending"]["key"]].append(arrived)
    return Evidence(
        site,
        ledger,
        site.table(Enrollment),
        {row.id: row for row in site.table(Customer)},
        [row for row in site.table(Voucher) if row.state != "free"],
        site.table(OutboxItem),
        requests,
        delivered,
        promised,
        stopped or {},
    )


def findings(evidence: Evidence) -> list[str]:
    """Everything that is wrong with a run, after its heal."""
    return [
        *_once(evidence),
        *_nothing_lost(evidence),
        *(f"I3: {key} arrived at {at}, outside the window" for key, at in evidence.outside()),
        *_nobody_bothered(evidence),
        *_codes(evidence),
        *_entered_once(evidence),
    ]


def _once(evidence: Evidence) -> Iterator[str]:
    for row in evidence.ledger:
        got = len(evidence.delivered.get(row.id, ()))
        if got > 1:
            yield f"I1: {row.id} by {row.provider} went {got} times"
        if got and State(row.state) in NEVER_SENT:
            yield f"I1: {row.id} is {row.state}, and it went"
        if not got and row.state == State.ACCEPTED:
            yield f"I1: {row.id} is said to be sent, and {row.provider} never had it"
        if row.provider in KEEPS_KEYS and _was_altered(evidence, row.id):
            yield f"I1: {row.id} was repeated under its key with other words"
    slots = Counter((row.enrollment_id, row.step, row.visit, row.channel) for row in evidence.ledger)
    yield from (f"I1: {slot} stands in the ledger {number} times" for slot, number in slots.items() if number > 1)


def _was_altered(evidence: Evidence, key: str) -> bool:
    """Whether a provider that had taken a message was sent other words under its key."""
    if key not in evidence.delivered:
        return False
    requests = evidence.requests[key]
    taken = next(each for each in requests if datetime.fromisoformat(each["received_at"]) == evidence.delivered[key][0])
    return any(each["body"] != taken["body"] for each in requests[requests.index(taken) :])


def _nothing_lost(evidence: Evidence) -> Iterator[str]:
    known = {row.id for row in evidence.enrollments}
    yield from (f"I2: {each} was acknowledged and is not there" for each in evidence.promised if each not in known)
    for row in evidence.enrollments:
        if row.state != "ended" or not row.outcome:
            yield f"I2: {row.id} in {row.journey} is {row.state} and has not ended"
    yield from (f"I2: {item.kind} of {item.enrollment_id} waits: {item.error}" for item in evidence.untold)
    for message in evidence.ledger:
        if State(message.state) not in SETTLED:
            yield f"I2: {message.id} is {message.state} for ever"


def _nobody_bothered(evidence: Evidence) -> Iterator[str]:
    for row in evidence.ledger:
        stopped = evidence.stopped.get(row.enrollment_id)
        if stopped is None or row.decided_at is None or State(row.state) not in SENT_OR_MAY_BE:
            continue
        if evidence.site.clock.wall(row.decided_at) > stopped:
            yield f"I4: {row.id} was let pass after its customer had said no"


def _codes(evidence: Evidence) -> Iterator[str]:
    given = Counter((row.enrollment_id, row.step, row.visit) for row in evidence.vouchers if row.state == "assigned")
    yield from (f"I5: {slot} was given {number} codes" for slot, number in given.items() if number > 1)
    kept = {row.enrollment_id for row in evidence.vouchers}
    for row in evidence.ledger:
        is_out = row.promised == "voucher" and State(row.state) in SENT_OR_MAY_BE
        if is_out and row.enrollment_id not in kept and not _is_over(evidence, row):
            yield f"I5: {row.enrollment_id} was promised a code and none is kept"


def _is_over(evidence: Evidence, row: Message) -> bool:
    """Whether the promise of a message has ended, kept or not: codes that were not earned go back."""
    return any(each.id == row.enrollment_id and each.state == "ended" for each in evidence.enrollments)


def _entered_once(evidence: Evidence) -> Iterator[str]:
    entries = Counter((row.customer_id, row.journey, row.entry_key) for row in evidence.enrollments)
    yield from (f"I6: {entry} was entered {number} times" for entry, number in entries.items() if number > 1)


async def replayed(client: Client, site: Site) -> list[str]:
    """I8: every history is gone through again with the code as it is."""
    journeys = list((workflows.catalogue() | JOURNEYS).values())
    replayer = Replayer(workflows=journeys, workflow_runner=journey_runner())
    started = [row.workflow_id for row in site.table(Enrollment) if row.started_at is not None]

    async def histories() -> AsyncIterator[WorkflowHistory]:
        for workflow_id in started:
            yield await client.get_workflow_handle(workflow_id).fetch_history()

    results = await replayer.replay_workflows(histories(), raise_on_replay_failure=False)
    return [f"I8: {run_id}: {failure}" for run_id, failure in results.replay_failures.items()]


def given_away(*folders: Path, words: Sequence[str] = (CANARY,)) -> list[str]:
    """I9: files of Temporal and logs that hold what is personal, or a secret."""
    found = []
    for folder in folders:
        for path in [*folder.glob("temporal.db*"), *folder.glob("*.log")]:
            content = path.read_bytes().lower()
            found += [f"I9: {path.name} holds {word!r}" for word in words if word.lower().encode() in content]
    return found
