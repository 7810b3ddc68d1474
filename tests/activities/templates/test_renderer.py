"""How templates are found, rendered and refused."""

import time
from pathlib import Path

import jinja2
import pytest

from activities.channels import EMAIL, SMS, MessageClass
from activities.rendering import Renderer, UnknownTemplateError
from activities.templates.brand import Brand
from activities.templates.renderer import JinjaRenderer

from .samples import RENDERER, for_text, usual


def write_email(folder: Path, name: str, body: str, head: str = "", text: str = "Words.") -> None:
    (folder / f"{name}.email.html").write_text(
        '{% extends "_layout.email.html" %}' + head + "{% block preheader %}p{% endblock %}"
        "{% block title %}t{% endblock %}{% block content %}" + body + "{% endblock %}"
        "{% block subject %}One\n  subject for {{ first_name|isolate_plain }}{% endblock %}"
    )
    (folder / f"{name}.email.txt").write_text(
        '{% extends "_layout.email.txt" %}{% block content %}' + text + "{% endblock %}"
    )


def test_it_keeps_the_contract() -> None:
    """A developer can hand it to whatever asks for a renderer."""
    renderer: Renderer = RENDERER
    assert renderer.message_class("voucher-offer", EMAIL) is MessageClass.MARKETING


def test_the_templates_of_the_data_collection_journeys_are_there() -> None:
    """Both data collection journeys find each of their messages for both channels."""
    needed = {"complete-your-account", "voucher-offer", "points-offer", "your-voucher", "points-added"}
    assert {name for name, channels in RENDERER.names().items() if channels == {EMAIL, SMS}} >= needed


def test_the_templates_of_the_other_journeys_are_there() -> None:
    """The other three journeys find each of their messages for each channel that they send it over."""
    needed = {
        "welcome": {EMAIL},
        "confirm-reminder": {SMS},
        "promo-code": {EMAIL},
        "order-follow-up": {EMAIL},
        "order-reminder": {EMAIL},
        "loyalty-discount": {EMAIL, SMS},
        "member-welcome": {SMS},
    }
    assert {name: RENDERER.names()[name] for name in needed} == needed


def test_adding_a_template_is_adding_its_files(tmp_path: Path) -> None:
    """A developer drops files into a folder and the message exists."""
    write_email(tmp_path, "hello", "<p>Good day</p>")
    renderer = JinjaRenderer(Brand(), [tmp_path])
    assert renderer.names()["hello"] == {EMAIL}
    assert "<p>Good day</p>" in renderer.render("hello", EMAIL, usual("hello")).html


def test_a_shop_can_replace_a_template(tmp_path: Path) -> None:
    """A shop's own folder wins over the words that came with the product."""
    (tmp_path / "your-voucher.sms.txt").write_text("Our own words: {{ code }}")
    renderer = JinjaRenderer(Brand(), [tmp_path])
    assert renderer.render("your-voucher", SMS, usual("your-voucher")).text == "Our own words: HM10-7K3Q-W4TX"


def test_half_an_email_is_refused_at_the_start(tmp_path: Path) -> None:
    """A developer who forgot the text part is told so before anything is sent."""
    write_email(tmp_path, "hello", "")
    (tmp_path / "hello.email.txt").unlink()
    with pytest.raises(ValueError, match=r"hello\.email\.txt is missing"):
        JinjaRenderer(Brand(), [tmp_path])


@pytest.mark.parametrize("name", ["no-such-template", "_layout", "../brand", ""])
def test_an_unknown_template_is_an_error_of_its_own(name: str) -> None:
    """A journey that names a template which does not exist is told so, and can reach no other file."""
    with pytest.raises(UnknownTemplateError):
        RENDERER.render(name, EMAIL, usual(name))
    with pytest.raises(UnknownTemplateError):
        RENDERER.message_class(name, SMS)


def test_a_template_without_the_channel_is_unknown(tmp_path: Path) -> None:
    """An email template is not sent as a text by mistake."""
    write_email(tmp_path, "hello", "")
    with pytest.raises(UnknownTemplateError, match=r"hello.*sms"):
        JinjaRenderer(Brand(), [tmp_path]).render("hello", SMS, usual("hello"))


