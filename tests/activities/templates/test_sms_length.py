"""What a text costs."""

import pytest

from activities.templates.sms_length import is_gsm7, length, segments


@pytest.mark.parametrize("letter", ["a", "£", "@", "é", "Ω", "\n", "Ñ", "¿", "§"])
def test_a_letter_of_the_basic_table_counts_one(letter: str) -> None:
    """A shop pays one unit for a letter of the GSM alphabet."""
    assert is_gsm7(letter)
    assert length(letter) == 1


@pytest.mark.parametrize("letter", list("€[]{}^~|\\"))
def test_a_letter_of_the_extension_counts_two(letter: str) -> None:
    """A shop pays two units for a euro sign or a bracket."""
    assert is_gsm7(letter)
    assert length(letter) == 2


@pytest.mark.parametrize("letter", ["ł", "ř", "ę", "’", "“", "`", "ç", "\u2068", "\N{NO-BREAK SPACE}", "🙂"])
def test_one_letter_outside_makes_the_whole_text_ucs2(letter: str) -> None:
    """A shop sees that a single curly quote more than halves what fits."""
    assert not is_gsm7("Hello" + letter)
    assert segments("a" * 75 + letter) == 2


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("a", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("ł" * 70, 1),
        ("ł" * 71, 2),
        ("ł" * 134, 2),
        ("ł" * 135, 3),
        ("🙂" * 35, 1),
        ("🙂" * 36, 2),
    ],
)
def test_segments_at_the_limits(text: str, count: int) -> None:
    """A shop is billed 160 characters as one segment and 153 a segment beyond, 70 and 67 in UCS-2."""
    assert segments(text) == count


def test_a_letter_of_two_units_is_never_split() -> None:
    """A euro sign at a seam moves to the next segment whole, so a text of 306 units may cost three."""
    assert segments("a" * 152 + "€" + "a" * 151) == 2
    assert segments("a" * 152 + "€" + "a" * 152) == 3
    assert segments("ł" * 66 + "🙂" + "ł" * 66) == 3
