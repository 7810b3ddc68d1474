"""The contracts that bodies keep, and what the client reads of them."""

from pathlib import Path
from typing import Any

import pytest

import workflows
from activities.gate.webhook_contracts import FOLDER, BodyContract, UnknownContractError

DOCS = Path(__file__).parents[3] / "docs" / "contracts"
GOOD: dict[str, Any] = {
    "type": "member.welcome",
    "timestamp": "2027-03-27T02:30:00.5Z",
    "data": {
        "customer_id": "c1",
        "first_name": "Ada",
        "last_name": None,
        "points_issued": 250,
        "balance": 250,
        "template": "member-welcome",
    },
}


def test_the_client_reads_what_is_checked() -> None:
    """The schemas in the docs are, to the byte, those that every call is checked against."""
    shipped = {path.name: path.read_bytes() for path in FOLDER.glob("*.json")}
    assert shipped == {path.name: path.read_bytes() for path in DOCS.glob("*.json")}
    assert "member-welcome.json" in shipped


def test_a_body_that_was_agreed_upon_passes() -> None:
    """What the client's provider expects goes out."""
    assert BodyContract("member-welcome").problem(GOOD) == ""


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"balance": "250"}, "data.balance breaks its 'type'"),
        ({"points_issued": -1}, "data.points_issued breaks its 'minimum'"),
        ({"customer_id": None}, "data.customer_id breaks its 'type'"),
        ({"email": "ada@example.com"}, "data breaks its 'additionalProperties'"),
    ],
)
def test_a_break_is_named_by_its_place(change: dict[str, Any], place: str) -> None:
    """Staff learn which field is wrong, and nothing of the customer."""
    problem = BodyContract("member-welcome").problem({**GOOD, "data": {**GOOD["data"], **change}})
    assert problem == place
    assert BodyContract("member-welcome").problem([]) == "the whole breaks its 'type'"


def test_an_unknown_contract_is_named() -> None:
    """A misspelt contract is found before anything is called."""
    with pytest.raises(UnknownContractError, match=r"'member-welcom', only .*member-welcome"):
        BodyContract("member-welcom")


@pytest.mark.parametrize("name", workflows.catalogue())
def test_every_journey_has_its_contracts(name: str) -> None:
    """No journey is shipped with a contract that nobody wrote."""
    for webhook in workflows.catalogue()[name].webhooks():
        if webhook.contract:
            BodyContract(webhook.contract)
