"""Frequency caps as settings and scenarios write them."""

import pytest

from activities.frequency import FrequencyCap


@pytest.mark.parametrize(
    ("text", "cap"),
    [
        ("3/7", FrequencyCap(3, 7)),
        (" sms:1/30 ", FrequencyCap(1, 30, "sms")),
        ("webhook:1/1", FrequencyCap(1, 1, "webhook")),
    ],
)
def test_a_cap_reads_as_it_is_said(text: str, cap: FrequencyCap) -> None:
    """An operator writes three messages in seven days as 3/7."""
    assert FrequencyCap.parse(text) == cap


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("3", "looks like 3/7"),
        ("3/", "looks like 3/7"),
        ("3 per 7", "looks like 3/7"),
        ("-1/7", "looks like 3/7"),
        (":3/7", "looks like 3/7"),
        ("0/7", "allows 1 to 1000 messages, not 0"),
        ("3/0", "spans 1 to 366 days, not 0"),
        ("3/400", "spans 1 to 366 days, not 400"),
        ("fax:3/7", "is on one of email, sms, .*webhook, or on all, not on fax"),
    ],
)
def test_what_cannot_be_meant_is_refused(text: str, complaint: str) -> None:
    """An operator's slip is named, instead of silently letting everything through or nothing."""
    with pytest.raises(ValueError, match=complaint):
        FrequencyCap.parse(text)


def test_a_cap_counts_its_channel_or_all() -> None:
    """A cap on texts leaves emails alone."""
    assert FrequencyCap(1, 1, "sms").is_on("sms")
    assert not FrequencyCap(1, 1, "sms").is_on("email")
    assert FrequencyCap(1, 1).is_on("webhook")
