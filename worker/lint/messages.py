"""Every template rendered with extreme values, and every text counted as the network bills it."""

import traceback
from pathlib import Path

from jinja2 import TemplateError, TemplateSyntaxError

from activities.channels import Channel
from activities.templates.renderer import MESSAGES, JinjaRenderer
from activities.templates.sms_length import is_gsm7, segments
from worker.lint.findings import Finding
from worker.lint.values import EXTREMES

ENDINGS = {Channel.EMAIL: ".email.html", Channel.SMS: ".sms.txt", Channel.PUSH: ".push.txt"}


def render_all(renderer: JinjaRenderer, folder: Path = MESSAGES) -> list[Finding]:
    """Render each template for each of its channels; a text has one segment, whatever its values.

    Args:
        renderer: knows the templates.
        folder: that has their files.
    """
    found: dict[Finding, None] = {}
    for template, channels in sorted(renderer.names().items()):
        for channel in sorted(channels):
            file = folder / f"{template}{ENDINGS[channel]}"
            for extent, values in EXTREMES.items():
                for finding in _rendered(renderer, template, channel, file, extent, values(template, channel)):
                    found.setdefault(finding)
    return list(found)


def _rendered(
    renderer: JinjaRenderer, template: str, channel: Channel, file: Path, extent: str, values: dict[str, object]
) -> list[Finding]:
    try:
        renderer.message_class(template, channel)
        text = renderer.render(template, channel, values).text
    except TemplateSyntaxError as error:
        return [Finding(Path(error.filename or file), error.lineno, f"is no template: {error.message}")]
    except (TemplateError, ArithmeticError, LookupError, TypeError, ValueError, AttributeError) as error:
        where, line = _place(error, file)
        return [Finding(where, line, f"does not render with {extent}: {error}")]
    if channel is Channel.SMS and (count := segments(text)) > 1:
        why = "" if is_gsm7(text) else "; a letter outside GSM-7 makes every one shorter"
        return [Finding(file, 1, f"takes {count} segments with {extent}{why}")]
    return []


def _place(error: Exception, file: Path) -> tuple[Path, int]:
    """Jinja puts the template's own lines into the traceback; the innermost of the message's own says most."""
    frames = [
        frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename).parent == file.parent
    ]
    own = [frame for frame in frames if Path(frame.filename).name.startswith(file.name.partition(".")[0])]
    for frame in reversed(own or frames):
        return Path(frame.filename), frame.lineno or 1
    return file, 1
