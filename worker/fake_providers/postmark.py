"""Postmark as its documentation has it: no keys, a search by metadata, callbacks behind basic auth."""

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from worker.fake_providers.core import Callback, Event, FakeProvider, Reply, Request, Sending, Sent

TOKEN = "fake-server-token"  # noqa: S105 # of the fake
CALLBACK_USER = "sojourn"
CALLBACK_PASSWORD = "fake-password-of-callbacks"  # noqa: S105 # of the fake
EVENTS: Mapping[str, Mapping[str, Any]] = {
    "delivered": {"RecordType": "Delivery", "Details": "250 OK"},
    "bounced": {"RecordType": "Bounce", "Type": "HardBounce", "TypeCode": 1, "Inactive": True, "CanActivate": True},
    "deferred": {"RecordType": "Bounce", "Type": "Transient", "TypeCode": 2, "Inactive": False},
    "soft_bounced": {"RecordType": "Bounce", "Type": "SoftBounce", "TypeCode": 4096, "Inactive": False},
    "failed": {"RecordType": "Bounce", "Type": "Blocked", "TypeCode": 100006, "Inactive": False},
    "complained": {"RecordType": "SpamComplaint", "Type": "SpamComplaint", "TypeCode": 512, "Inactive": True},
    "opened": {"RecordType": "Open", "FirstOpen": True},
    "clicked": {"RecordType": "Click", "OriginalLink": "https://shop.example.com/"},
    "unsubscribed": {
        "RecordType": "SubscriptionChange",
        "SuppressSending": True,
        "SuppressionReason": "ManualSuppression",
        "Origin": "Recipient",
    },
}
TIMES = {
    "Delivery": "DeliveredAt",
    "Bounce": "BouncedAt",
    "SpamComplaint": "BouncedAt",
    "SubscriptionChange": "ChangedAt",
}
BY_RECIPIENT = {"Delivery", "Open", "Click", "SubscriptionChange"}


class FakePostmark(FakeProvider):
    """Postmark."""

    name = "postmark"

    def settings(self, base_url: str) -> Mapping[str, str]:
        """Token, address, and the password of callbacks."""
        return {
            "SOJOURN_EMAIL_PROVIDER": self.name,
            "SOJOURN_EMAIL_SENDER": "Shop <shop@shop.example.com>",
            "SOJOURN_POSTMARK_TOKEN": TOKEN,
            "SOJOURN_POSTMARK_URL": base_url,
            "SOJOURN_POSTMARK_CALLBACK_PASSWORD": CALLBACK_PASSWORD,
        }

    def read(self, request: Request) -> Sending | None:
        """`POST /email`."""
        if (request.method, request.path) != ("POST", "/email"):
            return None
        body = request.json()
        metadata = body.get("Metadata")
        return Sending(
            key=metadata.get("sojourn_message", "") if isinstance(metadata, dict) else "",
            recipient=str(body.get("To", "")),
            content={
                "subject": body.get("Subject", ""),
                "text": body.get("TextBody", ""),
                "html": body.get("HtmlBody", ""),
            },
        )

    def new_id(self, number: int) -> str:
        """A UUID."""
        return str(UUID(int=number, version=4))

    def refused(self, request: Request) -> Reply | None:
        """401 with code 10 without the token; 422 with code 300 without an address."""
        if request.headers.get("x-postmark-server-token") != TOKEN:
            return _error(401, 10, "Bad or missing API token.")
        if request.path == "/email":
            body = request.json()
            for needed in ("From", "To"):
                if not body.get(needed):
                    return _error(422, 300, f"Invalid '{needed}' address.")
        return None

    def accepted(self, sending: Sending, message_id: str) -> Reply:
        """200 and the id."""
        return Reply(
            200,
            {
                "To": sending.recipient,
                "SubmittedAt": "2026-11-05T09:00:01.0000000Z",
                "MessageID": message_id,
                "ErrorCode": 0,
                "Message": "OK",
            },
        )

    def other(self, request: Request, sent: Sequence[Sent]) -> Reply:
        """`GET /messages/outbound?metadata_sojourn_message=`; count and offset are required."""
        if (request.method, request.path) != ("GET", "/messages/outbound"):
            return super().other(request, sent)
        if not {"count", "offset"} <= set(request.query):
            return _error(422, 600, "Parameters 'count' and 'offset' are required.")
        key = request.query.get("metadata_sojourn_message")
        found = [each for each in sent if key in {None, each.sending.key}]
        return Reply(
            200,
            {
                "TotalCount": len(found),
                "Messages": [
                    {"MessageID": each.id, "Status": "Sent", "Metadata": {"sojourn_message": each.sending.key}}
                    for each in found
                ],
            },
        )

    def callback(self, event: Event, url: str) -> Callback | None:  # noqa: ARG002 # not signed
        """One record, with the password in basic auth."""
        if event.sent is None or event.name not in EVENTS:
            return None
        told = EVENTS[event.name]
        kind = told["RecordType"]
        body = {
            "MessageID": event.sent.id,
            "Recipient" if kind in BY_RECIPIENT else "Email": event.sent.sending.recipient,
            TIMES.get(kind, "ReceivedAt"): event.at.isoformat(),
            "Metadata": {"sojourn_message": event.sent.sending.key},
            "MessageStream": "outbound",
            **told,
        }
        password = "wrong" if event.forged else CALLBACK_PASSWORD
        basic = base64.b64encode(f"{CALLBACK_USER}:{password}".encode()).decode()
        headers = {"content-type": "application/json", "authorization": f"Basic {basic}"}
        return Callback(json.dumps(body).encode(), headers)


def _error(status: int, code: int, message: str) -> Reply:
    return Reply(status, {"ErrorCode": code, "Message": message})
