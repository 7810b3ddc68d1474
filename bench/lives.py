"""Lives to be copied: what rehearsals of the scenarios leave in the database, row by row, and what they count.

So a large population has the steps, lines, messages and counts that the product itself would write.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select as columns
from sqlmodel import Session, SQLModel, select

import workflows
from activities.storage import accounts, reactions
from activities.storage.conversions import PROFILE_UPDATED
from activities.storage.counts import Measure
from activities.storage.enrollments import HELD_OUT_OUTCOME
from activities.storage.holdout import HELD_OUT
from activities.storage.intake import profile_values
from activities.storage.ledger import State
from activities.storage.tables import Customer, Enrollment, Message, Voucher
from activities.storage.vouchers import ASSIGNED
from activities.webhooks import CHANNEL as WEBHOOK
from bench.weekly_letter import WeeklyLetter
from tests.scenarios import branches
from worker.rehearsal.rehearse import rehearse
from worker.rehearsal.scenario import Event, Happening, Hold, Scenario
from workflows.journey import Journey

EXTERNAL_ID = "client-of-the-bench"  # long enough to be found in a row, and nothing else
LIVED = {  # branches that have a test
    "data-collection-points": ("complete-at-entry", "not-complete", "rewarded-by-email", "rewarded-by-sms"),
    "data-collection-voucher": (
        "cancelled",
        "complete-after-reminder",
        "complete-unprompted",
        "not-complete-email-and-sms",
        "opt-out-of-email",
        "phone-only-rewarded",
        "provider-unavailable",
        "rewarded-by-email",
        "rewarded-by-sms",
    ),
    "member-welcome": ("accepted", "unavailable"),
    "order-follow-up": ("email", "email-after-reminder", "no-answer", "push", "sms"),
    "welcome": ("confirmed", "confirmed-after-the-text", "opted-out", "silence"),
}
CUT_AT = (timedelta(hours=1), timedelta(days=4), timedelta(days=8), timedelta(days=22), timedelta(days=50))
BODY = 160  # characters of a message that are kept; PostgreSQL keeps long ones beside the table
NOT_COPIED = {"outbox", "voucher_designs", "daily_counts", "monthly_counts", "count_changes", "provider_states"}
PERSONAL = {"customers", "identities", "consents", "topic_consents", "complete_profiles"}
KEPT_OF_HELD_OUT = {"customers", "identities", "consents", "complete_profiles", "enrollments", "conversions", "inbox"}
MEASURES_OF_HELD_OUT = {Measure.ENROLLED, Measure.CONVERTED, Measure.MET_AT_ENTRY}

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Life:
    """What one customer's way through one journey leaves behind.

    Attributes:
        journey: its name.
        begins: instant of the enrollment.
        span: from then to the last thing that happened.
        is_over: whether the journey has ended.
        rows: by table.
        counts: what was counted, as rows without an id.
    """

    journey: str
    begins: datetime
    span: timedelta
    is_over: bool
    rows: Mapping[str, Sequence[Row]]
    counts: Sequence[Row]

    @property
    def messages(self) -> int:
        """How many the ledger has."""
        return len(self.rows.get("messages", ()))

    @property
    def changes_profile(self) -> bool:
        """Whether the customer is another one at its end; two such lives are not one customer's."""
        return any(row["type"] == PROFILE_UPDATED for row in self.rows.get("inbox", ()))


def catalogue() -> dict[str, type[Journey]]:
    """The product's journeys, and the one with many messages."""
    return workflows.catalogue() | {WeeklyLetter.name: WeeklyLetter}


def lives() -> list[Life]:
    """Each of these branches lived to its end, broken off on several days, and held out."""
    return asyncio.run(_all())


async def _all() -> list[Life]:
    known, found = catalogue(), []
    for journey, scenario in _scenarios():
        for whole in await _lived(known[journey], scenario):
            found.append(whole)
            for broken_off in _broken_off(scenario, whole):
                found += await _lived(known[journey], broken_off)
    converted = {life.journey: life for life in found if life.rows.get("conversions")}
    ended = {life.journey: life for life in found if life.is_over}
    return found + [_held_out(life) for life in (*converted.values(), *ended.values())]


