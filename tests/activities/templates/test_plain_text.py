"""The layout of plain text."""

from activities.templates.plain_text import COLUMNS, laid_out

LINK = "https://hello.hearthmoor.example/profile/" + "x" * 80


def test_lines_become_paragraphs() -> None:
    """A customer reads evenly filled paragraphs, however the template is broken into lines."""
    assert laid_out("One line\nand its end.\n\n\n\nAnother.\n\n") == "One line and its end.\n\nAnother.\n"


def test_no_line_is_wider_than_the_columns() -> None:
    """A customer's program never has to break a line again, not even for an endless word."""
    lines = laid_out("words and " * 40 + "\n\n" + "x" * 200).splitlines()
    assert max(len(line) for line in lines) <= COLUMNS


def test_a_link_is_never_broken() -> None:
    """A customer can press a link in the text part, however long it is."""
    assert LINK in laid_out(f"Complete my account:\n{LINK}\nIt works.").splitlines()
    assert LINK in laid_out("words and more of them " * 3 + LINK + " and after")


def test_a_list_hangs() -> None:
    """A long list item goes on under its own words."""
    first, second, *_ = laid_out("* " + "words " * 30).splitlines()
    assert first.startswith("* words")
    assert second.startswith("  words")


def test_a_code_stays_on_a_line_by_itself() -> None:
    """A customer finds the code apart from the sentences."""
    assert "\n    HM10-7K3Q\n" in laid_out("Yours:\n\n    HM10-7K3Q\n\nType it.")


def test_dates_stay_together() -> None:
    """A date with a non-breaking space is never torn, and goes out with an ordinary one."""
    text = laid_out("x" * (COLUMNS - 3) + " 24\N{NO-BREAK SPACE}November")
    assert text.splitlines()[1] == "24 November"


def test_the_signature_line_keeps_its_space() -> None:
    """A mail program recognises the footer by the line of two dashes and a space."""
    assert "\n-- \n" in laid_out("Bye.\n\n-- \nYou get this\n")
