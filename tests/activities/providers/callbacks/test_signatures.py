"""Signatures of callbacks, against vectors and libraries that we did not write."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from standardwebhooks import Webhook
from twilio.request_validator import RequestValidator

from activities.callbacks import (
    Callback,
    CallbackParser,
    ForgedCallbackError,
    Incoming,
    Kind,
    UnreadableCallbackError,
    UnsignedCallbackError,
)
from activities.providers.callbacks import PARSERS, parsers
from activities.providers.callbacks.standard_webhooks import SignedHooks

NOW = datetime(2026, 11, 5, 9, 0, tzinfo=UTC)
URL = "https://shop.example/v1/hooks/twilio?sojourn_message=msg_0123456789abcdef0123456789abcdef"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER = "whsec_d3Jvbmctc2VjcmV0LW9mLXRoZS1mYWtlLXJlc2VuZA=="


def parse(
    name: str, secrets: Sequence[str], body: bytes, headers: Mapping[str, str], *, url: str = URL, now: datetime = NOW
) -> Sequence[Callback]:
    """What a provider's parser makes of a request."""
    return parsers({name: secrets})[name].parse(Incoming(body, headers, url, now))


# SendGrid's own vector: sendgrid-python, test/unit/test_eventwebhook.py
SENDGRID_KEY = (
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6"
    "wEA3F+g=="
)
SENDGRID_OTHER_KEY = (
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEqTxd43gyp8IOEto2LdIfjRQrIbsd4SXZkLW6jDutdhXSJCWHw8REntlo7aNDthvj+y7GjUuFDb/R1NG"
    "e1OPzpA=="
)
SENDGRID_HEADERS = {
    "x-twilio-email-event-webhook-signature": (
        "MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtM="
    ),
    "x-twilio-email-event-webhook-timestamp": "1600112502",
}
SENDGRID_BODY = (
    json.dumps(
        [
            {
                "email": "hello@world.com",
                "event": "dropped",
                "reason": "Bounced Address",
                "sg_event_id": "ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA",
                "sg_message_id": "LRzXl_NHStOGhQ4kofSm_A.filterdrecv-p3mdw1-756b745b58-kmzbl-18-5F5FC76C-9.0",
                "smtp-id": "<LRzXl_NHStOGhQ4kofSm_A@ismtpd0039p1iad1.sendgrid.net>",
                "timestamp": 1600112492,
            }
        ],
        sort_keys=True,
        separators=(",", ":"),
    )
    + "\r\n"
).encode()


GOOD = {
    "sendgrid": SENDGRID_KEY,
    "postmark": "password",
    "mailgun": "key",
    "resend": SECRET,
    "twilio": "token",
    "vonage": "secret",
    "voucherify": "secret",
    "webhook": SECRET,
}


def test_sendgrid_signs_as_its_own_library_says() -> None:
    """SendGrid's published batch is believed, and its address is one that bounced before."""
    (callback,) = parse("sendgrid", [SENDGRID_OTHER_KEY, SENDGRID_KEY], SENDGRID_BODY, SENDGRID_HEADERS)
    assert (callback.kind, callback.provider_id) == (Kind.BOUNCED, "LRzXl_NHStOGhQ4kofSm_A")
    assert callback.at == datetime.fromtimestamp(1600112492, UTC)


@pytest.mark.parametrize(
    ("keys", "body", "headers"),
    [
        ([SENDGRID_OTHER_KEY], SENDGRID_BODY, {}),
        ([SENDGRID_KEY], SENDGRID_BODY.strip(), {}),
        ([SENDGRID_KEY], SENDGRID_BODY, {"x-twilio-email-event-webhook-timestamp": "1600112503"}),
        ([SENDGRID_KEY], SENDGRID_BODY, {"x-twilio-email-event-webhook-signature": "AAAA"}),
        ([SENDGRID_KEY], SENDGRID_BODY, {"x-twilio-email-event-webhook-signature": "no base64!"}),
    ],
)
def test_sendgrid_is_not_believed_with_anything_changed(keys: list[str], body: bytes, headers: dict[str, str]) -> None:
    """A batch that SendGrid has not signed, byte by byte, is refused."""
    with pytest.raises(ForgedCallbackError):
        parse("sendgrid", keys, body, SENDGRID_HEADERS | headers)


