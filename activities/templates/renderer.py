"""Renders messages from the Jinja2 templates of this package. Adding a template is adding its files."""

import html
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined, Template
from jinja2.nodes import Assign, Const, Name
from jinja2.sandbox import ImmutableSandboxedEnvironment

from activities.channels import Channel, MessageClass
from activities.rendering import Rendered, UnknownTemplateError, Written
from activities.templates import isolation, plain_text, wording
from activities.templates.brand import DARK, LIGHT, Brand

MESSAGES = Path(__file__).parent / "messages"

_FILES = {Channel.EMAIL: (".email.html", ".email.txt"), Channel.SMS: (".sms.txt",), Channel.PUSH: (".push.txt",)}
_FILTERS = {
    function.__name__: function
    for function in (
        wording.bare_value,
        wording.capital,
        wording.counted,
        wording.day_and_month,
        wording.fitting,
        wording.grouped,
        wording.last_moment,
        wording.long_date,
        wording.mid_sentence,
        wording.moment,
        wording.number_word,
        wording.pieces,
        wording.plural,
        wording.points_of,
        wording.short_date,
        wording.short_moment,
        wording.weekday_moment,
        isolation.isolate,
        isolation.isolate_plain,
    )
}


class JinjaRenderer:
    """Turns the files of a template and plain values into a message.

    A template NAME is ``NAME.email.html`` with ``NAME.email.txt``, or ``NAME.sms.txt``, or ``NAME.push.txt`` (its
    first line is the title), or all of them. It says what it is by ``{% set message_class = "service" %}``; without
    a word it is marketing. Files whose name begins with an underscore are shared parts.

    Args:
        brand: the shop; templates see it as ``brand``.
        folders: further folders with templates; they are searched first, the package's own last.

    Raises:
        ValueError: half of an email template is missing; the message names it.
    """

    def __init__(self, brand: Brand, folders: Sequence[Path] | None = None) -> None:
        self._brand = brand
        searched = [*(folders or ()), MESSAGES]
        self._loader = FileSystemLoader(searched)
        self._environment = ImmutableSandboxedEnvironment(
            loader=self._loader,
            undefined=StrictUndefined,
            autoescape=lambda name: name is not None and name.endswith(".html"),
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,  # a running worker keeps the words it started with
            cache_size=-1,
        )
        self._environment.filters.update(_FILTERS)
        self._environment.globals.update(
            brand=brand,
            light=LIGHT,
            dark=DARK,
            lang=brand.lang,
            dir=brand.dir,
            start=brand.start,
            end=brand.end,
        )
        self._environment.globals["ui"] = self._environment.get_template("_macros.html").module
        self._names = _find(searched)
        self._classes: dict[tuple[str, Channel], MessageClass] = {}

    def names(self) -> dict[str, set[Channel]]:
        """The templates there are, each with the channels it is written for."""
        return {name: set(channels) for name, channels in self._names.items()}

    def written(self) -> Written:
        """The templates there are, each with what it says of itself on each of its channels."""
        return {
            name: {channel: self.message_class(name, channel) for channel in _FILES if channel in channels}
            for name, channels in self._names.items()
        }

    def warm_up(self) -> None:
        """Compile every template now, so that the first message of each takes no longer than the next."""
        for name, channels in self._names.items():
            for channel in channels:
                self.message_class(name, channel)
                for ending in _FILES[channel]:
                    self._environment.get_template(name + ending)

    def message_class(self, template: str, channel: Channel) -> MessageClass:
        """What the template says of itself.

        Raises:
            UnknownTemplateError: there is no such template for the channel.
            ValueError: it says something that is no message class.
        """
        self._require(template, channel)
        if (template, channel) not in self._classes:
            self._classes[template, channel] = self._said_by(template + _FILES[channel][0])
        return self._classes[template, channel]

    def render(self, template: str, channel: Channel, context: Mapping[str, Any]) -> Rendered:
        """Render one message.

        Args:
            template: name of the template, e.g. ``voucher-offer``.
            channel: email, sms or push.
            context: plain values; datetimes are aware and already in the customer's zone. A first name that
                would become a link is left out.

        Raises:
            UnknownTemplateError: there is no such template for the channel.
            jinja2.UndefinedError: the template uses a value that the context lacks.
        """
        self._require(template, channel)
        values = {
            "sms_stop_word": True,
            "shop_url": self._brand.shop_url,
            **context,
            "channel": channel.value,
            "brand": self._brand,
        }
        if "first_name" in values:
            values["first_name"] = isolation.name_to_greet(values["first_name"])
        if channel is Channel.PUSH:
            text = self._environment.get_template(f"{template}.push.txt").render(values)
            title, _, said = isolation.without_isolates(text).strip().partition("\n")
            lines = [isolation.single_line(line) for line in said.strip().splitlines()]
            return Rendered(subject=isolation.single_line(title), html="", text="\n".join(lines))
        if channel is Channel.SMS:
            text = self._environment.get_template(f"{template}.sms.txt").render(values)
            return Rendered(subject="", html="", text=isolation.single_line(isolation.without_isolates(text)))
        subject, body = self._render_html(self._environment.get_template(f"{template}.email.html"), values)
        text = self._environment.get_template(f"{template}.email.txt").render(values)
        return Rendered(subject=subject, html=body, text=plain_text.laid_out(text))

    def _render_html(self, template: Template, values: dict[str, Any]) -> tuple[str, str]:
        try:
            # The subject is a block of the same run, so it sees what the template has set.
            context = template.new_context(values)
            body = "".join(template.root_render_func(context))
            subject = "".join(context.blocks["subject"][0](context))
        except Exception:  # noqa: BLE001 raised again by the next line, with the template's file and line in it
            self._environment.handle_exception()
        return isolation.single_line(html.unescape(subject)), body

    def _said_by(self, file: str) -> MessageClass:
        source, _, _ = self._loader.get_source(self._environment, file)
        for node in self._environment.parse(source, file).body:
            match node:
                case Assign(target=Name(name="message_class"), node=Const(value=said)):
                    return MessageClass(said)
        return MessageClass.MARKETING

    def _require(self, template: str, channel: Channel) -> None:
        if channel not in self._names.get(template, ()):
            raise UnknownTemplateError(f"no template {template!r} for {channel.value}")


def _find(folders: Sequence[Path]) -> dict[str, set[Channel]]:
    files = {file.name for folder in folders for file in folder.iterdir() if not file.name.startswith("_")}
    found: dict[str, set[Channel]] = {}
    for channel, endings in _FILES.items():
        for file in sorted(files):
            name, ending = next(((file.removesuffix(e), e) for e in endings if file.endswith(e)), ("", ""))
            if not name:
                continue
            for needed in endings:
                if name + needed not in files:
                    raise ValueError(f"template {name}: {name}{needed} is missing beside {name}{ending}")
            found.setdefault(name, set()).add(channel)
    return found
