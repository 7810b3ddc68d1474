"""Which wait the code lets follow a message."""

from worker.diagram import draw
from workflows import catalogue


def following(journey: str) -> dict[str, str]:
    """The waits of a journey, by the place behind a message."""
    return dict(draw(catalogue()[journey]).following)


def test_each_channel_has_the_wait_that_is_named_after_it() -> None:
    """One card may stand for an email and a text, and still each is followed by a wait of its own."""
    found = following("data-collection-voucher")
    assert found["voucher-offer-email>sent"] == "time-to-act-on-the-email-offer"
    assert found["voucher-offer-sms>sent"] == "time-to-act-on-the-sms-offer"


def test_only_where_nothing_else_can_follow() -> None:
    """After a refused address another channel is tried, and without a voucher it ends: nobody waits then."""
    found = following("data-collection-voucher")
    assert found["complete-your-account-email>failed"] == "time-to-act-on-the-reminder"
    assert "complete-your-account-email>address refused" not in found
    assert "voucher-offer-email>no voucher left" not in found
    assert found["voucher-offer-email>suppressed"] == "time-to-act-on-the-email-offer"
    assert "order-follow-up-email>failed" not in following("order-follow-up")


def test_the_second_text_is_followed_by_the_second_wait() -> None:
    """In a loop every round has its own wait."""
    found = following("welcome")
    assert found["confirm-reminder-sms>sent"] == "time-to-act-on-the-text"
    assert found["confirm-reminder-sms#3>sent"] == "time-to-act-on-the-text#3"


def test_a_call_is_followed_like_a_message() -> None:
    """Whoever was handed to the call centre waits for its answer."""
    assert following("welcome")["webhook-call-centre>sent"] == "a-call"


def test_a_message_before_the_end_is_followed_by_no_wait() -> None:
    """The last message of a journey is left with its end only."""
    assert not [place for place in following("data-collection-voucher") if place.startswith("your-voucher")]
