"""The words of a message, where a marketer chooses among several."""

from collections.abc import Iterator

from activities.rendering import Written

VARIANT = "--"  # between the name of a template and what is particular about its variant


class Template(str):
    """A template as a parameter, e.g. ``reminder_message = Parameter(Template("complete-your-account"), "...")``.

    Its variants may be chosen instead: templates such as ``complete-your-account--short``. Only they are written for
    the same place in the journey, with the same values and the same promise.
    """

    __slots__ = ()

    @property
    def place(self) -> str:
        """The name without the variant's: steps are named by it, so that all variants are counted together."""
        return self.partition(VARIANT)[0]

    def choices(self, written: Written) -> tuple["Template", ...]:
        """What may be chosen: this template, and its variants for the same channels and of the same class.

        Args:
            written: the templates there are.
        """
        return (self, *(name for name in self.variants(written) if not name.lacks(written)))

    def variants(self, written: Written) -> Iterator["Template"]:
        """The variants there are, fit to be chosen or not.

        Args:
            written: the templates there are.
        """
        return (Template(name) for name in sorted(written) if name.startswith(f"{self.place}{VARIANT}"))

    def lacks(self, written: Written) -> str:
        """What keeps a variant from being chosen, in words; empty if nothing does.

        Args:
            written: the templates there are.
        """
        original, own = written.get(self.place), written.get(self, {})
        if original is None:
            return f"is a variant of {self.place}, which there is not"
        for channel, message_class in original.items():
            if channel not in own:
                return f"is not written for {channel.value}, as {self.place} is"
            if own[channel] is not message_class:
                return f"is a {own[channel].value} message, {self.place} a {message_class.value} message"
        return ""


def template_from(default: Template, value: object) -> Template:
    """A template from its name: the default's or that of one of its variants, written or not.

    Raises:
        ValueError: it is none.
    """
    if not isinstance(value, str) or (value != default and not value.startswith(f"{default}{VARIANT}")):
        raise ValueError(f"{default} or a variant of it such as {default}{VARIANT}short, not {value!r}")
    return Template(value)


def place_of(template: str) -> str:
    """What a step is named by: the template, whichever of its variants was chosen."""
    return template.place if isinstance(template, Template) else template
