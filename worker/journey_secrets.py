"""The secrets of journeys' webhooks: read from the environment, checked at the start, kept nowhere else."""

import os

from sqlmodel import Session

from activities.gate.webhook_contracts import BodyContract, UnknownContractError
from activities.gate.webhooks import Secrets
from activities.storage import journey_settings
from activities.webhooks import MAILBOX
from worker.settings import SECRET_PREFIX, Settings, WrongSettingError
from workflows.journey import Journey, Webhook

SAMPLE = "whsec_c29qb3Vybi1zYW1wbGUtc2VjcmV0LW5vdC1mb3ItcHJvZA=="
"""What stands for a secret that is not set where `SOJOURN_SAMPLE_SECRETS` says so, as `sojourn dev` does."""


def read_secrets(settings: Settings) -> Secrets:
    """What knows the secrets of this process.

    Args:
        settings: checked.

    Raises:
        WrongSettingError: one cannot be a header's value, such as one with a line break at its end.
    """
    found = {
        name.upper().removeprefix(SECRET_PREFIX): value
        for name, value in os.environ.items()
        if name.upper().startswith(SECRET_PREFIX)
    }
    for name, value in found.items():
        if not (value.isascii() and value.isprintable() and value == value.strip()):
            raise WrongSettingError(f"{SECRET_PREFIX}{name}: must be printable ASCII without spaces around it")
    sample = SAMPLE if settings.sample_secrets else None
    return lambda name: found.get(name) or sample


def require_webhooks(
    session: Session, journeys: dict[str, type[Journey]], secrets: Secrets, settings: Settings
) -> None:
    """Refuse to run journeys whose calls could not be made.

    A secret is needed once a journey that is not paused has an address to call; none is for the mailbox.

    Args:
        session: any transaction; tells which addresses staff have set.
        journeys: by name.
        secrets: of this process.
        settings: of this process.

    Raises:
        WrongSettingError: a secret or a contract is missing; it names the journey.
    """
    stored = journey_settings.settings(session, journeys, settings.first_clock().wall_origin)
    for name, journey in journeys.items():
        require_contracts(journey)
        if stored[name].state == "paused":
            continue
        parameters = journey.resolve(stored[name].parameters)
        for webhook in journey.webhooks():
            if not webhook.address(parameters).startswith(MAILBOX):
                _require_secrets(name, webhook, secrets)


def require_contracts(journey: type[Journey]) -> None:
    """Refuse a journey with a webhook whose contract there is not.

    Raises:
        WrongSettingError: it names the journey and the contract.
    """
    for webhook in journey.webhooks():
        try:
            if webhook.contract:
                BodyContract(webhook.contract)
        except UnknownContractError as error:
            raise WrongSettingError(f"journey {journey.name}, webhook {webhook.name}: {error}") from None


def _require_secrets(journey: str, webhook: Webhook, secrets: Secrets) -> None:
    for name in sorted(webhook.needs):
        if not secrets(name):
            raise WrongSettingError(f"{SECRET_PREFIX}{name}: missing; journey {journey} calls {webhook.name} with it")
    if webhook.signed_with is not None:
        from activities.providers.webhook_signatures import signers_of

        try:
            signers_of(secrets(webhook.signed_with.name) or "")
        except ValueError as error:
            raise WrongSettingError(f"{SECRET_PREFIX}{webhook.signed_with.name}: {error}") from None
