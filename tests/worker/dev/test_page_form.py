"""The demo's customers fill in forms as a browser would send them."""

import pytest

from worker.dev.page_form import NoFormError, form_of

PAGE = """
<form method="post" action="/profile/token" novalidate>
  <input type="hidden" name="nonce" value="n1">
  <input type="text" name="last_name" value="">
  <select name="phone_country"><option value="GB">UK</option><option value="US" selected>US</option></select>
  <input type="checkbox" name="text_consent" value="yes">
  <button class="button" type="submit">Save</button>
</form>
<form action="/search"><input name="q" value="shoes"></form>
"""


def test_a_form_is_sent_as_a_browser_would() -> None:
    """Hidden fields go along, an unticked box does not, and nothing is told that was not asked."""
    form = form_of(PAGE)
    assert form.action == "/profile/token"
    assert form.filled_in({"last_name": "Reyes", "phone": "123", "nonce": "forged"}) == {
        "nonce": "n1",
        "last_name": "Reyes",
        "phone_country": "US",
    }


def test_a_page_without_a_form_is_an_error() -> None:
    """A demo in which the page is broken fails instead of going on."""
    with pytest.raises(NoFormError):
        form_of("<p>This link has run out.</p>")
