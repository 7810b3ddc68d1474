"""One plain sentence for each entry of a timeline."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

Entry = Mapping[str, Any]

CHANNELS = {"email": "email", "sms": "text message"}
FATES = {
    "delivered": "it was delivered",
    "opened": "it was opened",
    "clicked": "a link in it was followed",
    "failed": "it did not arrive",
    "bounced": "it did not arrive, and the address is bad",
    "complained": "the customer called it spam",
}


def sentence(entry: Entry, zone: str) -> str:
    """What an entry says, for someone who never saw the code.

    Args:
        entry: as `timeline_view.entries` gives it.
        zone: IANA name of the customer's zone.
    """
    if entry["kind"] == "wait":
        return _wait(entry, ZoneInfo(zone))
    write = _BY_KIND.get(entry["kind"])
    return write(entry) if write else f"{entry['kind']}: {entry['step']}"


def _wait(entry: Entry, zone: ZoneInfo) -> str:
    why = f": {entry['why']}" if entry["why"] else ""
    if not entry["until"]:
        return f"Waited{why}."
    until = datetime.fromisoformat(entry["until"]).astimezone(zone)
    return f"Waits until {until:%Y-%m-%d %H:%M}, customer's clock{why}."


def _check(entry: Entry) -> str:
    return f"Checked whether the customer is '{entry['condition']}': {'yes' if entry['result'] else 'no'}."


def _message(entry: Entry) -> str:
    what = f"the {CHANNELS.get(entry['channel'], entry['channel'])} '{entry['template']}'"
    result, _, reason = str(entry["result"]).partition(":")
    return {
        "sent": f"Sent {what}{_fate(entry)}.",
        "deferred": f"Put off {what} until it may go out again{_because(entry)}.",
        "held": f"Did not send {what}: the journey is on hold.",
        "suppressed": f"Did not send {what}: {reason}.",
        "failed": f"Could not send {what}: {reason}.",
        "unknown": f"Sent {what}; the provider did not confirm, so it is not sent again.",
    }.get(result, f"{what}: {entry['result']}.")


def _fate(entry: Entry) -> str:
    """What its provider told of it later."""
    told = (entry.get("note"), FATES.get(entry.get("delivery", "")))
    return "".join(f"; {each}" for each in told if each)


def _voucher(entry: Entry) -> str:
    if not entry["code"]:
        return f"No voucher '{entry['design']}' was left."
    return f"Assigned a voucher '{entry['design']}': {entry['code']}."


def _points(entry: Entry) -> str:
    if not entry["amount"]:
        return f"Added no points: the customer has had the most there is; the balance is {entry['balance']}."
    return f"Added {entry['amount']} points; the balance is {entry['balance']}."


def _webhook(entry: Entry) -> str:
    where = entry["url"] or entry["step"].removeprefix("webhook-")
    result, _, reason = str(entry["result"]).partition(":")
    return {
        "sent": f"Called {where}.",
        "deferred": f"Put off calling {where} until it may be called again{_because(entry)}.",
        "suppressed": f"Did not call {where}: {reason}.",
        "failed": f"Could not call {where}: {reason}.",
        "unknown": f"Called {where}; it did not confirm, so it is not called again.",
    }.get(result, f"{where}: {entry['result']}.")


def _because(entry: Entry) -> str:
    return f": {entry['reason']}" if entry.get("reason") else ""


def _outcome(entry: Entry) -> str:
    return f"The journey ended: {entry['outcome']}" + (f" ({entry['reason']})." if entry["reason"] else ".")


_BY_KIND: dict[str, Callable[[Entry], str]] = {
    "check": _check,
    "split": lambda entry: f"Drawn by lot for '{entry['split']}': {entry['arm']}.",
    "message": _message,
    "voucher": _voucher,
    "points": _points,
    "profile": lambda entry: f"Set the profile's '{entry['field']}' to {entry['value']}.",
    "webhook": _webhook,
    "event": lambda entry: f"Heard of '{entry['type']}'.",
    "outcome": _outcome,
}
