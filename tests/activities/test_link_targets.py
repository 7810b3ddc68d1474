"""Where a click may lead: to the web, and to the host that a browser reads, too."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.link_targets import is_safe_target


@pytest.mark.parametrize(
    "url",
    [
        "https://www.hearthmoor.example/",
        "http://hearthmoor.example:8080/a/b?x=1&y=%C3%A9#part",
        "https://hearthmoor.example",
        "https://[2001:db8::1]/a",
    ],
)
def test_addresses_of_the_web_pass(url: str) -> None:
    """A shop's ordinary links lead where they say."""
    assert is_safe_target(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://good.example\\@evil.example",
        "https://good.example@evil.example/",
        "https://user:secret@good.example/",
        "java\nscript:alert(1)",
        "javascript:alert(1)",
        "data:text/html,x",
        "mailto:help@good.example",
        "//evil.example/",
        "/profile/x",
        "https:evil.example",
        "https:///evil.example",
        "https://",
        "https://good.example/\r\nSet-Cookie: a=b",
        "https://good.example/ x",
        "\thttps://good.example/",
        "https://good.example:99999/",
        "https://gооd.example/",  # two of these letters are Cyrillic
        "HTTPS://good.example/\x7f",
        "https://[::1",
        "",
    ],
)
def test_everything_else_is_refused(url: str) -> None:
    """What a browser might read differently, or would run, is no target of ours."""
    assert not is_safe_target(url)


@given(st.text())
def test_no_text_confuses_it(text: str) -> None:
    """Whatever text comes, the answer is yes or no, and a yes begins like the web."""
    for url in (text, f"https://{text}", f"https://good.example/{text}"):
        if is_safe_target(url):
            assert url.startswith(("http://", "https://"))
            assert "\\" not in url