def _scenarios() -> Iterator[tuple[str, Scenario]]:
    for branch in branches():
        if branch.name in LIVED[branch.journey]:
            yield branch.journey, branch.scenario
    reader = next(branch.scenario for branch in branches() if branch.name == "not-complete-email-and-sms")
    yield WeeklyLetter.name, replace(reader, trigger=Event("account.registered", {}), then=(), vouchers={})


def _broken_off(scenario: Scenario, whole: Life) -> Iterator[Scenario]:
    """The same as it stands some days after it began: nothing happens any more."""
    for after in CUT_AT:
        if after < whole.span:
            at = scenario.start + after
            then = tuple(each for each in scenario.then if each.at < at)
            yield replace(scenario, then=(*then, Happening(at, Hold("the end of the tape"))))


async def _lived(journey: type[Journey], scenario: Scenario) -> list[Life]:
    """The life, or none where the scenario lets its customer in a second time: the copies would have to agree."""
    found: list[Life] = []

    def read(session: Session) -> None:
        if len(session.exec(select(Enrollment.id)).all()) == 1:
            found.append(_read(session, journey))

    customer = {**scenario.customer, "id": EXTERNAL_ID}
    await rehearse(journey, replace(scenario, customer=customer), afterwards=read)
    return found


def _read(session: Session, journey: type[Journey]) -> Life:
    customer = session.exec(select(Customer)).one()
    enrollment = session.exec(select(Enrollment)).one()
    _react(session, customer)
    accounts.registered(session, enrollment.enrolled_at)
    accounts.changed(session, customer, profile_values(customer), {journey.name: journey}, enrollment.enrolled_at)
    if enrollment.state != "ended":
        enrollment.held, enrollment.hold_reason = False, ""
    session.flush()
    rows: defaultdict[str, list[Row]] = defaultdict(list)
    for table in SQLModel.metadata.sorted_tables:
        if table.name not in NOT_COPIED:
            rows[table.name] = [dict(row) for row in session.connection().execute(columns(table)).mappings()]
    rows["vouchers"] = [row for row in rows["vouchers"] if row["enrollment_id"]]
    for row in rows["messages"]:
        if row["channel"] != WEBHOOK:  # whose body is read again
            row["html"], row["text"] = row["html"][:BODY], row["text"][:BODY]  # type: ignore[index] # dicts, made above
    counts = session.connection().execute(columns(SQLModel.metadata.tables["count_changes"])).mappings()
    return Life(
        journey=journey.name,
        begins=enrollment.enrolled_at,
        span=max(row["at"] for row in rows["timeline"]) - enrollment.enrolled_at if rows["timeline"] else timedelta(),
        is_over=enrollment.state == "ended",
        rows={name: each for name, each in rows.items() if each},
        counts=[dict(row) for row in counts],
    )


def _react(session: Session, customer: Customer) -> None:
    """What providers and customers would tell of these messages and vouchers."""
    sent = session.exec(select(Message).where(Message.state == State.ACCEPTED.value)).all()
    for number, message in enumerate(sent):
        for kind in ("delivered", "opened", "clicked")[: 1 + number % 3]:
            at = message.decided_at or message.first_asked_at
            reactions.happened(session, customer, f"message.{kind}", {"message_id": message.id}, at)
    for voucher in session.exec(select(Voucher).where(Voucher.state == ASSIGNED)).all():
        assert voucher.assigned_at is not None  # noqa: S101 - for mypy: it is assigned
        reactions.happened(session, customer, reactions.VOUCHER_REDEEMED, {"code": voucher.code}, voucher.assigned_at)


def _held_out(life: Life) -> Life:
    """The same customer, left alone."""
    rows = {name: each for name, each in life.rows.items() if name in KEPT_OF_HELD_OUT}
    for name in {"enrollments", "conversions"} & rows.keys():
        rows[name] = [{**row, "arm": HELD_OUT} for row in rows[name]]
    alone = {"state": "ended", "outcome": HELD_OUT_OUTCOME, "step": "", "last_seq": 0, "ended_at": life.begins}
    rows["enrollments"] = [{**row, **alone} for row in rows["enrollments"]]
    ours = [row for row in life.counts if row["measure"] in MEASURES_OF_HELD_OUT]
    others = [row for row in life.counts if row["measure"] in {Measure.ACCOUNTS, Measure.COMPLETE}]
    return replace(
        life, span=timedelta(), is_over=True, rows=rows, counts=[*({**row, "arm": HELD_OUT} for row in ours), *others]
    )
