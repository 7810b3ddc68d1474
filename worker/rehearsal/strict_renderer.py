"""A renderer whose faults end a rehearsal; on a server they wait, visible, for the fix."""

from collections.abc import Mapping
from typing import Any

from jinja2 import TemplateError
from temporalio.exceptions import ApplicationError

from activities.channels import Channel, MessageClass
from activities.rendering import Rendered, Renderer, UnknownTemplateError


class StrictRenderer:
    """Makes a template's fault final.

    Args:
        renderer: does the work.
    """

    def __init__(self, renderer: Renderer) -> None:
        self._renderer = renderer

    def message_class(self, template: str, channel: Channel) -> MessageClass:
        """As the renderer; a missing template ends the rehearsal."""
        try:
            return self._renderer.message_class(template, channel)
        except UnknownTemplateError as error:
            raise ApplicationError(str(error), type="UnknownTemplate", non_retryable=True) from error

    def render(self, template: str, channel: Channel, context: Mapping[str, Any]) -> Rendered:
        """As the renderer; a template that does not render ends the rehearsal."""
        try:
            return self._renderer.render(template, channel, context)
        except (UnknownTemplateError, TemplateError) as error:
            raise ApplicationError(f"{channel} {template}: {error}", type="Template", non_retryable=True) from error
