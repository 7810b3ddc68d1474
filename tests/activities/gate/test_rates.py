"""Providers get no more in a second or a day than their plan says, and customers take turns."""

from datetime import timedelta

import pytest

from activities.gate.pacing import NO_TURN, QUOTA, TURN
from activities.messages import Result
from tests.activities.gate.desk import SERVICE
from tests.activities.gate.shop import SECOND, Shop
from tests.activities.storage.rows import NOON


async def test_two_workers_share_a_rate(shop: Shop) -> None:
    """An account that takes five a second gets five a second, however many processes send (guarantees B5)."""
    shop.gates = [shop.gate(rate=5), shop.gate(rate=5)]
    orders = await shop.orders(20)
    answers = [await shop.ask(order, gate=number % 2) for number, order in enumerate(orders)]
    sent = [each for each in answers if each.result is Result.SENT]
    waiting = [(order, each) for order, each in zip(orders, answers, strict=True) if each.result is Result.DEFERRED]
    assert len(sent) == 5
    assert all(each.reason == TURN and each.punctual for _, each in waiting)
    turns = [each.until for _, each in waiting if each.until]
    assert [(turn - turns[0]) / SECOND for turn in turns] == pytest.approx([0.2 * each for each in range(15)])
    for order, answer in waiting:
        assert answer.until is not None
        shop.now = answer.until
        assert (await shop.ask(order)).result is Result.SENT  # a turn waited for is a turn


async def test_an_account_that_takes_few_gets_the_first_at_once(shop: Shop) -> None:
    """Where one message may go in ten seconds, the first customer does not wait, and the others do so one by one."""
    shop.gates = [shop.gate(rate=0.1)]
    answers = [await shop.ask(order) for order in await shop.orders(3)]
    assert [each.result for each in answers] == [Result.SENT, Result.DEFERRED, Result.DEFERRED]
    assert [each.until for each in answers[1:]] == [NOON + 10 * SECOND, NOON + 20 * SECOND]


async def test_quiet_time_is_not_made_up_for(shop: Shop) -> None:
    """After a quiet hour an account that takes five a second gets five in a moment, not an hour's worth."""
    shop.gates = [shop.gate(rate=5)]
    first, *orders = await shop.orders(20)
    await shop.ask(first)
    shop.now += timedelta(hours=1)
    assert [(await shop.ask(order)).result for order in orders].count(Result.SENT) == 5


async def test_turns_that_were_missed_are_lined_up_for_again(shop: Shop) -> None:
    """Messages that come an hour after their turns, as when workers were away, do not flood the account."""
    shop.gates = [shop.gate(rate=1)]
    _, *late = orders = await shop.orders(10)
    for order in orders:
        await shop.ask(order)
    shop.now += timedelta(hours=1)
    assert [(await shop.ask(order)).result for order in late].count(Result.SENT) == 1


async def test_turns_in_the_night_are_given_to_nobody(shop: Shop) -> None:
    """Whoever asks in the morning does not wait for all those whose turns fell into the night."""
    shop.gates = [shop.gate(rate=1 / 3600)]
    *evening, morning = await shop.orders(20)
    shop.now = NOON + timedelta(hours=8, minutes=59)
    for order in evening:
        await shop.ask(order)
    shop.now = NOON + timedelta(hours=21)
    assert (await shop.ask(morning)).result is Result.SENT


async def test_whose_turn_fell_into_the_night_takes_turns_in_the_morning(shop: Shop) -> None:
    """A campaign that closing time cut short does not reach the provider all at once when the hours begin again."""
    shop.gates = [shop.gate(rate=1)]
    orders = await shop.orders(20)
    shop.now = NOON + timedelta(hours=9) - 5 * SECOND
    answers = [(order, await shop.ask(order)) for order in orders]
    night = [order for order, answer in answers if answer.reason == NO_TURN]
    assert len(night) == 15
    shop.now = NOON + timedelta(hours=21)
    assert {answer.until for _, answer in answers if answer.reason == NO_TURN} == {shop.now}
    assert [(await shop.ask(order)).result for order in night].count(Result.SENT) == 1


async def test_a_service_message_does_not_wait_in_line(shop: Shop) -> None:
    """Whoever waits for their confirmation is not behind a campaign of a thousand."""
    shop.gates = [shop.gate(rate=1)]
    for order in await shop.orders(10):
        await shop.ask(order)
    (confirmation,) = await shop.orders(1, SERVICE)
    assert (await shop.ask(confirmation)).result is Result.SENT


@pytest.mark.parametrize(("plan", "expected"), [({"daily": 5}, [2, 4, 5]), ({}, [2, 4, 8])], ids=["quota", "no quota"])
async def test_a_new_sender_warms_up(shop: Shop, plan: dict[str, int], expected: list[int]) -> None:
    """Two messages on the first day, four on the second, never more than the quota; the others wait for the next."""
    shop.gates = [shop.gate(warm_up=2, **plan)]
    orders, went = await shop.orders(20), []
    for _ in range(3):
        answers = [await shop.ask(order) for order in orders]
        went.append(sum(each.result is Result.SENT for each in answers))
        left = [each for each in answers if each.result is Result.DEFERRED]
        assert {each.reason for each in left} == {QUOTA}
        assert {each.until for each in left} == {shop.now + timedelta(hours=21)}  # the opening after midnight UTC
        orders = [order for order, each in zip(orders, answers, strict=True) if each.result is Result.DEFERRED]
        shop.now += timedelta(days=1)
    assert went == expected
