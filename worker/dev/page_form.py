"""The form of a web page, read and filled in as a browser would."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser

UNSENT = ("submit", "button", "reset", "image", "file")
TICKED = ("checkbox", "radio")


class NoFormError(Exception):
    """The page has no form, or the form asks for something that nobody knows."""


@dataclass
class PageForm:
    """The first form of a page.

    Attributes:
        action: where it is sent.
        values: what would be sent if nothing were typed, by name.
        asked: names of the inputs that a person sees.
    """

    action: str
    values: dict[str, str] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)

    def filled_in(self, knows: Mapping[str, str]) -> dict[str, str]:
        """What is sent after somebody has typed what they know.

        Args:
            knows: values by name of the input; those the form does not ask for stay untold.
        """
        return self.values | {name: value for name, value in knows.items() if name in self.asked}


def form_of(html: str) -> PageForm:
    """The first form of a page.

    Raises:
        NoFormError: there is none.
    """
    parser = _FormParser()
    parser.feed(html)
    if parser.form is None:
        raise NoFormError("the page has no form")
    return parser.form


class _FormParser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.form: PageForm | None = None
        self._inside = False
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form" and self.form is None:
            self.form, self._inside = PageForm(given.get("action", "")), True
        elif self._inside and self.form is not None:
            self._field(self.form, tag, given)

    def _field(self, form: PageForm, tag: str, given: Mapping[str, str]) -> None:
        name, kind = given.get("name", ""), given.get("type", "text")
        if tag == "option":
            if "selected" in given or self._select not in form.values:
                form.values[self._select] = given.get("value", "")
        elif tag == "select":
            self._select = name
            form.asked.add(name)
        elif tag in {"input", "textarea"} and name and kind not in UNSENT:
            if kind != "hidden":
                form.asked.add(name)
            if kind not in TICKED or "checked" in given:
                form.values[name] = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
