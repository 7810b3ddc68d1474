"""Twilio's Messages API as its documentation has it: no keys, forms, callbacks signed over their address."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from worker.fake_providers.core import Callback, Event, FakeProvider, Reply, Request, Sending

ACCOUNT_SID = "AC" + "f" * 32
AUTH_TOKEN = "fake-auth-token"  # noqa: S105 # of the fake
OUR_NUMBER = "+15005550006"
MESSAGES = f"/2010-04-01/Accounts/{ACCOUNT_SID}/Messages.json"
EVENTS: Mapping[str, Mapping[str, str]] = {
    "delivered": {"MessageStatus": "delivered"},
    "bounced": {"MessageStatus": "undelivered", "ErrorCode": "30005"},
    "soft_bounced": {"MessageStatus": "undelivered", "ErrorCode": "30003"},
    "deferred": {"MessageStatus": "sent"},
    "failed": {"MessageStatus": "undelivered", "ErrorCode": "30008"},
}


class FakeTwilio(FakeProvider):
    """Twilio."""

    name = "twilio"

    def settings(self, base_url: str) -> Mapping[str, str]:
        """Account, sender and address; the auth token signs callbacks too."""
        return {
            "SOJOURN_SMS_PROVIDER": self.name,
            "SOJOURN_SMS_SENDER": OUR_NUMBER,
            "SOJOURN_TWILIO_ACCOUNT_SID": ACCOUNT_SID,
            "SOJOURN_TWILIO_AUTH_TOKEN": AUTH_TOKEN,
            "SOJOURN_TWILIO_URL": base_url,
        }

    def read(self, request: Request) -> Sending | None:
        """`POST /2010-04-01/Accounts/{AccountSid}/Messages.json`."""
        if (request.method, request.path) != ("POST", MESSAGES):
            return None
        form = request.form()
        callback = form.get("StatusCallback", "")
        return Sending(
            key=(parse_qs(urlsplit(callback).query).get("sojourn_message") or [""])[0],
            recipient=form.get("To", ""),
            content={
                "text": form.get("Body", ""),
                "from": form.get("From") or form.get("MessagingServiceSid", ""),
                "validity_period": form.get("ValidityPeriod", ""),
                "status_callback": callback,
            },
        )

    def new_id(self, number: int) -> str:
        """SM and 32 hexadecimal digits."""
        return f"SM{number:032x}"

    def refused(self, request: Request) -> Reply | None:
        """401 with code 20003 without the token; 400 without what a text needs."""
        basic = base64.b64encode(f"{ACCOUNT_SID}:{AUTH_TOKEN}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {basic}":
            return error(401, 20003, "Authenticate")
        form = request.form() if request.path == MESSAGES else {}
        if form.get("ValidityPeriod") and not 1 <= int(form["ValidityPeriod"]) <= 36000:
            return error(400, 20001, "Validity Period out of range")
        for code, needed in {21604: "To", 21602: "Body"}.items():
            if form and not form.get(needed):
                return error(400, code, f"A '{needed}' is required.")
        if form and not (form.get("From") or form.get("MessagingServiceSid")):
            return error(400, 21603, "A 'From' phone number is required.")
        return None

    def accepted(self, sending: Sending, message_id: str) -> Reply:
        """201 and the message, which is queued."""
        sender = str(sending.content["from"])
        service = sender if sender.startswith("MG") else None
        body: dict[str, Any] = {
            "sid": message_id,
            "account_sid": ACCOUNT_SID,
            "messaging_service_sid": service,
            "to": sending.recipient,
            "from": None if service else sender,
            "body": sending.content["text"],
            "status": "accepted" if service else "queued",
            "num_segments": "0" if service else "1",
            "error_code": None,
            "error_message": None,
            "price": None,
            "date_created": "Thu, 05 Nov 2026 09:00:01 +0000",
        }
        return Reply(201, body)

    def callback(self, event: Event, url: str) -> Callback | None:
        """A form; what became of a text goes to the address in its request, an inbound text to the usual one."""
        if event.name == "inbound":
            told = {
                "MessageSid": f"SM{int(event.id, 16) % 16**32:032x}",
                "From": event.sender,
                "To": OUR_NUMBER,
                "Body": event.text,
                "NumMedia": "0",
                "AccountSid": ACCOUNT_SID,
                "ApiVersion": "2010-04-01",
            }
        elif event.sent is None or event.name not in EVENTS:
            return None
        else:
            url = str(event.sent.sending.content["status_callback"])
            told = {
                "MessageSid": event.sent.id,
                "SmsSid": event.sent.id,
                "To": event.sent.sending.recipient,
                "From": OUR_NUMBER,
                "AccountSid": ACCOUNT_SID,
                "ApiVersion": "2010-04-01",
                **EVENTS[event.name],
            }
            told["SmsStatus"] = told["MessageStatus"]
        headers = {
            "content-type": "application/x-www-form-urlencoded; charset=UTF-8",
            "x-twilio-signature": _signature("wrong" if event.forged else AUTH_TOKEN, url, told),
            "i-twilio-idempotency-token": event.id,
        }
        return Callback(urlencode(told).encode(), headers, url) if url else None


def error(status: int, code: int, message: str) -> Reply:
    """A refusal in Twilio's form."""
    more_info = f"https://www.twilio.com/docs/errors/{code}"
    return Reply(status, {"code": code, "message": message, "more_info": more_info, "status": status})


def _signature(token: str, url: str, form: Mapping[str, str]) -> str:
    """Over the address and each field with its value, sorted by field."""
    signed = url + "".join(name + form[name] for name in sorted(form))
    return base64.b64encode(hmac.new(token.encode(), signed.encode(), hashlib.sha1).digest()).decode()
