"""Which providers there are a fake of."""

from collections.abc import Mapping

from worker.fake_providers.core import FakeProvider
from worker.fake_providers.fcm import FakeFcm
from worker.fake_providers.mailgun import FakeMailgun
from worker.fake_providers.postmark import FakePostmark
from worker.fake_providers.resend import FakeResend
from worker.fake_providers.sendgrid import FakeSendGrid
from worker.fake_providers.twilio import FakeTwilio
from worker.fake_providers.vonage import FakeVonage
from worker.fake_providers.voucherify import FakeVoucherify
from worker.fake_providers.webhook import FakeWebhook

_ALL: tuple[FakeProvider, ...] = (
    FakeSendGrid(),
    FakePostmark(),
    FakeMailgun(),
    FakeResend(),
    FakeFcm(),
    FakeTwilio(),
    FakeVonage(),
    FakeVoucherify(),
    FakeWebhook(),
)
PROVIDERS: Mapping[str, FakeProvider] = {provider.name: provider for provider in _ALL}
