"""A shop's colours and addresses."""

from dataclasses import replace

import pytest

from activities.templates.brand import DARK, LIGHT, Brand
from activities.templates.contrast import contrast


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"colour": "#FFD400"}, "on_colour"),
        ({"on_colour": "#1D5C4E"}, "on_colour"),
        ({"dark": "#08231D"}, "dark_on"),
        ({"colour": "green"}, "colour"),
        ({"dark_on": "#FFF"}, "dark_on"),
        ({"name": " "}, "name"),
        ({"postal_address": ""}, "postal_address"),
        ({"shop_url": "javascript:alert(1)"}, "shop_url"),
        ({"shop_url": "http://shop.example/"}, "shop_url"),
        ({"privacy_url": "/privacy"}, "privacy_url"),
        ({"dir": "up"}, "dir"),
    ],
)
def test_a_wrong_brand_is_refused_by_name(changes: dict[str, str], named: str) -> None:
    """A developer who sets unreadable colours or a bad address is told which field before any mail goes."""
    with pytest.raises(ValueError, match=rf"brand {named}\b"):
        replace(Brand(), **changes)


def test_contrast_is_measured_as_the_standard_says() -> None:
    """A colour pair is judged by WCAG's own figures."""
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#FFFFFF", "#FFFFFF") == pytest.approx(1)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.005)


def test_a_local_shop_is_allowed() -> None:
    """A developer can point the shop at their own machine."""
    assert Brand(shop_url="http://127.0.0.1:8080/").shop_url == "http://127.0.0.1:8080/"


@pytest.mark.parametrize(
    ("colour", "on_colour"), [("#1D5C4D", "#FFFFFF"), ("#FFD400", "#000000"), ("#0B6BD3", "#FFFFFF")]
)
def test_links_can_be_read_whatever_the_brand_colour(colour: str, on_colour: str) -> None:
    """A customer of a shop with a yellow brand can still read its links, in both schemes."""
    brand = Brand(colour=colour, on_colour=on_colour, dark=colour, dark_on=on_colour)
    assert min(contrast(brand.link, ground) for ground in LIGHT.grounds) >= 4.5
    assert min(contrast(brand.dark_link, ground) for ground in DARK.grounds) >= 4.5


def test_a_readable_brand_colour_is_left_alone() -> None:
    """A shop whose colour can be read gets exactly its colour."""
    assert (Brand().link, Brand().dark_link) == ("#1D5C4D", "#8FD6C1")


def test_sides_swap_with_the_direction_of_writing() -> None:
    """A customer who reads from right to left gets the message aligned to the right."""
    assert (Brand().start, Brand().end) == ("left", "right")
    assert (Brand(dir="rtl").start, Brand(dir="rtl").end) == ("right", "left")
