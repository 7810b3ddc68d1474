"""What is drawn, and what is refused."""

import inspect

import pytest

import workflows
from tests.worker.diagram import toys
from worker.diagram import Graph, Kind, UndrawableError, draw
from workflows.journey import Journey

VOUCHER = workflows.catalogue()["data-collection-voucher"]


def lines(graph: Graph) -> set[tuple[str, str, str]]:
    """The picture as (from, on, to), in the words on the cards."""
    labels = {node.id: node.label for node in graph.nodes}
    return {(labels[edge.source], edge.label, labels[edge.target]) for edge in graph.edges}


def test_the_voucher_journey_reads_like_its_description() -> None:
    """Email and SMS are one path, and only the last promise by text has a branch of its own."""
    graph = draw(VOUCHER)
    main = [(node.label, node.detail) for node in graph.nodes if node.kind is Kind.MESSAGE]
    assert main == [
        ("complete-your-account", "email or SMS"),
        ("voucher-offer", "email or SMS"),
        ("your-voucher", "email or SMS"),
        ("voucher-offer", "SMS"),
        ("your-voucher", "SMS"),
    ]
    assert [node.label for node in graph.nodes if node.kind is Kind.WAIT] == [
        "Wait 3 days",
        "Wait 3 days",
        "Wait 2 days",
        "Wait 2 days",
    ]
    assert len([node for node in graph.nodes if node.kind is Kind.CHECK]) == 7
    assert not [node for node in graph.nodes if node.kind is Kind.CHOICE]


def test_a_refused_address_goes_back_to_the_next_channel() -> None:
    """The loop over channels is drawn back, as what happens when something fails."""
    graph = draw(VOUCHER)
    back = next(edge for edge in graph.edges if edge.label == "address refused")
    assert (back.kind, graph.node(back.target).label) == ("otherwise", "Reachable?")


@pytest.mark.parametrize("name", workflows.catalogue())
def test_whoever_stands_at_a_fork_reads_which_way_is_which(name: str) -> None:
    """Of a card with several ways out every line is labelled, and no two lines say the same."""
    graph = draw(workflows.catalogue()[name])
    for node in graph.nodes[1:]:  # beside the start stands only what may happen at any moment
        labels = [edge.label for edge in graph.after(node.id)]
        assert len(labels) < 2 or (all(labels) and len(set(labels)) == len(labels)), node.id


@pytest.mark.parametrize("name", workflows.catalogue())
def test_every_card_leads_to_an_end(name: str) -> None:
    """No card stands alone, and nothing but an end is the last."""
    graph = draw(workflows.catalogue()[name])
    reached = {edge.target for edge in graph.edges} | {graph.nodes[0].id}
    assert reached == {node.id for node in graph.nodes}
    assert all(graph.after(node.id) or node.kind is Kind.END for node in graph.nodes)


@pytest.mark.parametrize("name", workflows.catalogue())
def test_the_same_code_gives_the_same_picture(name: str) -> None:
    """Documents and counts can rely on a picture not moving by itself."""
    journey = workflows.catalogue()[name]
    assert draw(journey) == draw(journey)


def test_an_answer_stands_on_the_line_of_the_wait_for_it() -> None:
    """The paths behind an event begin at the card that waits for it, as in the seed's own picture."""
    graph = draw(toys.Answers)
    assert {line for line in lines(graph) if line[0] == "Wait for toy.answered"} == {
        ("Wait for toy.answered", "time is up", "Silence"),
        ("Wait for toy.answered", "mail", "thanks"),
        ("Wait for toy.answered", "text or call", "thanks"),
        ("Wait for toy.answered", "other", "Other answer"),
    }
    assert "up to 1 day 12 hours" in graph.node("time-to-answer").detail


def at_the_goal(journey: type[Journey]) -> set[str]:
    """The ends that are drawn as having reached the goal."""
    return {node.label for node in draw(journey).nodes if node.kind is Kind.END and node.goal and not node.failure}