def test_twilio_signs_as_its_documentation_says() -> None:
    """The published example of Twilio's signature is believed."""
    form = {
        "CallSid": "CA1234567890ABCDE",
        "From": "+14158675309",
        "Caller": "+14158675309",
        "To": "+18005551212",
        "Digits": "1234",
    }
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    headers = {"x-twilio-signature": "RSOYDt4T1cUTdK1PDd93/VVr8B8="}
    assert parse("twilio", ["12345"], urlencode(form).encode(), headers, url=url) == []
    with pytest.raises(ForgedCallbackError):
        parse("twilio", ["12346"], urlencode(form).encode(), headers, url=url)


@pytest.mark.parametrize("signed_url", ["as called", "with its port", "without its port"])
@pytest.mark.parametrize("port", ["", ":443", ":8443"])
def test_twilio_is_believed_whichever_spelling_it_signed(signed_url: str, port: str) -> None:
    """Twilio signs an address with or without its port, and its own validator takes both."""
    called = f"https://shop.example{port}/v1/hooks/twilio?a=b"
    url = {
        "as called": called,
        "with its port": f"https://shop.example{port or ':443'}/v1/hooks/twilio?a=b",
        "without its port": "https://shop.example/v1/hooks/twilio?a=b",
    }[signed_url]
    form = {"MessageSid": "SM1", "MessageStatus": "delivered", "Empty": "", "Ünï": "cödé +&="}
    validator = RequestValidator("token")
    signature = validator.compute_signature(url, form)
    assert validator.validate(called, form, signature)
    (found,) = parse(
        "twilio", ["old", "token"], urlencode(form).encode(), {"x-twilio-signature": signature}, url=called
    )
    assert found.kind is Kind.DELIVERED


def test_twilio_vouches_for_a_json_body_by_its_address() -> None:
    """A body that is no form is believed only with the hash that stands in the signed address."""
    body = b'{"a": 1}'
    url = f"https://shop.example/v1/hooks/twilio?bodySHA256={hashlib.sha256(body).hexdigest()}"
    validator = RequestValidator("token")
    headers = {"x-twilio-signature": validator.compute_signature(url, {})}
    assert validator.validate(url, body.decode(), headers["x-twilio-signature"])
    assert parse("twilio", ["token"], body, headers, url=url) == []
    with pytest.raises(ForgedCallbackError):
        parse("twilio", ["token"], body + b" ", headers, url=url)


MAILGUN_SIGNATURE = {  # the published example
    "timestamp": "1529006854",
    "token": "a8ce0edb2dd8301dee6c2405235584e45aa91d1e9f979f3de0",
    "signature": "2df0e54f503d31abdc1519117a730ae38748e41e86f9ae25431dbd26059468af",
}
MAILGUN_AT = datetime.fromtimestamp(1529006854, UTC)


@pytest.mark.parametrize(
    ("keys", "changed", "later", "believed"),
    [
        (["key-test"], {}, timedelta(), True),
        (["old", "key-test"], {}, timedelta(hours=8), True),  # Mailgun still repeats it
        (["key-test"], {}, timedelta(hours=25), False),
        (["key-test"], {}, timedelta(minutes=-6), False),
        (["other"], {}, timedelta(), False),
        (["key-test"], {"token": "b"}, timedelta(), False),
    ],
)
def test_mailgun_signs_as_its_documentation_says(
    keys: list[str], changed: dict[str, str], later: timedelta, believed: bool
) -> None:
    """Mailgun's published token is believed for a day, and no other one."""
    body = json.dumps({"signature": MAILGUN_SIGNATURE | changed, "event-data": {"event": "delivered"}}).encode()
    if believed:
        (found,) = parse("mailgun", keys, body, {}, now=MAILGUN_AT + later)
        assert found.id == MAILGUN_SIGNATURE["token"]
    else:
        with pytest.raises(ForgedCallbackError):
            parse("mailgun", keys, body, {}, now=MAILGUN_AT + later)


