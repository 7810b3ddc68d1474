"""What became of the messages and webhooks of a cohort."""

from collections import Counter
from collections.abc import Iterable

from activities.storage.counts import Measure
from activities.storage.places import ADDRESS_REFUSED
from activities.storage.reactions import Kind
from activities.storage.reports.model import MessageReport, StepReport
from activities.storage.reports.rollup import Tally

MEASURES = (Measure.MESSAGE, Measure.REACTION)
SUPPRESSED = "suppressed:"
WEBHOOK = "webhook-"


def messages(tally: Tally, steps: Iterable[StepReport]) -> tuple[MessageReport, ...]:
    """Each message step: what the gate decided, and what was reported of it since.

    Args:
        tally: of the cohort.
        steps: of the cohort; a message is planned as often as its step was entered.
    """
    decided = _by_step(tally, Measure.MESSAGE)
    reacted = _by_step(tally, Measure.REACTION)
    return tuple(
        _message(step, decided[step.step], reacted.get(step.step, Counter())) for step in steps if step.step in decided
    )


def _message(step: StepReport, decided: Counter[str], reacted: Counter[str]) -> MessageReport:
    suppressed = {
        decision.removeprefix(SUPPRESSED): count
        for decision, count in sorted(decided.items())
        if decision.startswith(SUPPRESSED)
    }
    failed = decided["failed"] + decided[f"failed:{ADDRESS_REFUSED}"]
    settled = decided["sent"] + decided["unknown"] + failed + sum(suppressed.values())
    channel, template = _channel_and_template(step.step)
    return MessageReport(
        step=step.step,
        channel=channel,
        template=template,
        planned=step.entered,
        sent=decided["sent"],
        unknown=decided["unknown"],
        failed=failed,
        suppressed=suppressed,
        pending=step.entered - settled,
        deferred=decided["deferred"],
        delivered=reacted[Kind.DELIVERED],
        opened=reacted[Kind.OPENED],
        opened_by_machine=reacted[Kind.OPENED_BY_MACHINE],
        clicked=reacted[Kind.CLICKED],
        clicked_by_machine=reacted[Kind.CLICKED_BY_MACHINE],
        bounced=reacted[Kind.BOUNCED],
        complained=reacted[Kind.COMPLAINED],
        unsubscribed=reacted[Kind.UNSUBSCRIBED],
    )


def _by_step(tally: Tally, measure: Measure) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = {}
    for (step, what), count in tally.by(measure, "name", "detail").items():
        found.setdefault(step, Counter())[what] += count
    return found


def _channel_and_template(step: str) -> tuple[str, str]:
    """As the verbs name their steps: ``TEMPLATE-CHANNEL`` and ``webhook-NAME``."""
    name = step.partition("#")[0]
    if name.startswith(WEBHOOK):
        return "webhook", name.removeprefix(WEBHOOK)
    template, _, channel = name.rpartition("-")
    return channel, template
