"""Texts from customers: STOP, START and HELP, and whatever else they write (guarantees D7, D8)."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from activities.callbacks import Callback, Kind
from activities.channels import SMS
from activities.sms_words import Word, word_of
from activities.storage import consents, customers, enrollments, intake
from activities.storage.facts import STOPPED
from activities.storage.intake import Event
from activities.storage.message_reports import Reception
from activities.storage.tables import Consent, Customer, ProviderCallback, Suppression

RECEIVED = "message.received"
SOURCES = {Word.STOP: "text message: STOP", Word.START: "text message: START"}
MAY_MEAN_STOP = "a text of this customer may mean STOP: please read it"


def hear(
    session: Session,
    reception: Reception,
    callback: Callback,
    row: ProviderCallback,
    more_stop_words: Sequence[str] = (),
) -> list[str]:
    """Do what a text asks for, for everyone with its number.

    Args:
        session: a writing transaction.
        reception: where it arrived.
        callback: the text, or the provider's word that the customer sent STOP or START.
        row: the same as it is stored; it learns who and what.
        more_stop_words: taken for STOP, too.

    Returns:
        Enrollments with something new in the outbox.
    """
    word = {Kind.OPTED_OUT: Word.STOP, Kind.OPTED_IN: Word.START}.get(callback.kind)
    word = word or word_of(callback.text, more_stop_words)
    row.word, row.text = word.value, callback.text
    row.address_hash = reception.reachability.mark(SMS, callback.address)
    session.add(row)
    session.flush()
    found = sorted(customers.with_phone(session, callback.address), key=lambda each: each.id)
    people = [each for person in found if (each := customers.find(session, person.id, locked=True)) is not None]
    row.customer_id = people[0].id if people else ""
    if word in SOURCES:
        _follow(session, reception, callback.address, row.address_hash, people)
    for person in people:
        if word is Word.MAYBE_STOP:
            _pause(session, person, reception.now)
        _tell(session, reception, callback, word, person)
    return [id_ for person in people for id_ in intake.open_ids(session, person)]


def _follow(session: Session, reception: Reception, address: str, mark: str, people: Sequence[Customer]) -> None:
    """Let the latest STOP or START from a number count, whichever came in last; of two at once STOP."""
    said = session.exec(
        select(ProviderCallback).where(
            ProviderCallback.address_hash == mark, col(ProviderCallback.word).in_([word.value for word in SOURCES])
        )
    )
    latest = max(said.all(), key=lambda each: (each.at, each.word == Word.STOP))
    if latest.word == Word.STOP:
        reception.reachability.suppress(session, SMS, address, STOPPED, reception.now)
    else:
        suppressed = session.get(Suppression, (SMS.value, mark))
        if suppressed is not None and suppressed.reason == STOPPED:
            session.delete(suppressed)
    session.flush()
    for person in people:
        _decide(session, reception, person, Word(latest.word), latest.at)


def _decide(session: Session, reception: Reception, person: Customer, word: Word, at: datetime) -> None:
    """Record the decision as of when it was taken, unless the customer has taken another one since."""
    decided = session.get(Consent, (person.id, SMS.value))
    if decided is not None and decided.changed_at > at:
        intake.profile_updated(session, person, [], reception.admission, reception.now)  # the number's state is new
        return
    if word is Word.STOP:
        consents.withdraw(
            session,
            person,
            [SMS],
            source=SOURCES[word],
            event_source="provider",
            admission=reception.admission,
            now=reception.now,
        )
    else:
        customers.decide(session, person, SMS.value, given=True, source=SOURCES[word], now=at)
        intake.profile_updated(session, person, [], reception.admission, reception.now)
    session.flush()
    decided = session.get_one(Consent, (person.id, SMS.value))
    decided.changed_at = at
    session.add(decided)


def _pause(session: Session, person: Customer, now: datetime) -> None:
    """Hold the customer's journeys until somebody has read the text."""
    for row in enrollments.of_customer(session, person):
        if row.state != "ended" and row.cancel_reason is None and not row.held:
            enrollments.hold(session, row, MAY_MEAN_STOP, now)


def _tell(session: Session, reception: Reception, callback: Callback, word: Word, person: Customer) -> None:
    """An event without the customer's words: those stay with the callback."""
    event_id = f"{RECEIVED}/{callback.provider}/{callback.id}/{person.id}"
    event = Event(event_id, RECEIVED, callback.at, {"channel": SMS.value, "word": word.value}, source="provider")
    intake.accept(session, event, person, reception.admission, reception.now)
