"""Twilio's webhooks: the status of a text, and texts from customers; forms, signed together with the address (B9)."""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qs, parse_qsl, urlsplit, urlunsplit

from activities.callbacks import Callback, ForgedCallbackError, Incoming, Kind, UnsignedCallbackError
from activities.providers.callbacks.reading import LONGEST_TEXT, any_matches, as_bytes, message_key, text

SIGNATURE = "x-twilio-signature"
PORTS = {"https": 443, "http": 80}
KINDS = {
    "accepted": Kind.QUEUED,
    "scheduled": Kind.QUEUED,
    "queued": Kind.QUEUED,
    "sending": Kind.QUEUED,
    "sent": Kind.SENT,
    "delivered": Kind.DELIVERED,
    "read": Kind.OPENED,
    "undelivered": Kind.FAILED,
    "failed": Kind.FAILED,
    "canceled": Kind.FAILED,
}
# Codes of https://www.twilio.com/docs/api/errors.
NO_SUCH_NUMBER = {"30005", "30006"}  # unknown; a landline
LANDLINE_OR_ROUTE = "30006"  # from a short code it may also be the carrier, which no short code of ours reaches
LONGEST_SHORT_CODE = 6  # digits
UNREACHABLE = "30003"  # the phone is off or out of reach
SAID_STOP = "21610"  # to Twilio, at another time
SPOKEN = {"STOP": Kind.OPTED_OUT, "START": Kind.OPTED_IN}  # OptOutType, where Advanced Opt-Out answers


class TwilioCallbacks:
    """Reads Twilio's webhooks.

    Args:
        tokens: auth tokens of the account: the primary one, and the secondary one while they are exchanged.
    """

    def __init__(self, tokens: Sequence[str]) -> None:
        self._tokens = as_bytes(tokens)

    def parse(self, incoming: Incoming) -> Sequence[Callback]:
        """Check the signature and read one status or one text."""
        pairs = parse_qsl(incoming.body.decode("utf-8", "replace"), keep_blank_values=True)
        self._check(incoming, pairs)
        form = dict(pairs)
        id_ = text(form, "MessageSid") or text(form, "SmsSid")
        status = text(form, "MessageStatus") or text(form, "SmsStatus")
        if not id_:
            return []
        if status == "received" or (not status and "Body" in form):
            return [_text(form, id_, incoming)]
        return _report(form, id_, status, incoming)

    def _check(self, incoming: Incoming, pairs: Sequence[tuple[str, str]]) -> None:
        given = incoming.headers.get(SIGNATURE)
        if not given:
            raise UnsignedCallbackError(f"The header {SIGNATURE} is needed.")
        hashes = parse_qs(urlsplit(incoming.url).query).get("bodySHA256")
        if hashes:  # the body is no form; the address vouches for it
            if not any_matches([hashlib.sha256(incoming.body).hexdigest()], hashes[0]):
                raise ForgedCallbackError("The body is not the one that was signed.")
            pairs = []
        said = "".join(f"{name}{value}" for name, value in sorted(set(pairs)))
        expected = [_sign(token, f"{url}{said}") for token in self._tokens for url in _spellings(incoming.url)]
        if not any_matches(expected, given):
            raise ForgedCallbackError("The signature is wrong.")


def _text(form: Mapping[str, str], id_: str, incoming: Incoming) -> Callback:
    spoken = text(form, "OptOutType").upper()
    return Callback(
        "twilio",
        id_,
        SPOKEN.get(spoken, Kind.RECEIVED),
        incoming.received_at,  # Twilio does not say when
        address=text(form, "From"),
        text=text(form, "Body", LONGEST_TEXT),
        answered=bool(spoken),
    )


def _report(form: Mapping[str, str], id_: str, status: str, incoming: Incoming) -> list[Callback]:
    kind, error = KINDS.get(status), text(form, "ErrorCode")
    if kind is None:
        return []
    if kind is Kind.FAILED:
        kind = _failure(error, text(form, "From"))
    key = message_key(value for _, value in parse_qsl(urlsplit(incoming.url).query))
    found = [
        Callback(
            "twilio",
            f"{id_}/{status}",
            kind,
            incoming.received_at,
            key=key,
            provider_id=id_,
            address=text(form, "To"),
            reason=error,
        )
    ]
    if error == SAID_STOP:
        found.append(
            Callback("twilio", f"{id_}/{error}", Kind.OPTED_OUT, incoming.received_at, address=text(form, "To"))
        )
    return found


def _failure(error: str, sender: str) -> Kind:
    """What an error says of the number."""
    is_short_code = sender.isdigit() and len(sender) <= LONGEST_SHORT_CODE
    if error == UNREACHABLE or (error == LANDLINE_OR_ROUTE and is_short_code):
        return Kind.SOFT_BOUNCED
    return Kind.BOUNCED if error in NO_SUCH_NUMBER else Kind.FAILED


def _sign(token: bytes, said: str) -> str:
    return base64.b64encode(hmac.new(token, said.encode(), hashlib.sha1).digest()).decode()


def _spellings(url: str) -> list[str]:
    """An address as it is, without its port and with the usual one: Twilio has signed each of them."""
    parts = urlsplit(url)
    host = parts.netloc.rsplit("@", 1)[-1]
    name = host if parts.port is None else host[: -len(f":{parts.port}")]
    port = parts.port or PORTS.get(parts.scheme, 443)
    return [url, *(urlunsplit(parts._replace(netloc=netloc)) for netloc in (name, f"{name}:{port}"))]
