"""What a customer's text asks for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.sms_words import STOP_WORDS, Word, word_of


@pytest.mark.parametrize(
    "text",
    ["STOP", "stop", " Stop. ", "Stop!!! 🛑", "STOP ALL", "stopall", "Unsubscribe", "end", "QUIT", "cancel", "Revoke",
     "opt out", "OPT-OUT", "optout", "ARRET", "Arrêt", "Arre\u0302t", "remove", "Stopp", "Abmelden", "baja", "СТОП"],
)  # fmt: skip
def test_stop_is_stop_however_it_is_written(text: str) -> None:
    """A customer who writes STOP in any usual form gets no more texts."""
    assert word_of(text) is Word.STOP


@pytest.mark.parametrize("text", ["don't stop", "Please stop texting me", "no more texts!", "take me off this list"])
def test_what_may_mean_stop_is_read_by_people(text: str) -> None:
    """A customer who asks to be left alone in their own words is not overheard, nor taken by the word."""
    assert word_of(text) is Word.MAYBE_STOP


@pytest.mark.parametrize(
    ("text", "word"),
    [("START", Word.START), ("unstop", Word.START), ("Yes!", Word.START), ("HELP", Word.HELP), ("info?", Word.HELP),
     ("Hello", Word.OTHER), ("When does it end?", Word.OTHER), ("", Word.OTHER), ("🛑", Word.OTHER)],
)  # fmt: skip
def test_other_words_mean_what_they_say(text: str, word: Word) -> None:
    """START brings texts back, HELP asks for an answer, and everything else is only a message."""
    assert word_of(text) is word


def test_a_shop_adds_words_of_its_own() -> None:
    """Customers who write in a language that we do not know can leave, too."""
    assert word_of("Lopéta") is Word.OTHER
    assert word_of("Lopéta", ["LOPETA"]) is Word.STOP


@given(
    st.sampled_from(sorted(STOP_WORDS)),
    st.text(" .,!?-'\"\n\t🛑🙏", max_size=5),
    st.text(" .,!?-'\"\n\t🛑🙏", max_size=5),
    st.booleans(),
)
def test_decoration_never_hides_a_stop(word: str, before: str, after: str, upper: bool) -> None:
    """Case, white space, punctuation and emojis around the word change nothing."""
    assert word_of(f"{before}{word.upper() if upper else word}{after}") is Word.STOP


@given(st.text(max_size=200))
def test_any_text_has_a_meaning(text: str) -> None:
    """Nothing a customer writes breaks anything."""
    assert isinstance(word_of(text), Word)