def test_standard_webhooks_sign_as_their_test_vector_says() -> None:
    """The vector of the Standard Webhooks libraries is believed, also among several signatures."""
    body = b'{"test": 2432232314}'
    headers = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1a,abc v1,bm90IHRoaXMgb25l v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    at = datetime.fromtimestamp(1614265330, UTC)
    hooks = SignedHooks([OTHER, SECRET], "webhook")
    assert hooks.check(Incoming(body, headers, URL, at)) == "msg_p5jXN8AQM9LWM0D4loKWxJek"
    for later in (timedelta(minutes=6), timedelta(minutes=-6)):
        with pytest.raises(ForgedCallbackError):
            hooks.check(Incoming(body, headers, URL, at + later))
    with pytest.raises(ForgedCallbackError):
        hooks.check(Incoming(json.dumps(json.loads(body), indent=1).encode(), headers, URL, at))
    with pytest.raises(ForgedCallbackError):
        SignedHooks([OTHER], "webhook").check(Incoming(body, headers, URL, at))


def test_what_we_believe_the_library_believes() -> None:
    """Our check and the library's agree on a request of this moment."""
    body, now = '{"type": "email.delivered", "data": {}}', datetime.now(UTC)
    signature = Webhook(SECRET).sign("msg_1", now, body)
    given = {"id": "msg_1", "timestamp": str(int(now.timestamp())), "signature": signature}
    Webhook(SECRET).verify(body, {f"webhook-{name}": value for name, value in given.items()})
    headers = {f"svix-{name}": value for name, value in given.items()}
    (found,) = parse("resend", [SECRET], body.encode(), headers, now=now)
    assert (found.id, found.kind) == ("msg_1", Kind.DELIVERED)


# Vonage's own vector: vonage-python-sdk, jwt/tests/test_verify_jwt.py. Its claims are not those of a webhook, so the
# signature is believed and the request is refused for what the token does not say.
VONAGE_TOKEN = (
    "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9."
    "eyJpc3MiOiJPbmxpbmUgSldUIEJ1aWxkZXIiLCJpYXQiOjE2OTc2MzQ2ODAsImV4cCI6MzMyNTQ1NDA4MjgsImF1ZCI6IiIsInN1YiI6IiJ9."
    "88vJc3I2HhuqEDixHXVhc9R30tA6U_HQHZTC29y6CGM"
)


def test_vonage_signs_as_its_own_library_says() -> None:
    """Vonage's published token has a good signature, and a token without a hash of the body vouches for none."""
    at = datetime.fromtimestamp(1697634680, UTC)
    headers = {"authorization": f"Bearer {VONAGE_TOKEN}"}
    with pytest.raises(ForgedCallbackError, match="body"):
        parse("vonage", ["qwertyuiopasdfghjklzxcvbnm123456"], b"{}", headers, now=at)
    with pytest.raises(ForgedCallbackError, match="signature"):
        parse("vonage", ["asdf"], b"{}", headers, now=at)


def vonage_token(
    body: bytes, *, secret: str = GOOD["vonage"], algorithm: str = "HS256", **claims: Any
) -> dict[str, str]:
    """The header that vouches for a body."""
    said = {"iat": NOW.timestamp(), "payload_hash": hashlib.sha256(body).hexdigest()} | claims
    parts = [json.dumps(each).encode() for each in ({"alg": algorithm, "typ": "JWT"}, said)]
    content = b".".join(base64.urlsafe_b64encode(each).rstrip(b"=") for each in parts)
    signature = base64.urlsafe_b64encode(hmac.new(secret.encode(), content, hashlib.sha256).digest()).rstrip(b"=")
    return {"authorization": f"Bearer {(content + b'.' + signature).decode()}"}


