"""`python -m tests.browser.screenshots OUTDIR`: every page in both themes, wide and narrow, to be looked at."""

import asyncio
import sys
import tempfile
from pathlib import Path

from tests.browser.faults import faults
from tests.browser.site import PAGES, open_site
from tests.chromium import launched

WIDTHS = (360, 1440)
SCREEN = 800  # pixels a turn of the wheel


async def take(folder: Path) -> int:
    """Take them all.

    Args:
        folder: there; for `PAGE-THEME-WIDTH.png`.

    Returns:
        How many pages have a fault; each is told.
    """
    wrong = 0
    with tempfile.TemporaryDirectory() as data:
        async with launched() as browser, open_site(Path(data), browser) as site:
            for dark in (False, True):
                for width in WIDTHS:
                    async with site.visit(dark=dark, width=width) as page:
                        for name in PAGES:
                            answer = await page.goto(site.address(name))
                            height = await page.evaluate("document.documentElement.scrollHeight")
                            for _ in range(height // SCREEN):  # what is shown only once it is reached
                                await page.mouse.wheel(0, SCREEN)
                            await page.wait_for_load_state("networkidle")
                            await page.evaluate("scrollTo(0, 0)")
                            file = folder / f"{name}-{'dark' if dark else 'light'}-{width}.png"
                            await page.screenshot(path=file, full_page=True)
                            found = await faults(page)
                            if answer is None or answer.status != 200:
                                found.insert(0, f"status {answer.status if answer else 'unknown'}")
                            wrong += bool(found)
                            sys.stdout.write("\n  ".join([file.name, *found]) + "\n")
    return wrong


if __name__ == "__main__":
    chosen = Path(sys.argv[1])
    chosen.mkdir(parents=True, exist_ok=True)
    sys.exit(min(asyncio.run(take(chosen)), 1))