def test_ends_at_the_goal_are_marked() -> None:
    """A marketer sees at which ends the goal is reached: where a check found it, or the event came that meets it."""
    assert at_the_goal(VOUCHER) == {
        "Complete at entry",
        "Complete unprompted",
        "Complete after the reminder",
        "Rewarded by email or SMS",
        "Rewarded by SMS",
    }
    assert at_the_goal(workflows.catalogue()["order-follow-up"]) == {
        "Discount by email",
        "Discount by SMS",
        "Discount by push",
    }
    assert at_the_goal(workflows.catalogue()["welcome"]) == set()


def test_an_event_that_is_not_quite_the_goal_marks_no_end() -> None:
    """Whoever only answered something of that kind has not reached the goal."""
    assert at_the_goal(toys.Subscriber) == {"The letter"}


def test_what_removes_a_customer_stands_beside_the_start() -> None:
    """A reader sees at once that an event ends the journey wherever it stands."""
    assert ("toy.began", "at any moment", "toy.stopped") in lines(draw(toys.Answers))


def test_a_loop_comes_back_to_its_own_card() -> None:
    """Rounds are one card, gone through several times; a list of messages is one card each."""
    graph = draw(toys.Rounds)
    assert ("Wait 1 day", "", "Profile done?") in lines(graph)
    assert [node.label for node in graph.nodes if node.kind is Kind.MESSAGE].count("please-kind or please-brisk") == 1
    assert any(node.steps == ("last-kind-email", "last-brisk-email") for node in graph.nodes)


def test_a_parameter_that_is_given_decides() -> None:
    """With the values of a running system only their way is drawn."""
    graph = draw(toys.Rounds, {"tone": "brisk"})
    sent = {node.label for node in graph.nodes if node.kind is Kind.MESSAGE}
    assert sent == {"please-brisk", "last-brisk", "very-last-brisk"}


@pytest.mark.parametrize(
    ("journey", "said", "code"),
    [
        (toys.Sleeper, "cannot follow await workflow.sleep(1)", "await workflow.sleep(1)"),
        (toys.Catcher, "cannot follow try:", "try:"),
        (toys.Dreamer, "Dreamer.dream calls itself", "await self.dream()"),
        (toys.Improviser, "template is not known before the journey runs", "enrollment.customer_id"),
        (toys.Counter, "a loop that never comes back", "days=days"),
        (toys.Gatherer, "cannot follow await self.send(EMAIL, name)", "sent = ["),
    ],
)
def test_what_cannot_be_followed_is_refused_with_its_line(journey: type[Journey], said: str, code: str) -> None:
    """The author learns the line and the construct; a wrong picture is never drawn."""
    with pytest.raises(UndrawableError) as refused:
        draw(journey)
    assert said in str(refused.value)
    line = inspect.getsource(toys).splitlines()[refused.value.line - 1]
    assert code in line


def test_each_arm_of_a_split_has_a_line_of_its_own() -> None:
    """A marketer sees who gets what, also where one line of code sends one template or the other."""
    found = lines(draw(toys.Arms))
    assert {line for line in found if line[0] == "Split: words"} == {
        ("Split: words", "plain", "news-plain"),
        ("Split: words", "cheerful", "news-cheerful"),
    }
    assert {line for line in found if line[0] == "Split: reminder"} == {
        ("Split: reminder", "text", "news"),
        ("Split: reminder", "nothing", "Told"),
        ("Split: reminder", "two-texts", "news"),
    }
    assert ("news-plain", "not sent", "Not sent") in found


def test_a_split_shows_how_large_its_arms_are() -> None:
    """A marketer reads the shares of the arms as they are set now."""
    drawn = draw(toys.Arms, {"reminder": {"text": 1, "nothing": 1, "two-texts": 2}})
    assert [node.detail for node in drawn.nodes if node.kind is Kind.SPLIT] == [
        "plain 50%, cheerful 50%",
        "text 25%, nothing 25%, two-texts 50%",
    ]
