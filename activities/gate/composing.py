"""Composing a message: what it says is fixed once, for every attempt to send it."""

from zoneinfo import ZoneInfo

from sqlmodel import Session

from activities.channels import EMAIL, MessageClass
from activities.gate.policy import Case
from activities.gate.tracking import Tracking
from activities.gate.wording import Wording, promise_ends
from activities.messages import GateAnswer, Promise, Result, Reward
from activities.rendering import Renderer
from activities.storage import vouchers
from activities.storage.facts import Reachability
from activities.storage.places import NO_VOUCHER_LEFT
from activities.storage.tables import Message, Voucher


class Composer:
    """Writes messages.

    Args:
        renderer: turns templates into messages.
        wording: what templates may say.
        reachability: knows addresses.
        tracking: which traces emails carry; none if not given.
    """

    def __init__(
        self, renderer: Renderer, wording: Wording, reachability: Reachability, tracking: Tracking | None
    ) -> None:
        self._renderer = renderer
        self._wording = wording
        self._reachability = reachability
        self._tracking = tracking

    def compose(self, session: Session, case: Case, message: Message) -> GateAnswer | None:
        """Fix what the message says, from now on and for every attempt; a promise takes its voucher along.

        Args:
            session: the transaction in which it is let pass.
            case: the message before the gate.
            message: its row, still without words.

        Returns:
            Why there is none to send: a voucher would be promised, and none is left.
        """
        order = case.order
        reserved: Voucher | None = None
        if order.promise is not None:
            if order.promise.reward is Reward.VOUCHER:
                reserved = vouchers.reserve(
                    session, order.promise.design, case.enrollment.id, case.now, case.facts.timezone
                )
                if reserved is None:
                    return case.answer(Result.SUPPRESSED, NO_VOUCHER_LEFT)
            _note_promise(message, order.promise, case)
        context = self._wording.context(session, order, case.enrollment, case.customer, case.now, reserved)
        rendered = self._renderer.render(order.template, order.channel, context)
        message.to = self._reachability.address(case.customer, order.channel) or ""
        message.subject, message.html, message.text = rendered.subject, rendered.html, rendered.text
        if self._tracking is not None and order.channel is EMAIL:
            message.html = self._tracking.traced(session, message, message.html, case.now)
        message.headers = _leave_headers(case, context["unsubscribe_url"])
        message.decided_at = case.now
        return None


def _note_promise(message: Message, promise: Promise, case: Case) -> None:
    message.promised = promise.reward.value
    message.promised_design = promise.design
    message.promised_amount = promise.amount
    message.promise_ends = promise_ends(promise, case.order.channel, case.now, ZoneInfo(case.facts.timezone))


def _leave_headers(case: Case, url: str) -> dict[str, str]:
    """One press in the mail program ends it (RFC 8058, section 3.1)."""
    if case.order.channel is not EMAIL or case.message_class is not MessageClass.MARKETING:
        return {}
    return {"List-Unsubscribe": f"<{url}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
