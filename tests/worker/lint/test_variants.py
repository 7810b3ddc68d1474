"""Variants of templates: whether each can be chosen, and whether what was chosen is there."""

from datetime import UTC, datetime
from pathlib import Path

import workflows
from activities.channels import EMAIL, SMS, MessageClass
from activities.storage import journey_settings
from activities.storage.database import Database
from activities.templates.brand import Brand
from activities.templates.renderer import JinjaRenderer
from worker.lint import chosen_and_gone, lint_file, unfit_variants

MARKETING, SERVICE = MessageClass.MARKETING, MessageClass.SERVICE
WRITTEN = {
    "reminder": {EMAIL: MARKETING, SMS: MARKETING},
    "reminder--short": {EMAIL: MARKETING, SMS: MARKETING},
    "reminder--spring": {EMAIL: MARKETING},
    "reminder--stern": {EMAIL: SERVICE, SMS: MARKETING},
    "lost--short": {SMS: MARKETING},
}
JOURNEY = """
class Greeting(Journey):
    trigger = On("account.registered")
    hello = Parameter(Template("{template}"), "words of the greeting")
    read = Opened({condition})

    async def run(self, enrollment):
        await self.send(SMS, self.hello)
"""


def test_the_variants_there_are_can_be_chosen() -> None:
    """A marketer finds every variant of the project in the list."""
    assert unfit_variants(JinjaRenderer(Brand()).written()) == []


def test_a_variant_that_cannot_stand_in_is_found(tmp_path: Path) -> None:
    """A developer learns before the deploy why a variant would be missing in the list."""
    found = [(each.file.name, each.what) for each in unfit_variants(WRITTEN, tmp_path)]
    assert found == [
        ("lost--short.sms.txt", "is a variant of lost, which there is not"),
        ("reminder--spring.email.html", "is not written for sms, as reminder is"),
        ("reminder--stern.email.html", "is a service message, reminder a marketing message"),
    ]


def test_a_chosen_variant_whose_files_are_gone_is_found() -> None:
    """An operator learns before the deploy that newcomers would be sent words that were deleted."""
    database, name = Database("sqlite://", inline=True), "data-collection-voucher"
    database.create_all()
    try:
        chosen = {"reminder_message": "complete-your-account--spring"}
        database.write_now(
            lambda session: journey_settings.set_parameters(session, name, chosen, datetime(2026, 11, 22, tzinfo=UTC))
        )
        journeys, written = workflows.catalogue(), JinjaRenderer(Brand()).written()
        [finding] = chosen_and_gone(journeys, written, database)
        assert finding.what == (
            f"{name}: reminder_message is set to 'complete-your-account--spring', and there is no such variant"
        )
        there = {**written, finding.what.split("'")[1]: written["complete-your-account"]}
        assert chosen_and_gone(journeys, there, database) == []
    finally:
        database.close()


def test_a_parameter_whose_template_is_missing_is_found(tmp_path: Path) -> None:
    """A developer who misspells a parameter's template is told, at the send and at the condition."""
    file = tmp_path / "greeting.py"
    file.write_text(JOURNEY.format(template="helo", condition="hello"), encoding="utf-8")
    wrong = [each.what for each in lint_file(file, {"hello": {EMAIL, SMS}})]
    assert wrong == ["there is no template 'helo'"] * 2
    file.write_text(JOURNEY.format(template="hello", condition="hello"), encoding="utf-8")
    assert lint_file(file, {"hello": {EMAIL, SMS}}) == []
    [finding] = lint_file(file, {"hello": {EMAIL}})
    assert finding.what == "template 'hello' is not written for sms"
