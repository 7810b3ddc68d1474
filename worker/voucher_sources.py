"""From settings to the keeper of stock: where codes come from, if not from a file."""

from activities.storage.database import Database
from worker.settings import Settings, WrongSettingError
from worker.voucher_stock import Stock, StockKeeper


def stock_keeper(database: Database, settings: Settings) -> StockKeeper | None:
    """What keeps the pools filled; None where no design's codes come from a service.

    Raises:
        WrongSettingError: the driver refuses what it is given.
    """
    if not settings.voucherify_campaigns:
        return None
    from activities.providers.voucherify import Voucherify

    try:
        source = Voucherify(
            app_id=settings.voucherify_app_id,
            app_token=settings.voucherify_app_token.get_secret_value(),
            url=settings.voucherify_url,
        )
    except ValueError as error:
        raise WrongSettingError(str(error)) from error
    return StockKeeper(database, Stock(source, settings.voucherify_campaigns, settings.voucherify_stock))
