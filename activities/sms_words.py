"""What a customer means by a text of one word: STOP, START, HELP, in the languages of our customers (guarantees D7)."""

import re
import unicodedata
from collections.abc import Collection
from enum import StrEnum


class Word(StrEnum):
    """What a text asks for."""

    STOP = "stop"
    MAYBE_STOP = "maybe stop"  # not the word alone, but it may well be meant: people must read it
    START = "start"
    HELP = "help"
    OTHER = ""


# As `_bare` leaves them: no accents, no spaces. The first line is what the FCC and Twilio name.
STOP_WORDS = frozenset(
    [
        *("stop", "stopall", "unsubscribe", "end", "quit", "cancel", "revoke", "optout", "remove"),
        *("stopp", "abmelden", "arret", "arreter", "desabonner", "baja", "alto", "parar", "cancelar", "sair"),
        *("fermare", "basta", "annulla", "afmelden", "uitschrijven", "avsluta", "avmeld", "afmeld"),
        *("wypisz", "rezygnuje", "стоп", "отписка"),
    ]
)
START_WORDS = frozenset(["start", "unstop", "yes"])
HELP_WORDS = frozenset(["help", "info", "hilfe", "aide", "ayuda", "ajuda", "aiuto"])

# Inside a longer text they still sound like it; "end" and "cancel" do not ("when does it end?").
_TELLING_WORDS = frozenset(
    ["stop", "stopp", "stopall", "unsubscribe", "optout", "revoke", "remove", "arret", "abmelden", "desabonner", "стоп"]
)
_TELLING_PHRASES = ("optout", "nomore", "leavemealone", "donttext", "donotcontact", "takemeoff")
_LETTERS = re.compile(r"[^\W_]+")


def word_of(text: str, more_stop_words: Collection[str] = ()) -> Word:
    """What a text asks for; case, accents, spaces, punctuation and emojis do not matter.

    Args:
        text: the whole of it.
        more_stop_words: taken for STOP, too.
    """
    words = [_bare(word) for word in _LETTERS.findall(unicodedata.normalize("NFC", text))]
    whole = "".join(words)
    stop_words = STOP_WORDS | {_bare(word) for word in more_stop_words}
    if whole in stop_words:
        return Word.STOP
    if whole in START_WORDS:
        return Word.START
    if whole in HELP_WORDS:
        return Word.HELP
    if _TELLING_WORDS & set(words) or any(phrase in whole for phrase in _TELLING_PHRASES):
        return Word.MAYBE_STOP
    return Word.OTHER


def _bare(word: str) -> str:
    """Letters and digits alone, without accents, in lower case."""
    decomposed = unicodedata.normalize("NFKD", word.casefold())
    return "".join(_LETTERS.findall("".join(each for each in decomposed if not unicodedata.combining(each))))
