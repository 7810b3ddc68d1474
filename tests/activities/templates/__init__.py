"""What customers read: templates, their words and their looks."""
