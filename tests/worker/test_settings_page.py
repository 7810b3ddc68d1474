"""docs/settings.md says what is true."""

from pathlib import Path

from worker.settings import PREFIX, Settings
from worker.settings_page import page

FILE = Path(__file__).parents[2] / "docs" / "settings.md"


def test_the_page_is_that_of_this_version() -> None:
    """An operator finds every setting with its default; `python -m worker.settings_page` writes the page."""
    written = FILE.read_text(encoding="utf-8")
    assert written == page()
    for name in Settings.model_fields.keys() - {"brand"}:
        assert f"| `{PREFIX}{name.upper()}` |" in written


def test_every_setting_is_explained() -> None:
    """No setting is listed without a word on what it does."""
    rows = [line for line in page().splitlines() if line.startswith("| `")]
    assert [row for row in rows if not row.split("|")[3].strip()] == []
