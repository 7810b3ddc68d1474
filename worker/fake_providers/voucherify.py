"""Voucherify as its documentation has it: codes of our own in its campaigns, and publications of them."""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from worker.fake_providers.core import Callback, Event, FakeProvider, Reply, Request, Sending, Sent

APP_ID = "fake-app-id"
APP_TOKEN = "fake-app-token"  # noqa: S105 # of the fake
CALLBACK_SECRET = "fake-secret-key-of-webhooks"  # noqa: S105 # of the fake
CAMPAIGNS = ("Profile reward", "Loyalty discount", "Welcome promo")
ADDED, PUBLISHED = "voucher", "publication"


class FakeVoucherify(FakeProvider):
    """Voucherify. A code that is added and a code that is published count as deliveries."""

    name = "voucherify"

    def settings(self, base_url: str) -> Mapping[str, str]:
        """Keys, address, campaigns, and the secret of callbacks."""
        designs = ("profile-reward", "loyalty-discount", "welcome-promo")
        return {
            "SOJOURN_VOUCHERIFY_APP_ID": APP_ID,
            "SOJOURN_VOUCHERIFY_APP_TOKEN": APP_TOKEN,
            "SOJOURN_VOUCHERIFY_URL": base_url,
            "SOJOURN_VOUCHERIFY_CAMPAIGNS": ",".join(map("=".join, zip(designs, CAMPAIGNS, strict=True))),
            "SOJOURN_VOUCHERIFY_CALLBACK_SECRET": CALLBACK_SECRET,
        }

    def read(self, request: Request) -> Sending | None:
        """`POST /v1/campaigns/{campaign}/vouchers/{code}` and `POST /v1/publications`."""
        if request.method != "POST":
            return None
        match [unquote(part) for part in request.path.split("/")[1:]]:
            case ["v1", "campaigns", campaign, "vouchers", code]:
                return Sending(code, campaign, {"object": ADDED, "code": code}, f"{ADDED}/{code}")
            case ["v1", "publications"]:
                body = request.json()
                customer = body.get("customer")
                return Sending(
                    key=str(body.get("source_id", "")),
                    recipient=str(customer.get("source_id", "")) if isinstance(customer, dict) else "",
                    content={"object": PUBLISHED, "code": body.get("voucher", "")},
                    idempotency_key=f"{PUBLISHED}/{body.get('voucher', '')}",
                )
        return None

    def new_id(self, number: int) -> str:
        """Of a voucher or of a publication; both look alike."""
        return f"v_{number:032d}"

    def refused(self, request: Request) -> Reply | None:
        """401 without the keys, 404 for a campaign that is not there, 400 for a publication that lacks something."""
        shown = (request.headers.get("x-app-id"), request.headers.get("x-app-token"))
        if shown != (APP_ID, APP_TOKEN):
            return error(401, "unauthorized", "Unauthorized")
        sending = self.read(request)
        if sending and sending.content["object"] == ADDED and sending.recipient not in CAMPAIGNS:
            return error(404, "not_found", "Resource not found")
        if sending and sending.content["object"] == PUBLISHED and not (sending.content["code"] and sending.recipient):
            return error(400, "invalid_publish_params", "Invalid publish params")
        return None

    def accepted(self, sending: Sending, message_id: str) -> Reply:
        """200 and the voucher, or the publication with its voucher."""
        code = str(sending.content["code"])
        if sending.content["object"] == ADDED:
            return Reply(200, _voucher(message_id, code, sending.recipient))
        return Reply(200, _publication(message_id, sending))

    def repeated(self, sending: Sending, reply: Reply) -> Reply:  # noqa: ARG002 # the interface's signature
        """A code is added once, and published once."""
        if sending.content["object"] == ADDED:
            return error(409, "duplicate_resource_key", "Duplicate resource key")
        return error(400, "no_voucher_suitable_for_publication", "Couldn't find any voucher suitable for publication")

    def conflict(self, sending: Sending) -> Reply:
        """The same, whatever the second request says."""
        return self.repeated(sending, Reply(200))

    def other(self, request: Request, sent: Sequence[Sent]) -> Reply:
        """`GET /v1/vouchers/{code}` and `GET /v1/publications?source_id=`."""
        if request.method != "GET":
            return error(405, "method_not_allowed", "HTTP Method Not Allowed")
        if request.path == "/v1/publications":
            source = request.query.get("source_id")
            rows = [each for each in sent if each.sending.content["object"] == PUBLISHED]
            found = [_publication(each.id, each.sending) for each in rows if source in {None, each.sending.key}]
            return Reply(200, {"object": "list", "data_ref": "publications", "publications": found})
        code = unquote(request.path.removeprefix("/v1/vouchers/"))
        for each in sent:
            if each.sending.content == {"object": ADDED, "code": code}:
                return Reply(200, _voucher(each.id, code, each.sending.recipient))
        return error(404, "not_found", "Resource not found")

    def callback(self, event: Event, url: str) -> Callback | None:  # noqa: ARG002 # not signed
        """A redemption, signed without white space."""
        if event.sent is None or event.name != "redeemed":
            return None
        code = event.sent.sending.content["code"]
        told = {
            "id": f"whe_{event.id}",
            "type": "redemption.succeeded",
            "created_at": event.at.isoformat(),
            "data": {
                "voucher": {"id": event.sent.id, "object": "voucher", "code": code},
                "redemption": {"id": f"r_{event.id}", "object": "redemption", "result": "SUCCESS"},
                "customer": {"id": "cust_1", "source_id": event.sent.sending.recipient, "object": "customer"},
            },
            "event": {"id": f"evred_{event.id}", "type": "redemption.succeeded", "entity_id": f"r_{event.id}"},
        }
        compact = json.dumps(told, separators=(",", ":")).encode()
        secret = "wrong" if event.forged else CALLBACK_SECRET
        signature = hmac.new(secret.encode(), compact, hashlib.sha256).hexdigest()
        spaced = json.dumps(told, indent=2).encode()  # what is posted has white space; what is signed has none
        return Callback(spaced, {"content-type": "application/json", "x-voucherify-signature": signature})


def error(status: int, key: str, message: str) -> Reply:
    """A refusal in Voucherify's form."""
    return Reply(status, {"code": status, "key": key, "message": message, "details": message, "request_id": "v-1"})


def _voucher(voucher_id: str, code: str, campaign: str) -> dict[str, Any]:
    return {
        "id": voucher_id,
        "object": "voucher",
        "code": code,
        "campaign": campaign,
        "campaign_id": f"camp_{CAMPAIGNS.index(campaign)}",
        "type": "DISCOUNT_VOUCHER",
        "active": True,
    }


def _publication(publication_id: str, sending: Sending) -> dict[str, Any]:
    return {
        "id": f"pub_{publication_id}",
        "object": "publication",
        "source_id": sending.key,
        "tracking_id": sending.recipient,
        "result": "SUCCESS",
        "voucher": {"object": "voucher", "code": sending.content["code"]},
    }
