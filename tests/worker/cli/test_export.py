"""`sojourn export`: operators hand a customer what is held about them."""

import json
from pathlib import Path

from tests.worker.cli.command import SECRET, complaint, sojourn_here
from tests.worker.cli.test_erase import registered


def test_the_document_goes_to_stdout_or_into_a_file(sqlite_url: str, tmp_path: Path) -> None:
    """By either id, into a pipe or into a file that nobody else on the machine can read."""
    mine, settings = registered(sqlite_url), {"SOJOURN_DATABASE_URL": sqlite_url, "SOJOURN_SECRET_KEYS": SECRET}
    printed = sojourn_here("export", mine, **settings)
    assert printed.returncode == 0, printed.stderr
    document = json.loads(printed.stdout)
    assert (document["profile"]["customer_id"], document["profile"]["email"]) == (mine, "ada@example.com")
    file = tmp_path / "ada.json"
    written = sojourn_here("export", "crm-1", "--out", file, **settings)
    assert (written.returncode, written.stdout) == (0, "")
    assert json.loads(file.read_text(encoding="utf-8")) | {"exported_at": ""} == document | {"exported_at": ""}
    assert file.stat().st_mode & 0o077 == 0
    assert [each.name for each in tmp_path.glob("*ada*")] == ["ada.json"]


def test_an_unknown_or_erased_customer_is_told(sqlite_url: str) -> None:
    """There is nothing to hand over, and the command says why."""
    mine, settings = registered(sqlite_url), {"SOJOURN_DATABASE_URL": sqlite_url, "SOJOURN_SECRET_KEYS": SECRET}
    assert complaint(sojourn_here("export", "crm-9", **settings), 1) == "customer crm-9 is not known"
    assert sojourn_here("erase", mine, **settings).returncode == 0
    assert complaint(sojourn_here("export", mine, **settings), 1) == f"customer {mine} was erased"


def test_a_file_that_cannot_be_written_is_told(sqlite_url: str, tmp_path: Path) -> None:
    """A mistyped folder is named."""
    mine, settings = registered(sqlite_url), {"SOJOURN_DATABASE_URL": sqlite_url, "SOJOURN_SECRET_KEYS": SECRET}
    missing = tmp_path / "nowhere" / "ada.json"
    assert str(missing) in complaint(sojourn_here("export", mine, "--out", missing, **settings), 2)
