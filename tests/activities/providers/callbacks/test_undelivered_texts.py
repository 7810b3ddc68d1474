"""Why a text did not arrive: a number that is none is not texted again, a phone that is off is, for a while."""

import json
from urllib.parse import urlencode

import pytest
from twilio.request_validator import RequestValidator

from activities.callbacks import Kind
from tests.activities.providers.callbacks.test_signatures import GOOD, URL, parse, vonage_token

LONG_CODE, SHORT_CODE = "+15005550006", "73737"


def twilio_says(error: str, sender: str = LONG_CODE) -> Kind:
    """What the status callback of a text that did not arrive means."""
    form = {
        "MessageSid": "SM1",
        "MessageStatus": "undelivered",
        "ErrorCode": error,
        "From": sender,
        "To": "+447700900123",
    }
    headers = {"x-twilio-signature": RequestValidator("token").compute_signature(URL, form)}
    [found] = parse("twilio", ["token"], urlencode(form).encode(), headers)
    return found.kind


def vonage_says(error: str, status: str = "undeliverable") -> Kind:
    """The same of Vonage."""
    problem = {"type": f"https://developer.vonage.com/api-errors/messages#{error}", "title": error}
    body = json.dumps({"message_uuid": "V1", "status": status, "to": "447700900123", "error": problem}).encode()
    [found] = parse("vonage", [GOOD["vonage"]], body, vonage_token(body))
    return found.kind


@pytest.mark.parametrize("error", ["30005", "30006"])
def test_twilio_knows_no_such_number(error: str) -> None:
    """A customer whose number is unknown, or a landline, is not texted again."""
    assert twilio_says(error) is Kind.BOUNCED


def test_twilio_finds_the_phone_switched_off() -> None:
    """A customer whose phone is off or out of reach may be texted again."""
    assert twilio_says("30003") is Kind.SOFT_BOUNCED


def test_twilio_finds_no_way_from_a_short_code() -> None:
    """A customer whose carrier takes no texts from our short code keeps their number: it may be fine."""
    assert twilio_says("30006", SHORT_CODE) is Kind.SOFT_BOUNCED


@pytest.mark.parametrize("error", ["30004", "30007", "30008"])
def test_twilio_blames_the_message(error: str) -> None:
    """A text that was blocked or filtered says nothing of its customer's number."""
    assert twilio_says(error) is Kind.FAILED


@pytest.mark.parametrize("error", ["1170", "1190", "1240"])
def test_vonage_knows_no_such_number(error: str) -> None:
    """A customer whose number is invalid, no longer active, or said STOP is not texted again."""
    assert vonage_says(error) is Kind.BOUNCED


@pytest.mark.parametrize("error", ["1180", "1220"])
def test_vonage_finds_the_phone_switched_off(error: str) -> None:
    """A customer whose phone is off, out of coverage or busy may be texted again."""
    assert vonage_says(error) is Kind.SOFT_BOUNCED


@pytest.mark.parametrize("error", ["1210", "1280", "1330"])
def test_vonage_blames_the_message(error: str) -> None:
    """A text that was filtered or blocked says nothing of its customer's number."""
    assert vonage_says(error, "rejected") is Kind.FAILED