@pytest.mark.parametrize(
    "headers",
    [
        vonage_token(b"another body"),
        vonage_token(b"{}", secret="other"),
        vonage_token(b"{}", algorithm="none"),
        vonage_token(b"{}", iat=(NOW - timedelta(minutes=6)).timestamp()),
        vonage_token(b"{}", iat=(NOW + timedelta(minutes=6)).timestamp()),
        vonage_token(b"{}", iat="now"),
        vonage_token(b"{}", exp=(NOW - timedelta(seconds=1)).timestamp()),
        vonage_token(b"{}", payload_hash=None),
        {"authorization": "Bearer eyJhbGciOiJub25lIn0.e30."},
        {"authorization": "Bearer .."},
    ],
)
def test_vonage_is_not_believed_with_anything_wrong(headers: dict[str, str]) -> None:
    """A token of another secret, algorithm, body or time opens nothing."""
    with pytest.raises(ForgedCallbackError):
        parse("vonage", ["secret"], b"{}", headers)


def test_vonage_is_believed_with_a_good_token() -> None:
    """A token for this very body and of this moment is believed under each active secret."""
    assert parse("vonage", ["older", "secret"], b"{}", vonage_token(b"{}")) == []


def test_voucherify_signs_with_and_without_white_space() -> None:
    """Voucherify's signature is believed over the body as it came, and over the same without white space."""
    said = {"type": "redemption.succeeded", "data": {"redemption": {"id": "r_1"}, "voucher": {"code": 'A "B"  C\\'}}}
    spaced, compact = json.dumps(said, indent=3).encode(), json.dumps(said, separators=(",", ":")).encode()
    for body, signed in ((compact, compact), (spaced, compact), (spaced, spaced)):
        signature = hmac.new(b"secret", signed, hashlib.sha256).hexdigest()
        (found,) = parse("voucherify", ["old", "secret"], body, {"x-voucherify-signature": signature})
        assert (found.kind, found.code, found.id) == (Kind.REDEEMED, 'A "B"  C\\', "r_1")
        with pytest.raises(ForgedCallbackError):
            parse("voucherify", ["secret"], body.replace(b"r_1", b"r_2"), {"x-voucherify-signature": signature})


@pytest.mark.parametrize("password", ["pass:word", "other"])
def test_postmark_is_believed_with_its_password(password: str) -> None:
    """Postmark signs nothing: each active password opens its hook, whoever the user is, and nothing else does."""
    body = json.dumps({"RecordType": "Delivery", "MessageID": "1"}).encode()
    basic = base64.b64encode(f"anyone:{password}".encode()).decode()
    (found,) = parse("postmark", ["other", "pass:word"], body, {"authorization": f"Basic {basic}"})
    assert found.kind is Kind.DELIVERED
    for given in ({}, {"authorization": f"Basic {basic[:-4]}"}, {"authorization": "Basic é"}, {"authorization": basic}):
        with pytest.raises(UnsignedCallbackError):
            parse("postmark", ["other", "pass:word"], body, given)


@pytest.mark.parametrize("name", PARSERS)
@pytest.mark.parametrize("body", [b"{}", b"", b"\xff\x00", b"[" * 100_000, b'{"signature": 1}', b"9" * 5000])
def test_nobody_is_believed_without_a_signature(name: str, body: bytes) -> None:
    """Whatever a stranger sends is refused, and breaks nothing."""
    parser: CallbackParser = parsers({name: [GOOD[name]]})[name]
    with pytest.raises((UnsignedCallbackError, UnreadableCallbackError)):
        parser.parse(Incoming(body, {}, URL, NOW))


@pytest.mark.parametrize(("name", "secret"), [("sendgrid", "no key"), ("resend", "short"), ("webhook", "whsec_AAAA")])
def test_a_secret_that_cannot_be_one_is_named(name: str, secret: str) -> None:
    """Staff who mistype a secret read which one it is, and not the secret."""
    with pytest.raises(ValueError, match=name) as caught:
        parsers({name: [secret]})
    assert secret not in str(caught.value)
