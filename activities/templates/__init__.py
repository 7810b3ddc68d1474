"""The driver of the renderer: Jinja2 templates, one a message and channel, and the words they are made of."""
