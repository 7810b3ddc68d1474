"""From settings to parts: what every process of Sojourn is assembled from."""

from sqlmodel import Session

from activities.channels import EMAIL, PUSH, SMS, Channel
from activities.clock import JourneyClock
from activities.delivery import Provider
from activities.gate.gate import GateLimits
from activities.gate.pacing import Pacing
from activities.gate.wording import PointsWorth
from activities.storage.clock import stored_clock
from activities.storage.database import Database
from activities.storage.facts import Reachability
from activities.storage.links import Links
from activities.webhooks import WebhookCaller
from worker.journey_secrets import read_secrets
from worker.provider_drivers import provider
from worker.settings import Settings, WrongSettingError
from worker.wiring import Parts


def assemble(settings: Settings) -> Parts:
    """The parts of a process.

    Args:
        settings: checked.
    """
    return Parts(
        database=Database(settings.database),
        providers=providers(settings),
        links=Links(settings.public_url, settings.keys, settings.short_url),
        reachability=Reachability(
            settings.keys[0], consent_by_default=settings.consent_by_default, soft_bounces=settings.soft_bounces
        ),
        brand=settings.brand,
        points=PointsWorth(settings.points_sign, settings.points_each),
        stop_word=settings.sms_stop_word,
        track_opens=settings.track_opens,
        track_clicks=settings.track_clicks,
        webhooks=_webhooks(settings),
        secrets=read_secrets(settings),
        limits=GateLimits(caps=settings.frequency_caps),
        pacing=Pacing(settings.plans),
    )


def providers(settings: Settings) -> dict[Channel, Provider]:
    """Who delivers on which channel. Drivers are loaded only when they are used.

    Raises:
        WrongSettingError: a driver refuses what it is given.
    """
    try:
        return {
            EMAIL: provider(settings.email_provider, settings),
            SMS: provider(settings.sms_provider, settings),
            PUSH: provider(settings.push_provider, settings),
        }
    except ValueError as error:
        raise WrongSettingError(str(error)) from error


def system_clock(database: Database, settings: Settings) -> JourneyClock:
    """The journey clock, stored at the first start of the system."""

    def transaction(session: Session) -> JourneyClock:
        return stored_clock(session, settings.first_clock())

    return database.write_now(transaction)


def _webhooks(settings: Settings) -> WebhookCaller:
    from activities.providers.webhook_calls import WebhookCalls

    return WebhookCalls(settings.mail_folder, allow_private=settings.webhook_allow_private)
