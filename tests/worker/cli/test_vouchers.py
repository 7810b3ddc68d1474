"""`sojourn vouchers`: pools are filled from files."""

from pathlib import Path

import pytest
from sqlmodel import Session, col, select

from activities.storage.database import Database
from activities.storage.tables import Voucher, VoucherDesign
from tests.worker.cli.command import complaint, sojourn_here


def stored(url: str) -> tuple[list[str], list[VoucherDesign]]:
    """The codes in the order in which they will be given, and the designs."""

    def transaction(session: Session) -> tuple[list[str], list[VoucherDesign]]:
        codes = session.exec(select(Voucher.code).order_by(col(Voucher.position))).all()
        return list(codes), list(session.exec(select(VoucherDesign)).all())

    database = Database(url, inline=True)
    try:
        return database.read_now(transaction)
    finally:
        database.close()


def test_a_file_loaded_twice_adds_each_code_once(sqlite_url: str, tmp_path: Path) -> None:
    """Operators may load a file again after an interruption; the design keeps what they said of it before."""
    file = tmp_path / "codes.csv"
    file.write_text('code,batch\nSPRING-1,a\n"SPRING-2",a\n\nSPRING-1,b\n')
    options = ("--value", "£5 off", "--valid-days", "30")
    first = sojourn_here("vouchers", "load", "spring", file, *options, SOJOURN_DATABASE_URL=sqlite_url)
    assert first.stdout == "2 new codes for spring.\n"
    file.write_text("SPRING-2\nSPRING-3\n")
    again = sojourn_here("vouchers", "load", "spring", file, SOJOURN_DATABASE_URL=sqlite_url)
    assert again.stdout == "1 new code for spring; 1 were known already.\n"
    codes, (design,) = stored(sqlite_url)
    assert codes == ["SPRING-1", "SPRING-2", "SPRING-3"]
    assert (design.value, design.valid_days) == ("£5 off", 30)
    listed = sojourn_here("vouchers", "list", SOJOURN_DATABASE_URL=sqlite_url)
    assert "spring" in listed.stdout
    assert "3" in listed.stdout


@pytest.mark.parametrize(
    ("content", "named"),
    [("GOOD-1\nTOO-LONG-FOR-THE-BOX-12345\n", "line 2"), ("GOOD-1\n\nBAD CODE\n", "line 3"), ("\n\n", "no codes")],
)
def test_a_wrong_file_adds_nothing(sqlite_url: str, tmp_path: Path, content: str, named: str) -> None:
    """A code that no customer could type stops the whole file, and the line is named."""
    file = tmp_path / "codes.txt"
    file.write_text(content)
    said = complaint(sojourn_here("vouchers", "load", "spring", file, SOJOURN_DATABASE_URL=sqlite_url), 2)
    assert named in said
    assert str(file) in said
    assert stored(sqlite_url) == ([], [])


def test_a_code_of_another_design_is_refused(sqlite_url: str) -> None:
    """One code is never worth two things."""
    sojourn_here("vouchers", "load", "spring", "-", stdin="SAME-1\n", SOJOURN_DATABASE_URL=sqlite_url)
    done = sojourn_here("vouchers", "load", "autumn", "-", stdin="NEW-1\nSAME-1\n", SOJOURN_DATABASE_URL=sqlite_url)
    said = complaint(done, 2)
    assert "SAME-1" in said
    assert "spring" in said
    assert stored(sqlite_url)[0] == ["SAME-1"]


@pytest.mark.parametrize("name", ["Summer thanks", "a/b", "", "x" * 65])
def test_a_design_has_a_name_that_journeys_and_addresses_can_hold(sqlite_url: str, name: str) -> None:
    """Operators hear of a mistyped name at once, not when a journey finds its pool empty."""
    done = sojourn_here("vouchers", "load", name, "-", stdin="GOOD-1\n", SOJOURN_DATABASE_URL=sqlite_url)
    assert repr(name) in complaint(done, 2)
    assert stored(sqlite_url) == ([], [])


def test_a_missing_file_is_named(sqlite_url: str, tmp_path: Path) -> None:
    """Whoever mistypes the name of a file reads which one is missing."""
    missing = tmp_path / "missing.csv"
    done = sojourn_here("vouchers", "load", "spring", missing, SOJOURN_DATABASE_URL=sqlite_url)
    assert str(missing) in complaint(done, 2)