def test_a_template_says_its_class(tmp_path: Path) -> None:
    """A confirmation says that it is a service message; silence means marketing."""
    write_email(tmp_path, "confirm", "", head='{% set message_class = "service" %}')
    write_email(tmp_path, "news", "")
    write_email(tmp_path, "odd", "", head='{% set message_class = "urgent" %}')
    renderer = JinjaRenderer(Brand(), [tmp_path])
    assert renderer.message_class("confirm", EMAIL) is MessageClass.SERVICE
    assert renderer.message_class("news", EMAIL) is MessageClass.MARKETING
    with pytest.raises(ValueError, match="urgent"):
        renderer.message_class("odd", EMAIL)


def test_the_subject_is_one_unescaped_line(tmp_path: Path) -> None:
    """A customer called <b>&"' reads the name in the subject as typed, and can add no header by it."""
    write_email(tmp_path, "hello", "")
    name = "<b>&\"'\r\nBcc: all@example.com"
    subject = JinjaRenderer(Brand(), [tmp_path]).render("hello", EMAIL, usual("hello", first_name=name)).subject
    assert subject == "One subject for <b>&\"' Bcc: all@example.com"


def test_a_subject_can_use_what_the_template_has_set(tmp_path: Path) -> None:
    """A developer computes a value once at the top of a template."""
    write_email(tmp_path, "hello", "", head='{% set first_name = "the one set" %}')
    assert JinjaRenderer(Brand(), [tmp_path]).render("hello", EMAIL, usual("hello")).subject == (
        "One subject for the one set"
    )


def test_a_value_that_is_not_there_stops_the_message(tmp_path: Path) -> None:
    """A customer never gets a message with a hole in it."""
    write_email(tmp_path, "hello", "{{ no_such_value }}")
    with pytest.raises(jinja2.UndefinedError, match="no_such_value"):
        JinjaRenderer(Brand(), [tmp_path]).render("hello", EMAIL, usual("hello"))


@pytest.mark.parametrize(
    "attack",
    ["{{ first_name.__class__.__mro__ }}", "{{ missing.append(1) }}", '{{ "{0.__class__}".format(1) }}'],
)
def test_templates_run_in_a_sandbox(tmp_path: Path, attack: str) -> None:
    """A template cannot reach into the program, nor change the values it was given."""
    write_email(tmp_path, "hello", attack)
    with pytest.raises((jinja2.exceptions.SecurityError, jinja2.UndefinedError)):
        JinjaRenderer(Brand(), [tmp_path]).render("hello", EMAIL, usual("hello"))


def test_a_text_message_is_one_line_without_marks(tmp_path: Path) -> None:
    """A text has no line breaks and no invisible characters that would double its price."""
    (tmp_path / "hello.sms.txt").write_text(
        '{% extends "_layout.sms.txt" %}{% block content %}Hi {{ first_name|isolate }}\n'
        "until {{ voucher_ends|long_date }}{% endblock %}"
    )
    rendered = JinjaRenderer(Brand(), [tmp_path]).render("hello", SMS, usual("hello", first_name="ليلى"))
    assert rendered.text == "Hearthmoor: Hi ليلى until 31 January 2027 STOP to opt out"
    assert (rendered.subject, rendered.html) == ("", "")


def test_the_brand_is_the_renderers() -> None:
    """A shop's name, colours and address appear in its messages, whatever the caller passes."""
    brand = Brand(name="Brook & Sons", colour="#0B3D91", legal_name="Brook Ltd", lang="en-IE")
    context = usual("voucher-offer", brand="another")
    rendered = JinjaRenderer(brand).render("voucher-offer", EMAIL, context)
    for words in ("Brook &amp; Sons", "#0B3D91", "Brook Ltd", 'lang="en-IE"'):
        assert words in rendered.html
    assert "Brook & Sons" in rendered.text
    assert "Hearthmoor Ltd" not in rendered.html + rendered.text


def test_rendering_is_quick_enough_for_a_transaction() -> None:
    """A message is rendered while a database row is locked, so it costs about a millisecond, never tens."""
    RENDERER.warm_up()
    context = usual("voucher-offer")
    spent = []
    for _ in range(20):
        began = time.perf_counter()
        RENDERER.render("voucher-offer", EMAIL, context)
        RENDERER.render("voucher-offer", SMS, for_text(context))
        spent.append(time.perf_counter() - began)
    assert min(spent) < 0.01
