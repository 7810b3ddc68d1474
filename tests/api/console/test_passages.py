"""The report's moves, laid over the lines of the pictures."""

from collections.abc import Iterable
from functools import cache

from activities.storage.reports import Flow
from api.console.drawing import Numbers, drawn, standing, unused
from api.console.passages import Passages, passages
from api.pictures import Picture
from api.ways import Places
from worker.pictures import drawer
from workflows import catalogue

VOUCHER = "data-collection-voucher"
OFFER, ACT = "voucher-offer", "time-to-act-on-the-{}-offer"


@cache
def _picture(journey: str = VOUCHER) -> Picture:
    found = drawer(catalogue())(journey, catalogue()[journey].resolve({}), frozenset())
    assert found is not None
    return found


def _laid(flows: Iterable[Flow], enrolled: int = 0, held_out: int = 0, journey: str = VOUCHER) -> Passages:
    return passages(_picture(journey), flows, enrolled, held_out)


def test_who_enters_leaves_the_start_or_is_held_out() -> None:
    """The first lines of a picture carry everybody who entered, and those who are left alone."""
    found = _laid([Flow("start", "complete", 90)], enrolled=90, held_out=10)
    assert found.ways["start", "complete", ""] == 90
    assert found.ways["start", "held-out", "held out"] == 10
    assert found.entered["complete"] == 90


def test_a_card_that_leaves_no_record_is_passed() -> None:
    """Who came in the middle of the day waited for no window; the lines before and behind it count them."""
    found = _laid([Flow("complete#2", "reachable-by-email", 5), Flow("complete#2", "send-window", 2)])
    assert found.entered["send-window"] == 7
    assert found.ways["send-window", "reachable-by-email", ""] == 5


def test_the_second_channel_is_no_move_on_one_card() -> None:
    """Asking for a phone after an email stays on the card that asks for both."""
    found = _laid(
        [Flow("reachable-by-email", "reachable-by-sms", 3), Flow("reachable-by-sms", "end", 3, "unreachable")]
    )
    assert found.ways["reachable-by-email", "end-unreachable", "no"] == 3
    assert found.elsewhere == 0


def test_two_cards_of_one_name_share_as_people_came_to_them() -> None:
    """A text offered first and a text offered second are recorded alike; the lines still tell them apart."""
    found = _laid(
        [
            Flow("complete#3", f"{OFFER}-email", 100),
            Flow(f"{OFFER}-email", ACT.format("email"), 100),
            Flow(ACT.format("email"), "complete#4", 80),
            Flow("complete#4", "reachable-by-sms", 60),
            Flow("reachable-by-sms", f"{OFFER}-sms", 40),
            Flow(f"{OFFER}-sms", ACT.format("sms"), 55),
            Flow("complete#3", f"{OFFER}-sms", 20),
            Flow(ACT.format("sms"), "complete#5", 38),
            Flow("complete#5", "end", 38, "not complete"),
        ]
    )
    assert found.ways[f"{OFFER}-sms", "time-to-act-on-the-sms-offer", "goes on"] == 35
    assert found.entered["time-to-act-on-the-email-offer"] == 120
    assert found.entered["complete-4"] + found.entered["complete-5"] == 118
    assert found.entered["end-not-complete-2"] >= 18


def test_a_way_of_failure_is_taken_where_nothing_else_leads_there() -> None:
    """An end that only a failure leads to counts those who came to it."""
    found = _laid([Flow(f"{OFFER}-email", "end", 4, "no voucher left")])
    assert found.ways[f"{OFFER}-email", "end-no-voucher-left", "no voucher left"] == 4


def test_an_event_that_removes_has_its_own_way() -> None:
    """A cancelled order removes its customer wherever they stand; the picture says it once, beside the start."""
    found = _laid([Flow("time-to-choose-a-channel", "end", 2, "removed")], journey="order-follow-up")
    assert found.ways["start", "exit-on", "at any moment"] == 2
    assert found.entered["end-removed"] == 2


def test_an_end_at_any_moment_needs_no_line() -> None:
    """Cancelled, opted out or erased customers leave from where they stand, and no move is missing for it."""
    found = _laid([Flow("complete#2", "end", 2, "cancelled")])
    assert not +found.ways
    assert found.elsewhere == 0


def test_moves_of_an_earlier_version_are_counted_aloud() -> None:
    """A step that the code has no more is nowhere on the picture; how many moves that is can be told."""
    assert _laid([Flow("complete#2", "a-step-of-old", 6)]).elsewhere == 6


def test_a_round_more_than_the_picture_lists_stands_on_the_last_card_of_its_name() -> None:
    """A loop may go round more often than the picture can say."""
    places = Places(_picture())
    (card,) = {places.home("complete#5"), places.home("complete#9")}
    assert card is not None
    assert card.id == "complete-5"


def test_people_stand_on_one_card_each() -> None:
    """The numbers on the cards add up to those who are inside."""
    waiting = {"start": 2, "complete#2": 1, ACT.format("sms"): 3, ACT.format("email"): 4, "a-step-of-old": 9}
    found = standing(_picture(), waiting)
    assert found.total() == 10
    assert found["time-to-act-on-the-sms-offer"] == 3


def test_only_failures_that_happened_to_nobody_are_left_out() -> None:
    """Every regular way is drawn, whoever took it; of failures only those that happened."""
    picture = _picture()
    found = passages(picture, [Flow(f"{OFFER}-email", "end", 4, "no voucher left")], 10, 0)
    left_out = unused(picture, found)
    assert (f"{OFFER}-email", "end-no-voucher-left", "no voucher left") not in left_out
    assert ("start", "held-out", "held out") in left_out
    assert all(way.failure or way.target == "held-out" for way in picture.ways if way.key in left_out)


def test_lines_are_as_wide_as_their_share() -> None:
    """The line that everybody takes is 26 pixels wide, and one that half take half as wide."""
    picture = _picture()
    flows = [Flow("start", "complete", 100), Flow("complete", "time-to-complete-the-profile-unprompted", 50)]
    drawing = drawn(picture, picture, Numbers(passages(picture, flows, 100, 0), {}, {}))
    assert sorted({band.width for band in drawing.bands if not band.empty}) == [13.0, 26.0]
